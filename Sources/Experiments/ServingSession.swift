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

/// A design, a device and what happens: runs until nothing is left to do.
struct ServingSession: ~Copyable {
  private var design: any ServingDesign
  private let device: DeviceView
  /// Whether stage-2 protection was on at the start.
  let startsProtected: Bool
  private var executor: PlanExecutor
  private let events: [OutsideEvent]
  /// What the operating system does to each plan before it is run.
  private var interference: HostileSystem?
  private var timerLabels: [Int] = []
  /// In the order of submission.
  private(set) var executed: [ExecutedPlan] = []

  /// - Parameter events: in any order; of those at one instant the first in the list comes first.
  init(
    _ design: any ServingDesign, pricing: DevicePricing, events: [OutsideEvent],
    interference: HostileSystem? = nil
  ) {
    self.design = design
    startsProtected = design.startsProtected
    device = DeviceView(pricing)
    executor = PlanExecutor(pricing: pricing)
    self.events = events
    self.interference = interference
  }

  /// - Throws: `DeviceModelError` when the device cannot do or price what the design wants.
  mutating func run() throws(DeviceModelError) {
    for (index, event) in events.enumerated() {
      executor.setTimer(at: event.time, payload: UInt32(index))
    }
    while let occurrence = executor.next() {
      switch occurrence {
      case .timer(let index):
        // Those of the outside come first, then the design's own, in the order in which they were set.
        let own = Int(index) - events.count
        try respond(to: own < 0 ? events[Int(index)].event : .timer(label: timerLabels[own]))
      case .jobFinished(let job):
        // Jobs are numbered in the order of submission.
        try respond(to: .planEnded(label: executed[job.index].plan.label))
      case .milestone: break
      }
    }
  }

  private mutating func respond(to event: ServingEvent) throws(DeviceModelError) {
    for directive in design.respond(to: event, on: device) {
      switch directive {
      case .submit(var plan):
        interference?.delay(&plan)
        executed.append(ExecutedPlan(plan: plan, job: try executor.submit(plan)))
      case .setTimer(let duration, let label):
        executor.setTimer(
          at: executor.now + duration, payload: UInt32(events.count + timerLabels.count))
        timerLabels.append(label)
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
