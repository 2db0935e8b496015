import DeviceModel
import Quantities
import ServingDesigns

extension ExperimentPoint {
  /// What no schedule of the point's plan beats: the work of its busiest unit after what must come
  /// before that, or its longest chain, each operation being as fast as alone.
  ///
  /// Of the plan's operations those count that the first token waits for.
  /// - Throws: `PointFailure`, and `DeviceModelError` when an operation cannot be priced.
  public func lowerBound(designs: DesignCatalog = .standard) throws -> SimulatedDuration {
    try plan(designs: designs).lowerBound(on: pricing)
  }
}

extension Plan {
  /// - Precondition: the plan marks a token.
  func lowerBound(on pricing: DevicePricing) throws(DeviceModelError) -> SimulatedDuration {
    guard let token = tokens.first else { preconditionFailure("a plan without a token") }
    var pricing = pricing
    var isNeeded = [Bool](repeating: false, count: operations.count)
    isNeeded[token.index] = true
    for index in operations.indices.reversed() where isNeeded[index] {
      for step in operations[index].dependencies { isNeeded[step.index] = true }
    }
    /// When each operation ends at the earliest.
    var ends = [SimulatedDuration](repeating: .zero, count: operations.count)
    var begins: [DeviceUnit: SimulatedDuration] = [:]
    var works: [DeviceUnit: SimulatedDuration] = [:]
    for (index, planned) in operations.enumerated() where isNeeded[index] {
      let cost = try pricing.cost(of: planned.operation)
      let start = planned.dependencies.reduce(SimulatedDuration.zero) { max($0, ends[$1.index]) }
      ends[index] = start + cost.duration
      guard let unit = cost.unit else { continue }
      begins[unit] = min(begins[unit] ?? start, start)
      works[unit] = works[unit, default: .zero] + cost.duration
    }
    return DeviceUnit.allCases.reduce(ends[token.index]) { bound, unit in
      max(bound, begins[unit, default: .zero] + works[unit, default: .zero])
    }
  }
}
