import DeviceModel
import ModelArchitecture
import Quantities
import ServingDesigns
import SimulationKernel

/// Something that happens to a serving process from outside.
struct OutsideEvent: Sendable {
  var time: SimulatedTime
  var event: ServingEvent
}

/// A plan that was run.
struct ExecutedPlan: Sendable {
  var plan: Plan
  var job: JobID
}

/// A design, a device and what happens: runs until nothing is left to do, and goes on with what comes
/// then.
struct ServingSession: ~Copyable {
  private var design: any ServingDesign
  private let device: DeviceView
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

  init(
    _ design: any ServingDesign, pricing: DevicePricing, interference: HostileSystem? = nil
  ) {
    self.design = design
    ownsNPU = type(of: design).ownsNPU
    startsProtected = design.startsProtected
    device = DeviceView(pricing)
    executor = PlanExecutor(pricing: pricing)
    self.interference = interference
  }

  /// - Parameter events: in any order, none before the `end` of what has been run; of those at one
  ///   instant the first in the list comes first.
  /// - Throws: `DeviceModelError` when the device cannot do or price what the design wants.
  mutating func run(_ events: [OutsideEvent]) throws(DeviceModelError) {
    for event in events { setTimer(at: event.time, for: event.event) }
    while let occurrence = executor.next() {
      switch occurrence {
      case .timer(let index): try respond(to: timerEvents[Int(index)])
      case .jobFinished(let job):
        // Jobs are numbered in the order of submission.
        try respond(to: .planEnded(label: executed[job.index].plan.label))
      case .milestone(let job, let operation):
        let plan = executed[job.index].plan
        if plan.tokens.first?.index == operation.index {
          try respond(to: .firstToken(label: plan.label))
        }
      }
    }
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
        executed.append(ExecutedPlan(plan: plan, job: try executor.submit(plan)))
      case .setTimer(let duration, let label):
        setTimer(at: executor.now + duration, for: .timer(label: label))
      }
    }
  }

  /// The plan of a request by its number, in the order of their begins; nil where there are fewer.
  func requestPlan(_ number: Int) -> ExecutedPlan? {
    executed.lazy.filter { !$0.plan.tokens.isEmpty }.dropFirst(number).first
  }

  var eventCount: Int { executor.eventCount }
  /// When the last thing ended.
  var end: SimulatedTime { executor.now }

  func span(of step: Plan.Step, in plan: ExecutedPlan) -> OperationSpan {
    executor.span(of: step, in: plan.job)
  }

  /// The span of an operation by its number among all of the session's, in the order of submission.
  func span(ofOperation number: Int) -> OperationSpan {
    var first = 0
    for plan in executed {
      let count = plan.plan.operations.count
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
  func breakdown(
    to step: Plan.Step, in plan: ExecutedPlan
  ) -> [OperationKind: SimulatedDuration] {
    var breakdown: [OperationKind: SimulatedDuration] = [:]
    for span in criticalPath(to: step, in: plan) {
      let kind = OperationKind.allCases[Int(span.kind)]
      breakdown[kind] = breakdown[kind, default: .zero] + (span.end - span.start)
    }
    return breakdown
  }

  /// The cost of an operation on this device when nothing else runs.
  func cost(of operation: DeviceOperation) throws(DeviceModelError) -> OperationCost {
    var pricing = executor.pricing
    return try pricing.cost(of: operation)
  }
}
