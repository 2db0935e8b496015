import Quantities

/// The least time a machine needs: the slower of computing everything at peak and moving every byte
/// once.
///
/// S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for
/// multicore architectures", CACM 52(4), 2009. A buffer plays no part: nothing is moved twice.
public struct Roofline: Hashable, Sendable {
  /// Multiply-accumulates a cycle of the whole machine; two operations each.
  public var macsPerCycle: Int64
  public var clock: Frequency
  public var bandwidth: Bandwidth

  public init(macsPerCycle: Int64, clock: Frequency, bandwidth: Bandwidth) {
    precondition(macsPerCycle > 0, "\(macsPerCycle) multiply-accumulates a cycle")
    self.macsPerCycle = macsPerCycle
    self.clock = clock
    self.bandwidth = bandwidth
  }

  /// Both sides of the roof; the slower decides.
  public struct Time: Hashable, Sendable {
    /// Rounded up to whole cycles.
    public var computing: SimulatedDuration
    public var moving: SimulatedDuration

    public var duration: SimulatedDuration { max(computing, moving) }
    public var isMemoryBound: Bool { moving > computing }
  }

  public func time(multiplyAccumulates: Int64, bytes: ByteCount) -> Time {
    let cycles = (multiplyAccumulates + macsPerCycle - 1) / macsPerCycle
    return Time(computing: CycleCount(cycles) / clock, moving: bytes / bandwidth)
  }

  /// A product whose operands and results are moved once, in whole bytes each.
  public func time(
    of product: MatrixMultiply, activationBits: Int, weightBits: Int, resultBits: Int
  ) -> Time {
    time(
      multiplyAccumulates: product.multiplyAccumulates,
      bytes: product.bytes(
        activationBits: activationBits, weightBits: weightBits, resultBits: resultBits))
  }
}

extension MatrixMultiply {
  /// Both operands and the results, in whole bytes each.
  func bytes(activationBits: Int, weightBits: Int, resultBits: Int) -> ByteCount {
    ByteCount(
      bytes: (rows * inner).bytes(bits: activationBits)
        + (inner * columns).bytes(bits: weightBits) + (rows * columns).bytes(bits: resultBits))
  }
}

extension Int {
  /// What so many numbers of `bits` each take, in whole bytes.
  func bytes(bits: Int) -> Int64 { Int64((self * bits).dividedRoundingUp(by: 8)) }
}
