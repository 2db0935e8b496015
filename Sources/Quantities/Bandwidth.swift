/// A rate of data, in bytes a second; never negative.
@frozen
public struct Bandwidth: Hashable, Sendable, Comparable, AdditiveArithmetic {
  public let bytesPerSecond: Int64

  @inlinable
  public init(bytesPerSecond: Int64) {
    self.bytesPerSecond = checkedNotNegative(bytesPerSecond, of: "bytes a second")
  }

  public static let zero = Bandwidth(bytesPerSecond: 0)

  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    left.bytesPerSecond < right.bytesPerSecond
  }

  @inlinable
  public static func + (left: Self, right: Self) -> Self {
    Self(
      bytesPerSecond: checkedSum(left.bytesPerSecond, right.bytesPerSecond, of: "bytes a second"))
  }

  @inlinable
  public static func - (left: Self, right: Self) -> Self {
    Self(
      bytesPerSecond: checkedRemainder(
        left.bytesPerSecond, right.bytesPerSecond, of: "bytes a second"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(bandwidth: Self, factor: Factor) -> Self {
    Self(bytesPerSecond: checkedProduct(bandwidth.bytesPerSecond, factor, of: "bytes a second"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(factor: Factor, bandwidth: Self) -> Self {
    bandwidth * factor
  }

  /// This bandwidth times a ratio, rounded down to a byte a second, so that
  /// what is moved at it never takes less than its exact time.
  @inlinable
  public func scaledRoundingDown(by ratio: Ratio) -> Self {
    Self(bytesPerSecond: ratio.scaledDown(bytesPerSecond, of: "bytes a second"))
  }
}

extension ByteCount {
  /// The time these bytes take, exact and rounded up once, to a picosecond.
  ///
  /// - Precondition: the bandwidth is above zero, and the time fits 64 bits.
  @inlinable
  public static func / (size: Self, bandwidth: Bandwidth) -> SimulatedDuration {
    SimulatedDuration(
      picoseconds: Quantities.picoseconds(
        for: size.bytes, at: bandwidth.bytesPerSecond, of: "bytes"))
  }
}

extension Bandwidth: QuantityText {
  static let units = UnitSystem(
    expectation: #"a rate with a unit, such as "25.6 GB/s""#,
    baseUnits: "bytes a second",
    units: ByteCount.byteUnits(suffix: "/s"),
    zeroUnit: "B/s")

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    self.init(bytesPerSecond: try Self.units.parse(text).value)
  }

  /// Binary or decimal, whichever is shorter; binary if they are as long.
  public var text: String { Self.units.text(of: bytesPerSecond) }

  /// For tables: the largest of B/s, kB/s, MB/s, GB/s, TB/s that leaves at
  /// least 1.
  public func displayText(significantDigits: Int) -> String {
    Self.displayUnits.displayText(of: bytesPerSecond, significantDigits: significantDigits)
  }

  static let displayUnits = units.keeping { !$0.isBinary }
}
