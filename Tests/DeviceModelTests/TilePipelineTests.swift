import Quantities
import Testing

@testable import DeviceModel

@Suite struct TilePipelineTests {
  /// The recurrence with any number of buffers, word for word.
  static func slow(_ tiles: [(fetch: Int64, compute: Int64)], buffers: Int) -> [Int64] {
    var fetched: [Int64] = []
    var computed: [Int64] = []
    for (i, tile) in tiles.enumerated() {
      let bufferFree = i >= buffers ? computed[i - buffers] : 0
      fetched.append(max(fetched.last ?? 0, bufferFree) + tile.fetch)
      computed.append(max(fetched[i], computed.last ?? 0) + tile.compute)
    }
    return computed
  }

  @Test(arguments: UInt64(0)..<200)
  func equalTilesTakeTheirClosedForm(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let run = TileRun(
      count: Int.random(in: 0...20, using: &random), fetch: Int64.random(in: 0...9, using: &random),
      compute: Int64.random(in: 0...9, using: &random))
    let tiles = Array(repeating: (run.fetch, run.compute), count: run.count)
    for buffers in 1...5 {
      let end = Self.slow(tiles, buffers: buffers).last ?? 0
      #expect(TilePipeline.duration(of: run, buffers: buffers) == end, "seed \(seed): \(run)")
    }
  }

  /// Runs after runs, from whatever state the ones before left: fast, step by step, and slow.
  @Test(arguments: UInt64(0)..<500)
  func runsAfterRunsTakeAsLongAsTheirTiles(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var fast = TilePipeline()
    var stepped = TilePipeline()
    var tiles: [(Int64, Int64)] = []
    for _ in 0..<8 {
      let run = TileRun(
        count: Int.random(in: 0...4, using: &random),
        fetch: Int64.random(in: 0...12, using: &random),
        compute: Int64.random(in: 0...12, using: &random))
      fast.advance(run)
      for _ in 0..<run.count {
        stepped.step(fetch: run.fetch, compute: run.compute)
        tiles.append((run.fetch, run.compute))
      }
      let slow = Self.slow(tiles, buffers: 2).last ?? 0
      #expect(fast.computed == slow, "seed \(seed)")
      #expect(stepped.computed == slow, "seed \(seed)")
    }
  }

  @Test(arguments: UInt64(0)..<60)
  func aProductTakesItsClosedForm(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let tiling = NPUTilingTests.anyTiling(&random)
    let product = NPUTilingTests.anyProduct(&random)
    #expect(
      tiling.tiledDuration(product) == tiling.tiled(product).segments.duration,
      "seed \(seed): \(product) on \(tiling)")
  }
}
