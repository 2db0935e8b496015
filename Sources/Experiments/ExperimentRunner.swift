import DeviceModel
import Glibc
import Quantities
import ServingDesigns
import SimulationKernel

/// A point that could not be run, or broke a rule, with the reason.
public struct PointFailure: Error, Sendable, CustomStringConvertible {
  public var pointID: String
  public var reason: String
  /// The rule that it broke, if that is the reason.
  public var violation: IsolationViolation?

  public init(pointID: String, reason: String) {
    self.pointID = pointID
    self.reason = reason
  }

  init(_ violation: IsolationViolation) {
    pointID = violation.point
    reason = "\(violation)"
    self.violation = violation
  }

  public var description: String {
    violation.map { "\($0)" } ?? "point \(pointID): \(reason)"
  }
}

/// What is done with a run beside reading its times.
public struct Examination: Sendable {
  /// A mistake that is made on purpose in what the run does to memory.
  public var sabotage: Sabotage?
  /// Whether the run's certificate is wanted.
  public var wantsCertificate: Bool

  public init(sabotage: Sabotage? = nil, wantsCertificate: Bool = false) {
    self.sabotage = sabotage
    self.wantsCertificate = wantsCertificate
  }
}

/// A run with what was found out about it.
public struct ExaminedRun<Record: Sendable>: Sendable {
  public var result: Result<Record, PointFailure>
  /// Written for a run that broke a rule, too: others are to find that as well.
  public var certificate: String?
  /// Whether there was anything to sabotage.
  public var isSabotaged = false
  /// Processor time of the whole run and of checking it, in seconds; no part of any result.
  public var processorTime: (all: Double, checking: Double) = (0, 0)

  /// - Parameter run: what gives an examined run, or throws why there is none.
  init(of point: String, _ run: () throws -> ExaminedRun) {
    do {
      self = try run()
    } catch let failure as PointFailure {
      self.init(result: .failure(failure))
    } catch {
      self.init(result: .failure(PointFailure(pointID: point, reason: "\(error)")))
    }
  }

  private init(result: Result<Record, PointFailure>) { self.result = result }
}

extension ExaminedRun {
  /// Judges a session that has ended, from what it did to memory.
  ///
  /// - Parameters:
  ///   - times: when the run began on this processor, and what making the log took.
  ///   - requests: those whose times are reported.
  /// - Throws: `PointFailure` where an operation does not say what it works on; `DeviceModelError`.
  init(
    _ record: Record, of session: borrowing ServingSession, point: ExperimentPoint,
    log: MemoryLog, examination: Examination, requests: [CertifiedRequest],
    times: (begin: Double, logging: Double)
  ) throws {
    var log = log
    try log.expectNames(point: point.id)
    isSabotaged = examination.sabotage?.apply(to: &log) ?? false
    let logged = threadTime()
    let geometry = point.pricing.memoryGeometry
    let violation = log.firstViolation(by: session, point: point.id, geometry: geometry)
    let end = threadTime()
    processorTime = (end - times.begin, times.logging + end - logged)
    result = violation.map { .failure(PointFailure($0)) } ?? .success(record)
    if examination.wantsCertificate {
      certificate =
        try Certificate(session, log: log, geometry: geometry, point: point, requests: requests)
        .text
    }
  }
}

extension Examination {
  /// Whether every read is to be logged: a mistake may be made at any, and a certificate has them all.
  var needsEveryRead: Bool { sabotage != nil || wantsCertificate }
}

/// A point that is one session: all that it does to memory can be examined.
public protocol SessionPoint: Sendable {
  associatedtype Record: Sendable

  var id: String { get }

  /// Runs the point as `run` does, and does what else is wanted.
  func examine(_ examination: Examination, designs: DesignCatalog) -> ExaminedRun<Record>
}

extension SessionPoint {
  /// Runs the point: its design plans, its device prices, the kernel times, and what was done to
  /// memory is checked against the rules of isolation.
  ///
  /// A function of the point and of this program's version; nothing else comes in.
  /// - Throws: `PointFailure` when the design is unknown, when the device cannot do or price
  ///   what the design wants, or when a rule is broken.
  public func run(designs: DesignCatalog = .standard) throws(PointFailure) -> Record {
    try examine(Examination(), designs: designs).result.get()
  }
}

extension ExperimentPoint: SessionPoint {
  public func examine(
    _ examination: Examination, designs: DesignCatalog = .standard
  ) -> ExaminedRun<PointRecord> {
    ExaminedRun(of: id) { try examined(examination, designs: designs) }
  }

  private func examined(
    _ examination: Examination, designs: DesignCatalog
  ) throws -> ExaminedRun<PointRecord> {
    let design = try design(from: designs)
    let pricing = pricing
    var begin = threadTime()
    let hostile = operatingSystem == .hostile ? HostileSystem(seed: seed) : nil
    var arrivals: [OutsideEvent] = []
    var session = ServingSession(design, pricing: pricing, interference: hostile)
    for _ in 0...earlierRequests {
      arrivals.append(OutsideEvent(time: session.end, event: .requestArrived(request)))
      try session.run([arrivals[arrivals.count - 1]])
    }
    var ran = threadTime()
    let everyRead = hostile != nil || examination.needsEveryRead
    var log = MemoryLog(session, everyRead: everyRead)
    var logging = threadTime() - ran
    if let hostile {
      // With the same delays, and events around what happens then.
      begin = threadTime()
      session = ServingSession(design, pricing: pricing, interference: hostile)
      try session.run(arrivals + hostile.events(request, around: log.moments))
      ran = threadTime()
      log = MemoryLog(session, everyRead: everyRead)
      logging = threadTime() - ran
      hostile.attack(&log)
    }
    let arrival = arrivals[earlierRequests].time
    let (record, plan) = try record(of: session, arrival: arrival)
    let request = CertifiedRequest(
      plan: plan, arrival: arrival, timeToFirstToken: record.timeToFirstToken,
      endToEndLatency: record.endToEndLatency)
    return try ExaminedRun(
      record, of: session, point: self, log: log, examination: examination, requests: [request],
      times: (begin, logging))
  }

  private func record(
    of session: borrowing ServingSession, arrival: SimulatedTime
  ) throws -> (PointRecord, plan: Int) {
    let plan = session.planNumber(ofRequest: earlierRequests)
    let executed = plan.map { session.executed[$0] }
    guard let plan, let executed, executed.plan.tokens.count == outputTokenCount,
      let firstToken = executed.plan.tokens.first, let lastToken = executed.plan.tokens.last
    else {
      throw PointFailure(
        pointID: id,
        reason: "the design plans \(executed?.plan.tokens.count ?? 0) tokens for a request,"
          + " not \(outputTokenCount)")
    }
    let record = PointRecord(
      point: self, timeToFirstToken: session.span(of: firstToken, in: executed).end - arrival,
      endToEndLatency: session.span(of: lastToken, in: executed).end - arrival,
      breakdown: session.breakdown(to: firstToken, in: executed), eventCount: session.eventCount)
    return (record, plan)
  }

  /// The point's design, as it is before its first event.
  func design(from designs: DesignCatalog) throws -> any ServingDesign {
    guard let type = designs[design] else {
      throw PointFailure(pointID: id, reason: "no design is called \(design)")
    }
    return try type.init(parameters: designParameters)
  }

  /// What the point's design wants done for its request.
  func plan(designs: DesignCatalog) throws -> Plan {
    var design = try design(from: designs)
    let directives = design.respond(to: .requestArrived(request), on: DeviceView(pricing))
    guard directives.count == 1, case .submit(let plan) = directives[0] else {
      throw PointFailure(pointID: id, reason: "the design answers a request with no plan")
    }
    return plan
  }
}

extension MemoryLog {
  /// - Throws: `PointFailure` when an operation works on memory and does not say which.
  fileprivate func expectNames(point: String) throws(PointFailure) {
    guard let operation = nameless.first else { return }
    throw PointFailure(
      pointID: point,
      reason: "the design's operation \(operation) works on memory and does not say which")
  }

  fileprivate func firstViolation(
    by session: borrowing ServingSession, point: String, geometry: MemoryGeometry
  ) -> IsolationViolation? {
    var checker = IsolationChecker(self, geometry: geometry)
    return checker.firstViolation().map { found in
      IsolationViolation(found, in: session, point: point, log: self)
    }
  }
}

extension ServingSession {
  /// Checks all that the session did to memory.
  /// - Throws: `PointFailure` when a rule is broken, or when what was done cannot be checked.
  func checkIsolation(point: String, geometry: MemoryGeometry) throws(PointFailure) {
    let log = MemoryLog(self, everyRead: false)
    try log.expectNames(point: point)
    if let violation = log.firstViolation(by: self, point: point, geometry: geometry) {
      throw PointFailure(violation)
    }
  }
}

extension IsolationViolation {
  fileprivate init(
    _ found: (
      action: LoggedAction, finding: IsolationChecker.Finding, pages: [Range<Int64>]
    ), in session: borrowing ServingSession, point: String, log: MemoryLog
  ) {
    rule = found.finding.rule
    self.point = point
    time = found.action.time
    operation = found.action.operation.map { number in
      let span = session.span(ofOperation: number)
      return (number, OperationKind.allCases[Int(span.kind)].rawValue, span.start, span.end)
    }
    // The first stretch: between two there may be others' pages.
    pages = found.pages.first.map { $0.lowerBound...($0.upperBound - 1) }
    actor = found.finding.actor
    owner = found.action.buffer.flatMap { log.buffers[$0] }?.ownerText ?? "the serving process"
  }
}

extension Buffer {
  /// Whose it is, for messages.
  var ownerText: String {
    switch use {
    case .weights(let model, let chunk): "the serving process (chunk \(chunk) of \(model))"
    case .workspace: "the serving process (workspace of a request)"
    case .keysAndValues(let model, let prefix):
      "the serving process (keys and values of \(prefix) in \(model))"
    case .outgoing: "the serving process (what goes to storage)"
    }
  }
}

/// Processor time of this thread, in seconds.
func threadTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Runs points, several at once, and returns what each gave, in the points' order.
///
/// Runs go in parallel across points and never inside one, and results are kept by number, so the
/// number of jobs changes nothing but the time it takes.
/// - Parameter progress: called after each point with how many are done.
public func runAllPoints<Point: SessionPoint>(
  _ points: [Point], examination: Examination = Examination(),
  designs: DesignCatalog = .standard, jobs: Int, progress: @Sendable (Int) -> Void = { _ in }
) async -> [ExaminedRun<Point.Record>] {
  await mapConcurrently(points, jobs: jobs, progress: progress) {
    $0.examine(examination, designs: designs)
  }
}

/// Runs points as `runAllPoints` does.
/// - Throws: `PointFailure` of the first point, in order, that failed.
public func runPoints<Point: SessionPoint>(
  _ points: [Point], designs: DesignCatalog = .standard, jobs: Int
) async throws -> [Point.Record] {
  try await runAllPoints(points, designs: designs, jobs: jobs).map { try $0.result.get() }
}

/// `map` with several elements at once; results are kept by number, so the number of jobs changes
/// nothing but the time.
func mapConcurrently<Element: Sendable, Value: Sendable>(
  _ elements: [Element], jobs: Int, progress: @Sendable (Int) -> Void,
  _ transform: @Sendable @escaping (Element) -> Value
) async -> [Value] {
  precondition(jobs > 0, "\(jobs) jobs")
  var results = [Value?](repeating: nil, count: elements.count)
  await withTaskGroup(of: (Int, Value).self) { group in
    var next = 0
    func addNext() {
      guard next < elements.count else { return }
      let (index, element) = (next, elements[next])
      next += 1
      group.addTask { (index, transform(element)) }
    }
    for _ in 0..<jobs { addNext() }
    var done = 0
    while let (index, value) = await group.next() {
      results[index] = value
      done += 1
      progress(done)
      addNext()
    }
  }
  // Every index was run: the group ended.
  return results.map { $0! }
}
