/// A number of cycles of some clock; never negative.
@frozen
public struct CycleCount: Hashable, Sendable, Comparable, AdditiveArithmetic {
  public let cycles: Int64

  @inlinable
  public init(_ cycles: Int64) { self.cycles = checkedNotNegative(cycles, of: "cycles") }

  public static let zero = CycleCount(0)

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.cycles < right.cycles }

  @inlinable
  public static func + (left: Self, right: Self) -> Self {
    Self(checkedSum(left.cycles, right.cycles, of: "cycles"))
  }

  @inlinable
  public static func - (left: Self, right: Self) -> Self {
    Self(checkedRemainder(left.cycles, right.cycles, of: "cycles"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(count: Self, factor: Factor) -> Self {
    Self(checkedProduct(count.cycles, factor, of: "cycles"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(factor: Factor, count: Self) -> Self {
    count * factor
  }

  /// The time these cycles take, exact and rounded up once, to a picosecond.
  ///
  /// Add cycles before dividing: each division rounds.
  ///
  /// - Precondition: the time fits 64 bits.
  @inlinable
  public static func / (count: Self, frequency: Frequency) -> SimulatedDuration {
    SimulatedDuration(
      picoseconds: picoseconds(for: count.cycles, at: frequency.hertz, of: "cycles"))
  }
}

extension CycleCount: QuantityText {
  static let units = UnitSystem(
    expectation: #"a number of cycles, such as "1200 cycles""#,
    baseUnits: "cycles",
    units: [Unit("cycles", 1)],
    zeroUnit: "cycles")

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    self.init(try Self.units.parse(text).value)
  }

  public var text: String { Self.units.text(of: cycles) }

  /// For tables: whole cycles, with zeros after the significant digits.
  public func displayText(significantDigits: Int) -> String {
    Self.units.displayText(of: cycles, significantDigits: significantDigits)
  }
}
