import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import SimulationKernel
import Workloads

/// Something that happens to a serving process from outside.
struct OutsideEvent: Sendable {
  var time: SimulatedTime
  var event: ServingEvent
}

/// A plan that was run.
struct ExecutedPlan: Sendable {
  var plan: Plan
  var job: JobID
  var submitted: SimulatedTime
  /// What other programs held when its operations were priced.
  var backgroundMemory: ByteCount
}

/// How one request of a workload fared.
public struct RequestOutcome: Sendable {
  public var request: Request
  /// The place of its plan among the session's.
  var plan: Int
  public var isCounted: Bool
  public var arrival: SimulatedTime
  /// When its design began with it.
  public var begin: SimulatedTime
  public var firstToken: SimulatedTime
  public var lastToken: SimulatedTime
  /// The time from its begin to its first token by kind of operation, along the critical path.
  public var breakdown: [OperationKind: SimulatedDuration]
  /// What its own plan reads from storage.
  public var bytesRead: ByteCount

  public var waiting: SimulatedDuration { begin - arrival }
  public var timeToFirstToken: SimulatedDuration { firstToken - arrival }
  public var endToEndLatency: SimulatedDuration { lastToken - arrival }
  /// What of the time to first token the critical path spends on getting weights: memory for them,
  /// reading and decrypting.
  public var stall: SimulatedDuration {
    [OperationKind.allocation, .storage, .decryption].reduce(.zero) {
      $0 + breakdown[$1, default: .zero]
    }
  }
}

/// A request for which a design did not plan the tokens that it asks for.
struct UnservedRequest: Error, CustomStringConvertible {
  var place: Int
  var wanted: Int
  var planned: Int

  var description: String {
    "the design plans \(planned) tokens for request \(place + 1), not \(wanted)"
  }
}

extension Plan {
  /// What it reads from storage.
  var bytesRead: ByteCount {
    let sizes = works.map { work in
      if case .readStorage(let size) = work { size } else { ByteCount.zero }
    }
    return workNumbers.reduce(.zero) { $0 + sizes[Int($1)] }
  }
}

/// A design, a device and what happens: runs until nothing is left to do, and goes on with what comes
/// then.
struct ServingSession: ~Copyable {
  private var design: any ServingDesign
  private var device: DeviceView
  /// Whether the NPU belonged to the secure world, and stage-2 protection was on, at the start.
  let ownsNPU: Bool
  let startsProtected: Bool
  private var executor: PlanExecutor
  /// What the operating system does to each plan before it is run.
  private var interference: HostileSystem?
  /// What each timer stands for, by its payload.
  private var timerEvents: [ServingEvent] = []
  /// In the order of submission.
  private(set) var executed: [ExecutedPlan] = []
  /// Places in `executed` of the plans of requests, in the order of their begins.
  private(set) var requestPlans: [Int] = []
  /// Requests of a workload that have arrived, by their places in it, in the order of arrival.
  private var arrived: [Int] = []
  /// What arrives so long after the last token of a request, by the request's place.
  private var followers: [Int: [Follower]] = [:]
  /// Places in the workload of the timers' requests.
  private var timerItems: [Int: Int] = [:]

  /// Other programs, where their memory changes.
  private(set) var pressure: PressureSource?
  /// What they get and free, by the timers at which it begins; of the next step of that, nil.
  private var growth: [Int: MemoryGrowth?] = [:]
  private var isStepDue = false
  /// How many steps are awaited yet, by plan.
  private var awaited: [JobID: Int] = [:]

  private struct Follower {
    var item: Int
    var delay: SimulatedDuration
    var event: ServingEvent
  }

  /// - Parameter mergesSteps: see `PlanExecutor`.
  init(
    _ design: any ServingDesign, pricing: DevicePricing, interference: HostileSystem? = nil,
    mergesSteps: Bool = false
  ) {
    self.design = design
    ownsNPU = type(of: design).ownsNPU
    startsProtected = design.startsProtected
    device = DeviceView(pricing)
    executor = PlanExecutor(pricing: pricing, mergesSteps: mergesSteps)
    self.interference = interference
  }

  /// - Parameter events: in any order, none before the `end` of what has been run; of those at one
  ///   instant the first in the list comes first.
  /// - Throws: `DeviceModelError` when the device cannot do or price what the design wants.
  mutating func run(_ events: [OutsideEvent]) throws(DeviceModelError) {
    for event in events { setTimer(at: event.time, for: event.event) }
    try runToEnd()
  }

  /// Lets other programs get and free memory in what is run from now on.
  /// - Precondition: nothing was run before.
  mutating func addPressure(_ parts: [MemoryGrowth]) {
    precondition(executed.isEmpty && pressure == nil, "other programs are there from the start")
    let source = PressureSource(executor.pricing)
    device.availableMemory = source.available
    pressure = source
    for part in parts { setGrowthTimer(after: part.at, for: part) }
  }

  private mutating func setGrowthTimer(after delay: SimulatedDuration, for part: MemoryGrowth?) {
    growth[timerEvents.count] = .some(part)
    // The timer is known by its number, so its event is never looked at.
    setTimer(at: executor.now + delay, for: .memoryPlentiful)
  }

  /// Serves a workload until nothing is left to do.
  ///
  /// Requests are taken to begin in the order in which they arrive.
  /// - Precondition: nothing was run before.
  /// - Returns: how each request fared, in the workload's order.
  /// - Throws: `DeviceModelError`; `UnservedRequest`.
  mutating func serve(_ workload: Workload) throws -> [RequestOutcome] {
    precondition(executed.isEmpty, "a session serves one workload")
    var arrivals = [SimulatedTime](repeating: .zero, count: workload.items.count)
    for (place, item) in workload.items.enumerated() {
      let event = ServingEvent.requestArrived(item.request)
      switch item.arrival {
      case .at(let time):
        timerItems[timerEvents.count] = place
        setTimer(at: time, for: event)
      case .after(let earlier, let delay):
        followers[earlier, default: []].append(
          Follower(item: place, delay: delay, event: event))
      }
    }
    while let occurrence = executor.next() {
      if case .timer(let index) = occurrence, let place = timerItems[Int(index)] {
        arrivals[place] = executor.now
        arrived.append(place)
      }
      if case .milestone(let job, let step) = occurrence,
        executed[job.index].plan.tokens.last?.index == step.index,
        // Nearly always the last of all requests.
        let number = requestPlans.lastIndex(of: job.index), number < arrived.count
      {
        for follower in followers[arrived[number]] ?? [] {
          timerItems[timerEvents.count] = follower.item
          setTimer(at: executor.now + follower.delay, for: follower.event)
        }
      }
      try respond(to: occurrence)
    }
    return try outcomes(workload, arrivals)
  }

  private func outcomes(
    _ workload: Workload, _ arrivals: [SimulatedTime]
  ) throws(UnservedRequest) -> [RequestOutcome] {
    var numbers = [Int?](repeating: nil, count: workload.items.count)
    for (number, place) in arrived.enumerated() { numbers[place] = number }
    var outcomes: [RequestOutcome] = []
    for (place, item) in workload.items.enumerated() {
      let number = numbers[place].flatMap { planNumber(ofRequest: $0) }
      let plan = number.map { executed[$0] }
      guard let number, let plan, plan.plan.tokens.count == item.request.outputTokenCount,
        let first = plan.plan.tokens.first, let last = plan.plan.tokens.last
      else {
        throw UnservedRequest(
          place: place, wanted: item.request.outputTokenCount,
          planned: plan?.plan.tokens.count ?? 0)
      }
      outcomes.append(
        RequestOutcome(
          request: item.request, plan: number, isCounted: item.isCounted, arrival: arrivals[place],
          begin: plan.submitted, firstToken: span(of: first, in: plan).end,
          lastToken: span(of: last, in: plan).end,
          breakdown: breakdown(to: first, in: plan, since: plan.submitted),
          bytesRead: plan.plan.bytesRead))
    }
    return outcomes
  }

  private mutating func runToEnd() throws(DeviceModelError) {
    while let occurrence = executor.next() { try respond(to: occurrence) }
  }

  private mutating func respond(to occurrence: Occurrence) throws(DeviceModelError) {
    switch occurrence {
    case .timer(let index):
      if let part = growth.removeValue(forKey: Int(index)) {
        try change(part)
      } else {
        try respond(to: timerEvents[Int(index)])
        try reclaim()
      }
    case .jobFinished(let job):
      // Jobs are numbered in the order of submission.
      let plan = executed[job.index].plan
      pressure?.ended(job)
      // Before the design goes on with what it was asked for.
      try sayEnough()
      try respond(to: .planEnded(label: plan.label))
      try reclaim()
    case .milestone(let job, let step):
      let plan = executed[job.index].plan
      if plan.tokens.first?.index == step.index {
        try respond(to: .firstToken(label: plan.label))
      }
      guard pressure != nil else { return }
      if step.index == 0, plan.answersRecall { pressure?.answered(plan, at: executor.now) }
      if let left = awaited[job], plan.awaited.contains(where: { $0.index == step.index }) {
        awaited[job] = left > 1 ? left - 1 : nil
        if left == 1, pressure?.endWait(for: job, at: executor.now) == true { goOn() }
      }
      try reclaim()
    }
  }

  // MARK: Other programs

  /// Other programs get or free memory.
  /// - Parameter part: nil for a step of what they get already.
  private mutating func change(_ part: MemoryGrowth?) throws(DeviceModelError) {
    var isAllocating = false
    if let part {
      pressure?.begin(part)
    } else {
      isStepDue = false
      // A program that waits goes on when it is answered.
      if pressure?.isWaiting == true { return }
      isAllocating = pressure?.step(at: executor.now) ?? false
    }
    guard let load = pressure?.load, let available = pressure?.available else { return }
    device.availableMemory = available
    executor.setLoad(load)
    try reclaim(isAllocating: isAllocating)
    goOn()
  }

  private mutating func goOn() {
    guard !isStepDue, let delay = pressure?.nextDelay else { return }
    isStepDue = true
    setGrowthTimer(after: delay, for: nil)
  }

  /// The operating system asks for memory, if it lacks some, and says when it has enough again.
  /// - Parameter isAllocating: whether a program has just got some.
  private mutating func reclaim(isAllocating: Bool = false) throws(DeviceModelError) {
    guard pressure != nil else { return }
    let now = executor.now
    var asked: [RecallUrgency] = []
    while let urgency = pressure?.urgency(after: asked, isAllocating: isAllocating) {
      asked.append(urgency)
      let wanted = pressure?.ask(urgency, at: now) ?? .zero
      let count = executed.count
      try respond(to: .memoryWanted(wanted, urgency: urgency))
      for plan in executed[count...] where !plan.plan.awaited.isEmpty {
        awaited[plan.job] = Set(plan.plan.awaited).count
        pressure?.wait(for: plan.job, at: now)
      }
      // What was answered is on its way.
      if executed.count > count { return }
    }
    try sayEnough()
  }

  /// The operating system says that it has enough, if that is news.
  private mutating func sayEnough() throws(DeviceModelError) {
    if pressure?.saysEnough() == true { try respond(to: .memoryPlentiful) }
  }

  private mutating func setTimer(at time: SimulatedTime, for event: ServingEvent) {
    executor.setTimer(at: time, payload: UInt32(timerEvents.count))
    timerEvents.append(event)
  }

  private mutating func respond(to event: ServingEvent) throws(DeviceModelError) {
    for directive in design.respond(to: event, on: device) {
      switch directive {
      case .submit(var plan):
        interference?.delay(&plan)
        let now = executor.now
        if !plan.tokens.isEmpty { requestPlans.append(executed.count) }
        let job = try executor.submit(plan)
        pressure?.submitted(plan, as: job)
        executed.append(
          ExecutedPlan(
            plan: plan, job: job, submitted: now,
            backgroundMemory: executor.pricing.backgroundMemory))
      case .setTimer(let duration, let label):
        setTimer(at: executor.now + duration, for: .timer(label: label))
      }
    }
  }

  /// The plan of a request by its number, in the order of their begins; nil where there are fewer.
  func requestPlan(_ number: Int) -> ExecutedPlan? {
    planNumber(ofRequest: number).map { executed[$0] }
  }

  /// Its place in `executed`.
  func planNumber(ofRequest number: Int) -> Int? {
    requestPlans.indices.contains(number) ? requestPlans[number] : nil
  }

  var eventCount: Int { executor.eventCount }
  /// When the last thing ended.
  var end: SimulatedTime { executor.now }

  func span(of step: Plan.Step, in plan: ExecutedPlan) -> OperationSpan {
    executor.span(of: step, in: plan.job)
  }

  /// When an operation of a plan, both by their numbers, started and ended.
  func times(of operation: Int, ofPlan plan: Int) -> (start: SimulatedTime, end: SimulatedTime) {
    executor.times(of: Plan.Step(index: operation), in: executed[plan].job)
  }

  /// The span of an operation by its number among all of the session's, in the order of submission.
  func span(ofOperation number: Int) -> OperationSpan {
    var first = 0
    for plan in executed {
      let count = plan.plan.workNumbers.count
      if number < first + count {
        return span(of: Plan.Step(index: number - first), in: plan)
      }
      first += count
    }
    preconditionFailure("operation \(number) of \(first)")
  }

  func pieces(of step: Plan.Step, in plan: ExecutedPlan) -> [OperationSpan] {
    executor.pieces(of: step, in: plan.job)
  }

  func criticalPath(to step: Plan.Step, in plan: ExecutedPlan) -> [OperationSpan] {
    executor.criticalPath(to: step, of: plan.job)
  }

  /// The time until the end of a step by kind of operation, along the critical path.
  /// - Parameter begin: where it begins; what others did before, and the step waited for, is left out.
  func breakdown(
    to step: Plan.Step, in plan: ExecutedPlan, since begin: SimulatedTime = .zero
  ) -> [OperationKind: SimulatedDuration] {
    var times = [SimulatedDuration?](repeating: nil, count: OperationKind.allCases.count)
    for span in criticalPath(to: step, in: plan) where span.end > begin {
      let kind = Int(span.kind)
      times[kind] = (times[kind] ?? .zero) + (span.end - max(span.start, begin))
    }
    var breakdown: [OperationKind: SimulatedDuration] = [:]
    for (kind, time) in zip(OperationKind.allCases, times) { breakdown[kind] = time }
    return breakdown
  }

  /// What the operations of a plan were priced with.
  func pricing(of plan: ExecutedPlan) -> DevicePricing {
    executor.pricing.beside(plan.backgroundMemory)
  }
}
