import DeviceModel
import ModelArchitecture
import Quantities

/// TZ-LLM (arXiv 2511.13717): contiguous regions that grow while weights are brought in, between what
/// is computed, and an NPU that each job is handed over to.
///
/// Each of its steps from the strawman is a parameter: `compute`, `frameworkStart`, `pipeline` and
/// `preemption`.
public struct TZLLM: ServingDesign {
  public static let name = "tz-llm"
  public static let summary =
    "growing contiguous regions, weights restored between computing, NPU handed over job by job"
  public static let parameters: [DesignParameter] = [
    .context, .migrationThreads, .blockWindow, .rowTask, .npuHandOver,
    DesignParameter(
      "frameworkStart", .choice(["checkpoint", "full"]),
      "whether the serving framework comes back from a checkpoint, or starts anew for each request"),
    DesignParameter("compute", .choice(["npu", "cpu"]), "what products with weights run on"),
    DesignParameter(
      "pipeline", .choice(["on", "off"]),
      "whether a layer is used as soon as it is there, or each stage is done for all layers first"),
    DesignParameter(
      "preemption", .choice(["on", "off"]),
      "whether a restoring step makes way for computing after a micro-operation, or when it is done"
    ),
    DesignParameter(
      "allocationStep", .count(1...1_048_576), "KiB that a micro-operation of allocation gets"),
    DesignParameter(
      "decryptionStep", .count(1...1_048_576), "KiB that a micro-operation of decryption decrypts"),
    DesignParameter(
      "cacheShare", .count(0...100),
      "percent of a model's weights that stay in secure memory after a request at most, from the first"
        + " layer on"),
  ]

  private let restoration: Restoration
  private let generation: TokenGeneration
  private let restartsFramework: Bool
  private let context: Int
  private let cacheShare: Ratio

  private var numbers = BufferNumbers()
  private var lastLabel = 0
  private var waiting: [Request] = []
  private var running: Running?
  /// The plan after whose end the next request can begin, besides the running one's.
  private var releasing: Int?
  /// What lies in the regions between two requests: one model's first chunks.
  private var resident: Resident?

  private struct Running {
    var label: Int
    var memory: Resident
  }

  private struct Resident {
    var model: String
    var weights: [Buffer]
    /// At the bottom of its region, so it stays for as long as weights lie above it.
    var workspace: Buffer?

    /// In the order in which regions grew over them.
    var buffers: [Buffer] { (workspace.map { [$0] } ?? []) + weights }
  }

  public init(parameters: DesignParameters) {
    let usesNPU = parameters.choice("compute") == "npu"
    let isPreemptible = parameters.choice("preemption") == "on"
    func step(_ name: String) -> ByteCount? {
      isPreemptible ? .kibibytes(Int64(parameters.count(name))) : nil
    }
    restoration = Restoration(
      isPipelined: parameters.choice("pipeline") == "on",
      migrationThreads: parameters.migrationThreads, allocationStep: step("allocationStep"),
      decryptionStep: step("decryptionStep"), servesNPU: usesNPU)
    generation = TokenGeneration(
      compute: usesNPU ? .npu(protected: true) : .cpu, blockWindow: parameters.blockWindow,
      rowTask: parameters.rowTask, productHandOver: parameters.npuHandOver)
    restartsFramework = parameters.choice("frameworkStart") == "full"
    context = parameters.context
    cacheShare = .percent(Int64(parameters.count("cacheShare")))
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    switch event {
    case .requestArrived(let request):
      waiting.append(request)
      return beginNext(on: device)
    case .planEnded(let label):
      if label == releasing { releasing = nil }
      let release = label == running?.label ? endRequest() : []
      return release + beginNext(on: device)
    case .npuWanted(let duration):
      // Between two jobs the NPU is the normal world's.
      var plan = newPlan()
      plan.add(.runOtherNPUTask(duration, handOver: nil), after: [])
      return [.submit(plan)]
    // Regions give back from their ends, after a request.
    case .memoryWanted, .memoryPlentiful, .firstToken, .timer: return []
    }
  }

  private mutating func newPlan() -> Plan {
    lastLabel += 1
    var plan = Plan()
    plan.label = lastLabel
    return plan
  }

  private mutating func beginNext(on device: DeviceView) -> [Directive] {
    guard running == nil, releasing == nil, !waiting.isEmpty else { return [] }
    return [.submit(begin(waiting.removeFirst(), on: device))]
  }

  private mutating func begin(_ request: Request, on device: DeviceView) -> Plan {
    var plan = newPlan()
    let model = request.model
    var start = [plan.add(.callSecureWorld, after: [])]
    start = [
      plan.add(
        restartsFramework ? .startFramework(vocabulary: model.vocabularySize) : .restoreFramework,
        after: start)
    ]
    let granule = device.regionGranularity
    func whole(_ size: ByteCount) -> ByteCount { granule * size.pages(of: granule) }
    let workspaceSize = whole(request.workspace(context: context))

    var found = resident
    resident = nil
    // Regions grow and shrink at their ends alone, so another model's weights make way as a whole, and
    // so do weights above a workspace that is too small.
    let isTooSmall = found?.workspace.map { $0.size < workspaceSize } ?? false
    if let other = found, other.model != model.name || isTooSmall {
      start = restoration.release(other.buffers, into: &plan, after: start)
      found = nil
    }
    var memory = found ?? Resident(model: model.name, weights: [])
    let hasWorkspace = memory.workspace != nil
    let workspace =
      memory.workspace
      ?? numbers.buffer(
        workspaceSize, for: .workspace, isSecret: true, region: device.regionLimit - 1)
    memory.workspace = workspace
    let chunks = model.weightChunks(device.precision)
    let sizes = chunks.map { whole($0.bytes) }
    let present = memory.weights.count
    let regions = device.regions(for: sizes, above: workspace.size)
    for number in chunks.indices.dropFirst(present) {
      memory.weights.append(
        numbers.buffer(
          sizes[number], for: .weights(model: model.name, chunk: number), isSecret: true,
          region: regions[number]))
    }
    let usable = restoration.plan(
      chunks, in: memory.weights, present: present, workspace: workspace,
      hasWorkspace: hasWorkspace, into: &plan, after: start)
    generation.plan(
      request, chunks: usable,
      memory: ModelMemory(weights: memory.weights, workspace: [workspace]), on: device, into: &plan,
      after: start)
    running = Running(label: plan.label, memory: memory)
    return plan
  }

  private mutating func endRequest() -> [Directive] {
    guard let ended = running?.memory else { return [] }
    running = nil
    // The first chunks are needed first, so they are worth most when the model comes again.
    let limit = ended.weights.size.scaledRoundingUp(by: cacheShare)
    var size = ByteCount.zero
    let kept = ended.weights.prefix { buffer in
      size = size + buffer.size
      return size <= limit
    }
    let isUnderWeights = kept.contains { $0.region == ended.workspace?.region }
    let rest = Resident(
      model: ended.model, weights: Array(ended.weights[kept.count...]),
      workspace: isUnderWeights ? nil : ended.workspace)
    if !kept.isEmpty {
      resident = Resident(
        model: ended.model, weights: Array(kept), workspace: isUnderWeights ? ended.workspace : nil)
    }
    guard !rest.buffers.isEmpty else { return [] }
    var plan = newPlan()
    _ = restoration.release(rest.buffers, into: &plan, after: [])
    releasing = plan.label
    return [.submit(plan)]
  }
}

extension DeviceView {
  /// Which region each piece of a model goes into: one after the other, the next region when a piece
  /// does not fit. The last region begins with the workspace.
  fileprivate func regions(for sizes: [ByteCount], above workspace: ByteCount) -> [Int] {
    var region = 0
    func bottom() -> ByteCount { region == regionLimit - 1 ? workspace : .zero }
    var filled = bottom()
    return sizes.map { size in
      if filled + size > regionReach {
        region += 1
        filled = bottom()
      }
      filled = filled + size
      return region
    }
  }
}
