import Quantities

/// The record of one run: what ran where and when, what happened to memory, what was reported.
///
/// It holds what its text says and nothing that was worked out by the simulator that wrote it. That
/// it was read says that it is whole and that its numbers refer to each other; `violations()` says
/// whether the run kept the rules.
public struct Certificate: Sendable {
  public let file: String
  /// Which run this is.
  public internal(set) var point = ""

  /// In pages, where nothing else is said.
  struct Device: Sendable {
    var pageBytes: Int64 = 1
    var pageCount: Int64 = 1
    var regionLimit: Int64 = 0
    var regionGranule: Int64 = 1
  }

  /// An exclusive unit, or a shared resource in units a second.
  struct Resource: Sendable {
    var name: String
    var capacity: Int64
  }

  struct Piece: Sendable {
    var line: Int
    var start: Int64
    var end: Int64
  }

  struct Demand: Sendable {
    var resource: Int
    var amount: Int64
  }

  struct Operation: Sendable {
    var index: Int
    var line: Int
    var kind: String
    var unit: Int?
    /// In picoseconds at full speed.
    var work: Int64
    var dependencies: [Int]
    var demands: [Demand]
    /// In the order of the file.
    var pieces: [Piece] = []
    /// The first start and the last end of its pieces; nil if it never ran.
    var span: (start: Int64, end: Int64)?

    mutating func run(_ piece: Piece) {
      pieces.append(piece)
      span = (min(span?.start ?? piece.start, piece.start), max(span?.end ?? piece.end, piece.end))
    }

    /// What a violation says of it.
    var facts: RuleViolation.Operation {
      RuleViolation.Operation(
        index: index, kind: kind, start: span.map { SimulatedTime(picoseconds: $0.start) },
        end: span.map { SimulatedTime(picoseconds: $0.end) })
    }
  }

  struct Result: Sendable {
    var line: Int
    var arrival: Int64
    var metric: String
    var value: Int64
    var operation: Int
  }

  var device = Device()
  var npuStartsProtected = false
  var units: [Resource] = []
  var shared: [Resource] = []
  var operations: [Operation] = []
  var memory: [MemoryEvent] = []
  /// The last one that was read.
  var arrival: Int64 = 0
  var results: [Result] = []

  public var operationCount: Int { operations.count }
  public var memoryEventCount: Int { memory.count }
  public var resultCount: Int { results.count }

  init(file: String) { self.file = file }

  /// Every rule that the run breaks, in the order of the certificate's lines.
  ///
  /// An event is reported once for a rule and two parties, with all pages it breaks it for. A page
  /// that stays reachable is reported when it becomes so, and no later event is blamed for it.
  ///
  /// - Complexity: O((n + s) log n) for n lines, and s the segments of equal pages that events
  ///   pass. The size of the DRAM does not matter. A region's event costs the regions in force, and
  ///   the NPU's return to normal mode passes every segment if a page is exposed by it.
  public func violations() -> [RuleViolation] {
    var replay = MemoryReplay(self)
    replay.run()
    var schedule = ScheduleCheck(self)
    schedule.run()
    let all = replay.violations + schedule.violations
    return all.indices.sorted { (all[$0].line, $0) < (all[$1].line, $1) }.map { all[$0] }
  }
}
