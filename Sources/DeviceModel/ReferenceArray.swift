import Quantities

extension NPUTiling {
  /// The array that the project's ZigZag numbers were made with: 32 x 32 cells over inputs and
  /// columns, one row a cycle, one buffer of 384 KiB, double-buffered, 8-bit operands and final
  /// results, 32-bit partial sums, and a mapper whose loops had six factors. The clock is one at
  /// which bytes a cycle are GB/s.
  static func zigzag(dramBytesPerCycle: Int) -> NPUTiling {
    NPUTiling(
      coreCount: 1, clock: Frequency(hertz: 1_000_000_000), macsPerCycle: 1024, atom: 32,
      minimumRows: 1, buffer: .kibibytes(384),
      streamBandwidth: Bandwidth(bytesPerSecond: Int64(dramBytesPerCycle) * 1_000_000_000),
      widths: OperandWidths(activations: 8, weights: 8, sums: 32, results: 8),
      slicing: .leastTraffic(.loopFactors(limit: 6)))
  }
}

/// The array of the ZigZag numbers, for those who compare.
public enum ReferenceArray {
  /// Cycles of a product, tile by tile.
  public static func cycles(_ product: MatrixMultiply, dramBytesPerCycle: Int) -> Double {
    let tiling = NPUTiling.zigzag(dramBytesPerCycle: dramBytesPerCycle)
    return tiling.tiledDuration(product).seconds * Double(tiling.clock.hertz)
  }
}
