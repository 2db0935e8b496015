import Quantities

/// Checks the operations' pieces against each other, and the results against the operations.
struct ScheduleCheck {
  private let certificate: Certificate
  private(set) var violations: [RuleViolation] = []

  private typealias Operation = Certificate.Operation

  /// A piece and whose it is.
  private struct Run {
    var piece: Certificate.Piece
    var operation: Int
  }

  init(_ certificate: Certificate) { self.certificate = certificate }

  mutating func run() {
    for operation in certificate.operations {
      checkPrecedence(of: operation)
      checkWork(of: operation)
    }
    checkUnits()
    checkSharedResources()
    for result in certificate.results { check(result) }
  }

  // MARK: One operation

  private mutating func checkPrecedence(of operation: Operation) {
    for (before, piece) in zip(operation.pieces, operation.pieces.dropFirst())
    where piece.start < before.end {
      report(
        .precedence, piece.line, operation, "this piece", "the piece before",
        "it starts at \(time(piece.start)), before the other ends at \(time(before.end))")
    }
    guard let span = operation.span else { return }
    let line = operation.pieces.first { $0.start == span.start }?.line ?? operation.line
    for dependency in operation.dependencies {
      let earlier = certificate.operations[dependency]
      if let end = earlier.span?.end, end <= span.start { continue }
      report(
        .precedence, line, operation, "operation \(operation.index)", "\(earlier.facts)",
        "it starts before what it waits for has ended")
    }
  }

  private mutating func checkWork(of operation: Operation) {
    let ran = operation.pieces.reduce(Int128(0)) { $0 + Int128($1.end) - Int128($1.start) }
    let work = Int128(operation.work)
    guard ran < work || (ran > work && operation.demands.isEmpty) else { return }
    report(
      .work, operation.line, operation, "its pieces", "its work",
      "it ran for \(time(Int64(clamping: ran))), and its work is \(time(operation.work))")
  }

  // MARK: Units

  /// A piece of no length takes no unit, and one may start as another ends.
  private mutating func checkUnits() {
    var runs = [[Run]](repeating: [], count: certificate.units.count)
    for operation in certificate.operations {
      guard let unit = operation.unit else { continue }
      for piece in operation.pieces where piece.start < piece.end {
        runs[unit].append(Run(piece: piece, operation: operation.index))
      }
    }
    for (unit, runs) in zip(certificate.units, runs) {
      let ends = runs.map(\.piece.end).sorted()
      var ended = 0
      var longest: Run?
      for (started, run) in Self.byStart(runs).enumerated() {
        while ends[ended] <= run.piece.start { ended += 1 }
        if let other = longest, Int64(started - ended) >= unit.capacity {
          report(
            .exclusiveUse, run.piece.line, certificate.operations[run.operation],
            "operation \(run.operation)", "\(certificate.operations[other.operation].facts)",
            "at \(time(run.piece.start)) \(unit.name) runs more than \(unit.capacity) at once")
        }
        if longest.map({ $0.piece.end < run.piece.end }) ?? true { longest = run }
      }
    }
  }

  /// By start, and at one instant in the order of the file.
  private static func byStart(_ runs: [Run]) -> [Run] {
    runs.sorted { ($0.piece.start, $0.piece.line) < ($1.piece.start, $1.piece.line) }
  }

  // MARK: Shared resources

  private mutating func checkSharedResources() {
    var runs = [[Run]](repeating: [], count: certificate.shared.count)
    var amounts = [[Int: Int128]](repeating: [:], count: certificate.shared.count)
    for operation in certificate.operations {
      for demand in operation.demands {
        if amounts[demand.resource].updateValue(
          amounts[demand.resource][operation.index, default: 0] + Int128(demand.amount),
          forKey: operation.index) == nil
        {
          for piece in operation.pieces {
            runs[demand.resource].append(Run(piece: piece, operation: operation.index))
          }
        }
      }
    }
    for resource in certificate.shared.indices {
      check(certificate.shared[resource], Self.byStart(runs[resource]), amounts[resource])
    }
  }

  /// A time in which some of a resource's operations ran, and what they took of it.
  private struct Busy {
    var start: Int64
    var end: Int64
    /// All in all, with the intervals that share an operation with this one.
    var length: Int128 = 0
    var taken: Int128 = 0
    var pieceCount: Int128 = 0
    var operations: [Int] = []
  }

  /// What the operations of an interval took in all is at most what the resource gave in it.
  ///
  /// An interval goes on for as long as any operation with a demand runs. Intervals that one
  /// operation ran in are added up, since nobody wrote how its work was divided among them.
  private mutating func check(
    _ resource: Certificate.Resource, _ runs: [Run], _ amounts: [Int: Int128]
  ) {
    var intervals: [Busy] = []
    var groups = DisjointSets()
    var seen: [Int: Int] = [:]
    var firstLine: [Int] = []
    for run in runs {
      if let last = intervals.last, run.piece.start < last.end {
        intervals[intervals.count - 1].end = max(last.end, run.piece.end)
      } else {
        groups.add()
        firstLine.append(run.piece.line)
        intervals.append(Busy(start: run.piece.start, end: run.piece.end))
      }
      let current = intervals.count - 1
      intervals[current].pieceCount += 1
      if let earlier = seen[run.operation] {
        groups.join(earlier, current)
      } else {
        seen[run.operation] = current
        intervals[current].operations.append(run.operation)
        let work = Int128(certificate.operations[run.operation].work)
        // The demands of one operation may be as many as fit a file, each of 64 bits.
        let (taken, overflow) = (amounts[run.operation] ?? 0).multipliedReportingOverflow(by: work)
        intervals[current].taken = Self.sum(intervals[current].taken, overflow ? .max : taken)
      }
    }
    for index in intervals.indices {
      let interval = intervals[index]
      let length = Int128(interval.end) - Int128(interval.start)
      let first = groups.first(of: index)
      intervals[first].length += length
      if first != index {
        intervals[first].taken = Self.sum(intervals[first].taken, interval.taken)
        intervals[first].pieceCount += interval.pieceCount
        intervals[first].operations += interval.operations
        intervals[first].end = interval.end
      }
    }
    for index in intervals.indices where groups.first(of: index) == index {
      let busy = intervals[index]
      // Ends are rounded to picoseconds: one unit-picosecond a piece.
      let given = Int128(resource.capacity) * busy.length + busy.pieceCount
      guard busy.taken > given else { continue }
      let others = busy.operations.count - 1
      report(
        .bandwidth, firstLine[index], certificate.operations[busy.operations[0]],
        others == 0 ? "its demand" : "its demand, with \(others) more operations,", resource.name,
        "from \(time(busy.start)) to \(time(busy.end)) more is taken than it can give")
    }
  }

  private static func sum(_ left: Int128, _ right: Int128) -> Int128 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  // MARK: Results

  private mutating func check(_ result: Certificate.Result) {
    let operation = certificate.operations[result.operation]
    let found = operation.span.map { $0.end - result.arrival }
    guard found != result.value else { return }
    report(
      .reportedTimes, result.line, operation, result.metric, "operation \(operation.index)",
      "\(time(result.value)) are reported, and "
        + (found.map { "it ended \(time($0)) after the arrival" } ?? "it never ran"))
  }

  // MARK: Reporting

  private mutating func report(
    _ rule: Rule, _ line: Int, _ operation: Operation, _ party: String, _ otherParty: String,
    _ reason: String
  ) {
    violations.append(
      RuleViolation(
        rule: rule, file: certificate.file, line: line, operation: operation.facts, pages: nil,
        party: party, otherParty: otherParty, reason: reason))
  }

  private func time(_ picoseconds: Int64) -> String {
    SimulatedDuration(picoseconds: picoseconds).text
  }
}

/// Which things belong together, after pairs of them were joined.
private struct DisjointSets {
  private var parents: [Int] = []

  mutating func add() { parents.append(parents.count) }

  mutating func join(_ left: Int, _ right: Int) {
    let (left, right) = (first(of: left), first(of: right))
    parents[max(left, right)] = min(left, right)
  }

  /// The first of those that belong together with one.
  mutating func first(of index: Int) -> Int {
    var index = index
    while parents[index] != index {
      parents[index] = parents[parents[index]]
      index = parents[index]
    }
    return index
  }
}
