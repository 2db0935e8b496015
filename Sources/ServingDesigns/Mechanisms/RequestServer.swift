import DeviceModel
import ModelArchitecture
import Quantities

/// Serves requests one at a time, and keeps or gives back all memory of each.
struct RequestServer {
  var loading: WeightLoading
  var generation: TokenGeneration
  /// What happens once before anything else of a request, in order.
  var entry: [DeviceOperation]
  /// What happens after its last token.
  var exit: [DeviceOperation] = []
  var retention: Retention
  /// Tokens for which keys and values are allocated at once.
  var context: Int
  var otherNPUTasks: OtherNPUTasks
  /// Whether the serving framework starts anew for each request, after `entry`.
  var startsFramework = false

  /// What happens with a model's memory after a request.
  enum Retention: String, CaseIterable {
    /// All goes back, before the next request begins.
    case release
    /// All stays. The workspace, too: a region gives back from its end alone, and weights follow it.
    case keep
  }

  /// What other programs can have of the NPU.
  enum OtherNPUTasks {
    case refused
    case served
    /// The NPU leaves protected mode for them and comes back.
    case handedOver(NPUHandOver)
  }

  private var numbers = BufferNumbers()
  private var lastLabel = 0
  private var waiting: [Request] = []
  private var running: Running?
  /// The plan after whose end the next request can begin, besides the running one's.
  private var releasing: Int?
  /// Weights that stay, from the first chunk on, by model, the model used last at the end.
  private var kept: [Kept] = []

  private struct Kept {
    var model: String
    var weights: [Buffer]
    /// The workspace that stayed with them.
    var workspace: Buffer?
  }

  private struct Running {
    var label: Int
    var request: Request
    var weights: [Buffer]
    var workspace: Buffer
  }

  init(
    loading: WeightLoading, generation: TokenGeneration, entry: [DeviceOperation],
    exit: [DeviceOperation] = [], retention: Retention, context: Int,
    otherNPUTasks: OtherNPUTasks
  ) {
    self.loading = loading
    self.generation = generation
    self.entry = entry
    self.exit = exit
    self.retention = retention
    self.context = context
    self.otherNPUTasks = otherNPUTasks
  }

  mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    switch event {
    case .requestArrived(let request):
      waiting.append(request)
      return beginNext(on: device)
    case .planEnded(let label):
      if label == releasing { releasing = nil }
      let release = label == running?.label ? endRequest() : []
      return release + beginNext(on: device)
    case .npuWanted(let duration):
      var handOver: NPUHandOver?
      switch otherNPUTasks {
      case .refused: return []
      case .served: break
      case .handedOver(let way): if running != nil { handOver = way }
      }
      var plan = newPlan()
      plan.add(.runOtherNPUTask(duration, handOver: handOver), after: [])
      return [.submit(plan)]
    // Nothing is kept that could go back before the request that uses it ends, or only all of it.
    case .memoryWanted, .memoryPlentiful, .firstToken, .timer: return []
    }
  }

  private mutating func newPlan() -> Plan {
    lastLabel += 1
    var plan = Plan()
    plan.label = lastLabel
    return plan
  }

  // MARK: Requests

  private mutating func beginNext(on device: DeviceView) -> [Directive] {
    guard running == nil, releasing == nil, !waiting.isEmpty else { return [] }
    return [.submit(begin(waiting.removeFirst(), on: device))]
  }

  /// Everything from the request's begin to its last token, and what the design does after it.
  private mutating func begin(_ request: Request, on device: DeviceView) -> Plan {
    var plan = newPlan()
    var start: [Plan.Step] = []
    for operation in entry { start = [plan.add(operation, after: start)] }
    let model = request.model
    if startsFramework {
      start = [plan.add(.startFramework(vocabulary: model.vocabularySize), after: start)]
    }
    let chunks = model.weightChunks(device.precision)
    var weights: [Buffer] = []
    var keptWorkspace: Buffer?
    if let place = kept.firstIndex(where: { $0.model == model.name }) {
      let found = kept.remove(at: place)
      weights = found.weights
      keptWorkspace = found.workspace
    }
    let present = weights.count
    let isSecret = loading.memory.isProtected
    for (number, chunk) in chunks.enumerated().dropFirst(present) {
      weights.append(
        numbers.buffer(
          loading.memory.held(for: chunk.bytes, on: device),
          for: .weights(model: model.name, chunk: number), isSecret: isSecret))
    }
    let workspaceSize = loading.memory.held(for: request.workspace(context: context), on: device)
    // One that is too small stays where it is, unused: the region's end is behind it.
    if let found = keptWorkspace, found.size < workspaceSize { keptWorkspace = nil }
    let workspace =
      keptWorkspace ?? numbers.buffer(workspaceSize, for: .workspace, isSecret: isSecret)

    let usable = loading.plan(
      chunks, in: weights, present: present,
      workspace: keptWorkspace == nil ? [workspace] : [], beyond: keptWorkspace?.size ?? .zero,
      into: &plan, after: start)
    generation.plan(
      request, chunks: usable,
      memory: ModelMemory(weights: weights, workspace: [workspace]), on: device, into: &plan,
      after: start)
    // A request has one token at least.
    var last = [plan.tokens[plan.tokens.count - 1]]
    for operation in exit { last = [plan.add(operation, after: last)] }
    running = Running(
      label: plan.label, request: request, weights: weights, workspace: workspace)
    return plan
  }

  private mutating func endRequest() -> [Directive] {
    guard let ended = running else { return [] }
    running = nil
    let model = ended.request.model.name
    switch retention {
    case .keep:
      kept.append(Kept(model: model, weights: ended.weights, workspace: ended.workspace))
      return []
    case .release:
      var plan = newPlan()
      let isMapped = if case .none = loading.npuMapping { false } else { true }
      loading.memory.release(
        [ended.workspace] + ended.weights, isMapped: isMapped, into: &plan, after: [])
      releasing = plan.label
      return [.submit(plan)]
    }
  }
}

extension Request {
  /// Keys and values of a whole context, or of all tokens where those are more, and the activations.
  func workspace(context: Int) -> ByteCount {
    model.keyValueBytesPerToken * max(context, promptTokenCount + outputTokenCount)
      + model.activationBytes(tokens: promptTokenCount)
  }
}

// Parameters that several designs share, described once.
extension DesignParameter {
  static let allocation = DesignParameter(
    "allocation", .choice(AllocationOrder.allCases.map(\.rawValue)),
    "one allocation for the whole model before loading, or one per chunk, overlapped")
  static let rowTask = DesignParameter(
    "rowTask", .choice(NPUTaskExtent.allCases.map(\.rawValue)),
    "products of a row, or of a block of rows, that the NPU runs as one task: each alone, those of the"
      + " same activations, or all up to and after attention")
  static let migrationThreads = DesignParameter(
    "migrationThreads", .count(1...8), "threads that move others' pages out of a contiguous range")
  static let idleWindow = DesignParameter(
    "idleWindow", .count(0...86_400_000),
    "milliseconds with nothing to do after which protection goes off, and with it all that is kept;"
      + " 0: never")
  static let npuHandOver = DesignParameter(
    "npuHandOver", .choice(NPUHandOver.allCases.map(\.rawValue)),
    "how the NPU changes worlds: the monitor's mode switch, a driver in each, or a driver attached anew"
  )
  static let retention = DesignParameter(
    "retention", .choice(RequestServer.Retention.allCases.map(\.rawValue)),
    "whether a model's memory goes back after a request, or stays for the next one")
  static let context = DesignParameter(
    "context", .count(1...131_072),
    "tokens for which a model's keys and values are allocated at once; longer requests get more")
  static let blockWindow = DesignParameter(
    "blockWindow", .count(1...64),
    "row blocks between the start of their quantising and the end of their dequantising")
}

extension DesignParameters {
  var allocation: AllocationOrder { word(.allocation) }
  public var rowTask: NPUTaskExtent { word(.rowTask) }
  var migrationThreads: Int { count(DesignParameter.migrationThreads.name) }
  var idleWindow: SimulatedDuration? {
    let milliseconds = count(DesignParameter.idleWindow.name)
    return milliseconds > 0 ? .milliseconds(Int64(milliseconds)) : nil
  }
  var npuHandOver: NPUHandOver { word(.npuHandOver) }
  var retention: RequestServer.Retention { word(.retention) }
  var context: Int { count(DesignParameter.context.name) }
  public var blockWindow: Int { count(DesignParameter.blockWindow.name) }
}
