import DeviceModel
import Quantities
import ServingDesigns

extension MeasuredOperation {
  /// How long the operation takes on a device, as the kernel times it.
  /// - Throws: `DeviceModelError`.
  public func time(
    on device: DeviceProfile, backgroundMemory: ByteCount, blockWindow: Int,
    rowTask: NPUTaskExtent = .attention, fidelity: GEMMFidelity = .tile
  ) throws(DeviceModelError) -> SimulatedDuration {
    try timing(
      on: device, backgroundMemory: backgroundMemory, blockWindow: blockWindow, rowTask: rowTask,
      fidelity: fidelity
    ).duration
  }

  /// The same with the number of events, those of what follows in the background among them.
  /// - Throws: `DeviceModelError`.
  func timing(
    on device: DeviceProfile, backgroundMemory: ByteCount, blockWindow: Int,
    rowTask: NPUTaskExtent = .attention, fidelity: GEMMFidelity = .tile
  ) throws(DeviceModelError) -> (duration: SimulatedDuration, eventCount: Int) {
    let pricing = DevicePricing(
      profile: device, backgroundMemory: backgroundMemory, precision: .int8, fidelity: fidelity)
    let plan = plan(on: DeviceView(pricing), blockWindow: blockWindow, rowTask: rowTask)
    guard let end = plan.tokens.first else { preconditionFailure("a measured plan marks its end") }
    var executor = PlanExecutor(pricing: pricing)
    let job = try executor.submit(plan)
    executor.runToEnd()
    return (executor.span(of: end, in: job).end - .zero, executor.eventCount)
  }
}
