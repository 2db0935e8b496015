import DeviceModel
import Quantities

/// FlexServe: ordinary pages that leave stage 2, and an NPU that changes sides.
///
/// Each of its steps from the strawman is a parameter: `compute`, `memory`, `pipeline`, `cacheShare` and
/// `inlineDecryption`.
public struct FlexServe: ServingDesign {
  public static let name = "flexserve"
  public static let summary =
    "recallable pages (Flex-Mem) and a switched NPU (Flex-NPU); load, decrypt, compute pipelined"
  public static let parameters: [DesignParameter] = [
    .allocation, .context, .blockWindow, .rowTask, .npuHandOver, .idleWindow,
    DesignParameter(
      "protectionAtArrival", .choice(["off", "on"]),
      "whether stage 2 is still on from an earlier request"),
    DesignParameter("compute", .choice(["npu", "cpu"]), "what products with weights run on"),
    DesignParameter(
      "memory", .choice(["pages", "region"]),
      "recallable pages, or a contiguous range that a region of the address-space controller covers"
    ),
    DesignParameter(
      "pipeline", .choice(["on", "off"]),
      "whether a layer is used as soon as it is there, or each stage is done for all layers first"),
    DesignParameter(
      "cacheSize", .count(0...1_048_576),
      "MiB of a model's weights that stay after a request at most, from the first layer on"),
    DesignParameter(
      "cacheShare", .count(0...100), "the same, in percent of the weights; the smaller one holds"),
    DesignParameter(
      "inlineDecryption", .choice(["off", "on"]),
      "whether weights are decrypted as fast as they are read: emulated, at no cost"),
  ]

  public let startsProtected: Bool
  private var server: RequestServer

  public init(parameters: DesignParameters) {
    let usesPages = parameters.choice("memory") == "pages"
    startsProtected = usesPages && parameters.choice("protectionAtArrival") == "on"
    let usesNPU = parameters.choice("compute") == "npu"
    let cache = RequestServer.Cache(
      size: .mebibytes(Int64(parameters.count("cacheSize"))),
      share: .percent(Int64(parameters.count("cacheShare"))))
    var loading = WeightLoading(
      memory: usesPages ? .recallablePages : .contiguousRegion(migrationThreads: 1),
      allocation: parameters.allocation, isPipelined: parameters.choice("pipeline") == "on",
      npuMapping: usesNPU ? .protected : .none)
    loading.decryptsAtNoCost = parameters.choice("inlineDecryption") == "on"
    func switching(_ protected: Bool) -> [DeviceOperation] {
      usesNPU ? [.switchNPUMode(protected: protected, by: parameters.npuHandOver)] : []
    }
    server = RequestServer(
      loading: loading,
      generation: TokenGeneration(
        compute: usesNPU ? .npu(protected: true) : .cpu, blockWindow: parameters.blockWindow,
        rowTask: parameters.rowTask),
      entry: [.callSecureWorld] + (usesPages ? [.enableProtection] : []) + switching(true),
      exit: switching(false), retention: usesPages ? .keep : .release,
      context: parameters.context, cache: cache,
      otherNPUTasks: usesNPU ? .handedOver(parameters.npuHandOver) : .served,
      idleWindow: usesPages ? parameters.idleWindow : nil, startsProtected: startsProtected)
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    server.respond(to: event, on: device)
  }
}
