import DeviceModel
import ModelArchitecture
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Testing

@testable import Experiments

/// Other programs whose memory grows and shrinks, and what the operating system asks for meanwhile.
@Suite struct PressureTests {
  /// 16 GiB: the root of 16 x 16777216 KiB is 16384 KiB, and a thousandth of all memory is more than a
  /// quarter of that.
  @Test func watermarksAreThoseOfLinux() {
    let watermarks = Self.pricing.watermarks
    let gap = ByteCount.gibibytes(16).scaledRoundingUp(by: .percent(1)).bytes / 10
    #expect(watermarks.least == .mebibytes(16))
    #expect(abs((watermarks.low - watermarks.least).bytes - gap) <= 1)
    #expect(watermarks.high - watermarks.low == watermarks.low - watermarks.least)
  }

  private static let pricing = DevicePricing(
    profile: board, backgroundMemory: .gibibytes(8), precision: .int8, fidelity: .tile)

  private static func resolved(_ settings: [(String, String)] = []) throws -> ResolvedScenario {
    try ResolvedScenario(
      library.scenario("\(library.root)/memory/pressure-over-time.yaml"), library: library,
      overrides: settings.map { SettingAxis(key: $0.0, texts: [$0.1], origin: .commandLine) })
  }

  private static func record(
    _ growth: [MemoryGrowth]? = nil, _ settings: [(String, String)] = [("designs", "flexserve")]
  ) throws -> WorkloadRecord {
    var point = try #require(try resolved(settings).workloadPoints().first)
    if let growth { point.growth = growth }
    return try point.run()
  }

  private static func asked(_ record: WorkloadRecord) -> [RecallUrgency] {
    record.pressure.compactMap {
      if case .asked(_, let urgency) = $0.change { urgency } else { nil }
    }
  }

  private static func waits(_ record: WorkloadRecord) -> [SimulatedDuration] {
    record.pressure.compactMap { if case .waited(let wait) = $0.change { wait } else { nil } }
  }

  private static func gets(_ size: ByteCount, over: SimulatedDuration) -> [MemoryGrowth] {
    [MemoryGrowth(at: .seconds(15), size: size, gets: true, over: over)]
  }

  /// Slowly, background reclaim keeps pace and nobody waits; as fast as pages can be touched, the program
  /// is below the lowest watermark before the first chunk has been chosen.
  @Test func howFastMemoryGrowsDecidesWhoWaits() throws {
    let slow = try Self.record(Self.gets(.mebibytes(1000), over: .seconds(10)))
    #expect(Set(Self.asked(slow)) == [.background])
    #expect(Self.waits(slow).isEmpty)
    let fast = try Self.record(Self.gets(.mebibytes(1000), over: .milliseconds(70)))
    #expect(Self.asked(fast).contains(.direct) && !Self.asked(fast).contains(.lastResort))
    let waits = Self.waits(fast)
    #expect(!waits.isEmpty)
    // For the choice of a chunk or two of 100 MB, and of one that background reclaim has begun with.
    for wait in waits { #expect(wait > .zero && wait < .milliseconds(10)) }
  }

  /// By free memory: 100 MiB, then 4 MiB less with each step.
  @Test func urgencyFollowsFreeMemory() throws {
    var source = PressureSource(
      DevicePricing(
        profile: board, backgroundMemory: .gibibytes(16) - .mebibytes(100), precision: .int8,
        fidelity: .tile))
    let growth = MemoryGrowth(at: .zero, size: .mebibytes(120), gets: true, over: .seconds(1))
    source.begin(growth)
    var time = SimulatedTime.zero
    var urgencies: [RecallUrgency?] = []
    while let delay = source.nextDelay {
      time = time + delay
      _ = source.step(at: time)
      let urgency = source.urgency(after: [], isAllocating: true)
      #expect(urgency == urgencies.last ?? nil || urgency != nil, "it gets worse alone")
      urgencies.append(urgency)
      switch urgency {
      case nil: #expect(source.free >= source.watermarks.low)
      case .background: #expect(source.free >= source.watermarks.least)
      default:
        #expect(source.free < source.watermarks.least)
        // Where that brings nothing the killer asks, and then nobody.
        #expect(source.urgency(after: [.direct], isAllocating: true) == .lastResort)
        #expect(source.urgency(after: [.direct, .lastResort], isAllocating: true) == nil)
        #expect(source.urgency(after: [], isAllocating: false) == .background)
      }
      if let urgency {
        #expect(source.ask(urgency, at: time) == source.watermarks.high - source.free)
        let saysEnough = source.saysEnough()
        #expect(!saysEnough)
      }
    }
    #expect(Set(urgencies) == [nil, .background, .direct])
    #expect(time == .zero + .seconds(1))
    #expect(source.free == .zero && source.load == .gibibytes(16) + .mebibytes(20))
    // Freeing is news once.
    source.begin(MemoryGrowth(at: .zero, size: .gibibytes(1), gets: false, over: .zero))
    let delay = source.nextDelay
    let allocates = source.step(at: time)
    #expect(delay == .zero && !allocates)
    let news = [source.saysEnough(), source.saysEnough()]
    #expect(news == [true, false])
  }

  /// The program has got all that it wanted in the end, in order, whatever it waited.
  @Test(arguments: [10_000, 70, 1, 0])
  func growthIsCompleteAndInOrder(milliseconds: Int64) throws {
    let record = try Self.record(Self.gets(.mebibytes(1000), over: .milliseconds(milliseconds)))
    let loads = record.pressure.compactMap { event -> (SimulatedTime, ByteCount)? in
      if case .load(let load) = event.change { (event.time, load) } else { nil }
    }
    #expect(loads.last?.1 == .gibibytes(9) + .mebibytes(1000))
    for (earlier, later) in zip(loads, loads.dropFirst()) {
      #expect(earlier.0 <= later.0 && earlier.1 < later.1)
    }
    let waited = Self.waits(record).reduce(.zero) { $0 + $1 }
    let end = SimulatedTime.zero + .seconds(15) + .milliseconds(milliseconds)
    let last = try #require(loads.last).0
    #expect(last >= end && last <= end + waited)
  }

  /// What is freed was got before, also where whoever gets it waits.
  @Test(arguments: [0, 100])
  func freeingComesAfterGetting(microseconds: Int64) throws {
    let freed = SimulatedDuration.seconds(15) + .microseconds(microseconds)
    let record = try Self.record(
      Self.gets(.gibibytes(1), over: .zero) + [
        MemoryGrowth(at: freed, size: .gibibytes(1), gets: false, over: .zero)
      ])
    let loads = record.pressure.compactMap {
      if case .load(let load) = $0.change { load } else { nil }
    }
    #expect(loads.max() == .gibibytes(10) && loads.min() == loads.last)
    #expect(loads.last == .gibibytes(9))
  }

  /// Where others free much, background reclaim does not go on with what it has asked for.
  @Test func reclaimEndsWhenThereIsEnough() throws {
    func recalled(freeAt: SimulatedDuration) throws -> ByteCount {
      let growth =
        Self.gets(.mebibytes(900), over: .milliseconds(1)) + [
          MemoryGrowth(at: freeAt, size: .mebibytes(900), gets: false, over: .zero)
        ]
      let record = try Self.record(
        growth, [("designs", "flexserve"), ("device.memory.watermarkScale", "5 %")])
      return record.pressure.reduce(.zero) {
        if case .recalled(let size) = $1.change { $0 + size } else { $0 }
      }
    }
    let early = try recalled(freeAt: .seconds(15) + .milliseconds(30))
    let late = try recalled(freeAt: .seconds(25))
    #expect(early > .zero && early.bytes * 2 < late.bytes, "\(early) \(late)")
  }

  /// Two requests at one instant do not both have what was recalled before.
  @Test func whatWasRecalledIsSaidOnce() throws {
    var record = try Self.record()
    record.requests[5].arrival = record.requests[4].arrival
    let rows = record.requests.indices.map { record.pressure(beforeRequest: $0) }
    #expect(rows[4].recalled > .zero && rows[5].recalled == .zero && rows[5].waiting == .zero)
    #expect(rows[5].load == rows[4].load)
  }

  @Test func othersCannotHaveMoreThanThereIs() throws {
    let error = #expect(throws: PointFailure.self) {
      try Self.record(Self.gets(.gibibytes(8), over: .seconds(1)))
    }
    #expect(
      error?.reason
        == "memoryGrowth: other programs would have 17 GiB of 16 GiB at 15 s")
  }

  /// What others give back is used for what the policy wants, and later requests read nothing.
  @Test func theCacheGrowsAgain() throws {
    let record = try Self.record()
    let rows = record.requests.indices.map { record.pressure(beforeRequest: $0) }
    let read = record.requests.map(\.bytesRead)
    for number in 0..<2 {
      #expect(read[number] == record.requests[number].request.model.weightBytes(.int8))
    }
    for number in 2..<6 { #expect(read[number] > .zero && read[number] < read[0]) }
    #expect(read[6...] == [.zero, .zero])
    let loads = [9, 9, 9.5, 9.5, 10, 10, 9, 9].map { ByteCount(bytes: Int64($0 * 1_073_741_824)) }
    #expect(rows.map(\.load) == loads)
    // 512 MiB in ten seconds, then within 35 ms.
    #expect(rows[2].recalled > .zero && rows[2].waiting == .zero)
    #expect(rows[4].recalled > .zero && rows[4].waiting > .zero)
  }

  /// A design that keeps nothing has nothing to give, and nobody waits for that.
  @Test(arguments: ["nw-base", "strawman-opt"])
  func whoKeepsNothingIsNotWaitedFor(design: String) throws {
    let record = try Self.record(nil, [("designs", design)])
    #expect(Self.waits(record).isEmpty)
    for request in record.requests {
      #expect(request.bytesRead == request.request.model.weightBytes(.int8))
    }
  }

  /// More load makes allocating dearer for the request that comes then.
  @Test func laterRequestsMeetTheLaterLoad() throws {
    let record = try Self.record(nil, [("designs", "strawman-opt")])
    let times = record.requests.map(\.timeToFirstToken)
    for model in 0..<2 {
      #expect(times[model] < times[model + 2] && times[model + 2] < times[model + 4])
      #expect(times[model + 6] == times[model])
    }
  }

  @Test func theResultSaysWhatOthersDid() throws {
    let resolved = try Self.resolved([("designs", "flexserve")])
    let records = try resolved.workloadPoints().map { try $0.run() }
    let file = ResultFile(records, of: resolved)
    let index = try RunIndex(file, path: "pressure-over-time.h5")
    #expect(
      try index.numbers(RunColumn.othersMemory)
        == [9, 9, 9.5, 9.5, 10, 10, 9, 9].map { $0 * 1_073_741_824 })
    #expect(try index.numbers(RunColumn.recallWait)[4] > 0)
    #expect(file.runs[RunColumn.recalled] != nil)
    // Where others' memory stays as it is, nothing is said of it.
    let morning = try ResolvedScenario(
      library.scenario("\(library.root)/workloads/morning.yaml"), library: library,
      overrides: [SettingAxis(key: "designs", texts: ["nw-base"], origin: .commandLine)])
    let others = ResultFile(try morning.workloadPoints().map { try $0.run() }, of: morning)
    #expect(others.runs[RunColumn.othersMemory] == nil)
  }
}
