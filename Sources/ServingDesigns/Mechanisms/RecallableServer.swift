import DeviceModel
import ModelArchitecture
import Quantities

/// Serves requests one at a time from memory that the operating system can take back, and keeps what is
/// worth most of the models: first chunks of their weights, and keys and values of prompts' prefixes.
///
/// What stays is decided after each request, by the history of requests. While a request decodes, and
/// while nobody waits, it fetches what comes next in a known workflow.
struct RecallableServer {
  var loading: WeightLoading
  var generation: TokenGeneration
  /// What happens once before anything else of a request, in order.
  var entry: [DeviceOperation]
  /// What happens after its last token.
  var exit: [DeviceOperation]
  /// Tokens for which keys and values are allocated at once.
  var context: Int
  var cache: Cache
  /// Whether keys and values of shared prefixes are kept and used again.
  var reusesPrefixes: Bool
  /// Whether the next models of a known workflow are fetched while one decodes.
  var prefetches: Bool
  /// Whether models are completed up to what the policy wants of them while nobody waits.
  var refills: Bool
  /// How the NPU is lent to other programs while it is protected; nil where it never is.
  var npuHandOver: NPUHandOver?
  /// How long protection stays on when nothing is left to do; nil where it is not switched off.
  var idleWindow: SimulatedDuration?

  /// What limits what is kept.
  struct Cache {
    var policy: CachePolicy
    /// Of all models together.
    var size: ByteCount
    /// Of each model's weights.
    var share: Ratio
    /// Percent of the invocations that make a model worth keeping.
    var rateThreshold: Int
  }

  private var history: InvocationHistory
  private var workflows = WorkflowHistory()
  private var numbers = BufferNumbers()
  private var lastLabel = 0
  /// Plans that have not ended.
  private var openPlanCount = 0
  private var waiting: [Request] = []
  private var running: Running?
  /// The plan after whose end requests can begin again.
  private var blocking: Int?
  /// What is fetched for later right now.
  private var fetching: Fetching?
  /// Models by name, in the order of their first coming.
  private var models: [ResidentModel] = []
  private var prefixes: [KeptPrefix] = []
  /// Prefixes whose keys and values storage has, and of how many tokens.
  private var stored: [PrefixName: Int] = [:]
  /// Those that are being written, by the plan after whose end storage has them.
  private var writing: [Int: [WrittenPrefix]] = [:]
  /// Memory that is read to be written, by the plan until whose end it stays.
  private var copied: [Int: [Buffer]] = [:]
  /// What comes next, as far as the history knows.
  private var predicted: [WorkflowHistory.Step] = []

  /// Whether the operating system wanted memory back since the last request ended.
  private var isUnderPressure = false
  /// What background reclaim still wants, and the plan with the batch that it has got last.
  private var wantedInBackground = ByteCount.zero
  private var batch: Int?
  private var isProtectionOn: Bool
  /// The timer that ends the idle window; requests make it void.
  private var idleTimer = 0

  private struct ResidentModel {
    var architecture: ModelArchitecture
    var chunks: [WeightChunk]
    /// Of the first chunks.
    var weights: [Buffer] = []
    /// What loading and allocating each chunk takes; nil until the policy asks.
    var durations: [(loading: SimulatedDuration, allocating: SimulatedDuration)]?
    /// What a layer takes, by the number of tokens, as far as the policy has asked.
    var layerTimes: [Int: SimulatedDuration] = [:]
  }

  fileprivate struct PrefixName: Hashable {
    var model: String
    var prefix: String
  }

  private struct KeptPrefix {
    var name: PrefixName
    /// Tokens whose keys and values lie in the buffers.
    var tokenCount: Int
    var buffers: [Buffer]

    var asWritten: WrittenPrefix { WrittenPrefix(name: name, tokenCount: tokenCount) }
  }

  fileprivate struct WrittenPrefix: Hashable {
    var name: PrefixName
    var tokenCount: Int
  }

  /// How a request uses a prefix.
  private struct PrefixUse {
    /// As it will be when the request has ended.
    var kept: KeptPrefix
    /// Tokens that need not be computed.
    var reused: Int
    /// Buffers that come from storage.
    var restored: [Buffer] = []
    /// Buffers that are filled by computing.
    var new: [Buffer] = []
  }

  private struct Running {
    var label: Int
    var request: Request
    var workspace: Buffer
    var prefix: KeptPrefix?
    var isDecoding = false
  }

  private struct Fetching {
    var label: Int
    var buffer: Buffer
    var piece: Piece
    /// Whether what it continues was taken back meanwhile: then it goes back, too.
    var isVoid = false

    enum Piece {
      case chunk(model: String)
      case prefix(PrefixName, tokenCount: Int)
    }
  }

  init(
    loading: WeightLoading, generation: TokenGeneration, entry: [DeviceOperation],
    exit: [DeviceOperation], context: Int, cache: Cache, historyLength: Int, reusesPrefixes: Bool,
    prefetches: Bool, refills: Bool, npuHandOver: NPUHandOver?, idleWindow: SimulatedDuration?,
    startsProtected: Bool
  ) {
    self.loading = loading
    self.generation = generation
    self.entry = entry
    self.exit = exit
    self.context = context
    self.cache = cache
    self.reusesPrefixes = reusesPrefixes
    self.prefetches = prefetches
    self.refills = refills
    self.npuHandOver = npuHandOver
    self.idleWindow = idleWindow
    history = InvocationHistory(length: historyLength)
    isProtectionOn = startsProtected
  }

  mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    switch event {
    case .requestArrived(let request):
      waiting.append(request)
      return beginNext(on: device)
    case .firstToken(let label):
      guard label == running?.label else { return [] }
      running?.isDecoding = true
      return fetchNext(on: device)
    case .planEnded(let label):
      openPlanCount -= 1
      if label == blocking { blocking = nil }
      copied[label] = nil
      for written in writing.removeValue(forKey: label) ?? [] {
        stored[written.name] = max(stored[written.name] ?? 0, written.tokenCount)
      }
      let dropped = label == fetching?.label ? endFetching() : []
      if label == batch { batch = nil }
      let ended = label == running?.label ? endRequest(on: device) : []
      return dropped + ended + beginNext(on: device) + recallNext() + fetchNext(on: device)
        + waitForIdleness()
    case .memoryWanted(let size, let urgency): return recall(size, urgency)
    case .memoryPlentiful:
      isUnderPressure = false
      wantedInBackground = .zero
      return fetchNext(on: device)
    case .timer(let label): return label == idleTimer ? endProtection() : []
    case .npuWanted(let duration):
      var plan = newPlan()
      let handOver = running != nil ? npuHandOver : nil
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

  /// All memory that is held.
  private var held: ByteCount {
    let kept = models.reduce(ByteCount.zero) { $0 + $1.weights.size }
    let used = (running?.workspace.size ?? .zero) + (running?.prefix?.buffers.size ?? .zero)
    return kept + keptPrefixes + used + (fetching?.buffer.size ?? .zero)
  }

  private var keptPrefixes: ByteCount {
    prefixes.reduce(.zero) { $0 + $1.buffers.size }
  }

  /// The place of a model among `models`, where it has one from now on.
  private mutating func place(of model: ModelArchitecture, on device: DeviceView) -> Int {
    if let place = models.firstIndex(where: { $0.architecture.name == model.name }) { return place }
    models.append(
      ResidentModel(architecture: model, chunks: model.weightChunks(device.precision)))
    return models.count - 1
  }

  private mutating func chunkBuffer(_ model: ResidentModel, _ number: Int) -> Buffer {
    numbers.buffer(
      model.chunks[number].bytes,
      for: .weights(model: model.architecture.name, chunk: number), isSecret: true)
  }

  private func release(
    _ buffers: [Buffer], into plan: inout Plan, after start: [Plan.Step] = []
  ) -> [Plan.Step] {
    let isMapped = if case .none = loading.npuMapping { false } else { true }
    return loading.memory.release(buffers, isMapped: isMapped, into: &plan, after: start)
  }
}

// MARK: Requests

extension RecallableServer {
  /// A chunk that is on its way for later comes first: a plan cannot wait for part of another.
  private mutating func beginNext(on device: DeviceView) -> [Directive] {
    guard running == nil, blocking == nil, fetching == nil, !waiting.isEmpty else { return [] }
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
    let place = place(of: request.model, on: device)
    let model = models[place]
    let present = model.weights.count

    let prefix = reusesPrefixes ? request.prefix.map { take($0, for: request) } : nil
    history.record(
      request.model.name, computedTokens: request.promptTokenCount - (prefix?.reused ?? 0))
    predicted =
      request.session.map {
        workflows.record(
          WorkflowHistory.Step(model: request.model.name, prefix: request.prefix?.name),
          session: $0)
      } ?? []

    let workspace = numbers.buffer(
      request.workspace(context: context), for: .workspace, isSecret: true)
    for number in present..<model.chunks.count {
      let buffer = chunkBuffer(model, number)
      models[place].weights.append(buffer)
    }
    let weights = models[place].weights
    let missing = [workspace] + (prefix?.new ?? [])
    let restored = prefix?.restored ?? []
    let resident = (prefix?.kept.buffers ?? []).filter {
      !missing.contains($0) && !restored.contains($0)
    }
    let others = held - weights.size + resident.size
    let evicted = evict(
      missing.size + restored.size + resident.size, besides: [request.model.name], on: device)
    // The operating system must have the frames before it can give them.
    if !evicted.isEmpty {
      let choice = plan.add(.chooseForRecall(evicted.size), after: start)
      start = giveBack(evicted, into: &plan, after: [choice])
    }
    var left = others - evicted.size
    var isPrefixThere = start
    for buffer in restored {
      isPrefixThere = loading.fetch(buffer, beyond: left, into: &plan, after: isPrefixThere)
      left = left + buffer.size
    }
    let usable = loading.plan(
      model.chunks, in: weights, present: present, workspace: missing, beyond: left, into: &plan,
      after: start)
    generation.plan(
      request, reusing: prefix?.reused ?? 0, chunks: usable,
      memory: ModelMemory(weights: weights, workspace: [workspace] + (prefix?.kept.buffers ?? [])),
      on: device, into: &plan, after: isPrefixThere)
    // A request has one token at least.
    var last = [plan.tokens[plan.tokens.count - 1]]
    for operation in exit { last = [plan.add(operation, after: last)] }
    running = Running(
      label: plan.label, request: request, workspace: workspace, prefix: prefix?.kept)
    return plan
  }

  /// After a request its workspace goes back, and of all weights what the policy does not want.
  private mutating func endRequest(on device: DeviceView) -> [Directive] {
    guard let ended = running else { return [] }
    running = nil
    isUnderPressure = batch != nil
    if let prefix = ended.prefix { prefixes.append(prefix) }
    let released = [ended.workspace] + trim(on: device)
    var plan = newPlan()
    _ = release(released, into: &plan)
    return [.submit(plan)]
  }

  /// What is done about a prefix: its keys and values are there, come from storage, or are computed and
  /// stay.
  private mutating func take(_ prefix: SharedPrefix, for request: Request) -> PrefixUse {
    let name = PrefixName(model: request.model.name, prefix: prefix.name)
    let tokenCount =
      prefix.grows ? request.promptTokenCount + request.outputTokenCount : prefix.tokenCount
    var use = PrefixUse(kept: KeptPrefix(name: name, tokenCount: 0, buffers: []), reused: 0)
    if let place = prefixes.firstIndex(where: { $0.name == name }) {
      use.kept = prefixes.remove(at: place)
    } else if let count = stored[name] {
      let buffer = prefixBuffer(name, count, request.model)
      use.restored = [buffer]
      use.kept.tokenCount = count
      use.kept.buffers = [buffer]
    }
    use.reused = min(prefix.tokenCount, use.kept.tokenCount)
    if tokenCount > use.kept.tokenCount {
      use.new = [prefixBuffer(name, tokenCount - use.kept.tokenCount, request.model)]
      use.kept.buffers += use.new
      use.kept.tokenCount = tokenCount
    }
    return use
  }

  private mutating func prefixBuffer(
    _ name: PrefixName, _ tokenCount: Int, _ model: ModelArchitecture
  ) -> Buffer {
    numbers.buffer(
      model.keyValueBytesPerToken * tokenCount,
      for: .keysAndValues(model: name.model, prefix: name.prefix), isSecret: true)
  }
}

// MARK: What stays

extension RecallableServer {
  /// How many chunks of each model are to stay, by the policy.
  private mutating func wantedCounts(on device: DeviceView) -> [String: Int] {
    let names =
      cache.policy == .leastRecentlyUsed
      ? history.recentModels : history.frequentModels(threshold: cache.rateThreshold)
    let candidates = names.compactMap { name -> CachePolicy.Candidate? in
      guard let place = models.firstIndex(where: { $0.architecture.name == name }) else {
        return nil
      }
      let chunks = models[place].chunks.map(\.bytes)
      let all = chunks.reduce(.zero) { $0 + $1 }
      return CachePolicy.Candidate(
        name: name, chunks: chunks, limit: all.scaledRoundingUp(by: cache.share),
        count: max(1, history.count(of: name)),
        need: cache.policy == .stallFree ? need(ofModelAt: place, on: device) : nil)
    }
    let keysAndValues = keptPrefixes
    let capacity = cache.size > keysAndValues ? cache.size - keysAndValues : .zero
    return cache.policy.chunkCounts(candidates, within: capacity)
  }

  /// What operations take is asked for once, as a profile that is made beforehand: also where other
  /// programs' memory changes later.
  private mutating func need(ofModelAt place: Int, on device: DeviceView) -> StallFreeNeed {
    let model = models[place]
    let durations =
      model.durations ?? loading.durations(model.chunks.map(\.bytes), on: device)
    models[place].durations = durations
    let layerTimes = history.computedTokens(of: model.architecture.name).map { tokens, count in
      let time =
        models[place].layerTimes[tokens]
        ?? generation.layerTime(model.architecture, tokens: tokens, on: device)
      models[place].layerTimes[tokens] = time
      return (count, time)
    }
    return StallFreeNeed(
      loading: durations.map(\.loading), allocating: durations.map(\.allocating),
      layerTimes: layerTimes)
  }

  /// Takes away what the policy does not want, but not what is expected to be used next.
  private mutating func trim(on device: DeviceView) -> [Buffer] {
    let counts = wantedCounts(on: device)
    var released: [Buffer] = []
    for place in models.indices {
      let name = models[place].architecture.name
      if predicted.contains(where: { $0.model == name }) { continue }
      let count = min(counts[name] ?? 0, models[place].weights.count)
      released += models[place].weights[count...]
      models[place].weights.removeSubrange(count...)
    }
    return released
  }

  /// Takes away what makes room for `size` more bytes: last chunks of the models that are asked for
  /// least, then prefixes that were not used for the longest time.
  ///
  /// - Parameter names: models that stay.
  private mutating func evict(
    _ size: ByteCount, besides names: [String], on device: DeviceView
  ) -> [Choice] {
    let total = held + size
    guard total > device.availableMemory else { return [] }
    return choose(total - device.availableMemory, besides: names)
  }

  /// Plans the way back of what was chosen; storage gets first what it lacks.
  ///
  /// - Parameter isAtOnce: whether the buffers of a choice need not wait for each other.
  /// - Returns: the steps after which all of it is the operating system's.
  private mutating func giveBack(
    _ choices: [Choice], isAtOnce: Bool = false, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    var free: [Plan.Step] = []
    for chosen in choices {
      var last = start
      if let unwritten = chosen.unwritten {
        writing[plan.label, default: []].append(unwritten)
        for buffer in chosen.buffers {
          last = [plan.add(.encrypt(buffer.size), after: last, on: [buffer])]
          last = [plan.add(.writeStorage(buffer.size), after: last, on: [buffer])]
        }
      }
      for buffers in isAtOnce ? chosen.buffers.map({ [$0] }) : [chosen.buffers] {
        free += release(buffers, into: &plan, after: last)
      }
    }
    return free
  }

  /// The cheapest of what is kept that is `size` bytes together, or all there is.
  ///
  /// - Parameter withUnwritten: whether keys and values that storage lacks may be chosen.
  private mutating func choose(
    _ size: ByteCount, besides names: [String], withUnwritten: Bool = true
  ) -> [Choice] {
    var choices: [Choice] = []
    var chosen = ByteCount.zero
    let order = models.indices.filter { !names.contains(models[$0].architecture.name) }
      .sorted { left, right in
        let (first, second) = (
          history.count(of: models[left].architecture.name),
          history.count(of: models[right].architecture.name)
        )
        return first != second ? first < second : left < right
      }
    for place in order {
      var buffers: [Buffer] = []
      while chosen < size, let last = models[place].weights.popLast() {
        buffers.append(last)
        chosen = chosen + last.size
      }
      if !buffers.isEmpty, case .chunk(let name)? = fetching?.piece,
        name == models[place].architecture.name
      {
        fetching?.isVoid = true
      }
      if !buffers.isEmpty { choices.append(Choice(buffers: buffers.reversed())) }
    }
    while chosen < size,
      let place = prefixes.firstIndex(where: {
        (withUnwritten || !isUnwritten($0)) && !isBeingCopied($0)
      })
    {
      let prefix = prefixes.remove(at: place)
      choices.append(
        Choice(
          buffers: prefix.buffers, unwritten: isUnwritten(prefix) ? prefix.asWritten : nil))
      chosen = chosen + prefix.buffers.size
    }
    return choices
  }

  private func isBeingCopied(_ prefix: KeptPrefix) -> Bool {
    copied.values.contains { $0.contains(where: prefix.buffers.contains) }
  }

  private func isUnwritten(_ prefix: KeptPrefix) -> Bool {
    (stored[prefix.name] ?? 0) < prefix.tokenCount
  }
}

// MARK: What comes next

extension RecallableServer {
  /// Fetches the next piece of what is expected, if it fits beside what is used.
  private mutating func fetchNext(on device: DeviceView) -> [Directive] {
    let isIdle = running == nil && waiting.isEmpty
    guard fetching == nil, blocking == nil, isIdle || running?.isDecoding == true,
      isProtectionOn, let (piece, buffer, evicted) = nextPiece(isIdle: isIdle, on: device)
    else { return isIdle && fetching == nil && blocking == nil ? writeBack() : [] }
    var plan = newPlan()
    let start = giveBack(evicted, into: &plan, after: [])
    _ = loading.fetch(buffer, beyond: held, into: &plan, after: start)
    fetching = Fetching(label: plan.label, buffer: buffer, piece: piece)
    return [.submit(plan)]
  }

  private mutating func nextPiece(
    isIdle: Bool, on device: DeviceView
  ) -> (piece: Fetching.Piece, buffer: Buffer, evicted: [Choice])? {
    if prefetches {
      let expected = used + predicted.map(\.model)
      for step in predicted where !used.contains(step.model) {
        guard let place = models.firstIndex(where: { $0.architecture.name == step.model })
        else { continue }
        if let found = nextChunk(of: place, besides: expected, on: device) { return found }
        if let found = storedPrefix(step, besides: expected, on: device) { return found }
      }
    }
    guard refills, isIdle, !isUnderPressure else { return nil }
    let counts = wantedCounts(on: device)
    for place in models.indices
    where models[place].weights.count < counts[models[place].architecture.name] ?? 0 {
      let chunk = models[place].chunks[models[place].weights.count].bytes
      // What the policy wants is worth no other memory.
      guard held + chunk <= device.availableMemory else { continue }
      let buffer = chunkBuffer(models[place], models[place].weights.count)
      return (.chunk(model: models[place].architecture.name), buffer, [])
    }
    return nil
  }

  private mutating func nextChunk(
    of place: Int, besides expected: [String], on device: DeviceView
  ) -> (piece: Fetching.Piece, buffer: Buffer, evicted: [Choice])? {
    let model = models[place]
    guard model.weights.count < model.chunks.count,
      let evicted = room(
        for: model.chunks[model.weights.count].bytes, besides: expected, on: device)
    else { return nil }
    return (
      .chunk(model: model.architecture.name), chunkBuffer(model, model.weights.count), evicted
    )
  }

  private mutating func storedPrefix(
    _ step: WorkflowHistory.Step, besides expected: [String], on device: DeviceView
  ) -> (piece: Fetching.Piece, buffer: Buffer, evicted: [Choice])? {
    guard let prefix = step.prefix else { return nil }
    let name = PrefixName(model: step.model, prefix: prefix)
    guard let count = stored[name], !prefixes.contains(where: { $0.name == name }),
      let model = models.first(where: { $0.architecture.name == step.model })?.architecture,
      let evicted = room(
        for: model.keyValueBytesPerToken * count, besides: expected, on: device)
    else { return nil }
    return (.prefix(name, tokenCount: count), prefixBuffer(name, count, model), evicted)
  }

  /// What must go for `size` more bytes; nil where even that is not enough.
  private mutating func room(
    for size: ByteCount, besides expected: [String], on device: DeviceView
  ) -> [Choice]? {
    let others = models.filter { !expected.contains($0.architecture.name) }
    let free = others.reduce(ByteCount.zero) { $0 + $1.weights.size }
    guard held + size <= device.availableMemory + free else { return nil }
    return evict(size, besides: expected, on: device)
  }

  private mutating func endFetching() -> [Directive] {
    guard let fetched = fetching else { return [] }
    fetching = nil
    if fetched.isVoid {
      var plan = newPlan()
      _ = release([fetched.buffer], into: &plan)
      return [.submit(plan)]
    }
    switch fetched.piece {
    case .chunk(let name):
      for place in models.indices where models[place].architecture.name == name {
        models[place].weights.append(fetched.buffer)
      }
    case .prefix(let name, let tokenCount):
      prefixes.append(KeptPrefix(name: name, tokenCount: tokenCount, buffers: [fetched.buffer]))
    }
    return []
  }

  /// In idle time, keys and values that storage lacks are encrypted into other memory and written, so
  /// that they can be dropped at no cost; not while memory is wanted.
  private mutating func writeBack() -> [Directive] {
    if isUnderPressure { return [] }
    let prefix = prefixes.first { prefix in
      isUnwritten(prefix) && !writing.values.contains { $0.contains(prefix.asWritten) }
    }
    guard let prefix else { return [] }
    var plan = newPlan()
    writing[plan.label] = [prefix.asWritten]
    copied[plan.label] = prefix.buffers
    let copy = numbers.buffer(prefix.buffers.size, for: .outgoing, isSecret: true)
    var last = plan.add(.allocatePages(copy.size, beyond: held), after: [], on: [copy])
    last = plan.add(.encryptCopy(copy.size), after: [last], on: [copy] + prefix.buffers)
    last = plan.add(.writeStorage(copy.size), after: [last], on: [copy])
    plan.add(.freePages(copy.size), after: [last], on: [copy])
    return [.submit(plan)]
  }
}

// MARK: The operating system's turn

extension RecallableServer {
  /// What Linux reclaims at once (SWAP_CLUSTER_MAX, 32 pages of 4 KiB). Here it is one chunk of weights,
  /// or the keys and values of one prefix, where those are larger.
  private static let backgroundBatch = ByteCount.kibibytes(128)

  /// Gives back weights of the models that are asked for least, last chunks first, then keys and values,
  /// until it is enough or nothing is left that may go. What a request works on stays.
  private mutating func recall(_ size: ByteCount, _ urgency: RecallUrgency) -> [Directive] {
    isUnderPressure = true
    guard urgency == .background else {
      return giveBack(choose(size, besides: used), urgency)
    }
    wantedInBackground = wantedInBackground + size
    return recallNext()
  }

  /// The next batch for background reclaim, when the one before is clean. When nothing cheap is left it
  /// gives up, as kswapd does.
  private mutating func recallNext() -> [Directive] {
    guard batch == nil, wantedInBackground > .zero else { return [] }
    let choices = choose(
      min(wantedInBackground, Self.backgroundBatch), besides: used, withUnwritten: false)
    let size = choices.size
    wantedInBackground =
      size > .zero && size < wantedInBackground ? wantedInBackground - size : .zero
    let directives = giveBack(choices, .background)
    if !directives.isEmpty { batch = lastLabel }
    return directives
  }

  /// The model that a request works with.
  private var used: [String] { running.map { [$0.request.model.name] } ?? [] }

  private mutating func giveBack(_ choices: [Choice], _ urgency: RecallUrgency) -> [Directive] {
    guard !choices.isEmpty else { return [] }
    var plan = newPlan()
    plan.goesFirst = urgency == .lastResort
    let choice = plan.add(.chooseForRecall(choices.size), after: [])
    // One after the other they would take turns with other plans' cleaning, whoever goes first.
    let free = giveBack(
      choices, isAtOnce: plan.goesFirst && loading.memory.goesBackInAnyOrder, into: &plan,
      after: [choice])
    plan.awaited =
      switch urgency {
      case .background: []
      case .direct: [choice]
      case .lastResort: free
      }
    return [.submit(plan)]
  }

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
    _ = release(models.flatMap(\.weights) + prefixes.flatMap(\.buffers), into: &plan)
    for place in models.indices { models[place].weights = [] }
    prefixes = []
    let all = plan.operations.indices.map { Plan.Step(index: $0) }
    plan.add(.disableProtection, after: all)
    isProtectionOn = false
    // Whoever comes now waits until it is off.
    blocking = plan.label
    return [.submit(plan)]
  }
}

/// Something that can be given back: weights, or keys and values that storage has or lacks.
private struct Choice {
  var buffers: [Buffer]
  /// What storage gets of it before it goes.
  var unwritten: RecallableServer.WrittenPrefix?
}

extension [Choice] {
  /// All of them together.
  fileprivate var size: ByteCount { reduce(.zero) { $0 + $1.buffers.size } }
}
