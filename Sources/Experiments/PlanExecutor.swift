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
  /// What other programs hold, where it changes.
  private var load: ByteCount?

  private struct Price {
    var kind: UInt32
    var unit: ResourceID?
    var segments: [StepSegment]
    var demands: [ResourceDemand]
  }

  /// - Parameter mergesSteps: whether an operation that nobody preempts is one step for the kernel.
  ///   Nothing looks at the boundaries of its steps then; but where an operation has less than it wants of a
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

  /// What other programs hold from now on: what is submitted later is priced by it.
  mutating func setLoad(_ load: ByteCount) { self.load = load }

  private mutating func applyLoad() {
    guard let load, load != pricing.backgroundMemory else { return }
    pricing = pricing.beside(load)
    prices = [:]
  }

  /// Starts a plan now. The ends of its first and its last token are milestones, and so are those of what
  /// the operating system awaits, and of the choice with which an answer to it begins.
  /// - Throws: `DeviceModelError` when an operation cannot be had or priced on this device.
  mutating func submit(_ plan: Plan) throws(DeviceModelError) -> JobID {
    var job = Job()
    applyLoad()
    var reported = [plan.tokens.first, plan.tokens.last].compactMap { $0?.index }
    reported += plan.awaited.map(\.index)
    if plan.answersRecall { reported.append(0) }
    // In order, and each time the next one is looked for: plans are long, and few steps are reported.
    reported.sort()
    var next = 0
    job.reserveCapacity(operations: plan.workNumbers.count, dependencies: plan.dependencyCount)
    var works: [WorkIndex] = []
    for operation in plan.works {
      let price = try price(of: operation)
      works.append(
        job.addWork(
          kind: price.kind, on: price.unit, priority: plan.goesFirst ? 0 : 1 + operation.priority,
          segments: price.segments, demands: price.demands,
          isPreemptible: operation.isPreemptible))
    }
    for (index, work) in plan.workNumbers.enumerated() {
      let isReported = next < reported.count && reported[next] == index
      while next < reported.count, reported[next] == index { next += 1 }
      let added = job.add(works[Int(work)], isMilestone: isReported)
      for step in plan.dependencies(of: index) {
        job.addDependency(of: added, on: OperationIndex(step.index))
      }
    }
    return simulator.submit(job)
  }

  private mutating func price(of operation: DeviceOperation) throws(DeviceModelError) -> Price {
    if let known = prices[operation] { return known }
    let cost = try pricing.cost(of: operation)
    let price = Price(
      kind: operation.kind.number, unit: cost.unit.map { units[$0.number] },
      segments: mergesSteps && !operation.isPreemptible
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

  func times(of step: Plan.Step, in job: JobID) -> (start: SimulatedTime, end: SimulatedTime) {
    simulator.times(of: OperationIndex(step.index), in: job)
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
