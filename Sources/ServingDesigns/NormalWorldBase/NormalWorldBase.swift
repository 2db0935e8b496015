/// No protection at all: what the others are measured against.
public struct NormalWorldBase: ServingDesign {
  public static let name = "nw-base"
  public static let summary =
    "unprotected: ordinary pages, plain weights, NPU, loading and computing pipelined"
  public static let parameters: [DesignParameter] = [.allocation, .context, .blockWindow, .rowTask]

  private var server: RequestServer

  public init(parameters: DesignParameters) {
    server = RequestServer(
      loading: WeightLoading(
        memory: .ordinaryPages, allocation: parameters.allocation, isPipelined: true,
        npuMapping: .unprotected),
      generation: TokenGeneration(
        compute: .npu(protected: false), blockWindow: parameters.blockWindow,
        rowTask: parameters.rowTask),
      entry: [], retention: .release, context: parameters.context, otherNPUTasks: .served)
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    server.respond(to: event, on: device)
  }
}
