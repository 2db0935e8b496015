import DeviceModel
import Quantities
import ScheduleVerifier
import SimulationKernel
import Testing

@testable import Experiments
@testable import ServingDesigns

/// Rules of isolation, kept by every design beside any operating system, and broken on purpose.
@Suite struct IsolationTests {
  /// A request of a model with two layers: all that happens to memory happens, in little time.
  static func point(
    _ design: String, _ system: OperatingSystem = .benign, seed: Int64 = 1
  ) throws -> ExperimentPoint {
    var point = try ExperimentPoint.shipped(
      design, "tinyllama-1.1b", prompt: 80, output: 3, fidelity: .roofline)
    point.model.layerCount = 2
    point.operatingSystem = system
    point.seed = seed
    point.id += "/\(system)/\(seed)"
    return point
  }

  // MARK: Mutants

  /// Designs in which a mistake can be made. A region filters addresses, so there are no translations
  /// and entries to forget; an NPU that belongs to the secure world is never switched; and without
  /// protection there is nothing to protect, clean or decrypt.
  static let breakable: [Sabotage: [String]] = {
    let all = DesignCatalog.standard.names
    let secret = ["strawman", "strawman-opt", "flexserve", "tz-llm"]
    let npu = ["nw-base", "strawman-opt", "flexserve", "tz-llm"]
    let region = ["strawman", "strawman-opt", "tz-llm"]
    return [
      .skipProtection: secret, .lateProtection: secret, .doubleMapping: ["flexserve", "tz-llm"],
      .skipStage2: ["flexserve"], .endStage2Early: ["flexserve"],
      .keepTranslations: ["flexserve"], .keepDeviceEntries: ["flexserve"], .keepNPUEntry: npu,
      .skipNPUMapping: npu, .skipModeSwitch: ["flexserve", "tz-llm"],
      .leaveProtectedMode: ["strawman-opt", "flexserve", "tz-llm"], .skipZeroing: secret,
      .earlyReturn: secret, .giveHidden: secret, .earlyDecryption: secret,
      .plaintextOnStorage: secret, .skipRegion: region, .halfGranule: region, .giveTwice: all,
      .useAfterGiving: all,
      // A single request has nothing that storage lacks.
      .skipEncryption: [],
    ]
  }()

  @Test(arguments: Sabotage.allCases, DesignCatalog.standard.names)
  func everyMistakeIsFound(sabotage: Sabotage, design: String) throws {
    for system in OperatingSystem.allCases {
      let run = try Self.point(design, system).examine(Examination(sabotage: sabotage))
      let isBreakable = Self.breakable[sabotage]?.contains(design) ?? false
      #expect(run.isSabotaged == isBreakable)
      switch run.result {
      case .success: #expect(!isBreakable)
      case .failure(let failure): #expect(failure.violation?.rule == sabotage.rule)
      }
    }
  }

  /// By code that shares the certificate's format with the simulator and nothing else.
  @Test(arguments: Sabotage.allCases, DesignCatalog.standard.names)
  func theVerifierFindsTheSameMistake(sabotage: Sabotage, design: String) throws {
    for system in OperatingSystem.allCases {
      let run = try Self.point(design, system).examine(
        Examination(sabotage: sabotage, wantsCertificate: true))
      let rules = try Self.brokenRules(run.certificate)
      if Self.breakable[sabotage]?.contains(design) ?? false {
        #expect(rules.contains(sabotage.rule.rawValue), "\(rules)")
      } else {
        #expect(rules.isEmpty)
      }
    }
  }

  @Test(arguments: DesignCatalog.standard.names)
  func theVerifierAcceptsWhatHostileSystemsAreAnsweredWith(design: String) throws {
    for seed in Int64(1)...12 {
      let run = try Self.point(design, .hostile, seed: seed).examine(
        Examination(wantsCertificate: true))
      #expect(try Self.brokenRules(run.certificate).isEmpty, "seed \(seed)")
    }
  }

  static func brokenRules(_ certificate: String?) throws -> [String] {
    let text = try #require(certificate)
    return try ScheduleVerifier.Certificate(text: text, file: "a run").violations().map {
      $0.rule.rawValue
    }
  }

  @Test func thereAreManyMutantsOfEveryRule() {
    #expect(Set(Self.breakable.keys) == Set(Sabotage.allCases))
    #expect(Self.breakable.values.reduce(0) { $0 + $1.count } == 63)
    for rule in IsolationRule.allCases {
      #expect(Sabotage.allCases.contains { $0.rule == rule }, "\(rule)")
    }
  }

  @Test func aViolationNamesRuleOperationPagesAndBothParties() throws {
    let run = try Self.point("flexserve").examine(Examination(sabotage: .skipZeroing))
    let text = try #require(run.failure)
    for part in ["dirty-return", "release (operation", "pages 0 to", "the serving process"] {
      #expect(text.contains(part), "\(text)")
    }
  }

  // MARK: A hostile operating system

  @Test(arguments: DesignCatalog.standard.names)
  func noSeedBreaksARule(design: String) throws {
    for seed in Int64(1)...60 {
      let run = try Self.point(design, .hostile, seed: seed).examine(Examination())
      #expect(throws: Never.self) { try run.result.get() }
    }
  }

  @Test func theHostileSystemDoesWhatItSays() throws {
    var seen: Set<String> = []
    for seed in Int64(1)...40 {
      let point = try Self.point("flexserve", .hostile, seed: seed)
      let run = point.examine(Examination(wantsCertificate: true))
      let text = try #require(run.certificate)
      for (what, sign) in [
        ("recall", "\trecall\t"), ("refused or delayed", "\twait\t"),
        ("another program's task", "\tother_task\t"), ("touched in vain", "cpu\tfault"),
        ("reached by a device in vain", "dma\tfault"), ("reached by the NPU in vain", "npu\tfault"),
        ("touched what is its own", "cpu\tallowed"),
      ] where text.contains(sign) { seen.insert(what) }
    }
    #expect(seen.count == 7, "\(seen)")
  }

  /// Kept memory goes back, in part, while a request is served, and the NPU is handed over and back
  /// while it works on secrets: otherwise there is nothing that could go wrong.
  @Test func recallsAndHandOversFallBesideRequests() throws {
    var seen: Set<String> = []
    for seed in Int64(1)...60 {
      let point = try Self.point("flexserve", .hostile, seed: seed)
      let hostile = HostileSystem(seed: seed)
      let arrival = OutsideEvent(time: .zero, event: .requestArrived(point.request))
      func session(_ more: [OutsideEvent]) throws -> ServingSession {
        var session = ServingSession(
          FlexServe(parameters: point.designParameters), pricing: point.pricing,
          interference: hostile)
        try session.run([arrival] + more)
        return session
      }
      let first = try session([])
      let moments = MemoryLog(first, everyRead: true).moments
      let run = try session(hostile.events(point.request, around: moments))
      let requests = run.executed.filter { !$0.plan.tokens.isEmpty }.map { plan in
        (
          start: run.span(of: Plan.Step(index: 0), in: plan).start,
          end: run.span(of: plan.plan.tokens[plan.plan.tokens.count - 1], in: plan).end
        )
      }
      if requests.count > 1 { seen.insert("another request") }
      for plan in run.executed {
        guard let operation = plan.plan.operations.first?.operation else { continue }
        let span = run.span(of: Plan.Step(index: 0), in: plan)
        let isBeside = requests.contains { $0.start < span.end && span.start < $0.end }
        switch operation {
        case .chooseForRecall(let size):
          seen.insert(size < point.model.weightBytes(.int8) ? "a part" : "all")
          if isBeside { seen.insert("a recall beside a request") }
        case .runOtherNPUTask(_, .some): if isBeside { seen.insert("a hand-over beside one") }
        default: break
        }
      }
    }
    #expect(seen.count == 5, "\(seen)")
  }

  @Test func theSystemDrawsTheSameForEveryDesign() throws {
    let moments = [SimulatedTime.zero, SimulatedTime(picoseconds: 1_000_000)]
    func events(_ design: String, seed: Int64) throws -> [OutsideEvent] {
      HostileSystem(seed: seed).events(try Self.point(design).request, around: moments)
    }
    let times = try DesignCatalog.standard.names.map { name in try events(name, seed: 5).map(\.time)
    }
    #expect(Set(times).count == 1)
    #expect(try events("flexserve", seed: 6).map(\.time) != times[0])
  }

  // MARK: Memory that comes back

  /// What a session did, told by its own operations.
  private func operations(
    _ design: String, _ events: [(Int64, ServingEvent)], milliseconds: Bool = false,
    parameters: [String: String] = [:]
  ) throws -> [Plan.PlannedOperation] {
    let point = try Self.point(design)
    let type = try #require(DesignCatalog.standard[design])
    let values = try library.design(named: design).values.mapValues(\.text)
    var session = ServingSession(
      try type.init(
        parameters: DesignParameters(
          values.merging(parameters) { $1 }, for: type.parameters)), pricing: point.pricing)
    try session.run(
      events.map {
        OutsideEvent(
          time: SimulatedTime(
            picoseconds: $0.0 * (milliseconds ? 1_000_000_000 : 1_000_000_000_000)),
          event: $0.1)
      })
    let log = MemoryLog(session, everyRead: false)
    var checker = IsolationChecker(log, geometry: point.pricing.memoryGeometry)
    #expect(checker.firstViolation() == nil)
    return session.executed.flatMap(\.plan.operations)
  }

  private func read(_ operations: [Plan.PlannedOperation]) -> ByteCount {
    operations.reduce(.zero) {
      if case .readStorage(let size) = $1.operation { $0 + size } else { $0 }
    }
  }

  @Test func flexServeReadsWeightsOnceAndAgainWhatWasRecalled() throws {
    let request = try Self.point("flexserve").request
    let weights = request.model.weightBytes(.int8)
    let arrival = ServingEvent.requestArrived(request)
    #expect(read(try operations("flexserve", [(0, arrival)])) == weights)
    #expect(read(try operations("flexserve", [(0, arrival), (100, arrival)])) == weights)
    // The last chunk, the output head, is more than a byte.
    let head = ByteCount(bytes: request.model.embeddingParameterCount)
    let recall = ServingEvent.memoryWanted(ByteCount(bytes: 1), urgency: .direct)
    let again = try operations("flexserve", [(0, arrival), (100, recall), (200, arrival)])
    #expect(read(again) == weights + head)
    // More than there is: all goes back, and no more.
    let everything = ServingEvent.memoryWanted(.gibibytes(12), urgency: .lastResort)
    let all = try operations("flexserve", [(0, arrival), (100, everything), (200, everything)])
    let freed = all.reduce(ByteCount.zero) {
      if case .freePages(let size) = $1.operation { $0 + size } else { $0 }
    }
    #expect(freed == weights + request.workspace(context: 2048))
    // What a request works on stays.
    let early = try operations("flexserve", [(0, arrival), (0, everything)])
    #expect(!early.contains { if case .chooseForRecall = $0.operation { true } else { false } })
  }

  /// With protection goes all that it protects; the next request switches it on again, in 2.96 ms.
  @Test(arguments: [(10_000, true), (1_000_000, false), (0, false)])
  func protectionGoesOffAfterAnIdleWindow(milliseconds: Int, goesOff: Bool) throws {
    let request = try Self.point("flexserve").request
    let done = try operations(
      "flexserve", [(0, .requestArrived(request)), (100, .requestArrived(request))],
      parameters: ["idleWindow": "\(milliseconds)"])
    let weights = request.model.weightBytes(.int8)
    #expect(read(done) == (goesOff ? 2 * weights : weights))
    #expect(done.filter { $0.operation == .enableProtection }.count == (goesOff ? 2 : 1))
    // The window ends after the last request, too, unless it never does.
    let ends = done.filter { $0.operation == .disableProtection }.count
    #expect(ends == (goesOff ? 2 : milliseconds > 0 ? 1 : 0))
  }

  /// What is on its way back when the window ends is protected until it is clean.
  @Test func protectionOutlivesARecallThatHasBegun() throws {
    let request = try Self.point("flexserve").request
    for instant in stride(from: Int64(10_000), to: 10_400, by: 8) {
      // Operations are checked against the rules.
      let done = try operations(
        "flexserve",
        [
          (0, .requestArrived(request)),
          (instant, .memoryWanted(.gibibytes(1), urgency: .background)),
        ], milliseconds: true, parameters: ["idleWindow": "10000"])
      #expect(done.filter { $0.operation == .disableProtection }.count == 1)
    }
  }

  @Test(arguments: ["nw-base", "strawman", "strawman-opt"])
  func otherDesignsKeepNothing(design: String) throws {
    let request = try Self.point(design).request
    let arrival = ServingEvent.requestArrived(request)
    let twice = try operations(design, [(0, arrival), (0, arrival)])
    #expect(read(twice) == 2 * request.model.weightBytes(.int8))
    let taken = twice.reduce(ByteCount.zero) { sum, planned in
      switch planned.operation {
      case .allocatePages(let size, _), .allocateContiguous(let size, _, _): sum + size
      default: sum
      }
    }
    let freed = twice.reduce(ByteCount.zero) { sum, planned in
      switch planned.operation {
      case .freePages(let size), .freeContiguous(let size): sum + size
      default: sum
      }
    }
    #expect(taken == freed)
  }

  @Test func anNPUOfTheSecureWorldRunsNobodyElsesTasks() throws {
    let task = ServingEvent.npuWanted(.milliseconds(3))
    #expect(try operations("strawman-opt", [(0, task)]).isEmpty)
    #expect(try operations("nw-base", [(0, task)]).count == 1)
  }

  // MARK: Bad requests for memory

  @Test func badMemoryRequestsAreTypedErrors() throws {
    var pricing = board.pricing()
    func expect(_ operation: DeviceOperation, _ error: DeviceModelError) {
      #expect(throws: error) { try pricing.cost(of: operation) }
    }
    let granule = pricing.memoryGeometry.regionGranule
    let limit = Int(pricing.memoryGeometry.regionLimit)
    expect(.allocatePages(.zero), .nothingWanted)
    expect(.allocateContiguous(.zero), .nothingWanted)
    expect(
      .allocatePages(.gibibytes(17)),
      .outOfMemory(wanted: .gibibytes(17), capacity: .gibibytes(16)))
    expect(
      .growProtectedRegion(granule, region: limit), .regionsExhausted(limit: Int64(limit)))
    let half = ByteCount(bytes: granule.bytes / 2)
    expect(.growProtectedRegion(half), .unalignedRegion(size: half, granule: granule))
    expect(.shrinkProtectedRegion(half), .unalignedRegion(size: half, granule: granule))
    #expect(throws: Never.self) {
      try pricing.cost(of: .growProtectedRegion(granule, region: limit - 1))
    }
  }

  @Test(arguments: UInt64(0)..<8)
  func framesAreNeitherLostNorGivenTwice(seed: UInt64) {
    var random = RandomStream(seed: Int64(seed), purpose: "frames")
    let geometry = MemoryGeometry(
      capacity: .mebibytes(4), pageSize: ByteCount(bytes: 4096), regionLimit: 1,
      regionGranule: .mebibytes(1), regionReach: .mebibytes(4))
    var map = FrameMap(geometry)
    var held: [Buffer] = []
    for number in 0..<300 {
      if random.next(below: 2) == 0, !held.isEmpty {
        map.give(held.remove(at: Int(random.next(below: Int64(held.count)))))
      } else {
        let buffer = Buffer(
          number: number, size: ByteCount(bytes: 1 + random.next(below: 200_000)), use: .workspace,
          isSecret: true)
        let used = held.reduce(Int64(0)) { $0 + $1.size.pages(of: geometry.pageSize) }
        guard used + buffer.size.pages(of: geometry.pageSize) <= geometry.pageCount else {
          continue
        }
        #expect(map.take(buffer) != nil)
        held.append(buffer)
      }
      let frames = held.flatMap { map.frames(of: $0.number) }.flatMap(Array.init)
      #expect(Set(frames).count == frames.count)
      #expect(
        Int64(frames.count) == held.reduce(0) { $0 + $1.size.pages(of: geometry.pageSize) })
    }
    for buffer in held { map.give(buffer) }
    let whole = Buffer(number: 1000, size: .mebibytes(4), use: .workspace, isSecret: true)
    #expect(map.take(whole) == [0..<geometry.pageCount])
  }
}

extension ExaminedRun {
  /// Why it failed; nil where it did not.
  fileprivate var failure: String? {
    if case .failure(let failure) = result { "\(failure)" } else { nil }
  }
}

extension DeviceProfile {
  fileprivate func pricing() -> DevicePricing {
    DevicePricing(
      profile: self, backgroundMemory: .gibibytes(8), precision: .int8, fidelity: .tile)
  }
}
