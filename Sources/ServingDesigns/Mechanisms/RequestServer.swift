import DeviceModel
import ModelArchitecture
import Quantities

/// Serves requests one at a time, and keeps or gives back the memory of each.
///
/// The state of every design of this package: what they differ in are its mechanisms.
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
  /// What limits what is kept of a model; nil where nothing does.
  var cache: Cache?
  var otherNPUTasks: OtherNPUTasks
  /// How long protection stays on when nothing is left to do; nil where it is not switched off.
  var idleWindow: SimulatedDuration?
  /// Whether the serving framework starts anew for each request, after `entry`.
  var startsFramework = false

  /// What happens with a model's memory after a request.
  enum Retention: String, CaseIterable {
    /// All goes back, before the next request begins.
    case release
    /// Weights stay, recallable ones until the operating system asks for them. The workspace goes
    /// back, unless it lies in a region: that gives back from its end alone, and weights follow it.
    case keep
  }

  /// What is kept of a model's weights at most, from the first layer on: the smaller of both.
  struct Cache {
    var size: ByteCount
    var share: Ratio

    func limit(_ weights: ByteCount) -> ByteCount {
      min(size, weights.scaledRoundingUp(by: share))
    }
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
  /// Plans that have not ended.
  private var openPlanCount = 0
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

  /// Whether requests need not switch the monitor's protection on, where their entry does.
  private var isProtectionOn = false
  /// The timer that ends the idle window; requests make it void.
  private var idleTimer = 0

  private struct Running {
    var label: Int
    var request: Request
    var weights: [Buffer]
    var workspace: Buffer
  }

  init(
    loading: WeightLoading, generation: TokenGeneration, entry: [DeviceOperation],
    exit: [DeviceOperation] = [], retention: Retention, context: Int, cache: Cache? = nil,
    otherNPUTasks: OtherNPUTasks, idleWindow: SimulatedDuration? = nil,
    startsProtected: Bool = false
  ) {
    self.loading = loading
    self.generation = generation
    self.entry = entry
    self.exit = exit
    self.retention = retention
    self.context = context
    self.cache = cache
    self.otherNPUTasks = otherNPUTasks
    self.idleWindow = idleWindow
    isProtectionOn = startsProtected
  }

  mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    switch event {
    case .requestArrived(let request):
      waiting.append(request)
      return beginNext(on: device)
    case .planEnded(let label):
      openPlanCount -= 1
      if label == releasing { releasing = nil }
      let release = label == running?.label ? endRequest() : []
      return release + beginNext(on: device) + waitForIdleness()
    case .memoryWanted(let size, _): return recall(size)
    case .timer(let label): return label == idleTimer ? endProtection() : []
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
    }
  }

  private mutating func newPlan() -> Plan {
    lastLabel += 1
    openPlanCount += 1
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
    for operation in entry where operation != .enableProtection || !isProtectionOn {
      start = [plan.add(operation, after: start)]
    }
    isProtectionOn = true
    idleTimer += 1
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
      chunks, in: weights, present: present, workspace: workspace,
      hasWorkspace: keptWorkspace != nil, into: &plan, after: start)
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
    if retention == .keep, !loading.memory.isRecallable {
      kept.append(Kept(model: model, weights: ended.weights, workspace: ended.workspace))
      return []
    }
    var plan = newPlan()
    switch retention {
    case .release:
      release([ended.workspace] + ended.weights, into: &plan)
      releasing = plan.label
    case .keep:
      // The first chunks are needed first, so they are worth most when the model comes again.
      let limit = cache?.limit(ended.weights.size) ?? ended.weights.size
      var size = ByteCount.zero
      let count = ended.weights.prefix { buffer in
        size = size + buffer.size
        return size <= limit
      }.count
      if count > 0 { kept.append(Kept(model: model, weights: Array(ended.weights[..<count]))) }
      release([ended.workspace] + ended.weights[count...], into: &plan)
    }
    return [.submit(plan)]
  }

  private func release(_ buffers: [Buffer], into plan: inout Plan, after start: [Plan.Step] = []) {
    let isMapped = if case .none = loading.npuMapping { false } else { true }
    loading.memory.release(buffers, isMapped: isMapped, into: &plan, after: start)
  }

  // MARK: Recall

  /// Gives back the last chunks of the model that was used longest ago, then of the next, until it is
  /// enough or nothing is left. What a request works on stays.
  private mutating func recall(_ size: ByteCount) -> [Directive] {
    guard loading.memory.isRecallable else { return [] }
    var chosen: [Buffer] = []
    while chosen.size < size, !kept.isEmpty {
      // Removed at once: whoever comes next finds it gone, while it is cleaned yet.
      chosen.append(kept[0].weights.removeLast())
      if kept[0].weights.isEmpty { kept.removeFirst() }
    }
    guard !chosen.isEmpty else { return [] }
    var plan = newPlan()
    let choice = plan.add(.chooseForRecall(chosen.size), after: [])
    release(chosen.reversed(), into: &plan, after: [choice])
    return [.submit(plan)]
  }
}

extension RequestServer {
  /// Starts the idle window when nothing is left to do: a request's memory, or what was recalled, may
  /// still be on its way back, and needs protection until it is clean.
  private mutating func waitForIdleness() -> [Directive] {
    guard let idleWindow, isProtectionOn, openPlanCount == 0 else { return [] }
    idleTimer += 1
    return [.setTimer(after: idleWindow, label: idleTimer)]
  }

  /// Without protection nothing may be kept: all goes back first.
  private mutating func endProtection() -> [Directive] {
    // Whatever began within the window starts another one when it ends.
    guard openPlanCount == 0 else { return [] }
    var plan = newPlan()
    let buffers = kept.flatMap(\.weights)
    kept = []
    release(buffers, into: &plan)
    let all = plan.operations.indices.map { Plan.Step(index: $0) }
    plan.add(.disableProtection, after: all)
    isProtectionOn = false
    // Whoever comes now waits until it is off.
    releasing = plan.label
    return [.submit(plan)]
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
    "products of a decoded token that the NPU runs as one task: each alone, those of the same"
      + " activations, or all up to and after attention")
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
  var allocation: AllocationOrder {
    guard let order = AllocationOrder(rawValue: choice(DesignParameter.allocation.name)) else {
      preconditionFailure("checked when the parameters were made")
    }
    return order
  }
  var rowTask: NPUTaskExtent {
    guard let extent = NPUTaskExtent(rawValue: choice(DesignParameter.rowTask.name)) else {
      preconditionFailure("checked when the parameters were made")
    }
    return extent
  }
  var migrationThreads: Int { count(DesignParameter.migrationThreads.name) }
  var idleWindow: SimulatedDuration? {
    let milliseconds = count(DesignParameter.idleWindow.name)
    return milliseconds > 0 ? .milliseconds(Int64(milliseconds)) : nil
  }
  var npuHandOver: NPUHandOver {
    guard let way = NPUHandOver(rawValue: choice(DesignParameter.npuHandOver.name)) else {
      preconditionFailure("checked when the parameters were made")
    }
    return way
  }
  var retention: RequestServer.Retention {
    guard let retention = RequestServer.Retention(rawValue: choice(DesignParameter.retention.name))
    else {
      preconditionFailure("checked when the parameters were made")
    }
    return retention
  }
  var context: Int { count(DesignParameter.context.name) }
  var blockWindow: Int { count(DesignParameter.blockWindow.name) }
}
