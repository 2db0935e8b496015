import Foundation

/// One line about a run, in the reference program's format.
func report(_ measurement: Measurement) {
  let check = String(measurement.check, radix: 16)
  let zeros = String(repeating: "0", count: 16 - check.count)
  print(
    "\(measurement.model) \(measurement.size) count \(measurement.count)"
      + " seconds \(measurement.seconds) kib \(peakKibibytes()) check \(zeros)\(check)")
}

/// The most memory this process ever had. Not from `getrusage`, which survives an `exec` and would
/// show the launcher's.
private func peakKibibytes() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
  return line.split(separator: " ").compactMap { Int($0) }.first
    ?? line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.first ?? 0
}

/// The kernel beside the bare C++ queues and, where it is installed, SimPy: every program runs every
/// workload once a round, in turn, pinned to one core. What is compared is the rate in one round, so
/// a machine that is slow for a while is slow for all.
struct Comparison {
  var reference: String
  var rounds: Int

  private struct Workload {
    var name: String
    var arguments: [String]
    /// What SimPy runs instead: fewer events, for it is slow.
    var simpyArguments: [String]?
    /// The ratio to the C++ heap that the kernel is meant to reach.
    var bar: Double
  }

  private struct Run {
    var rate: Double
    var kibibytes: Double
    var check: String
  }

  private static let workloads = [
    Workload(
      name: "HOLD, 100 pending", arguments: ["hold", "100", "5000000"],
      simpyArguments: ["hold", "100", "300000"], bar: 0.9),
    Workload(name: "HOLD, 10 000 pending", arguments: ["hold", "10000", "5000000"], bar: 0.9),
    Workload(name: "HOLD, 1 000 000 pending", arguments: ["hold", "1000000", "3000000"], bar: 0.7),
    Workload(name: "TIES, 1000 pending", arguments: ["ties", "1000000"], bar: 1),
    Workload(
      name: "flow shop, 100 000 jobs", arguments: ["flow", "100000"],
      simpyArguments: ["flow", "10000"], bar: 0.25),
    Workload(name: "M/M/1, 1 000 000 customers", arguments: ["mm1", "1000000"], bar: 0.45),
  ]

  /// - Returns: whether all programs gave the same answers. The bars are shown and not enforced:
  ///   a rate depends on the machine.
  func run() -> Bool {
    let simpy = Self.hasSimPy
    print("millions a second of CPU time; ratios to the 4-ary heap in C++ of the same round,")
    print("median of \(rounds) rounds\(simpy ? "" : " (SimPy is not installed)")")
    print()
    print(
      Self.row(["workload", "kernel", "4-ary", "std", "ratio", "bar", "over std", "over SimPy"]))
    var agree = true
    var bytesPerEvent = 0.0
    var emptyKibibytes = 0.0
    for workload in Self.workloads {
      var runs: [[Run]] = []
      for _ in 0..<rounds {
        let programs = [
          [Self.kernel] + workload.arguments, [reference, "4ary"] + workload.arguments,
          [reference, "std"] + workload.arguments,
        ]
        var round = programs.compactMap(Self.run)
        guard round.count == 3 else {
          print("\(workload.name): a program failed")
          return false
        }
        if Set(round.map(\.check)).count > 1 {
          print("\(workload.name): answers differ: \(round.map(\.check))")
          agree = false
        }
        if simpy, let arguments = workload.simpyArguments,
          let run = Self.run(["python3", Self.simpyScript] + arguments)
        {
          round.append(run)
        }
        runs.append(round)
      }
      func median(_ value: ([Run]) -> Double) -> Double {
        let sorted = runs.map(value).sorted()
        return sorted[sorted.count / 2]
      }
      if workload.arguments[0] == "hold" {
        // What the process needs beside pending events, it needs with a hundred too.
        let kibibytes = median { $0[0].kibibytes }
        switch workload.arguments[1] {
        case "100": emptyKibibytes = kibibytes
        case "1000000": bytesPerEvent = (kibibytes - emptyKibibytes) * 1024 / 1_000_000
        default: break
        }
      }
      let hasPeer = runs.allSatisfy { $0.count > 3 }
      print(
        Self.row(
          [workload.name]
            + (0..<3).map { program in Self.fixed(median { $0[program].rate / 1e6 }, 2) }
            + [
              Self.fixed(median { $0[0].rate / $0[1].rate }, 2), Self.fixed(workload.bar, 2),
              Self.fixed(median { $0[0].rate / $0[2].rate }, 2),
              hasPeer ? Self.fixed(median { $0[0].rate / $0[3].rate }, 0) : "-",
            ]))
    }
    print()
    print(
      "peak memory with 1 000 000 pending, less that with 100: \(Self.fixed(bytesPerEvent, 0)) bytes"
        + " an event (bar: 96)")
    return agree
  }

  /// This program.
  static let kernel =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    ?? CommandLine.arguments[0]

  private static let simpyScript = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Reference/simpy_workloads.py").path

  private static var hasSimPy: Bool { output(["python3", "-c", "import simpy"]) != nil }

  private static func run(_ command: [String]) -> Run? {
    guard let line = output(["taskset", "-c", "0"] + command) else { return nil }
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    func value(_ name: String) -> String? {
      words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    }
    guard let count = value("count").flatMap(Double.init),
      let seconds = value("seconds").flatMap(Double.init),
      let kibibytes = value("kib").flatMap(Double.init), let check = value("check")
    else { return nil }
    return Run(rate: count / seconds, kibibytes: kibibytes, check: check)
  }

  /// What a command prints; nil when it fails.
  static func output(_ command: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }

  private static func fixed(_ number: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", number)
  }

  private static func row(_ cells: [String]) -> String {
    let widths = [26, 7, 7, 7, 6, 5, 9, 11]
    return zip(cells, widths).enumerated().map { place, cell in
      let blanks = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
      return place == 0 ? cell.0 + blanks : blanks + cell.0
    }.joined()
  }
}
