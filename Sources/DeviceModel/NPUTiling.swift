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

/// How an NPU with several cores works through one matrix product.
///
/// The rows go through in slices whose activations fit the feature part of the buffer; for each
/// slice and each block of inputs all weights stream by, a group of output columns at a time.
/// The cores take one group each, so a *wave* of as many groups as cores is fetched and computed
/// together. The weight part of the buffer is halved: one wave is fetched while the one before
/// computes, by the recurrence
///
///     fetched[i]  = max(fetched[i-1], computed[i-2]) + L[i]
///     computed[i] = max(fetched[i], computed[i-1]) + C[i]
///
/// (double buffering). Partial sums of all but the last block of inputs go to DRAM and back.
/// The form of the compute term is that of NVDLA-like arrays without systolic skew; the slicing
/// follows the measured RK3588 products in docs/backend/RKNPU2-int4-research.md of
/// https://github.com/unimatrix099/rk-llama.cpp.
struct NPUTiling {
  var coreCount: Int
  var clock: Frequency
  /// INT8 multiply-accumulates of one core per cycle.
  var macsPerCycle: Int
  /// Inputs, and outputs, that one core's array takes at once.
  var atom: Int
  var minimumRows: Int
  var buffer: ByteCount
  var featureSlice: ByteCount
  var streamBandwidth: Bandwidth
  var blockDimension: Int
  var precision: Precision

  /// Bytes of one 32-bit partial sum or result.
  private static let sumBytes = 4

  /// What a product costs once its task runs.
  struct Cost {
    var segments: [WorkSegment]
    /// Everything fetched and written.
    var traffic: ByteCount
    var isMemoryBound: Bool
  }

  /// Rows whose activations, a block of inputs wide, fit the feature part of the buffer. Drivers
  /// cut prompts into blocks of as many rows.
  var rowsPerSlice: Int {
    max(1, Int(featureSlice.bytes) / (blockDimension * precision.bytesPerElement))
  }

  /// Cycles of one core for `rows` x `inner` x `columns`.
  private func cycles(rows: Int, inner: Int, columns: Int) -> Int64 {
    // The array takes atom x atom weights a cycle at INT8; wider numbers take as many times longer.
    let passes = Int64(inner.dividedRoundingUp(by: atom) * columns.dividedRoundingUp(by: atom))
    let atomCycles = Int64(
      (atom * atom * precision.bytesPerElement).dividedRoundingUp(by: macsPerCycle))
    return Int64(max(rows, minimumRows)) * passes * atomCycles
  }

  /// Tile by tile.
  /// - Complexity: O(waves).
  func tiled(_ product: MatrixMultiply) -> Cost {
    let element = precision.bytesPerElement
    let weightHalf = (Int(buffer.bytes) - Int(featureSlice.bytes)) / 2
    let blockInner = min(product.inner, blockDimension)
    let groupColumns = max(atom, weightHalf / (blockInner * element) / atom * atom)
    let waveColumns = groupColumns * coreCount
    let sliceRows = rowsPerSlice
    let innerBlocks = product.inner.dividedRoundingUp(by: blockDimension)

    var segments: [WorkSegment] = []
    var traffic: Int64 = 0
    var fetchTotal: Int64 = 0
    var computeTotal: Int64 = 0
    var fetched: Int64 = 0
    var computed: Int64 = 0
    var computedBefore: Int64 = 0
    for firstRow in stride(from: 0, to: product.rows, by: sliceRows) {
      let rows = min(sliceRows, product.rows - firstRow)
      for block in 0..<innerBlocks {
        let inner = min(blockDimension, product.inner - block * blockDimension)
        for firstColumn in stride(from: 0, to: product.columns, by: waveColumns) {
          let columns = min(waveColumns, product.columns - firstColumn)
          var bytes = Int64(inner * columns * element)
          if firstColumn == 0 { bytes += Int64(rows * inner * element) }
          let sums = Int64(rows * columns * Self.sumBytes)
          bytes += block == 0 ? sums : 2 * sums
          let fetch = (ByteCount(bytes: bytes) / streamBandwidth).picoseconds
          let perCore = columns.dividedRoundingUp(by: coreCount)
          let compute =
            (CycleCount(cycles(rows: rows, inner: inner, columns: perCore)) / clock).picoseconds
          fetched = max(fetched, computedBefore) + fetch
          let end = max(fetched, computed) + compute
          append(SimulatedDuration(picoseconds: end - computed), to: &segments)
          computedBefore = computed
          computed = end
          traffic += bytes
          fetchTotal += fetch
          computeTotal += compute
        }
      }
    }
    return Cost(
      segments: segments, traffic: ByteCount(bytes: traffic),
      isMemoryBound: fetchTotal > computeTotal)
  }

  /// The slower of computing everything at peak and moving every operand once.
  func roofline(_ product: MatrixMultiply) -> Cost {
    let bits = 8 * precision.bytesPerElement
    let roofline = Roofline(
      macsPerCycle: Int64(macsPerCycle * coreCount), clock: clock, bandwidth: streamBandwidth)
    let traffic = product.bytes(
      activationBits: bits, weightBits: bits, resultBits: 8 * Self.sumBytes)
    // The peak is that of 8-bit numbers; wider ones take as many times longer.
    let time = roofline.time(
      multiplyAccumulates: product.multiplyAccumulates * Int64(precision.bytesPerElement),
      bytes: traffic)
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
    let cycles = array.cycles(share) * Int64(precision.bytesPerElement)
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
