import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import Testing

@testable import Experiments
@testable import ServingDesigns

/// What FlexServe does about several models: what stays, prefixes that are used again, and what is
/// fetched beforehand.
@Suite struct SeveralModelsTests {
  private static func model(_ name: String) throws -> ModelArchitecture {
    try library.model(named: name).model
  }

  /// A session of the shipped FlexServe on the paper's board, with other parameters.
  private static func session(
    _ parameters: [String: String] = [:], background: ByteCount = .gibibytes(8)
  ) throws -> ServingSession {
    let values = try library.design(named: "flexserve").values.mapValues(\.text)
    let design = FlexServe(
      parameters: try DesignParameters(
        values.merging(parameters) { $1 }, for: FlexServe.parameters))
    let pricing = DevicePricing(
      profile: board, backgroundMemory: background, precision: .int8, fidelity: .tile)
    return ServingSession(design, pricing: pricing)
  }

  /// Serves requests one after the other, each a second after the one before has left nothing to do.
  private static func serve(
    _ requests: [Request], _ session: inout ServingSession
  ) throws {
    for request in requests {
      try session.run([
        OutsideEvent(time: session.end + .seconds(1), event: .requestArrived(request))
      ])
    }
    try check(session)
  }

  private static func check(_ session: borrowing ServingSession) throws {
    let log = MemoryLog(session, everyRead: false)
    #expect(log.nameless.isEmpty)
    var checker = IsolationChecker(
      log,
      geometry: DevicePricing(
        profile: board, backgroundMemory: .gibibytes(8),
        precision: .int8, fidelity: .tile
      ).memoryGeometry)
    #expect(checker.firstViolation() == nil)
    // A request works with each chunk of its model, once.
    for executed in session.executed where !executed.plan.tokens.isEmpty {
      var buffers: [Int: Set<Int>] = [:]
      for planned in executed.plan.operations {
        guard case .multiplyOnNPU = planned.operation else { continue }
        for buffer in planned.buffers {
          if case .weights(_, let chunk) = buffer.use {
            buffers[chunk, default: []].insert(buffer.number)
          }
        }
      }
      // The first one may be the embedding's alone.
      #expect(buffers.count >= buffers.keys.max() ?? 0)
      #expect(buffers.values.allSatisfy { $0.count == 1 })
    }
  }

  private static func request(
    _ name: String, prompt: Int = 64, output: Int = 1, prefix: SharedPrefix? = nil,
    session: Int? = nil
  ) throws -> Request {
    Request(
      model: try model(name), promptTokenCount: prompt, outputTokenCount: output, prefix: prefix,
      session: session)
  }

  /// What a plan reads from storage.
  private static func read(_ plan: ExecutedPlan?) -> ByteCount {
    (plan?.plan ?? Plan()).operations.reduce(.zero) {
      if case .readStorage(let size) = $1.operation { $0 + size } else { $0 }
    }
  }

  private static func readInAll(_ session: borrowing ServingSession) -> ByteCount {
    session.executed.reduce(.zero) { $0 + read($1) }
  }

  /// Rows of all products of a plan on the NPU, which go in blocks of 64.
  private static func blockCount(_ plan: ExecutedPlan?) -> Int {
    (plan?.plan ?? Plan()).operations.count {
      if case .multiplyOnNPU = $0.operation { true } else { false }
    }
  }

  // MARK: Prefixes

  /// With 128 of 160 tokens there, one block of rows is left of three.
  @Test func aPrefixIsComputedOnce() throws {
    let prefix = SharedPrefix(name: "system", tokenCount: 128)
    let request = try Self.request("qwen3-0.6b", prompt: 160, prefix: prefix)
    var session = try Self.session()
    try Self.serve([request, request], &session)
    // Seven products a layer, and the head's one row.
    #expect(Self.blockCount(session.requestPlan(0)) == 28 * 7 * 3 + 1)
    #expect(Self.blockCount(session.requestPlan(1)) == 28 * 7 + 1)
    #expect(Self.read(session.requestPlan(1)) == .zero)

    // Another model has other keys and values; and so has another prefix.
    var others = try Self.session()
    try Self.serve(
      [
        request, try Self.request("qwen3-1.7b", prompt: 160, prefix: prefix),
        try Self.request(
          "qwen3-0.6b", prompt: 160, prefix: SharedPrefix(name: "tool", tokenCount: 128)),
      ], &others)
    #expect(Self.blockCount(others.requestPlan(1)) == 28 * 7 * 3 + 1)
    #expect(Self.blockCount(others.requestPlan(2)) == 28 * 7 * 3 + 1)

    var off = try Self.session(["prefixReuse": "off"])
    try Self.serve([request, request], &off)
    #expect(Self.blockCount(off.requestPlan(1)) == 28 * 7 * 3 + 1)
  }

  /// A shorter prefix uses what a longer one left, a longer one computes the difference.
  @Test func aLongerPrefixComputesTheDifference() throws {
    var session = try Self.session()
    try Self.serve(
      try [64, 128, 64].map {
        try Self.request(
          "qwen3-0.6b", prompt: 192, prefix: SharedPrefix(name: "system", tokenCount: $0))
      }, &session)
    #expect((0..<3).map { Self.blockCount(session.requestPlan($0)) - 1 } == [588, 392, 392])
  }

  /// In a conversation the whole turn is there when the next one comes.
  @Test func aConversationIsNotComputedAgain() throws {
    var session = try Self.session()
    var tokens = 64
    for turn in 0..<3 {
      let prefix =
        turn == 0
        ? SharedPrefix(name: "talk", tokenCount: 1, grows: true)
        : SharedPrefix(name: "talk", tokenCount: tokens - 64, grows: true)
      try Self.serve(
        [try Self.request("qwen3-0.6b", prompt: tokens, output: 8, prefix: prefix)], &session)
      tokens += 8 + 64
    }
    // 64 new tokens each time: one block, and a row for each further token.
    for turn in 0..<3 {
      let blocks = Self.blockCount(session.requestPlan(turn)) - 1 - 7 * (28 * 7 + 1)
      #expect(blocks == 28 * 7)
    }
  }

  /// What was recalled comes from storage, which is faster than computing it.
  @Test func aRecalledPrefixComesFromStorage() throws {
    let prefix = SharedPrefix(name: "system", tokenCount: 128)
    let request = try Self.request("qwen3-0.6b", prompt: 160, prefix: prefix)
    let keysAndValues = request.model.keyValueBytesPerToken * 128
    let weights = request.model.weightBytes(.int8)
    // The second time it has been written already.
    var session = try Self.session()
    for number in 0..<3 {
      try Self.serve([request], &session)
      #expect(
        Self.read(session.requestPlan(number))
          == (number == 0 ? weights : weights + keysAndValues))
      try session.run([
        OutsideEvent(
          time: session.end + .seconds(1),
          event: .memoryWanted(.gibibytes(4), urgency: .lastResort))
      ])
    }
    let written = session.executed.flatMap(\.plan.operations).reduce(ByteCount.zero) {
      if case .writeStorage(let size) = $1.operation { $0 + size } else { $0 }
    }
    #expect(written == keysAndValues)
    #expect(Self.blockCount(session.requestPlan(2)) == 28 * 7 + 1)
  }

  // MARK: Urgency of a recall

  /// A plan that answered, and when each of its operations ended.
  private struct Recall {
    var executed: ExecutedPlan
    var ends: [SimulatedTime]

    var plan: Plan { executed.plan }
    var end: SimulatedTime { ends.max() ?? .zero }
  }

  /// The answers where memory is wanted while a second model is served: the first one's weights are
  /// kept, and keys and values that storage lacks, for they are written when nobody waits.
  private static func recalls(
    _ wanted: [(after: SimulatedDuration, ByteCount, RecallUrgency)]
  ) throws -> [Recall] {
    let prefix = SharedPrefix(name: "system", tokenCount: 128)
    let requests = [
      OutsideEvent(
        time: .zero, event: .requestArrived(try request("qwen3-0.6b", prompt: 160, prefix: prefix))),
      OutsideEvent(
        time: .zero, event: .requestArrived(try request("qwen3-1.7b", output: 64))),
    ]
    var undisturbed = try session()
    try undisturbed.run(requests)
    // While it decodes, nothing else wants the memory management.
    let served = undisturbed.requestPlan(1)
    let second = try #require(served)
    let begin = undisturbed.span(of: second.plan.tokens[0], in: second).end
    var session = try session()
    try session.run(
      requests
        + wanted.map { OutsideEvent(time: begin + $0, event: .memoryWanted($1, urgency: $2)) })
    var recalls: [Recall] = []
    for executed in session.executed {
      guard case .chooseForRecall = executed.plan.operations[0].operation else { continue }
      let ends = executed.plan.operations.indices.map {
        session.span(of: Plan.Step(index: $0), in: executed).end
      }
      recalls.append(Recall(executed: executed, ends: ends))
    }
    return recalls
  }

  private static func sum(
    _ plans: [Recall], _ size: (DeviceOperation) -> ByteCount?
  ) -> ByteCount {
    plans.flatMap(\.plan.operations).reduce(.zero) { $0 + (size($1.operation) ?? .zero) }
  }

  private static func freed(_ operation: DeviceOperation) -> ByteCount? {
    if case .freePages(let size) = operation { size } else { nil }
  }

  private static func written(_ operation: DeviceOperation) -> ByteCount? {
    if case .writeStorage(let size) = operation { size } else { nil }
  }

  @Test func urgencyDecidesWhatGoesInHowManyPlansAndWhatIsWaitedFor() throws {
    let model = try Self.model("qwen3-0.6b")
    let weights = model.weightBytes(.int8)
    // The prefix grows by nothing: 128 tokens.
    let keysAndValues = model.keyValueBytesPerToken * 128
    for urgency in RecallUrgency.allCases {
      let recalls = try Self.recalls([
        (.milliseconds(1), .gibibytes(4), urgency)
      ])
      let all = urgency == .background ? weights : weights + keysAndValues
      #expect(Self.sum(recalls, Self.freed) == all, "\(urgency)")
      #expect(Self.sum(recalls, Self.written) == all - weights)
      for recall in recalls {
        let awaited = recall.plan.awaited.map { recall.ends[$0.index] }.max()
        #expect(recall.plan.goesFirst == (urgency == .lastResort))
        switch urgency {
        case .background: #expect(awaited == nil)
        case .direct: #expect(awaited == recall.ends[0])
        case .lastResort: #expect(awaited == recall.end)
        }
      }
      #expect(recalls.count == (urgency == .background ? model.weightChunks(.int8).count : 1))
    }
  }

  /// Batches of background reclaim follow one another, and stop when it is enough.
  @Test func backgroundReclaimTakesABatchAfterTheOther() throws {
    let recalls = try Self.recalls([(.milliseconds(1), .mebibytes(200), .background)])
    var end = SimulatedTime.zero
    for recall in recalls {
      #expect(recall.executed.submitted >= end)
      end = recall.end
    }
    let sizes = recalls.map { Self.sum([$0], Self.freed) }
    let freed = sizes.reduce(.zero) { $0 + $1 }
    #expect(freed >= .mebibytes(200) && freed < .mebibytes(200) + sizes[sizes.count - 1])
    #expect(recalls.count > 1)
  }

  /// A small recall after a large one, as long as whoever asks for it waits.
  private func waiting(
    _ urgency: RecallUrgency, behind large: RecallUrgency, by gap: SimulatedDuration
  ) throws -> SimulatedDuration {
    let recalls = try Self.recalls([
      (.milliseconds(1), .mebibytes(400), large), (.milliseconds(1) + gap, .mebibytes(60), urgency),
    ])
    let second = try #require(recalls.last { !$0.plan.awaited.isEmpty })
    let awaited = try #require(second.plan.awaited.map { second.ends[$0.index] }.max())
    return awaited - second.executed.submitted
  }

  /// Choosing holds the memory management's lock, and in batches only for so long.
  @Test func anAllocationWaitsForOneBatchAtMost() throws {
    let gap = SimulatedDuration.microseconds(100)
    let behindAll = try waiting(.direct, behind: .direct, by: gap)
    let behindBatch = try waiting(.direct, behind: .background, by: gap)
    #expect(behindAll > .milliseconds(7))
    #expect(behindBatch < behindAll - .milliseconds(4))
  }

  /// Others' cleaning takes turns with it otherwise.
  @Test func theLastResortIsCleanedFirst() throws {
    let gap = SimulatedDuration.milliseconds(20)
    let behind = try waiting(.lastResort, behind: .direct, by: gap)
    let alone = try waiting(.lastResort, behind: .direct, by: .seconds(1))
    let taking = try waiting(.direct, behind: .direct, by: gap)
    #expect(behind < alone + .milliseconds(10), "\(behind) \(alone) \(taking)")
  }

  /// Whoever needs the memory before there was time to write keys and values to storage has them
  /// written first: what storage never got must not come from there.
  @Test func whatMakesRoomIsWrittenFirst() throws {
    let prefix = SharedPrefix(name: "system", tokenCount: 128)
    let small = try Self.request("qwen3-0.6b", prompt: 160, prefix: prefix)
    let keysAndValues = small.model.keyValueBytesPerToken * 128
    // The large model alone takes more than what is left.
    var session = try Self.session(background: .mebibytes(8448))
    try session.run(
      try [small, Self.request("llama-3.1-8b")].map {
        OutsideEvent(time: .zero, event: .requestArrived($0))
      })
    try Self.serve([small], &session)
    let written = session.executed.flatMap(\.plan.operations).reduce(ByteCount.zero) {
      if case .writeStorage(let size) = $1.operation { $0 + size } else { $0 }
    }
    #expect(written == keysAndValues)
    let large = session.requestPlan(1)?.plan.operations.map(\.operation) ?? []
    #expect(large.contains(.encrypt(keysAndValues)) && large.contains(.writeStorage(keysAndValues)))
    let third = session.requestPlan(2)?.plan.operations.map(\.operation) ?? []
    #expect(third.contains(.readStorage(keysAndValues)))
  }

  /// Storage has keys and values when they are written, not when that begins: who asks for the prefix
  /// before computes it again.
  @Test func whatIsBeingWrittenDoesNotComeFromStorage() throws {
    let prefix = SharedPrefix(name: "system", tokenCount: 128)
    let small = try Self.request("qwen3-0.6b", prompt: 160, prefix: prefix)
    let keysAndValues = small.model.keyValueBytesPerToken * 128
    let parameters = ["refill": "off", "idleWindow": "1000"]
    let others = try [small, Self.request("qwen3-1.7b")].map {
      OutsideEvent(time: .zero, event: .requestArrived($0))
    }
    var alone = try Self.session(parameters)
    try alone.run(others)
    let plan = alone.requestPlan(1)
    let served = try #require(plan)
    let end = alone.span(of: served.plan.tokens[0], in: served).end
    for (gap, comesFromStorage) in [(SimulatedDuration.zero, false), (.seconds(9), true)] {
      var session = try Self.session(parameters)
      try session.run(
        others + [
          // While the other model is served, so that nothing was written in idle time.
          OutsideEvent(
            time: SimulatedTime(picoseconds: end.picoseconds - 1_000_000_000),
            event: .memoryWanted(.gibibytes(4), urgency: .direct)),
          OutsideEvent(time: end + gap, event: .requestArrived(small)),
        ])
      try Self.check(session)
      let operations = session.requestPlan(2)?.plan.operations.map(\.operation) ?? []
      #expect(operations.contains(.readStorage(small.model.weightChunks(.int8)[0].bytes)))
      #expect(operations.contains(.readStorage(keysAndValues)) == comesFromStorage)
    }
  }

  /// What is read to be written in idle time stays until it is: a recall at any time takes all the rest.
  @Test func whatIsCopiedStays() throws {
    let prefix = SharedPrefix(name: "system", tokenCount: 128)
    let small = try Self.request("qwen3-0.6b", prompt: 160, prefix: prefix)
    let first = OutsideEvent(time: .zero, event: .requestArrived(small))
    let parameters = ["idleWindow": "1000"]
    var alone = try Self.session(parameters)
    try alone.run([first])
    func copying(_ session: borrowing ServingSession) -> ExecutedPlan? {
      session.executed.first {
        $0.plan.operations.contains { if case .encryptCopy = $0.operation { true } else { false } }
      }
    }
    let copied = copying(alone)
    let copy = try #require(copied)
    let begin = alone.span(of: Plan.Step(index: 0), in: copy).start
    let end = alone.span(of: Plan.Step(index: 3), in: copy).end
    let keysAndValues = small.model.keyValueBytesPerToken * 128
    for tenth in Int64(0)...10 {
      var session = try Self.session(parameters)
      let time = begin + SimulatedDuration(picoseconds: (end - begin).picoseconds * tenth / 10)
      try session.run([
        first, OutsideEvent(time: time, event: .memoryWanted(.gibibytes(4), urgency: .lastResort)),
      ])
      try Self.check(session)
      let recall = session.executed.first { $0.plan.goesFirst }
      let freed = recall?.plan.operations.reduce(ByteCount.zero) {
        if case .freePages(let size) = $1.operation { $0 + size } else { $0 }
      }
      let weights = small.model.weightBytes(.int8)
      #expect(freed == (tenth == 10 ? weights + keysAndValues : weights), "\(tenth)")
    }
  }

  /// What is fetched continues what is there: if that goes meanwhile, it goes, too.
  @Test func aRecallDuringARefillLeavesNoGap() throws {
    let small = try Self.request("qwen3-0.6b")
    let first = OutsideEvent(time: .zero, event: .requestArrived(small))
    let parameters = ["idleWindow": "100000", "cachePolicy": "lru"]
    var alone = try Self.session(parameters)
    try alone.run([first])
    let plan = alone.requestPlan(0)
    let served = try #require(plan)
    let end = alone.span(of: served.plan.tokens[0], in: served).end
    var drops = 0
    for step in Int64(0)..<20 {
      var session = try Self.session(parameters)
      try session.run([
        first,
        OutsideEvent(
          time: end + .seconds(1), event: .memoryWanted(.mebibytes(300), urgency: .direct)),
        OutsideEvent(time: end + .seconds(2), event: .memoryPlentiful),
        OutsideEvent(
          time: end + .seconds(2) + .milliseconds(5 * step),
          event: .memoryWanted(.mebibytes(1), urgency: .direct)),
        OutsideEvent(time: end + .seconds(9), event: .requestArrived(small)),
      ])
      try Self.check(session)
      // Chunks that were given back without having been chosen.
      drops += session.executed.count { executed in
        let isOfWeights = executed.plan.bufferLists.joined().contains {
          if case .weights = $0.use { true } else { false }
        }
        let isAsked = executed.plan.works.contains {
          switch $0 {
          case .chooseForRecall, .disableProtection: true
          default: false
          }
        }
        return isOfWeights && !isAsked && executed.plan.bytesRead == .zero
      }
    }
    #expect(drops > 0)
  }

  // MARK: Workflows

  /// The second time a workflow begins, the next model is there when it is asked for.
  @Test func theNextModelOfAWorkflowIsFetchedWhileOneDecodes() throws {
    func steps(_ session: Int) throws -> [Request] {
      [
        try Self.request("qwen3-0.6b", output: 64, session: session),
        try Self.request("qwen3-1.7b", session: session),
      ]
    }
    // Nothing stays by itself.
    let without = ["cachePolicy": "none", "refill": "off"]
    for (prefetch, expected) in [
      ("on", ByteCount.zero), ("off", try Self.model("qwen3-1.7b").weightBytes(.int8)),
    ] {
      var session = try Self.session(without.merging(["prefetch": prefetch]) { $1 })
      try Self.serve(try steps(1) + steps(2), &session)
      if prefetch == "on" {
        // Not only after it.
        let executed = session.requestPlan(2)
        let first = try #require(executed)
        let fetches = session.executed.filter {
          $0.job.index > first.job.index && Self.read($0) > .zero
        }
        let fetch = try #require(fetches.first)
        let begin = session.span(of: Plan.Step(index: 0), in: fetch).start
        #expect(begin == session.span(of: first.plan.tokens[0], in: first).end)
      }
      #expect(
        Self.read(session.requestPlan(1)) == (try Self.model("qwen3-1.7b").weightBytes(.int8)))
      #expect(Self.read(session.requestPlan(3)) == expected)
    }
  }

  /// What was fetched and not asked for goes back after the next request that says so.
  @Test func aWrongPredictionCostsWhatItReads() throws {
    var session = try Self.session(["cachePolicy": "none", "refill": "off"])
    let sizes = try ["qwen3-0.6b", "qwen3-1.7b", "llama-3.2-1b"].map {
      try Self.model($0).weightBytes(.int8)
    }
    try Self.serve(
      [
        try Self.request("qwen3-0.6b", output: 8, session: 1),
        try Self.request("qwen3-1.7b", session: 1),
        try Self.request("qwen3-0.6b", output: 8, session: 2),
        try Self.request("llama-3.2-1b", session: 2),
      ], &session)
    #expect(Self.readInAll(session) == sizes[0] * 2 + sizes[1] * 2 + sizes[2])
    let taken = session.executed.flatMap(\.plan.operations).reduce(Int64(0)) {
      switch $1.operation {
      case .allocatePages(let size, _): $0 + size.bytes
      case .freePages(let size): $0 - size.bytes
      default: $0
      }
    }
    #expect(taken == 0)
  }

  // MARK: What stays

  @Test(arguments: CachePolicy.allCases)
  func aPolicyKeepsWithinItsMemory(policy: CachePolicy) throws {
    let names = ["qwen3-0.6b", "llama-3.2-3b", "qwen3-1.7b", "qwen3-1.7b"]
    var session = try Self.session([
      "cachePolicy": policy.rawValue, "cacheSize": "2048", "refill": "off",
    ])
    try Self.serve(try names.map { try Self.request($0) }, &session)
    let kept = session.executed.flatMap(\.plan.operations).reduce(Int64(0)) {
      switch $1.operation {
      case .allocatePages(let size, _): $0 + size.bytes
      case .freePages(let size): $0 - size.bytes
      default: $0
      }
    }
    #expect(kept <= ByteCount.mebibytes(2048).bytes)
    #expect((kept == 0) == (policy == .none))
  }

  /// Memory that was taken is completed again while nobody waits, as far as the policy wants.
  @Test func whatThePolicyWantsIsFetchedWhileNobodyWaits() throws {
    for (refill, expected) in [("on", 2), ("off", 1)] {
      var session = try Self.session(["refill": refill, "cacheSize": "4096"])
      let request = try Self.request("qwen3-1.7b")
      try Self.serve([request], &session)
      try session.run([
        OutsideEvent(
          time: session.end + .seconds(1), event: .memoryWanted(.gibibytes(4), urgency: .direct))
      ])
      // Another request ends the pressure.
      try Self.serve([try Self.request("qwen3-0.6b")], &session)
      let size = request.model.weightBytes(.int8)
      let other = try Self.model("qwen3-0.6b").weightBytes(.int8)
      #expect(Self.readInAll(session) == size * expected + other)
    }
  }

  // MARK: The stall-free need

  /// S(k) as its definition has it.
  private func stall(
    _ k: Int, _ loading: [Double], _ allocating: [Double], _ layer: Double
  ) -> Double {
    var there = allocating[k...].reduce(0, +)
    var late = 0.0
    for j in loading.indices[k...] {
      there += loading[j]
      late = max(late, there - Double(max(0, j - 1)) * layer)
    }
    return late
  }

  @Test(arguments: [0.5, 3, 10, 40, 200])
  func theNeedIsWhatItsDefinitionSays(layer: Double) {
    let loading: [Double] = [60, 20, 20, 25, 20, 20, 60]
    let allocating: [Double] = [6, 2, 2, 3, 2, 2, 6]
    func duration(_ value: Double) -> SimulatedDuration { .milliseconds(Int64(value * 2)) }
    let need = StallFreeNeed(
      loading: loading.map(duration), allocating: allocating.map(duration),
      layerTimes: [(3, duration(layer)), (1, duration(2 * layer))])
    for k in 0...loading.count {
      let expected =
        2e-3
        * (3 * (stall(0, loading, allocating, layer) - stall(k, loading, allocating, layer))
          + stall(0, loading, allocating, 2 * layer) - stall(k, loading, allocating, 2 * layer))
      #expect(abs(need.saved[k] - expected) < 1e-12)
    }
  }

  /// The formula's stall against the simulated one: what a request takes with so many chunks there,
  /// beyond what it takes with all of them. The simulation knows more: decryption slows computing, and
  /// the NPU changes windows.
  @Test(arguments: [64, 128, 256], ["llama-3.1-8b", "qwen3-1.7b"])
  func theFormulaFindsTheSimulatedStall(prompt: Int, model: String) throws {
    let view = DeviceView(try ExperimentPoint.shipped("flexserve", model, prompt: prompt).pricing)
    let architecture = try Self.model(model)
    let chunks = architecture.weightChunks(.int8)
    let loading = WeightLoading(
      memory: .recallablePages, allocation: .whole, isPipelined: true, npuMapping: .protected)
    let generation = TokenGeneration(
      compute: .npu(protected: true), blockWindow: 2, rowTask: .attention)
    let durations = loading.durations(chunks.map(\.bytes), on: view)
    let need = StallFreeNeed(
      loading: durations.map(\.loading), allocating: durations.map(\.allocating),
      layerTimes: [
        (1, generation.layerTime(architecture, tokens: prompt, on: view))
      ])
    func simulated(_ share: Int) throws -> Double {
      var point = try ExperimentPoint.shipped(
        "flexserve", model, prompt: prompt, parameters: ["cacheShare": "\(share)"])
      point.earlierRequests = 1
      return try point.run().timeToFirstToken.seconds
    }
    let all = try simulated(100)
    let stalls = need.saved.map { need.saved[chunks.count] - $0 }
    let size = architecture.weightBytes(.int8)
    for share in stride(from: 0, through: 80, by: 20) {
      var left = size.scaledRoundingUp(by: .percent(Int64(share)))
      let count = chunks.prefix { chunk in
        guard chunk.bytes <= left else { return false }
        left = left - chunk.bytes
        return true
      }.count
      let found = try simulated(share) - all
      // Decryption slows what is computed beside it by a fifth at most.
      #expect(found > stalls[count] - 0.1 * stalls[0], "\(share) % of \(all) s")
      #expect(found < stalls[count] + 0.1 * stalls[0] + 0.2 * all, "\(share) % of \(all) s")
    }
  }

  /// Longer prompts hide loading, so less need stay; a model that is asked for more gets more.
  @Test func budgetsFollowRatesAndLengths() throws {
    let sizes = [ByteCount](repeating: .mebibytes(100), count: 20)
    func candidate(_ name: String, count: Int, layer: Int64) -> CachePolicy.Candidate {
      CachePolicy.Candidate(
        name: name, chunks: sizes, limit: .gibibytes(2), count: count,
        need: StallFreeNeed(
          loading: sizes.map { _ in .milliseconds(40) }, allocating: sizes.map { _ in .zero },
          layerTimes: [(count, .milliseconds(layer))]))
    }
    func counts(_ first: (Int, Int64), _ second: (Int, Int64), _ size: Int64) -> [Int] {
      let counts = CachePolicy.stallFree.chunkCounts(
        [
          candidate("a", count: first.0, layer: first.1),
          candidate("b", count: second.0, layer: second.1),
        ], within: .mebibytes(size))
      return [counts["a"] ?? 0, counts["b"] ?? 0]
    }
    // The more frequent first, up to what it needs: 20 chunks of 40 ms against 18 layers of 20 ms
    // that hide half of it. Then the other.
    let first = counts((9, 20), (1, 20), 1600)
    #expect(first[0] >= 10 && first[0] > first[1] && first[0] + first[1] == 16)
    // Of equal rates, the one with shorter prompts needs more.
    let second = counts((5, 30), (5, 5), 2000)
    #expect(second[1] > second[0] && second[0] + second[1] == 20)
    // With room for all, all stays.
    #expect(counts((5, 30), (5, 5), 4000) == [20, 20])
  }
}
