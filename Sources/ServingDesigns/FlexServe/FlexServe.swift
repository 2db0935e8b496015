/// FlexServe: ordinary pages that leave stage 2, and an NPU that changes sides.
public struct FlexServe: ServingDesign {
  public static let name = "flexserve"
  public static let summary =
    "recallable pages (Flex-Mem) and a switched NPU (Flex-NPU); load, decrypt, compute pipelined"
  public static let parameters: [DesignParameter] = [
    .allocation, .blockWindow, .rowTask, .npuHandOver, .idleWindow,
    DesignParameter(
      "protectionAtArrival", .choice(["off", "on"]),
      "whether stage 2 is still on from an earlier request"),
  ]

  public let startsProtected: Bool
  private var server: RequestServer

  public init(parameters: DesignParameters) {
    startsProtected = parameters.choice("protectionAtArrival") == "on"
    server = RequestServer(
      loading: WeightLoading(
        memory: .recallablePages, allocation: parameters.allocation, isPipelined: true,
        npuMapping: .protected),
      generation: TokenGeneration(
        compute: .npu(protected: true), blockWindow: parameters.blockWindow,
        rowTask: parameters.rowTask),
      entry: [
        .callSecureWorld, .enableProtection,
        .switchNPUMode(protected: true, by: parameters.npuHandOver),
      ],
      exit: [.switchNPUMode(protected: false, by: parameters.npuHandOver)], retention: .keep,
      otherNPUTasks: .handedOver(parameters.npuHandOver), idleWindow: parameters.idleWindow,
      startsProtected: startsProtected)
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    server.respond(to: event, on: device)
  }
}
