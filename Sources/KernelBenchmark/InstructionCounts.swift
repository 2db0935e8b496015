import Foundation

/// Instructions an event takes, counted by valgrind's callgrind: the same on every run and whatever
/// else the machine does, so a change of two per cent is a change of the code.
///
/// Each workload runs twice, with as many events and with twice as many; the difference belongs to
/// the events alone.
struct InstructionCounts {
  /// A table with recorded values: workload, instructions an event.
  var record: String

  private struct Workload {
    var name: String
    /// The workload's words; the number of events follows.
    var words: [String]
    var count: Int
  }

  private static let workloads = [
    Workload(name: "hold-100", words: ["hold", "100"], count: 200_000),
    Workload(name: "hold-10000", words: ["hold", "10000"], count: 200_000),
    Workload(name: "ties", words: ["ties"], count: 200_000),
    Workload(name: "flow", words: ["flow"], count: 50_000),
    Workload(name: "mm1", words: ["mm1"], count: 50_000),
    Workload(name: "preempt", words: ["preempt", "1000"], count: 50_000),
    Workload(name: "divide", words: ["divide", "8", "12000"], count: 40_000),
  ]

  /// What must not be called for an event.
  private static let forbidden = [
    "malloc", "calloc", "realloc", "free", "swift_allocObject", "swift_retain", "swift_release",
    "swift_beginAccess", "swift_slowAlloc",
  ]

  private static let limit = 0.02

  /// - Returns: whether every workload is within the limit of its record and calls nothing that is
  ///   forbidden; with `isRecording`, writes the record instead.
  func run(isRecording: Bool) -> Bool {
    let recorded = readRecord()
    var measured: [(name: String, value: Double)] = []
    var isGood = true
    print("workload      instructions/event  recorded  change  allocations, retains, ... /event")
    for workload in Self.workloads {
      guard let once = Self.count(workload.words + ["\(workload.count)"]),
        let twice = Self.count(workload.words + ["\(2 * workload.count)"])
      else {
        print("\(workload.name): valgrind failed")
        return false
      }
      let events = Double(workload.count)
      let value = Double(twice.instructions - once.instructions) / events
      let calls = Double(twice.forbiddenCalls - once.forbiddenCalls) / events
      measured.append((workload.name, value))
      let change = recorded[workload.name].map { value / $0 - 1 }
      let isWithin = isRecording || (change.map { abs($0) <= Self.limit } ?? false)
      // Growing arrays allocate now and then; an event does not.
      let isQuiet = calls < 0.001
      if !isWithin || !isQuiet { isGood = false }
      let name = workload.name.padding(toLength: 12, withPad: " ", startingAt: 0)
      print(
        name + String(format: "%20.1f", value)
          + (recorded[workload.name].map { String(format: "%10.1f", $0) } ?? "         -")
          + (change.map { String(format: "%+7.1f%%", 100 * $0) } ?? "       -")
          + String(format: "%10.4f", calls) + (isWithin && isQuiet ? "" : "  FAIL"))
    }
    if isRecording {
      let lines =
        [
          "# Instructions an event, counted by callgrind: a regression record for one compiler.",
          "# Made by: make bench-instructions RECORD=1", "workload,instructions",
        ] + measured.map { "\($0.name),\(String(format: "%.1f", $0.value))" }
      do {
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: record))
      } catch {
        print("\(record): cannot be written: \(error)")
        return false
      }
    }
    return isGood
  }

  private func readRecord() -> [String: Double] {
    let text = (try? String(contentsOfFile: record, encoding: .utf8)) ?? ""
    var values: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: ",")
      if cells.count == 2 { values[String(cells[0])] = Double(cells[1]) }
    }
    return values
  }

  private static func count(_ arguments: [String]) -> (instructions: Int, forbiddenCalls: Int)? {
    let output = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: output) }
    let command =
      ["valgrind", "--tool=callgrind", "--callgrind-out-file=\(output)", Comparison.kernel]
      + arguments
    guard Comparison.output(command) != nil,
      let text = try? String(contentsOfFile: output, encoding: .utf8)
    else { return nil }
    return parse(text)
  }

  /// Reads callgrind's output: `totals: N`, names as `cfn=(12) name` once and `cfn=(12)` later, and
  /// `calls=N` after the name of who is called.
  private static func parse(_ text: String) -> (instructions: Int, forbiddenCalls: Int)? {
    var names: [Substring: Substring] = [:]
    var callee: Substring = ""
    var instructions: Int?
    var calls = 0
    for line in text.split(separator: "\n") {
      if line.hasPrefix("fn=") || line.hasPrefix("cfn=") {
        let value = line[line.index(after: line.firstIndex(of: "=")!)...]
        let parts = value.split(separator: " ", maxSplits: 1)
        if parts.count == 2 { names[parts[0]] = parts[1] }
        if line.hasPrefix("cfn=") { callee = names[parts[0]] ?? "" }
      } else if line.hasPrefix("calls=") {
        let count = line.dropFirst("calls=".count).prefix { $0.isNumber }
        if forbidden.contains(where: { callee == $0 }) { calls += Int(count) ?? 0 }
      } else if line.hasPrefix("totals:") {
        instructions = Int(line.dropFirst("totals:".count).drop { $0 == " " })
      }
    }
    return instructions.map { ($0, calls) }
  }
}
