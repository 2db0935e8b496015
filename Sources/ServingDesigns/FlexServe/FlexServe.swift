import DeviceModel
import Quantities

/// FlexServe: ordinary pages that leave stage 2, and an NPU that changes sides.
///
/// Each of its steps from the strawman is a parameter: `compute`, `memory`, `pipeline`, `cacheShare` and
/// `inlineDecryption`; so is what it does about several models: `cachePolicy`, `prefixReuse`, `prefetch`
/// and `refill`.
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
    .cachePolicy,
    DesignParameter(
      "cacheSize", .count(0...1_048_576),
      "MiB that stay after a request at most, of all models and prefixes together"),
    DesignParameter(
      "cacheShare", .count(0...100), "percent of each model's weights that stay at most"),
    DesignParameter(
      "rateThreshold", .count(0...100),
      "percent of the last requests that make a model worth keeping; without any such model the three"
        + " with most requests are"),
    DesignParameter(
      "history", .count(1...10_000), "requests that the policy looks back on"),
    DesignParameter(
      "prefixReuse", .choice(["on", "off"]),
      "whether keys and values of prefixes that prompts share are kept and used again"),
    DesignParameter(
      "prefetch", .choice(["on", "off"]),
      "whether the next models of a known workflow are fetched while one decodes"),
    DesignParameter(
      "refill", .choice(["on", "off"]),
      "whether models are completed up to what the policy wants while nobody waits"),
    DesignParameter(
      "inlineDecryption", .choice(["off", "on"]),
      "whether weights are decrypted as fast as they are read: emulated, at no cost"),
  ]

  public let startsProtected: Bool
  private var server: Server

  /// Where models lie decides how requests are served.
  private enum Server {
    case pages(RecallableServer)
    case region(RequestServer)
  }

  public init(parameters: DesignParameters) {
    let usesPages = parameters.choice("memory") == "pages"
    startsProtected = usesPages && parameters.choice("protectionAtArrival") == "on"
    let usesNPU = parameters.choice("compute") == "npu"
    var loading = WeightLoading(
      memory: usesPages ? .recallablePages : .contiguousRegion(migrationThreads: 1),
      allocation: parameters.allocation, isPipelined: parameters.choice("pipeline") == "on",
      npuMapping: usesNPU ? .protected : .none)
    loading.decryptsAtNoCost = parameters.choice("inlineDecryption") == "on"
    let generation = TokenGeneration(
      compute: usesNPU ? .npu(protected: true) : .cpu, blockWindow: parameters.blockWindow,
      rowTask: parameters.rowTask)
    func switching(_ protected: Bool) -> [DeviceOperation] {
      usesNPU ? [.switchNPUMode(protected: protected, by: parameters.npuHandOver)] : []
    }
    guard usesPages else {
      server = .region(
        RequestServer(
          loading: loading, generation: generation, entry: [.callSecureWorld] + switching(true),
          exit: switching(false), retention: .release, context: parameters.context,
          otherNPUTasks: usesNPU ? .handedOver(parameters.npuHandOver) : .served))
      return
    }
    server = .pages(
      RecallableServer(
        loading: loading, generation: generation,
        entry: [.callSecureWorld, .enableProtection] + switching(true), exit: switching(false),
        context: parameters.context, cache: parameters.cache,
        historyLength: parameters.count("history"),
        reusesPrefixes: parameters.isOn("prefixReuse"), prefetches: parameters.isOn("prefetch"),
        refills: parameters.isOn("refill"), npuHandOver: usesNPU ? parameters.npuHandOver : nil,
        idleWindow: parameters.idleWindow, startsProtected: startsProtected))
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    switch server {
    case .pages(var pages):
      let directives = pages.respond(to: event, on: device)
      server = .pages(pages)
      return directives
    case .region(var region):
      let directives = region.respond(to: event, on: device)
      server = .region(region)
      return directives
    }
  }
}

extension DesignParameter {
  fileprivate static let cachePolicy = DesignParameter(
    "cachePolicy", .choice(CachePolicy.allCases.map(\.rawValue)),
    "what stays of the models' weights: nothing; most of the one used last; equal parts of all; or"
      + " what loading would stall for")
}

extension DesignParameters {
  fileprivate func isOn(_ name: String) -> Bool { choice(name) == "on" }

  fileprivate var cache: RecallableServer.Cache {
    RecallableServer.Cache(
      policy: word(.cachePolicy), size: .mebibytes(Int64(count("cacheSize"))),
      share: .percent(Int64(count("cacheShare"))), rateThreshold: count("rateThreshold"))
  }
}
