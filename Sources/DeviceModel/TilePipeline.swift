import Quantities

/// Equal tiles in a row: how many, and how long each takes to come and to compute.
struct TileRun: Hashable {
  var count: Int
  /// In picoseconds, as `compute`.
  var fetch: Int64
  var compute: Int64
}

/// When tiles are there and done, with two buffers: one tile is fetched while the one before
/// computes.
///
///     fetched[i]  = max(fetched[i-1], computed[i-2]) + fetch[i]
///     computed[i] = max(fetched[i], computed[i-1]) + compute[i]
///
/// Tile by tile, or a run of equal tiles at once; both give the same picoseconds.
struct TilePipeline {
  private var fetched: Int64 = 0
  private var computedBefore: Int64 = 0
  /// When the last tile is done.
  private(set) var computed: Int64 = 0

  /// One more tile.
  mutating func step(fetch: Int64, compute: Int64) {
    fetched = max(fetched, computedBefore) + fetch
    computedBefore = computed
    computed = max(fetched, computed) + compute
  }

  /// A run of equal tiles, by its closed form.
  ///
  /// The first computes once it is there and the array is free. From then on the slower of fetching
  /// and computing sets the pace.
  /// - Complexity: O(1).
  mutating func advance(_ run: TileRun) {
    guard run.count > 0 else { return }
    step(fetch: run.fetch, compute: run.compute)
    let start = computed - run.compute
    let pace = max(run.fetch, run.compute)
    let others = Int64(run.count - 1)
    guard others > 0 else { return }
    fetched = start + (others - 1) * pace + run.fetch
    computedBefore = start + (others - 1) * pace + run.compute
    computed = start + others * pace + run.compute
  }

  /// So many equal tiles from the start, with any number of buffers.
  static func duration(of run: TileRun, buffers: Int) -> Int64 {
    precondition(buffers > 0, "\(buffers) buffers")
    let count = Int64(run.count)
    guard count > 0 else { return 0 }
    return buffers == 1
      ? count * (run.fetch + run.compute)
      : run.fetch + (count - 1) * max(run.fetch, run.compute) + run.compute
  }
}
