import Quantities

/// Something the owner of a simulation must decide on.
public enum Occurrence: Hashable, Sendable {
  /// All operations of a job have ended.
  case jobFinished(JobID)
  /// An operation that was marked has ended.
  case milestone(JobID, OperationIndex)
  /// A timer that the owner set.
  case timer(UInt32)
}

/// One operation's way through a simulation, or a piece of it: a preemptible operation may run in
/// several.
public struct OperationSpan: Hashable, Sendable {
  public var job: JobID
  public var operation: OperationIndex
  public var kind: UInt32
  /// When the last thing it waited for in its job had ended.
  public var ready: SimulatedTime
  /// When it started, and when it ended. Of a whole operation that was preempted these are the start
  /// of its first piece and the end of its last, so others had its unit for part of the time
  /// between them. During a piece it ran all the time.
  public var start: SimulatedTime
  public var end: SimulatedTime
}

/// Runs jobs on resources.
///
/// *Exclusive* resources serve as many operations at once as their capacity; who waits is served
/// by priority, then in the order of becoming ready. A unit is handed over at the instant it is
/// given back, before anybody who becomes ready at that instant can ask for it.
///
/// A *preemptible* operation looks, at the end of each step but its last, whether somebody more
/// urgent waits for its resource. If so it hands its unit over and goes to the front of the line of
/// its own priority, before all of it that have not begun; of several that were preempted the last
/// stands first. It keeps the steps it has left, and takes nothing of shared resources until it goes
/// on. Who becomes ready at the instant of such an end, but after it, waits for the next.
///
/// *Shared* resources are divided max-min fairly, by weight, among the operations that run. An
/// operation's speed is the least that any of its shared resources allows, never above one. What
/// it cannot use of one because another holds it back is not passed on.
///
/// The owner submits jobs and calls `next()` until nothing is left, or `next(until:)`. One thread, no
/// randomness, no hashing: a run is a function of what is submitted.
public struct Simulator: ~Copyable {
  private var queue = EventQueue()
  private var operations = RawArray<OperationState>(capacity: 16)
  /// What operations do; places in `segments` and `demands` are those of all jobs.
  private var works: [Job.Work] = []
  private var runs = RawArray<RunState>(capacity: 16)
  /// Places in `runs` that nobody has.
  private var freeRuns = RawArray<Int32>(capacity: 16)
  private let recordsSchedule: Bool
  /// The pieces in which operations ran, in the order of starting; none unless the schedule is recorded.
  private var pieces = RawArray<Piece>(capacity: 16)
  private var jobs: [JobState] = []
  private var resources = ResourceTable()
  private var shared: [SharedState] = []
  private var segments: [StepSegment] = []
  private var demands: [ResourceDemand] = []
  private var successors = RawArray<Int32>(capacity: 16)
  private var occurrences: [Occurrence] = []
  private var nextOccurrence = 0
  /// Operations whose speed must be worked out again; empty between events.
  private var disturbed = RawArray<Int32>(capacity: 16)
  /// Room for dividing a shared resource.
  private var divisionOrder = RawArray<Int>(capacity: 16)

  /// Events worked off so far: ends of steps, and timers.
  public private(set) var eventCount = 0

  private enum EventKind {
    static let stepEnd: UInt32 = 0
    static let timer: UInt32 = 1
  }

  private struct JobState {
    var firstOperation: Int
    var unfinished: Int
  }

  private struct SharedState {
    var capacity: Int64
    /// Of the operations that run, in the order of starting.
    var claims = RawArray<FixedPointSpeed.Claim>(capacity: 16)
    /// What each of `claims` gets.
    var speeds = RawArray<Int64>(capacity: 16)
    /// Whether `claims` changed since `speeds` were worked out.
    var isDisturbed = false
  }

  /// What an operation did from a start until it ended or gave its unit away.
  private struct Piece {
    var operation: Int32
    /// The piece whose end let this one start, or -1.
    var cause: Int32
    /// The piece of the same operation before this one, or -1.
    var previous: Int32
    var start: SimulatedTime
    var end: SimulatedTime
  }

  private struct OperationState {
    /// Which of `works` it does.
    var work: Int32
    var job: Int32
    var missing: Int32
    var firstSuccessor: Int32
    var successorCount: Int32 = 0
    /// Its last piece so far; -1 before the first, and when the schedule is not recorded.
    var piece: Int32 = -1
    /// Which of `runs` it has, from its start to its end; else -1.
    var run: Int32 = -1
    var isMilestone: Bool
    var hasStarted = false
    var isFinished = false

    var ready = SimulatedTime.zero
    var start = SimulatedTime.zero
    var end = SimulatedTime.zero
  }

  /// What is to be known of an operation only while it is under way: there are few of those, and many
  /// operations.
  private struct RunState {
    var work: Job.Work
    var segment: Int
    var stepsLeft: Int
    var speed = FixedPointSpeed.one
    /// Work left of the current step, in picoseconds x 2^30, as of `updated`.
    var workLeft: Int128 = 0
    var updated = SimulatedTime.zero
    var token: EventToken?

    /// Places in `demands`.
    var demandPlaces: Range<Int> {
      Int(work.firstDemand)..<Int(work.firstDemand + work.demandCount)
    }
  }

  /// - Parameter recordsSchedule: whether the simulator keeps when and because of what operations
  ///   ran, which `pieces(of:in:)` and `criticalPath(to:in:)` read. It grows with every start of an
  ///   operation, and changes nothing else of a run.
  public init(recordsSchedule: Bool = false) {
    self.recordsSchedule = recordsSchedule
  }

  deinit {
    for resource in shared {
      resource.claims.deallocate()
      resource.speeds.deallocate()
    }
    operations.deallocate()
    pieces.deallocate()
    successors.deallocate()
    runs.deallocate()
    freeRuns.deallocate()
    disturbed.deallocate()
    divisionOrder.deallocate()
  }

  /// The instant of the last event.
  public var now: SimulatedTime { queue.now }

  /// - Parameter capacity: how many operations it serves at once; at least one.
  public mutating func addResource(_ name: String, capacity: Int = 1) -> ResourceID {
    precondition(capacity > 0, "the resource \(name) with capacity \(capacity)")
    return resources.add(capacity: capacity)
  }

  /// - Parameter capacity: in the unit that demands on it use; above zero.
  public mutating func addSharedResource(_ name: String, capacity: Int64) -> SharedResourceID {
    precondition(capacity > 0, "the shared resource \(name) with capacity \(capacity)")
    shared.append(SharedState(capacity: capacity))
    return SharedResourceID(index: shared.count - 1)
  }

  /// Starts a timer; `next()` returns it when it is due.
  @discardableResult
  public mutating func setTimer(at time: SimulatedTime, payload: UInt32) -> EventToken {
    queue.schedule(at: time, phase: .scheduling, kind: EventKind.timer, payload: payload)
  }

  /// Takes a timer back; returns whether it was still to come.
  @discardableResult
  public mutating func cancelTimer(_ token: EventToken) -> Bool {
    queue.cancel(token)
  }

  /// Hands a job over; its operations that wait for nothing are ready now.
  /// - Complexity: O(operations + dependencies).
  @discardableResult
  public mutating func submit(_ job: Job) -> JobID {
    let id = JobID(index: jobs.count)
    let base = operations.count
    let workBase = Int32(works.count)
    let segmentBase = Int32(segments.count)
    let demandBase = Int32(demands.count)
    jobs.append(
      JobState(firstOperation: base, unfinished: job.count))
    segments += job.segments
    demands += job.demands

    precondition(
      job.demands.allSatisfy { $0.resource.index < shared.count },
      "a job for another simulator's resources")
    for var work in job.works {
      precondition(work.resource < resources.count, "a job for another simulator's resources")
      work.firstSegment += segmentBase
      work.firstDemand += demandBase
      works.append(work)
    }
    var successorCounts = [Int32](repeating: 0, count: job.count)
    var missing = [Int32](repeating: 0, count: job.count)
    for edge in job.edges {
      successorCounts[Int(edge.from)] += 1
      missing[Int(edge.to)] += 1
    }
    var place = Int32(successors.count)
    for _ in job.edges { successors.append(-1) }
    for (index, operation) in job.operations.enumerated() {
      operations.append(
        OperationState(
          work: workBase + operation.work, job: Int32(id.index), missing: missing[index],
          firstSuccessor: place, isMilestone: operation.isMilestone))
      place += successorCounts[index]
    }
    for edge in job.edges {
      let from = base + Int(edge.from)
      successors.elements[
        Int(operations.elements[from].firstSuccessor + operations.elements[from].successorCount)] =
        Int32(base) + edge.to
      operations.elements[from].successorCount += 1
    }
    for index in 0..<job.count where missing[index] == 0 {
      becomeReady(base + index, because: -1)
    }
    settleSpeeds()
    if job.count == 0 { occurrences.append(.jobFinished(id)) }
    return id
  }

  /// Whether nothing is left to do, unless something is submitted.
  public var isIdle: Bool { queue.isEmpty && nextOccurrence == occurrences.count }

  /// Runs until something happens that the owner must decide on; nil when nothing is left to do.
  public mutating func next() -> Occurrence? {
    runToOccurrence(until: SimulatedTime(picoseconds: .max))
  }

  /// Runs until something happens that the owner must decide on, but not beyond `horizon`.
  ///
  /// What is due at the horizon still happens. When it returns nil, nothing more happens up to the
  /// horizon and `now` is the horizon, whether or not something is left to do later (see `isIdle`):
  /// what is submitted then starts there. Nothing is lost, so a run that stops at horizons and goes
  /// on is the run that does not stop.
  /// - Precondition: `horizon` is not before `now`.
  public mutating func next(until horizon: SimulatedTime) -> Occurrence? {
    precondition(
      horizon >= now,
      "a horizon at \(horizon.picoseconds) ps, when it is \(now.picoseconds) ps already")
    if let occurrence = runToOccurrence(until: horizon) { return occurrence }
    queue.advance(to: horizon)
    return nil
  }

  private mutating func runToOccurrence(until horizon: SimulatedTime) -> Occurrence? {
    while true {
      if nextOccurrence < occurrences.count {
        nextOccurrence += 1
        return occurrences[nextOccurrence - 1]
      }
      if nextOccurrence > 0 {
        occurrences.removeAll(keepingCapacity: true)
        nextOccurrence = 0
      }
      guard let event = queue.popNext(until: horizon) else { return nil }
      eventCount += 1
      if event.kind == EventKind.timer {
        occurrences.append(.timer(event.payload))
      } else {
        endStep(Int(event.payload), until: horizon)
      }
    }
  }

  /// The way of one operation; its end is meaningful once it has ended.
  public func span(of operation: OperationIndex, in job: JobID) -> OperationSpan {
    let index = place(of: operation, in: job)
    return span(index, from: operations.elements[index].start, to: operations.elements[index].end)
  }

  /// When an operation started and ended, which is most of its span and takes less to look up.
  public func times(
    of operation: OperationIndex, in job: JobID
  ) -> (start: SimulatedTime, end: SimulatedTime) {
    let index = place(of: operation, in: job)
    return (operations.elements[index].start, operations.elements[index].end)
  }

  /// The pieces in which an operation ran, first to last: one, unless it was preempted.
  /// - Precondition: the schedule is recorded, and the operation has ended.
  public func pieces(of operation: OperationIndex, in job: JobID) -> [OperationSpan] {
    spans(to: operation, in: job) { $0.previous }
  }

  /// The pieces of operations that decided when this one ended, first to last: each started at the
  /// instant the one before it ended, so their lengths sum to the time since the first was
  /// submitted. All belong to the job of `operation` unless another job held its resource.
  /// - Precondition: the schedule is recorded, and the operation has ended.
  public func criticalPath(to operation: OperationIndex, in job: JobID) -> [OperationSpan] {
    spans(to: operation, in: job) { $0.cause }
  }

  /// The pieces on the way back from an operation's last one, first to last.
  private func spans(
    to operation: OperationIndex, in job: JobID, before: (Piece) -> Int32
  ) -> [OperationSpan] {
    precondition(
      recordsSchedule, "the simulator was made without recordsSchedule, so it has no pieces")
    let index = place(of: operation, in: job)
    precondition(
      operations.elements[index].isFinished, "operation \(operation.index) has not ended")
    var result: [OperationSpan] = []
    var place = operations.elements[index].piece
    while place >= 0 {
      let piece = pieces.elements[Int(place)]
      result.append(span(Int(piece.operation), from: piece.start, to: piece.end))
      place = before(piece)
    }
    return result.reversed()
  }

  private func place(of operation: OperationIndex, in job: JobID) -> Int {
    let index = jobs[job.index].firstOperation + operation.index
    precondition(
      index >= 0 && index < operations.count, "job \(job.index) has no operation \(operation.index)"
    )
    return index
  }

  private func span(
    _ index: Int, from start: SimulatedTime, to end: SimulatedTime
  ) -> OperationSpan {
    let state = operations.elements[index]
    return OperationSpan(
      job: JobID(index: Int(state.job)),
      operation: OperationIndex(index - jobs[Int(state.job)].firstOperation),
      kind: works[Int(state.work)].kind,
      ready: state.ready, start: start, end: end)
  }

  // MARK: Starting

  private mutating func becomeReady(_ index: Int, because cause: Int32) {
    operations.elements[index].ready = now
    let work = works[Int(operations.elements[index].work)]
    if work.resource < 0
      || resources.request(
        ResourceID(index: Int(work.resource)), for: UInt32(index), priority: Int(work.priority))
    {
      start(index, because: cause)
    }
  }

  /// Starts an operation, or goes on with one that was preempted.
  private mutating func start(_ index: Int, because cause: Int32) {
    if !operations.elements[index].hasStarted {
      operations.elements[index].hasStarted = true
      operations.elements[index].start = now
      let work = works[Int(operations.elements[index].work)]
      let first = Int(work.firstSegment)
      takeRun(for: index, RunState(work: work, segment: first, stepsLeft: segments[first].count))
    }
    if recordsSchedule { recordPiece(of: index, because: cause) }
    let run = Int(operations.elements[index].run)
    beginStep(run)
    let places = runs.elements[run].demandPlaces
    if !places.isEmpty {
      for place in places {
        let demand = demands[place]
        shared[demand.resource.index].claims.append(
          FixedPointSpeed.Claim(
            operation: Int32(index), weight: demand.weight, amount: demand.amount))
        disturb(demand.resource.index)
      }
    } else {
      scheduleStepEnd(index, run)
    }
  }

  private mutating func takeRun(for index: Int, _ state: RunState) {
    if freeRuns.count > 0 {
      let free = freeRuns.removeLast()
      runs.elements[Int(free)] = state
      operations.elements[index].run = free
    } else {
      operations.elements[index].run = Int32(runs.count)
      runs.append(state)
    }
  }

  /// - Precondition: the schedule is recorded.
  @inline(never)
  private mutating func recordPiece(of index: Int, because cause: Int32) {
    let previous = operations.elements[index].piece
    operations.elements[index].piece = Int32(pieces.count)
    pieces.append(
      Piece(
        operation: Int32(index), cause: cause, previous: previous, start: now, end: now))
  }

  private mutating func beginStep(_ run: Int) {
    let duration = segments[runs.elements[run].segment].duration
    runs.elements[run].workLeft = Int128(duration.picoseconds) << FixedPointSpeed.fractionBits
    runs.elements[run].updated = now
  }

  private mutating func scheduleStepEnd(_ index: Int, _ run: Int) {
    runs.elements[run].token = queue.schedule(
      at: stepEnd(run), phase: .completion, kind: EventKind.stepEnd, payload: UInt32(index))
  }

  /// When the current step ends at the present speed, rounded up.
  private func stepEnd(_ run: Int) -> SimulatedTime {
    let speed = Int128(runs.elements[run].speed)
    let left = (runs.elements[run].workLeft + speed - 1) / speed
    return runs.elements[run].updated + SimulatedDuration(picoseconds: Int64(left))
  }

  // MARK: Ending

  private mutating func endStep(_ index: Int, until horizon: SimulatedTime) {
    let run = Int(operations.elements[index].run)
    runs.elements[run].token = nil
    // Steps whose end comes before anything else that is due need not go through the queue.
    while true {
      runs.elements[run].stepsLeft -= 1
      if runs.elements[run].stepsLeft == 0 {
        let work = runs.elements[run].work
        let following = runs.elements[run].segment + 1
        if following == Int(work.firstSegment + work.segmentCount) {
          finish(index)
          return
        }
        runs.elements[run].segment = following
        runs.elements[run].stepsLeft = segments[following].count
      }
      if runs.elements[run].work.isPreemptible && isPreempted(runs.elements[run].work) {
        giveWay(index)
        return
      }
      beginStep(run)
      let end = stepEnd(run)
      if end > horizon || isSomethingDue(by: end) {
        scheduleStepEnd(index, run)
        return
      }
      queue.advance(to: end)
      eventCount += 1
    }
  }

  private mutating func isSomethingDue(by instant: SimulatedTime) -> Bool {
    guard let due = queue.nextTime else { return false }
    return due <= instant
  }

  private func isPreempted(_ work: Job.Work) -> Bool {
    guard work.resource >= 0,
      let urgent = resources.mostUrgentPriority(of: ResourceID(index: Int(work.resource)))
    else { return false }
    return urgent < Int(work.priority)
  }

  /// Hands the operation's unit to somebody more urgent who waits.
  private mutating func giveWay(_ index: Int) {
    let run = Int(operations.elements[index].run)
    endPiece(index, run)
    let work = runs.elements[run].work
    let resource = ResourceID(index: Int(work.resource))
    resources.waitAtFront(of: resource, for: UInt32(index), priority: Int(work.priority))
    if let next = resources.release(resource) {
      start(Int(next), because: operations.elements[index].piece)
    }
    settleSpeeds()
  }

  private mutating func endPiece(_ index: Int, _ run: Int) {
    if recordsSchedule { pieces.elements[Int(operations.elements[index].piece)].end = now }
    for place in runs.elements[run].demandPlaces {
      let resource = demands[place].resource.index
      // In order of starting, so that who divides the rest does not depend on who left.
      if let position = claimPlace(of: Int32(index), in: resource) {
        shared[resource].claims.remove(at: position)
      }
      disturb(resource)
    }
  }

  private mutating func finish(_ index: Int) {
    operations.elements[index].end = now
    operations.elements[index].isFinished = true
    let run = Int(operations.elements[index].run)
    endPiece(index, run)
    let cause = operations.elements[index].piece
    let resource = Int(runs.elements[run].work.resource)
    operations.elements[index].run = -1
    freeRuns.append(Int32(run))
    if resource >= 0, let next = resources.release(ResourceID(index: resource)) {
      start(Int(next), because: cause)
    }
    let first = Int(operations.elements[index].firstSuccessor)
    for place in first..<(first + Int(operations.elements[index].successorCount)) {
      let successor = Int(successors.elements[place])
      operations.elements[successor].missing -= 1
      if operations.elements[successor].missing == 0 { becomeReady(successor, because: cause) }
    }
    settleSpeeds()

    let job = Int(operations.elements[index].job)
    if operations.elements[index].isMilestone {
      occurrences.append(
        .milestone(
          JobID(index: job), OperationIndex(index - jobs[job].firstOperation)))
    }
    jobs[job].unfinished -= 1
    if jobs[job].unfinished == 0 { occurrences.append(.jobFinished(JobID(index: job))) }
  }

  // MARK: Sharing

  /// Marks all operations on a shared resource for a new speed.
  private mutating func disturb(_ resource: Int) {
    shared[resource].isDisturbed = true
    let claims = shared[resource].claims
    for place in 0..<claims.count { disturbed.append(claims.elements[place].operation) }
  }

  private func claimPlace(of operation: Int32, in resource: Int) -> Int? {
    let claims = shared[resource].claims
    for place in 0..<claims.count where claims.elements[place].operation == operation {
      return place
    }
    return nil
  }

  /// Works out the speeds of the operations that were disturbed, and when their steps end now.
  private mutating func settleSpeeds() {
    guard disturbed.count > 0 else { return }
    // Each once, in order of submission: the order of new events must not depend on which
    // resource named an operation first.
    disturbed.sort { $0 < $1 }
    for resource in shared.indices where shared[resource].isDisturbed { divide(resource) }
    var last: Int32 = -1
    for place in 0..<disturbed.count where disturbed.elements[place] != last {
      let name = disturbed.elements[place]
      last = name
      let index = Int(name)
      if operations.elements[index].isFinished { continue }
      let run = Int(operations.elements[index].run)
      var speed = FixedPointSpeed.one
      for place in runs.elements[run].demandPlaces {
        let resource = demands[place].resource.index
        if let position = claimPlace(of: name, in: resource) {
          speed = min(speed, shared[resource].speeds.elements[position])
        }
      }
      precondition(speed > 0, "operation \(index) gets nothing of a shared resource")
      if let token = runs.elements[run].token {
        if speed == runs.elements[run].speed { continue }
        queue.cancel(token)
      }
      let elapsed = now - runs.elements[run].updated
      let done = Int128(elapsed.picoseconds) * Int128(runs.elements[run].speed)
      runs.elements[run].workLeft = max(0, runs.elements[run].workLeft - done)
      runs.elements[run].updated = now
      runs.elements[run].speed = speed
      scheduleStepEnd(index, run)
    }
    disturbed.count = 0
  }

  private mutating func divide(_ resource: Int) {
    FixedPointSpeed.divide(
      shared[resource].capacity, among: shared[resource].claims, order: &divisionOrder,
      speeds: &shared[resource].speeds)
    shared[resource].isDisturbed = false
  }
}
