import DeviceModel
import Quantities
import ServingDesigns
import SimulationKernel

/// Runs plans on a device: prices every operation, hands it to the kernel, and reads the result.
///
/// The only place where plans, prices and the kernel meet. It knows no design.
struct PlanExecutor: ~Copyable {
  // The critical path is what an experiment reads of a run.
  private var simulator = Simulator(recordsSchedule: true)
  private(set) var pricing: DevicePricing
  private var units: [ResourceID] = []
  private var sharedUnits: [SharedResourceID] = []
  /// What operations cost, as the kernel takes it: plans are made of few different ones.
  private var prices: [DeviceOperation: Price] = [:]
  private let mergesSteps: Bool

  private struct Price {
    var kind: UInt32
    var unit: ResourceID?
    var segments: [StepSegment]
    var demands: [ResourceDemand]
  }

  /// - Parameter mergesSteps: whether an operation is one step for the kernel. Nobody preempts here, so
  ///   nothing looks at the boundaries of steps; but where an operation has less than it wants of a
  ///   shared unit, the end of each step is rounded up to a picosecond, and of one step that of all.
  init(pricing: DevicePricing, mergesSteps: Bool = false) {
    self.pricing = pricing
    self.mergesSteps = mergesSteps
    for unit in DeviceUnit.allCases { units.append(simulator.addResource(unit.rawValue)) }
    for unit in SharedUnit.allCases {
      sharedUnits.append(
        simulator.addSharedResource(unit.rawValue, capacity: pricing.capacity(of: unit)))
    }
  }

  var eventCount: Int { simulator.eventCount }
  var now: SimulatedTime { simulator.now }

  /// Starts a plan now; the ends of its first and its last token are milestones.
  /// - Throws: `DeviceModelError` when an operation cannot be had or priced on this device.
  mutating func submit(_ plan: Plan) throws(DeviceModelError) -> JobID {
    var job = Job()
    let reported = [plan.tokens.first?.index, plan.tokens.last?.index]
    for (index, planned) in plan.operations.enumerated() {
      let price = try price(of: planned.operation)
      job.add(
        kind: price.kind, on: price.unit,
        priority: plan.goesFirst ? 0 : 1 + planned.operation.priority,
        segments: price.segments, demands: price.demands,
        after: planned.dependencies.map { OperationIndex($0.index) },
        isMilestone: reported.contains(index), isPreemptible: planned.operation.isPreemptible)
    }
    return simulator.submit(job)
  }

  private mutating func price(of operation: DeviceOperation) throws(DeviceModelError) -> Price {
    if let known = prices[operation] { return known }
    let cost = try pricing.cost(of: operation)
    let price = Price(
      kind: operation.kind.number, unit: cost.unit.map { units[$0.number] },
      segments: mergesSteps
        ? [StepSegment(count: 1, duration: cost.duration)]
        : cost.segments.map { StepSegment(count: $0.count, duration: $0.duration) },
      demands: cost.demands.map {
        ResourceDemand(resource: sharedUnits[$0.unit.number], amount: $0.amount)
      })
    prices[operation] = price
    return price
  }

  /// Asks for a wake-up; `next` returns it when it is due.
  mutating func setTimer(at time: SimulatedTime, payload: UInt32) {
    simulator.setTimer(at: time, payload: payload)
  }

  /// Runs until a plan has ended or a timer is due; nil when nothing is left to do.
  mutating func next() -> Occurrence? { simulator.next() }

  /// Runs until nothing is left to do.
  mutating func runToEnd() {
    while next() != nil {}
  }

  /// What led to the end of a step, first to last, without a gap.
  func criticalPath(to step: Plan.Step, of job: JobID) -> [OperationSpan] {
    simulator.criticalPath(to: OperationIndex(step.index), in: job)
  }

  func span(of step: Plan.Step, in job: JobID) -> OperationSpan {
    simulator.span(of: OperationIndex(step.index), in: job)
  }

  /// The pieces in which a step ran.
  func pieces(of step: Plan.Step, in job: JobID) -> [OperationSpan] {
    simulator.pieces(of: OperationIndex(step.index), in: job)
  }
}

extension OperationKind {
  /// The number that stands for it in the kernel.
  var number: UInt32 {
    // Every case is in the list of all cases.
    UInt32(Self.allCases.firstIndex(of: self)!)
  }
}

extension DeviceUnit {
  var number: Int { Self.allCases.firstIndex(of: self)! }
}

extension SharedUnit {
  var number: Int { Self.allCases.firstIndex(of: self)! }
}
