/// The strawman with a pipeline and an NPU that belongs to the secure world.
///
/// The NPU never changes sides, so nothing is switched or checked: mapping for it and launching
/// its tasks cost what they cost an unprotected one.
public struct StrawmanOptimized: ServingDesign {
  public static let name = "strawman-opt"
  public static let summary =
    "secure world with a secure NPU: contiguous region; load, decrypt and compute pipelined"
  public static let parameters: [DesignParameter] = [
    .allocation, .context, .blockWindow, .rowTask, .migrationThreads, .retention,
  ]

  public static let ownsNPU = true

  private var server: RequestServer

  public init(parameters: DesignParameters) {
    server = RequestServer(
      loading: WeightLoading(
        memory: .contiguousRegion(migrationThreads: parameters.migrationThreads),
        allocation: parameters.allocation, isPipelined: true,
        npuMapping: .unprotected),
      generation: TokenGeneration(
        compute: .npu(protected: false), blockWindow: parameters.blockWindow,
        rowTask: parameters.rowTask),
      entry: [.callSecureWorld], retention: parameters.retention,
      context: parameters.context, otherNPUTasks: .refused)
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    server.respond(to: event, on: device)
  }
}
