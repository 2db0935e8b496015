import Quantities

/// A stretch of equal steps: `count` of them, each `duration` long.
public struct WorkSegment: Hashable, Sendable {
  public var count: Int
  public var duration: SimulatedDuration

  public init(count: Int, duration: SimulatedDuration) {
    self.count = count
    self.duration = duration
  }
}

/// How an NPU works through one matrix product: tiles that fit its buffer, each fetched while the
/// one before computes (`TilePipeline`), computed by arrays without systolic skew as in NVDLA.
struct NPUTiling {
  var coreCount: Int
  var clock: Frequency
  /// INT8 multiply-accumulates of one core per cycle; wider numbers take as many times longer.
  var macsPerCycle: Int
  /// Inputs, and outputs, that one core's array takes at once.
  var atom: Int
  var minimumRows: Int
  /// Of one core.
  var buffer: ByteCount
  /// What all cores together fetch and write.
  var streamBandwidth: Bandwidth
  var widths: OperandWidths
  var slicing: Slicing

  /// Who cuts products into tiles.
  enum Slicing: Hashable {
    /// The driver of the RK3588. The rows go through in slices whose activations, a block of
    /// inputs wide, fit the feature part of the buffer; for each slice and each block of inputs all
    /// weights stream by, a group of output columns at a time. The cores take one group each, so a
    /// *wave* of as many groups as cores is fetched and computed together. What the feature part
    /// leaves of the buffer is halved: one wave is fetched while the one before computes. Partial
    /// sums of all but the last block of inputs go to DRAM and back. It follows the measured
    /// products in docs/backend/RKNPU2-int4-research.md of
    /// https://github.com/unimatrix099/rk-llama.cpp.
    case driver(featureSlice: ByteCount, blockDimension: Int)
    /// A mapper that looks for the fewest bytes moved, on one core.
    case leastTraffic(TileSizes)
  }

  /// What a product costs once its task runs.
  struct Cost {
    var segments: [WorkSegment]
    /// Everything fetched and written.
    var traffic: ByteCount
    var isMemoryBound: Bool
  }

  /// How a product is cut into tiles.
  func nest(for product: MatrixMultiply) -> TileNest {
    switch slicing {
    case .driver(let featureSlice, let blockDimension):
      let weightHalf = (buffer.bytes - featureSlice.bytes) / 2
      let blockInner = min(product.inner, blockDimension)
      let fitting = Int(weightHalf) * 8 / (blockInner * widths.weights)
      let groupColumns = max(atom, fitting / atom * atom)
      return TileNest(
        tile: MatrixMultiply(
          rows: rowsPerSlice(featureSlice, blockDimension), inner: blockDimension,
          columns: groupColumns * coreCount),
        order: [.rows, .inner, .columns],
        levels: TileNest.Levels(activations: 2, weights: 3, results: 3))
    case .leastTraffic(let sizes):
      precondition(coreCount == 1, "\(coreCount) cores: which holds what is not said")
      guard
        let nest = TileNest.leastTraffic(
          for: product, sizes: sizes, atom: atom, buffer: buffer.bytes,
          widths: widths, time: { duration(of: product, by: $0) })
      else { preconditionFailure("no tile of \(product) fits \(buffer.text)") }
      return nest
    }
  }

  /// Rows whose activations, a block of inputs wide, fit the feature part of the buffer; one at
  /// least.
  func rowsPerSlice(_ featureSlice: ByteCount, _ blockDimension: Int) -> Int {
    max(1, Int(featureSlice.bytes) * 8 / (blockDimension * widths.activations))
  }

  /// Cycles of one core for `rows` x `inner` x `columns`.
  private func cycles(rows: Int, inner: Int, columns: Int) -> Int64 {
    // The array takes atom x atom weights a cycle at INT8.
    let passes = inner.dividedRoundingUp(by: atom) * columns.dividedRoundingUp(by: atom)
    let work = max(rows, minimumRows) * passes * atom * atom * widths.weights
    return Int64(work.dividedRoundingUp(by: 8 * macsPerCycle))
  }

  /// Bytes that one tile of a run fetches and writes.
  private func bytes(_ run: TileNest.Run) -> Int64 {
    let tile = run.tile
    var bytes: Int64 = 0
    if run.fetchesActivations { bytes += (tile.rows * tile.inner).bytes(bits: widths.activations) }
    if run.fetchesWeights { bytes += (tile.inner * tile.columns).bytes(bits: widths.weights) }
    let results = tile.rows * tile.columns
    if run.fetchesSums { bytes += results.bytes(bits: widths.sums) }
    if run.writesSums { bytes += results.bytes(bits: widths.sums) }
    if run.writesResults { bytes += results.bytes(bits: widths.results) }
    return bytes
  }

  /// The tiles of a product, those alike that follow each other together, with the bytes of one.
  private func forEachRun(
    of product: MatrixMultiply, by nest: TileNest, _ body: (TileRun, Int64) -> Void
  ) {
    nest.forEachRun(of: product) { run in
      let bytes = bytes(run)
      let columns = run.tile.columns.dividedRoundingUp(by: coreCount)
      let cycles = cycles(rows: run.tile.rows, inner: run.tile.inner, columns: columns)
      body(
        TileRun(
          count: run.count, fetch: (ByteCount(bytes: bytes) / streamBandwidth).picoseconds,
          compute: (CycleCount(cycles) / clock).picoseconds), bytes)
    }
  }

  /// Tile by tile.
  /// - Complexity: O(tiles).
  func tiled(_ product: MatrixMultiply) -> Cost {
    var segments: [WorkSegment] = []
    var traffic: Int64 = 0
    var fetchTotal: Int64 = 0
    var computeTotal: Int64 = 0
    var pipeline = TilePipeline()
    forEachRun(of: product, by: nest(for: product)) { run, bytes in
      for _ in 0..<run.count {
        let before = pipeline.computed
        pipeline.step(fetch: run.fetch, compute: run.compute)
        append(SimulatedDuration(picoseconds: pipeline.computed - before), to: &segments)
      }
      traffic += bytes * Int64(run.count)
      fetchTotal += run.fetch * Int64(run.count)
      computeTotal += run.compute * Int64(run.count)
    }
    return Cost(
      segments: segments, traffic: ByteCount(bytes: traffic),
      isMemoryBound: fetchTotal > computeTotal)
  }

  /// All tiles of a product by the closed form of equal tiles in a row: what `tiled` adds up to.
  /// - Complexity: O(runs), a few for each slice of rows and block of inputs.
  func tiledDuration(_ product: MatrixMultiply) -> SimulatedDuration {
    SimulatedDuration(picoseconds: duration(of: product, by: nest(for: product)))
  }

  /// In picoseconds.
  private func duration(of product: MatrixMultiply, by nest: TileNest) -> Int64 {
    var pipeline = TilePipeline()
    forEachRun(of: product, by: nest) { run, _ in pipeline.advance(run) }
    return pipeline.computed
  }

  /// The slower of computing everything at peak and moving every operand once.
  func roofline(_ product: MatrixMultiply) -> Cost {
    let roofline = Roofline(
      macsPerCycle: Int64(8 * macsPerCycle * coreCount), clock: clock, bandwidth: streamBandwidth)
    let traffic = product.bytes(
      activationBits: widths.activations, weightBits: widths.weights, resultBits: widths.results)
    // In multiply-accumulates of one bit by eight: the peak is that of INT8.
    let time = roofline.time(
      multiplyAccumulates: product.multiplyAccumulates * Int64(widths.weights), bytes: traffic)
    return Cost(
      segments: [WorkSegment(count: 1, duration: time.duration)], traffic: traffic,
      isMemoryBound: time.isMemoryBound)
  }

  /// One core's share of the columns on its array of `atom` x `atom` cells, weights stationary and
  /// folds one after the other. Wider numbers take as many times longer, as in `cycles`.
  func systolic(_ product: MatrixMultiply) -> Cost {
    let array = SystolicArray(rows: atom, columns: atom, dataflow: .weightStationary)
    var share = product
    share.columns = product.columns.dividedRoundingUp(by: coreCount)
    let cycles = (array.cycles(share) * Int64(widths.weights) + 7) / 8
    return Cost(
      segments: [WorkSegment(count: 1, duration: CycleCount(cycles) / clock)],
      traffic: roofline(product).traffic, isMemoryBound: false)
  }

  private func append(_ duration: SimulatedDuration, to segments: inout [WorkSegment]) {
    if let last = segments.last, last.duration == duration {
      segments[segments.count - 1].count += 1
    } else {
      segments.append(WorkSegment(count: 1, duration: duration))
    }
  }
}

extension Int {
  /// The quotient rounded up, of numbers that are not negative.
  func dividedRoundingUp(by divisor: Int) -> Int {
    (self + divisor - 1) / divisor
  }
}
