import DeviceModel
import Quantities
import ServingDesigns

extension ExperimentPoint {
  /// What no schedule of the point's plan beats: the work of its busiest unit after what must come
  /// before that, or its longest chain, each operation being as fast as alone.
  ///
  /// All operations count that are planned up to the first token: each block of rows is part of it,
  /// also where the plan names only the last one, since blocks end in order.
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
    /// When each operation ends at the earliest.
    var ends = [SimulatedDuration](repeating: .zero, count: token.index + 1)
    var begins: [DeviceUnit: SimulatedDuration] = [:]
    var works: [DeviceUnit: SimulatedDuration] = [:]
    for (index, planned) in operations[...token.index].enumerated() {
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
