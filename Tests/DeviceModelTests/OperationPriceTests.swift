import Quantities
import Testing

@testable import DeviceModel

/// Every operation of the catalogue, priced by hand on the shipped profile at 8 GiB of load.
@Suite struct OperationPriceTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var operation: DeviceOperation
    var picoseconds: Int64
    var unit: DeviceUnit?
    var bound: Bound = .fixed
    /// Millionths of a core.
    var cores: Int64?
    /// Bytes per second.
    var traffic: Int64?

    var testDescription: String { "\(operation)" }
  }

  static let examples = [
    // 20 us + 3370 cycles / 2.3 GHz = 20 us + 1465217.4 ps, rounded up.
    Example(
      operation: .callSecureWorld, picoseconds: 21_465_218, unit: .computeTeam, cores: 1_000_000),
    // 3370 cycles / 2.3 GHz, on the core of whoever touched it.
    Example(operation: .faultInStage2, picoseconds: 1_465_218, unit: nil, cores: 1_000_000),
    // 0.13 ms + 2.83 ms.
    Example(
      operation: .enableProtection, picoseconds: 2_960_000_000, unit: .memoryManagement,
      cores: 1_000_000),
    // A point of Figure 1: 0.56 s.
    Example(
      operation: .allocatePages(.gibibytes(8)), picoseconds: 560_000_000_000,
      unit: .memoryManagement, cores: 1_000_000),
    // A point of Figure 1: 6.44067 s.
    Example(
      operation: .allocateContiguous(.gibibytes(8)), picoseconds: 6_440_670_000_000,
      unit: .memoryManagement, cores: 1_000_000),
    // In whole granules of 1 MiB, so as much as 8 GiB.
    Example(
      operation: .allocateContiguous(ByteCount(bytes: 8 << 30) - ByteCount(bytes: 1_048_575)),
      picoseconds: 6_440_670_000_000, unit: .memoryManagement, cores: 1_000_000),
    // A third GiB: 180 ms for three less 100 ms for two.
    Example(
      operation: .allocatePages(.gibibytes(1), beyond: .gibibytes(2)),
      picoseconds: 80_000_000_000, unit: .memoryManagement, cores: 1_000_000),
    // 2.91 s for three less 1.98 s for two.
    Example(
      operation: .allocateContiguous(.gibibytes(1), beyond: .gibibytes(2)),
      picoseconds: 930_000_000_000, unit: .memoryManagement, cores: 1_000_000),
    // 2097152 pages of 4 KiB x 204916 ps.
    Example(
      operation: .mapIntoProcess(.gibibytes(8)), picoseconds: 429_739_999_232,
      unit: .memoryManagement, cores: 1_000_000),
    // A byte takes a page.
    Example(
      operation: .mapIntoProcess(ByteCount(bytes: 4097)), picoseconds: 2 * 204_916,
      unit: .memoryManagement, cores: 1_000_000),
    Example(
      operation: .mapForNPU(.gibibytes(8), protected: false), picoseconds: 429_739_999_232,
      unit: .memoryManagement, cores: 1_000_000),
    // 2097152 x 207653 ps.
    Example(
      operation: .mapForNPU(.gibibytes(8), protected: true), picoseconds: 435_479_904_256,
      unit: .memoryManagement, cores: 1_000_000),
    // 12 accesses of 150 ns + 5 us, whatever the size.
    Example(
      operation: .growProtectedRegion(.gibibytes(1)), picoseconds: 6_800_000,
      unit: .memoryManagement, cores: 1_000_000),
    // 2097152 pages x 2138 ps + 4096 flushes of 1 us.
    Example(
      operation: .protectPages(.gibibytes(8)), picoseconds: 8_579_710_976,
      unit: .memoryManagement, cores: 1_000_000),
    // 513 pages x 2138 ps + 2 flushes of 1 us.
    Example(
      operation: .protectPages(ByteCount(bytes: 513 * 4096)), picoseconds: 3_096_794,
      unit: .memoryManagement, cores: 1_000_000),
    // The NPU does it, no core.
    Example(operation: .switchNPUMode(protected: true), picoseconds: 210_000_000, unit: .npu),
    // As TZ-LLM's co-driver, and as a driver attached anew.
    Example(
      operation: .switchNPUMode(protected: true, by: .coDriver), picoseconds: 20_000_000, unit: .npu
    ),
    Example(
      operation: .switchNPUMode(protected: false, by: .reattach), picoseconds: 32_000_000_000,
      unit: .npu),
    // Out of protected mode, 1 ms, and back.
    Example(
      operation: .runOtherNPUTask(.milliseconds(1), handOver: .modeSwitch),
      picoseconds: 1_420_000_000, unit: .npu),
    Example(
      operation: .runOtherNPUTask(.milliseconds(1), handOver: nil), picoseconds: 1_000_000_000,
      unit: .npu),
    // As switching it on.
    Example(
      operation: .disableProtection, picoseconds: 2_960_000_000, unit: .memoryManagement,
      cores: 1_000_000),
    // A core wakes up in 120 us, the question and the answer take 20 us each, then 256 x 75116 ps.
    Example(
      operation: .chooseForRecall(.mebibytes(1)), picoseconds: 179_229_696,
      unit: .memoryManagement, cores: 1_000_000),
    // 256 x 20 ns.
    Example(
      operation: .unmapFromNPU(.mebibytes(1)), picoseconds: 5_120_000, unit: .cleaner,
      cores: 1_000_000),
    // 1048576 B / 30 GB/s, rounded up; its own rate, rounded down.
    Example(
      operation: .zero(.mebibytes(1)), picoseconds: 34_952_534, unit: .cleaner, bound: .memory,
      cores: 1_000_000, traffic: 29_999_999_427),
    // 1048576 B / 5.24 GB/s; read and written.
    Example(
      operation: .encrypt(.mebibytes(1)), picoseconds: 200_109_924, unit: .decryptionTeam,
      bound: .compute, cores: 4_000_000, traffic: 10_479_999_982),
    // As in place.
    Example(
      operation: .encryptCopy(.mebibytes(1)), picoseconds: 200_109_924, unit: .decryptionTeam,
      bound: .compute, cores: 4_000_000, traffic: 10_479_999_982),
    // 1048576 B / 2.1 GB/s.
    Example(
      operation: .writeStorage(.mebibytes(1)), picoseconds: 499_321_905, unit: .storage,
      bound: .storage, traffic: 2_099_999_998),
    // 12 accesses of 150 ns and 5 us, as growing.
    Example(
      operation: .shrinkProtectedRegion(.mebibytes(1)), picoseconds: 6_800_000,
      unit: .memoryManagement, cores: 1_000_000),
    // 256 x 2138 ps and one flush of 1 us.
    Example(
      operation: .unprotectPages(.mebibytes(1)), picoseconds: 1_547_328, unit: .cleaner,
      cores: 1_000_000),
    // 256 x 103621 ps.
    Example(
      operation: .freePages(.mebibytes(1)), picoseconds: 26_526_976, unit: .cleaner,
      cores: 1_000_000),
    Example(
      operation: .freeContiguous(.mebibytes(1)), picoseconds: 26_526_976, unit: .cleaner,
      cores: 1_000_000),
    Example(operation: .decryptAtNoCost(.mebibytes(1)), picoseconds: 0, unit: nil),
    Example(operation: .wait(.milliseconds(1)), picoseconds: 1_000_000_000, unit: nil),
    Example(operation: .switchNPUWindow, picoseconds: 100_000_000, unit: .npu),
    // 1048576 B / 2630640176 B/s = 398601074.04 ps, rounded up; its own rate, rounded down.
    Example(
      operation: .readStorage(.mebibytes(1)), picoseconds: 398_601_075, unit: .storage,
      bound: .storage, traffic: 2_630_640_170),
    // 1048576 B / 6511669996 B/s = 161030273.5 ps; 2097152 B in that time.
    Example(
      operation: .decrypt(.mebibytes(1)), picoseconds: 161_030_274, unit: .decryptionTeam,
      bound: .compute, cores: 4_000_000, traffic: 13_023_339_946),
    // 10 us a token.
    Example(
      operation: .tokenise(tokens: 512), picoseconds: 5_120_000_000, unit: .computeTeam,
      cores: 1_000_000),
    // 64 x 2048 / 153e6 per second = 856679738.6 ps; 5 bytes an element.
    Example(
      operation: .quantise(rows: 64, columns: 2048), picoseconds: 856_679_739, unit: .computeTeam,
      bound: .compute, cores: 4_000_000, traffic: 764_999_999),
    // As many elements; 8 bytes each.
    Example(
      operation: .dequantise(rows: 64, columns: 2048), picoseconds: 856_679_739,
      unit: .computeTeam, bound: .compute, cores: 4_000_000, traffic: 1_223_999_999),
    // The weight half of the buffer, 128 KiB, holds 64 columns of 2048 inputs: waves of 192
    // columns on three cores, ten full ones and one of 128. Fetched per wave: 2048 x 192 weights
    // and 64 x 192 results of 4 bytes, 442368 B, 14297609 ps at 30.94 GB/s; the first also
    // 64 x 2048 activations, 573440 B, 18533937 ps; the last 2048 x 128 + 4 x 64 x 128 =
    // 294912 B, 9531739 ps. Computed per wave: 64 rows x 64 x 2 passes, 8192 cycles, 8192000 ps,
    // less than any fetch. So 18533937 + 9 x 14297609 + 9531739 + 8192000 = 164936157 ps, after a
    // launch of 1.26 ms. Traffic: 573440 + 9 x 442368 + 294912 = 4849664 B in 1424936157 ps.
    Example(
      operation: .multiplyOnNPU(
        MatrixMultiply(rows: 64, inner: 2048, columns: 2048), protected: false),
      picoseconds: 1_424_936_157, unit: .npu, bound: .memory, traffic: 3_403_425_463),
    // A launch in protected mode takes 20 us more.
    Example(
      operation: .multiplyOnNPU(
        MatrixMultiply(rows: 64, inner: 2048, columns: 2048), protected: true),
      picoseconds: 1_444_936_157, unit: .npu, bound: .memory, traffic: 3_356_317_146),
    // The next product of the same task: what it fetches and computes, without the launch, and its
    // 4849664 B in 164936157 ps.
    Example(
      operation: .multiplyOnNPU(
        MatrixMultiply(rows: 64, inner: 2048, columns: 2048), protected: true, launch: false),
      picoseconds: 164_936_157, unit: .npu, bound: .memory, traffic: 29_403_279_961),
    // Into the secure world and back, 20 us, around the product with its launch.
    Example(
      operation: .multiplyOnNPU(
        MatrixMultiply(rows: 64, inner: 2048, columns: 2048), protected: true, handOver: .coDriver),
      picoseconds: 1_464_936_157, unit: .npu, bound: .memory, traffic: 3_310_495_120),
    // 59.38 ms + 128256 x 17.513 us.
    Example(
      operation: .startFramework(vocabulary: 128_256), picoseconds: 2_305_527_328_000,
      unit: .computeTeam, cores: 1_000_000),
    Example(
      operation: .restoreFramework, picoseconds: 50_000_000_000, unit: .computeTeam,
      cores: 1_000_000),
    // Part of handing the NPU over.
    Example(operation: .letNPUReach(.mebibytes(1), true), picoseconds: 0, unit: nil),
    // A third GiB as above, by the threads that compute; its steps are 256 of 4 MiB.
    Example(
      operation: .restore(
        .allocateContiguous(.gibibytes(1), beyond: .gibibytes(2)), microOperation: .mebibytes(4)),
      picoseconds: 930_000_000_000, unit: .computeTeam, cores: 1_000_000),
    // 1000000 / 51.8e9 = 19305019.3 ps, longer than fetching 262144 B at 25 GB/s; 40 us before.
    Example(
      operation: .attention(
        multiplyAccumulates: 1_000_000, keysAndValues: ByteCount(bytes: 262_144)),
      picoseconds: 59_305_020, unit: .computeTeam, bound: .compute, cores: 4_000_000,
      traffic: 13_579_058_711),
    // A token of Llama-3.1-8B after 128 others: 129 keys and values of 4096 B, 528384 B at
    // 25 GB/s, 21135360 ps; 2 x 4096 x 129 = 1056768 products take 20400927 ps. 40 us before.
    Example(
      operation: .attention(
        multiplyAccumulates: 1_056_768, keysAndValues: ByteCount(bytes: 528_384)),
      picoseconds: 61_135_360, unit: .computeTeam, bound: .memory, cores: 4_000_000,
      traffic: 25_000_000_000),
    // 1048576 B / 25 GB/s.
    Example(
      operation: .elementwise(.mebibytes(1)), picoseconds: 41_943_040, unit: .computeTeam,
      bound: .memory, cores: 4_000_000, traffic: 25_000_000_000),
    // Cached: 65 rows of 2048 bytes fit 512 KiB. 268435456 / 51.8e9 = 5182151660.2 ps, longer
    // than streaming 4194304 B of weights at 12.8 GB/s; the threads start in 40 us.
    Example(
      operation: .multiplyOnCPU(MatrixMultiply(rows: 64, inner: 2048, columns: 2048)),
      picoseconds: 5_222_151_661, unit: .computeTeam, bound: .compute, cores: 4_000_000,
      traffic: 809_374_999),
    // 128 rows of 4096 bytes are exactly 512 KiB: 127 rows of activations and one of weights.
    // 127 x 4096 x 4096 = 2130706432; / 51.8e9 = 41133328803.1 ps; 16777216 B of weights; 40 us.
    Example(
      operation: .multiplyOnCPU(MatrixMultiply(rows: 127, inner: 4096, columns: 4096)),
      picoseconds: 41_173_328_804, unit: .computeTeam, bound: .compute, cores: 4_000_000,
      traffic: 407_874_015),
    // One row more does not fit: 2147483648 / 30e9 = 71582788266.7 ps after 40 us. Every product
    // fetches its activation again: 2147483648 + 16777216 B.
    Example(
      operation: .multiplyOnCPU(MatrixMultiply(rows: 128, inner: 4096, columns: 4096)),
      picoseconds: 71_622_788_267, unit: .computeTeam, bound: .memory, cores: 4_000_000,
      traffic: 30_234_374_999),
    // A single row waits for the weights: 4096 x 128256 = 525336576 B / 12.8 GB/s, after 40 us.
    Example(
      operation: .multiplyOnCPU(MatrixMultiply(rows: 1, inner: 4096, columns: 128_256)),
      picoseconds: 41_081_920_000, unit: .computeTeam, bound: .memory, cores: 4_000_000,
      traffic: 12_800_000_000),
  ]

  @Test(arguments: examples)
  func anOperationCostsWhatWasWorkedOut(_ example: Example) throws {
    var pricing = DevicePricing.shipped()
    let cost = try pricing.cost(of: example.operation)
    #expect(cost.duration.picoseconds == example.picoseconds)
    #expect(cost.unit == example.unit)
    #expect(cost.bound == example.bound)
    #expect(cost.demands.amount(of: .processorCores) == example.cores)
    #expect(cost.demands.amount(of: .memoryBandwidth) == example.traffic)
  }

  @Test func theExamplesCoverTheCatalogue() {
    // The names of the cases, which `String(describing:)` puts before the first parenthesis.
    let names = Set(Self.examples.map { "\($0.operation)".prefix { $0 != "(" } })
    #expect(names.count == 38)
    #expect(Set(Self.examples.map(\.operation.kind)) == Set(OperationKind.allCases))
    #expect(Set(Self.examples.compactMap(\.unit)) == Set(DeviceUnit.allCases))
  }

  @Test func nothingCostsNothingWhereSizeIsAllThatCounts() throws {
    var pricing = DevicePricing.shipped()
    for operation: DeviceOperation in [
      .mapIntoProcess(.zero), .mapForNPU(.zero, protected: true), .protectPages(.zero),
      .readStorage(.zero), .decrypt(.zero), .tokenise(tokens: 0), .elementwise(.zero),
    ] {
      let cost = try pricing.cost(of: operation)
      #expect(cost.duration == .zero, "\(operation)")
      #expect(cost.demands.amount(of: .memoryBandwidth) == nil, "\(operation)")
    }
  }

  /// The threads are woken and waited for, however little they do.
  @Test func productsOnTheCPUStartBeforeTheyCompute() throws {
    var pricing = DevicePricing.shipped()
    let attention = try pricing.cost(
      of: .attention(multiplyAccumulates: 0, keysAndValues: .zero))
    #expect(attention.duration == .microseconds(40))
    #expect(attention.demands.amount(of: .memoryBandwidth) == nil)
    // One product: 19.4 ps of computing, 78.1 ps of fetching its weight.
    let product = try pricing.cost(
      of: .multiplyOnCPU(MatrixMultiply(rows: 1, inner: 1, columns: 1)))
    #expect(product.duration.picoseconds == 40_000_000 + 79)
  }

  @Test func aStorageRequestWaitsForItsFirstByte() throws {
    let profile = ShippedProfile.nanoPC.replacing(
      .storageLatency, with: .duration(.microseconds(80)), source: "test")
    var pricing = DevicePricing(
      profile: profile, backgroundMemory: .zero, precision: .int8, fidelity: .tile)
    let cost = try pricing.cost(of: .readStorage(.mebibytes(1)))
    #expect(cost.duration.picoseconds == 80_000_000 + 398_601_075)
    // While bytes move they move at the drive's rate, so that is what the request must be given.
    #expect(cost.demands.amount(of: .memoryBandwidth) == 2_630_640_170)
  }

  @Test func weightsTwiceAsWideTakeTwiceAsLongToStream() throws {
    let product = MatrixMultiply(rows: 1, inner: 4096, columns: 128_256)
    var narrow = DevicePricing.shipped()
    var wide = DevicePricing.shipped(precision: .fp16)
    let short = try narrow.cost(of: .multiplyOnCPU(product))
    let long = try wide.cost(of: .multiplyOnCPU(product))
    let start = SimulatedDuration.microseconds(40)
    #expect(long.duration - start == 2 * (short.duration - start))
  }

  @Test func widerActivationsLeaveTheCacheSooner() throws {
    // 127 rows and one of weights, at 2 bytes an element: 1 MiB, twice the cache.
    var pricing = DevicePricing.shipped(precision: .fp16)
    let cost = try pricing.cost(
      of: .multiplyOnCPU(MatrixMultiply(rows: 127, inner: 4096, columns: 4096)))
    #expect(
      cost.duration
        == .microseconds(40) + Int64(127 * 4096 * 4096) / OperationRate(perSecond: 30_000_000_000))
    // 4261412864 B + 33554432 B in 71023547733.4 ps would be 60 GB/s: all that DRAM has.
    #expect(cost.demands.amount(of: .memoryBandwidth) == 34_100_000_000)
  }

  @Test func capacitiesAreThoseOfTheProfile() {
    let pricing = DevicePricing.shipped()
    // 4 fast cores + 4 slow ones at 36.3 %.
    #expect(pricing.capacity(of: .processorCores) == 5_452_000)
    #expect(pricing.capacity(of: .memoryBandwidth) == 34_100_000_000)
    #expect(pricing.npuRowBlock == 64)
    #expect(pricing.npuBlockDimension == 2048)
    #expect(pricing.npuWindow == .gibibytes(4))
    // Numbers of two bytes: half as many rows.
    #expect(DevicePricing.shipped(precision: .fp16).npuRowBlock == 32)
  }

  @Test(arguments: UInt64(0)..<4, Precision.allCases)
  func noDemandExceedsWhatThereIs(seed: UInt64, precision: Precision) throws {
    var random = SeededGenerator(seed: seed)
    func size() -> ByteCount { ByteCount(bytes: Int64.random(in: 1...(8 << 30), using: &random)) }
    func product() -> MatrixMultiply {
      MatrixMultiply(
        rows: Int.random(in: 1...600, using: &random),
        inner: Int.random(in: 1...9000, using: &random),
        columns: Int.random(in: 1...9000, using: &random))
    }
    for fidelity in GEMMFidelity.allCases {
      var pricing = DevicePricing.shipped(precision: precision, fidelity: fidelity)
      for _ in 0..<10 {
        for operation: DeviceOperation in [
          .allocatePages(size()), .allocateContiguous(size()), .mapIntoProcess(size()),
          .protectPages(size()), .readStorage(size()), .decrypt(size()),
          .quantise(rows: 64, columns: 2048), .dequantise(rows: 1, columns: 32),
          .multiplyOnNPU(product(), protected: true), .multiplyOnCPU(product()),
          .multiplyOnNPU(product(), protected: true, launch: false),
          .attention(multiplyAccumulates: size().bytes, keysAndValues: size()),
          .elementwise(size()),
        ] {
          for demand in try pricing.cost(of: operation).demands {
            #expect(demand.amount > 0, "seed \(seed): \(operation)")
            #expect(
              demand.amount <= pricing.capacity(of: demand.unit), "seed \(seed): \(operation)")
          }
        }
      }
    }
  }

  // MARK: Refusals

  @Test func moreMemoryThanTheDeviceHasIsRefused() throws {
    var pricing = DevicePricing.shipped()
    let size = ByteCount.gibibytes(16) + ByteCount(bytes: 1)
    let expected = DeviceModelError.outOfMemory(wanted: size, capacity: .gibibytes(16))
    #expect(throws: expected) { try pricing.cost(of: .allocatePages(size)) }
    #expect(throws: expected) { try pricing.cost(of: .allocateContiguous(size)) }
    #expect(
      "\(DeviceModelError.outOfMemory(wanted: .gibibytes(17), capacity: .gibibytes(16)))"
        == "17 GiB of memory are asked for; the device has 16 GiB")
  }

  @Test func whatIsHeldAlreadyCountsToo() throws {
    var pricing = DevicePricing.shipped()
    #expect(
      throws: DeviceModelError.outOfMemory(wanted: .gibibytes(17), capacity: .gibibytes(16))
    ) { try pricing.cost(of: .allocatePages(.gibibytes(1), beyond: .gibibytes(16))) }
    #expect(
      throws: DeviceModelError.outsideCurve(
        path: "memory.contiguousAllocation.bySize", amount: .gibibytes(10), last: .gibibytes(9))
    ) { try pricing.cost(of: .allocateContiguous(.gibibytes(2), beyond: .gibibytes(8))) }
  }

  /// In whole granules, so that a contiguous range ends on one after every piece.
  @Test(arguments: UInt64(0)..<8)
  func memoryInPiecesCostsAsMuchAsAtOnce(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var pricing = DevicePricing.shipped()
    var held = ByteCount.zero
    var (pages, contiguous) = (SimulatedDuration.zero, SimulatedDuration.zero)
    for _ in 0..<12 {
      let size = ByteCount.mebibytes(Int64.random(in: 1...700, using: &random))
      pages = pages + (try pricing.cost(of: .allocatePages(size, beyond: held)).duration)
      contiguous =
        contiguous + (try pricing.cost(of: .allocateContiguous(size, beyond: held)).duration)
      held = held + size
    }
    #expect(try pricing.cost(of: .allocatePages(held)).duration == pages, "seed \(seed)")
    #expect(try pricing.cost(of: .allocateContiguous(held)).duration == contiguous, "seed \(seed)")
  }

  @Test func whatWasNotMeasuredIsRefused() throws {
    var pricing = DevicePricing.shipped()
    let size = ByteCount.gibibytes(9) + .mebibytes(1)
    #expect(
      throws: DeviceModelError.outsideCurve(
        path: "memory.pageAllocation.bySize", amount: size, last: .gibibytes(9))
    ) { try pricing.cost(of: .allocatePages(size)) }
    #expect(
      throws: DeviceModelError.outsideCurve(
        path: "memory.contiguousAllocation.bySize", amount: size, last: .gibibytes(9))
    ) { try pricing.cost(of: .allocateContiguous(size)) }

    var loaded = DevicePricing.shipped(load: .gibibytes(11))
    #expect(
      throws: DeviceModelError.outsideCurve(
        path: "memory.contiguousAllocation.byLoad", amount: .gibibytes(11), last: .gibibytes(10))
    ) { try loaded.cost(of: .allocateContiguous(.gibibytes(1))) }
    // 8 GiB wanted at a load of 11 run as short as 8 GiB wanted at 11: beyond the last point.
    #expect(
      throws: DeviceModelError.outsideCurve(
        path: "memory.pageAllocation.byLoad", amount: .gibibytes(11), last: .gibibytes(10))
    ) { try loaded.cost(of: .allocatePages(.gibibytes(8))) }
    #expect(
      "\(DeviceModelError.outsideCurve(path: "a.b", amount: .gibibytes(11), last: .gibibytes(10)))"
        == "a.b was measured up to 10 GiB, and 11 GiB is asked for")
  }

  /// 930 ms in 256 steps of 3632812500 ps; 7 bytes a step of 1 MiB less are as many steps.
  @Test func restoringIsAsLongInMicroOperationsAsInOnePiece() throws {
    var pricing = DevicePricing.shipped()
    let getting = DeviceOperation.allocateContiguous(.gibibytes(1), beyond: .gibibytes(2))
    let cost = try pricing.cost(of: .restore(getting, microOperation: .mebibytes(4)))
    #expect(
      cost.segments == [
        WorkSegment(count: 256, duration: SimulatedDuration(picoseconds: 3_632_812_500))
      ])
    for bytes in [Int64(1), 65_535, 65_536, 65_537, 1_000_001] {
      let decrypting = DeviceOperation.decrypt(ByteCount(bytes: bytes))
      let whole = try pricing.cost(of: decrypting)
      let steps = try pricing.cost(of: .restore(decrypting, microOperation: .kibibytes(64)))
      #expect(steps.duration == whole.duration)
      #expect(steps.segments.reduce(0) { $0 + $1.count } == Int((bytes + 65_535) / 65_536))
      #expect(steps.demands == whole.demands)
    }
  }

  @Test func computingComesBeforeRestoring() {
    let size = ByteCount.mebibytes(1)
    let decrypting = DeviceOperation.restore(.decrypt(size), microOperation: size)
    let allocating = DeviceOperation.restore(.allocateContiguous(size), microOperation: nil)
    #expect(DeviceOperation.quantise(rows: 1, columns: 1).priority == 0)
    #expect(decrypting.priority == 1 && allocating.priority == 2)
    #expect(decrypting.isPreemptible && !allocating.isPreemptible)
    #expect(decrypting.kind == .decryption && decrypting.isProtection && !allocating.isProtection)
  }

  @Test func aControllerWithoutAFreeRegionProtectsNothing() throws {
    let profile = ShippedProfile.nanoPC.replacing(.regionLimit, with: .count(0), source: "test")
    var pricing = DevicePricing(
      profile: profile, backgroundMemory: .zero, precision: .int8, fidelity: .tile)
    let expected = DeviceModelError.regionsExhausted(limit: 0)
    #expect(throws: expected) { try pricing.cost(of: .growProtectedRegion(.mebibytes(1))) }
    #expect(
      "\(expected)" == "the address-space controller has 0 free regions, and one more is asked for")
  }
}

extension [SharedDemand] {
  /// What is asked of a unit; nil when nothing is. Nobody asks one unit twice.
  func amount(of unit: SharedUnit) -> Int64? {
    let amounts = filter { $0.unit == unit }.map(\.amount)
    precondition(amounts.count <= 1, "two demands on \(unit)")
    return amounts.first
  }
}
