import Quantities
import Testing

@testable import DeviceModel

@Suite struct TileNestTests {
  static func anyNest(_ random: inout SeededGenerator) -> TileNest {
    func level() -> Int { Int.random(in: 0...3, using: &random) }
    return TileNest(
      tile: MatrixMultiply(
        rows: Int.random(in: 1...6, using: &random), inner: Int.random(in: 1...6, using: &random),
        columns: Int.random(in: 1...6, using: &random)),
      order: ProductLoop.allCases.shuffled(using: &random),
      levels: TileNest.Levels(activations: level(), weights: level(), results: level()))
  }

  static func smallProduct(_ random: inout SeededGenerator) -> MatrixMultiply {
    func extent() -> Int { Int.random(in: 1...20, using: &random) }
    return MatrixMultiply(rows: extent(), inner: extent(), columns: extent())
  }

  /// A buffer that remembers which elements it holds, cell by cell: an operand is emptied whenever
  /// one of the loops outside of its stay goes on.
  @Test(arguments: UInt64(0)..<300)
  func whatIsFetchedIsWhatABufferLacks(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let nest = Self.anyNest(&random)
    let product = Self.smallProduct(&random)
    var counted: [ProductOperand: Int] = [:]
    var macs: Int64 = 0
    nest.forEachRun(of: product) { run in
      let (m, k, n) = (run.tile.rows, run.tile.inner, run.tile.columns)
      macs += Int64(m * k * n * run.count)
      if run.fetchesActivations { counted[.activations, default: 0] += m * k * run.count }
      if run.fetchesWeights { counted[.weights, default: 0] += k * n * run.count }
      for moves in [run.fetchesSums, run.writesSums, run.writesResults] where moves {
        counted[.results, default: 0] += m * n * run.count
      }
    }
    #expect(macs == product.multiplyAccumulates, "seed \(seed): \(product) by \(nest)")
    for operand in ProductOperand.allCases {
      #expect(
        counted[operand] == Self.slow(operand, product, nest),
        "seed \(seed): \(operand) of \(product) by \(nest)")
    }
  }

  /// Elements of an operand that move, found by walking over all tiles.
  private static func slow(
    _ operand: ProductOperand, _ product: MatrixMultiply, _ nest: TileNest
  ) -> Int {
    let (rows, inner, columns) = (
      pieces(product.rows, nest.tile.rows), pieces(product.inner, nest.tile.inner),
      pieces(product.columns, nest.tile.columns)
    )
    let extents = nest.order.map { $0 == .rows ? rows : $0 == .inner ? inner : columns }
    var held: [[Int]: Int] = [:]
    var outside: [Int] = []
    var begun: Set<[Int]> = []
    var moved = 0
    /// Results leave: all that is held is written.
    func empty() {
      if operand == .results { moved += held.values.reduce(0, +) }
      held = [:]
    }
    for a in extents[0].indices {
      for b in extents[1].indices {
        for c in extents[2].indices {
          let place = [a, b, c]
          // A stay ends when a loop outside of it goes on.
          let stay = Array(place[..<nest.levels[operand]])
          if stay != outside { empty() }
          outside = stay
          func extent(_ loop: ProductLoop) -> (index: Int, size: Int) {
            let level = nest.order.firstIndex(of: loop)!
            return (place[level], extents[level][place[level]])
          }
          let (m, k, n) = (extent(.rows), extent(.inner), extent(.columns))
          let (key, size) =
            switch operand {
            case .activations: ([m.index, k.index], m.size * k.size)
            case .weights: ([k.index, n.index], k.size * n.size)
            case .results: ([m.index, n.index], m.size * n.size)
            }
          guard held[key] == nil else { continue }
          held[key] = size
          // A sum that was begun comes back; one that was not starts from nothing.
          if operand != .results || !begun.insert(key).inserted { moved += size }
        }
      }
    }
    empty()
    return moved
  }

  private static func pieces(_ count: Int, _ size: Int) -> [Int] {
    stride(from: 0, to: count, by: size).map { min(size, count - $0) }
  }

  /// 512 inputs and 256 columns in atoms of 32: four and three twos. One factor fewer merges two of
  /// the inputs' twos, the next two of the columns', since those come first among equals, and the
  /// next two more of the inputs'.
  @Test func factorsAreMergedWhereThereAreMost() {
    let product = MatrixMultiply(rows: 1, inner: 512, columns: 256)
    func inner(_ limit: Int) -> [Int] {
      TileSizes.loopFactors(limit: limit).candidates(for: product, atom: 32).inner
    }
    func columns(_ limit: Int) -> [Int] {
      TileSizes.loopFactors(limit: limit).candidates(for: product, atom: 32).columns
    }
    #expect(inner(7) == [32, 64, 128, 256, 512])
    #expect(columns(7) == [32, 64, 128, 256])
    #expect(inner(6) == [32, 64, 128, 256, 512])
    // 2 x 2 x 4 still gives 1, 2, 4, 8 and 16 atoms; 4 x 4 gives no 2 and no 8.
    #expect(columns(5) == [32, 64, 128, 256])
    #expect(inner(4) == [32, 128, 512])
  }

  /// With room for everything each byte moves once, and where the fewest tiles win there is one.
  @Test func aBufferForEverythingMovesEverythingOnce() throws {
    let product = MatrixMultiply(rows: 64, inner: 128, columns: 256)
    let widths = OperandWidths(activations: 8, weights: 8, sums: 32, results: 8)
    let nest = try #require(
      TileNest.leastTraffic(
        for: product, sizes: .loopFactors(limit: 30), atom: 32, buffer: 1 << 20, widths: widths,
        time: {
          let trips = $0.trips(of: product)
          return Int64(trips.rows * trips.inner * trips.columns)
        }))
    var tiling = ZigZagTests.tiling(dramBytesPerCycle: 8)
    tiling.buffer = .mebibytes(1)
    #expect(tiling.tiled(product).traffic.bytes == 64 * 128 + 128 * 256 + 64 * 256)
    #expect(nest.trips(of: product) == TileNest.Indices(rows: 1, inner: 1, columns: 1))
  }

  /// 32 x 1024 x 1024 in 12 KiB, worked by hand: output tiles of 32 x 32 sums take 4 KiB twice, and
  /// every other part 1 KiB at least and twice. So all of a row's activations (32 KiB) cannot stay,
  /// nor a wider tile of sums: activations come 32 times, weights once, sums never.
  @Test func aSmallBufferKeepsTheSums() throws {
    var tiling = ZigZagTests.tiling(dramBytesPerCycle: 8)
    tiling.buffer = .kibibytes(12)
    tiling.slicing = .leastTraffic(.loopFactors(limit: 30))
    let cost = tiling.tiled(MatrixMultiply(rows: 32, inner: 1024, columns: 1024))
    #expect(cost.traffic.bytes == 32 * 32 * 1024 + 1024 * 1024 + 32 * 1024)
  }

  @Test func whatDoesNotFitIsNotTiled() {
    let widths = OperandWidths(activations: 8, weights: 8, sums: 32, results: 8)
    #expect(
      TileNest.leastTraffic(
        for: MatrixMultiply(rows: 64, inner: 64, columns: 64), sizes: .loopFactors(limit: 30),
        atom: 32, buffer: 1000, widths: widths, time: { _ in 0 }) == nil)
  }
}
