/// TrustZone as it comes: a contiguous region, the CPU, one thing after the other.
public struct Strawman: ServingDesign {
  public static let name = "strawman"
  public static let summary =
    "secure world on the CPU: contiguous region; allocate, load, decrypt, compute in turn"
  public static let parameters: [DesignParameter] = [
    .context, .migrationThreads, .retention,
    DesignParameter(
      "frameworkStart", .choice(["none", "full"]),
      "whether the serving framework starts anew for each request, or runs already"),
  ]

  private var server: RequestServer

  public init(parameters: DesignParameters) {
    server = RequestServer(
      loading: WeightLoading(
        memory: .contiguousRegion(migrationThreads: parameters.migrationThreads),
        allocation: .whole, isPipelined: false, npuMapping: .none),
      generation: TokenGeneration(compute: .cpu, blockWindow: 1, rowTask: .product),
      entry: [.callSecureWorld], retention: parameters.retention,
      context: parameters.context, otherNPUTasks: .served)
    server.startsFramework = parameters.choice("frameworkStart") == "full"
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    server.respond(to: event, on: device)
  }
}
