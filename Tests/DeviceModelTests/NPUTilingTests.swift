import Quantities
import Testing

@testable import DeviceModel

@Suite struct NPUTilingTests {
  /// The tiling of the shipped profile.
  static func shipped(_ precision: Precision = .int8) -> NPUTiling {
    NPUTiling(
      coreCount: 3, clock: Frequency(hertz: 1_000_000_000), macsPerCycle: 1024, atom: 32,
      minimumRows: 1, buffer: .kibibytes(384),
      streamBandwidth: Bandwidth(bytesPerSecond: 30_940_000_000),
      widths: OperandWidths(OperandFormat(precision)),
      slicing: .driver(featureSlice: .kibibytes(128), blockDimension: 2048))
  }

  /// Any tiling that a profile could describe.
  static func anyTiling(_ random: inout SeededGenerator) -> NPUTiling {
    let atom = [8, 16, 32].randomElement(using: &random)!
    let slice = Int64.random(in: 4...64, using: &random)
    return NPUTiling(
      coreCount: Int.random(in: 1...4, using: &random),
      clock: Frequency(hertz: Int64.random(in: 200_000_000...2_000_000_000, using: &random)),
      macsPerCycle: atom * atom, atom: atom, minimumRows: Int.random(in: 1...16, using: &random),
      buffer: .kibibytes(slice + Int64.random(in: 8...128, using: &random)),
      streamBandwidth: Bandwidth(
        bytesPerSecond: Int64.random(in: 1_000_000_000...60_000_000_000, using: &random)),
      widths: OperandWidths(OperandFormat.allCases.randomElement(using: &random)!),
      slicing: .driver(
        featureSlice: .kibibytes(slice),
        blockDimension: [128, 256, 512].randomElement(using: &random)!))
  }

  static func anyProduct(_ random: inout SeededGenerator) -> MatrixMultiply {
    MatrixMultiply(
      rows: Int.random(in: 1...200, using: &random),
      inner: Int.random(in: 1...1500, using: &random),
      columns: Int.random(in: 1...1500, using: &random))
  }

  // MARK: Against a slow model

  @Test(arguments: UInt64(0)..<60)
  func theTilesAreThoseOfAModelThatCountsElementByElement(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tiling = Self.anyTiling(&random)
    let product = Self.anyProduct(&random)
    let fast = tiling.tiled(product)
    let slow = SlowTiling(tiling, product)
    #expect(fast.traffic.bytes == slow.traffic, "seed \(seed): \(product) on \(tiling)")
    #expect(fast.isMemoryBound == slow.isMemoryBound, "seed \(seed): \(product) on \(tiling)")
    #expect(
      fast.segments.flatMap { Array(repeating: $0.duration.picoseconds, count: $0.count) }
        == slow.steps, "seed \(seed): \(product) on \(tiling)")
  }

  // MARK: Laws

  /// Columns in whole waves: all tiles are equal, but for the activations that come first.
  @Test(arguments: [1, 16, 64], 1...12)
  func equalTilesTakeTheClosedForm(rows: Int, waves: Int) {
    // A wave is three cores' 64 columns of 2048 inputs; see OperationPriceTests.
    let bandwidth = Bandwidth(bytesPerSecond: 30_940_000_000)
    let weightsAndResults = 2048 * 192 + 4 * rows * 192
    let load = ByteCount(bytes: Int64(weightsAndResults)) / bandwidth
    let firstLoad = ByteCount(bytes: Int64(weightsAndResults + rows * 2048)) / bandwidth
    // 64 x 2 passes of a cycle a row, at 1 GHz.
    let computing = SimulatedDuration.nanoseconds(Int64(128 * rows))
    let closed = firstLoad + (waves - 1) * max(load, computing) + computing

    let cost = Self.shipped().tiled(
      MatrixMultiply(rows: rows, inner: 2048, columns: 192 * waves))
    #expect(cost.segments.duration == closed)
    #expect(cost.segments.reduce(0) { $0 + $1.count } == waves)
  }

  /// The same where computing is the slower half.
  @Test(arguments: 1...12)
  func equalTilesTakeTheClosedFormWhenComputingIsSlower(waves: Int) {
    var tiling = Self.shipped()
    tiling.clock = Frequency(hertz: 100_000_000)
    let first = ByteCount(bytes: 2048 * 192 + 4 * 64 * 192 + 64 * 2048) / tiling.streamBandwidth
    let computing = SimulatedDuration.nanoseconds(81_920)
    let cost = tiling.tiled(MatrixMultiply(rows: 64, inner: 2048, columns: 192 * waves))
    #expect(!cost.isMemoryBound)
    #expect(cost.segments.duration == first + waves * computing)
  }

  @Test(arguments: UInt64(0)..<60)
  func noProductBeatsTheRoofline(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tiling = Self.anyTiling(&random)
    let product = Self.anyProduct(&random)
    let tiled = tiling.tiled(product)
    let roofline = tiling.roofline(product)
    #expect(
      tiled.segments.duration >= roofline.segments.duration, "seed \(seed): \(product) on \(tiling)"
    )
    #expect(tiled.traffic >= roofline.traffic, "seed \(seed): \(product) on \(tiling)")
  }

  @Test(arguments: UInt64(0)..<60)
  func moreRowsOrColumnsNeverTakeLess(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tiling = Self.anyTiling(&random)
    let small = Self.anyProduct(&random)
    let before = tiling.tiled(small)
    for grow: WritableKeyPath<MatrixMultiply, Int> in [\.rows, \.columns] {
      for step in [1, Int.random(in: 2...300, using: &random)] {
        var large = small
        large[keyPath: grow] += step
        let after = tiling.tiled(large)
        #expect(
          after.segments.duration >= before.segments.duration,
          "seed \(seed): \(small) to \(large) on \(tiling)")
        #expect(after.traffic >= before.traffic, "seed \(seed): \(small) to \(large) on \(tiling)")
      }
    }
  }

  /// Longer dot products take longer once they fill a block. Below that they narrow the tiles, and
  /// narrower tiles start to compute sooner: `aNarrowerTileStartsSooner` has an example.
  @Test(arguments: UInt64(0)..<60)
  func moreInputsNeverTakeLessOnceTheyFillABlock(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tiling = Self.anyTiling(&random)
    var small = Self.anyProduct(&random)
    small.inner = tiling.blockDimension + Int.random(in: 0...800, using: &random)
    let before = tiling.tiled(small)
    for step in [1, Int.random(in: 2...300, using: &random)] {
      var large = small
      large.inner += step
      let after = tiling.tiled(large)
      #expect(
        after.segments.duration >= before.segments.duration,
        "seed \(seed): \(small) to \(large) on \(tiling)")
      #expect(after.traffic >= before.traffic, "seed \(seed): \(small) to \(large) on \(tiling)")
    }
  }

  /// With 1024 inputs the weight half holds 128 columns a core, and 384 columns are one wave that
  /// nothing overlaps: 1024 x 384 + 64 x 1024 + 4 x 64 x 384 = 557056 B, 18004396 ps, then
  /// 64 x 32 x 4 = 8192 cycles, 26196396 ps. With 1025 it holds 96: waves of 288 and 96 columns.
  /// The first, 1025 x 288 + 64 x 1025 + 4 x 64 x 288 = 434528 B, is there after 14044215 ps and
  /// takes 64 x 33 x 3 = 6336 cycles, longer than the second takes to come; that one takes
  /// 64 x 33 = 2112 cycles: 22492215 ps.
  @Test func aNarrowerTileStartsSooner() {
    let one = Self.shipped().tiled(MatrixMultiply(rows: 64, inner: 1024, columns: 384))
    let two = Self.shipped().tiled(MatrixMultiply(rows: 64, inner: 1025, columns: 384))
    #expect(one.segments.duration.picoseconds == 26_196_396)
    #expect(two.segments.duration.picoseconds == 22_492_215)
  }

  @Test(arguments: UInt64(0)..<20)
  func sixteenBitsTakeTwiceTheComputingOfEight(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let product = Self.anyProduct(&random)
    // So fast a memory and so large a buffer that only computing is left, on one core and in one
    // wave: the tiles of both are then the same.
    func computing(_ precision: Precision) -> SimulatedDuration {
      var tiling = Self.shipped(precision)
      tiling.streamBandwidth = Bandwidth(bytesPerSecond: .max)
      tiling.buffer = .gibibytes(1)
      tiling.featureSlice = .mebibytes(64)
      return tiling.tiled(product).segments.duration - .init(picoseconds: 1)
    }
    // Fetching takes 1 ps, rounded up.
    #expect(computing(.fp16) == 2 * computing(.int8), "seed \(seed): \(product)")
    var roofline = Self.shipped()
    roofline.streamBandwidth = Bandwidth(bytesPerSecond: .max)
    let narrow = roofline.roofline(product).segments.duration
    roofline.widths = OperandWidths(.fp16)
    let wide = roofline.roofline(product).segments.duration
    // Cycles are rounded up to whole ones.
    #expect(2 * narrow - wide <= .nanoseconds(1) && wide <= 2 * narrow, "seed \(seed): \(product)")
  }

  @Test func sumsOfAllButTheLastBlockOfInputsGoToDRAMAndBack() {
    // 1 x 4096 x 96: two blocks of 2048 inputs, one wave of 96 columns each.
    // Block 0: 2048 x 96 weights + 2048 activations + 4 x 96 sums = 199040 B.
    // Block 1: the same and the sums of block 0 read again: 199424 B.
    let cost = Self.shipped().tiled(MatrixMultiply(rows: 1, inner: 4096, columns: 96))
    #expect(cost.traffic.bytes == 199_040 + 199_424)
  }

  @Test func everySliceOfRowsStreamsAllWeights() {
    // 65 rows: slices of 64 and of 1; 96 columns of 32 inputs are one wave.
    // 2 x 32 x 96 weights + 65 x 32 activations + 4 x 65 x 96 results.
    let cost = Self.shipped().tiled(MatrixMultiply(rows: 65, inner: 32, columns: 96))
    #expect(cost.traffic.bytes == 2 * 32 * 96 + 65 * 32 + 4 * 65 * 96)
    #expect(cost.segments.reduce(0) { $0 + $1.count } == 2)
  }

  @Test func aRowAloneTakesAsLongAsTheFewestTheArrayTakes() {
    var tiling = Self.shipped()
    tiling.streamBandwidth = Bandwidth(bytesPerSecond: .max)
    tiling.minimumRows = 16
    let one = tiling.tiled(MatrixMultiply(rows: 1, inner: 2048, columns: 2048))
    let sixteen = tiling.tiled(MatrixMultiply(rows: 16, inner: 2048, columns: 2048))
    #expect(one.segments.duration == sixteen.segments.duration)
  }
}

/// What `NPUTiling` computes, the slow way: operands are counted element by element, and the
/// recurrence keeps every tile.
private struct SlowTiling {
  var steps: [Int64] = []
  var traffic: Int64 = 0
  var isMemoryBound = false

  init(_ tiling: NPUTiling, _ product: MatrixMultiply) {
    let bits = tiling.widths.weights
    func bytes(_ count: Int) -> Int { (count * bits + 7) / 8 }
    let result = bits == 4 ? 2 : 4
    // Rows of a slice: as many as fit, one at least.
    var sliceRows = 1
    while (sliceRows + 1) * tiling.blockDimension * bits <= 8 * Int(tiling.featureSlice.bytes) {
      sliceRows += 1
    }
    // Columns of one core: whole atoms whose weights fit half of what activations leave.
    var coreColumns = tiling.atom
    let blockInputs = min(product.inner, tiling.blockDimension)
    while 2 * (coreColumns + tiling.atom) * blockInputs * bits
      <= 8 * Int(tiling.buffer.bytes - tiling.featureSlice.bytes)
    { coreColumns += tiling.atom }

    var loads: [Int64] = []
    var computations: [Int64] = []
    for slice in Array(0..<product.rows).pieces(of: sliceRows) {
      for (block, inputs) in Array(0..<product.inner).pieces(of: tiling.blockDimension).enumerated()
      {
        for (wave, outputs) in Array(0..<product.columns)
          .pieces(of: coreColumns * tiling.coreCount).enumerated()
        {
          var weights = 0
          var activations = 0
          var results = 0
          for _ in inputs { weights += outputs.count }
          if wave == 0 { for _ in slice { activations += inputs.count } }
          for _ in slice { results += outputs.count }
          var moved = bytes(weights) + bytes(activations) + result * results
          if block > 0 { moved += result * results }
          traffic += Int64(moved)
          loads.append(Self.picoseconds(Int64(moved), tiling.streamBandwidth.bytesPerSecond))

          // The most columns that one core gets, dealt out one by one.
          var dealt = [Int](repeating: 0, count: tiling.coreCount)
          for index in outputs.indices { dealt[index % tiling.coreCount] += 1 }
          var eighths: Int64 = 0
          for _ in Array(0..<dealt[0]).pieces(of: tiling.atom) {
            for _ in inputs.pieces(of: tiling.atom) {
              eighths += Int64(max(slice.count, tiling.minimumRows) * bits)
            }
          }
          // The array of these tilings takes one atom a cycle at 8 bits.
          computations.append(Self.picoseconds((eighths + 7) / 8, tiling.clock.hertz))
        }
      }
    }
    isMemoryBound = loads.reduce(0, +) > computations.reduce(0, +)

    var fetched: [Int64] = []
    var computed: [Int64] = []
    for tile in loads.indices {
      let buffersFree = tile >= 2 ? computed[tile - 2] : 0
      fetched.append(max(fetched.last ?? 0, buffersFree) + loads[tile])
      computed.append(max(fetched[tile], computed.last ?? 0) + computations[tile])
      steps.append(computed[tile] - (tile > 0 ? computed[tile - 1] : 0))
    }
  }

  private static func picoseconds(_ amount: Int64, _ perSecond: Int64) -> Int64 {
    Int64((Int128(amount) * 1_000_000_000_000 + Int128(perSecond) - 1) / Int128(perSecond))
  }
}

extension NPUTiling {
  /// What the driver goes by.
  var featureSlice: ByteCount {
    get {
      guard case .driver(let slice, _) = slicing else { preconditionFailure("\(slicing)") }
      return slice
    }
    set { slicing = .driver(featureSlice: newValue, blockDimension: blockDimension) }
  }

  var blockDimension: Int {
    get {
      guard case .driver(_, let dimension) = slicing else { preconditionFailure("\(slicing)") }
      return dimension
    }
    set { slicing = .driver(featureSlice: featureSlice, blockDimension: newValue) }
  }
}

extension RandomAccessCollection<Int> {
  fileprivate func pieces(of size: Int) -> [[Int]] {
    stride(from: 0, to: count, by: size).map { Array(dropFirst($0).prefix(size)) }
  }
}

extension [WorkSegment] {
  var duration: SimulatedDuration { reduce(.zero) { $0 + $1.duration * $1.count } }
}
