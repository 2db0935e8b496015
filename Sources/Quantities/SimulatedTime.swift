/// An instant of simulated time: whole picoseconds since the run began.
///
/// Instants are made by adding a `SimulatedDuration` to another instant;
/// arithmetic that leaves 64 bits traps.
@frozen
public struct SimulatedTime: Hashable, Sendable, Comparable, BitwiseCopyable {
  public var picoseconds: Int64

  @inlinable
  public init(picoseconds: Int64) { self.picoseconds = picoseconds }

  /// The start of the run.
  public static let zero = SimulatedTime(picoseconds: 0)

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.picoseconds < right.picoseconds }

  @inlinable
  public static func + (instant: Self, duration: SimulatedDuration) -> Self {
    Self(picoseconds: checkedSum(instant.picoseconds, duration.picoseconds, of: "ps"))
  }

  @inlinable
  public static func += (instant: inout Self, duration: SimulatedDuration) {
    instant = instant + duration
  }

  /// The time from `earlier` to `later`, negative if they are swapped.
  @inlinable
  public static func - (later: Self, earlier: Self) -> SimulatedDuration {
    SimulatedDuration(
      picoseconds: checkedDifference(later.picoseconds, earlier.picoseconds, of: "ps"))
  }

  /// Seconds since the run began; below 2⁵³ ps, the nearest `Double`.
  @inlinable
  public var seconds: Double { SimulatedDuration(picoseconds: picoseconds).seconds }

  /// Whole nanoseconds since the run began; of two equally near, the even one.
  @inlinable
  public var nanosecondsRoundedHalfToEven: Int64 {
    SimulatedDuration(picoseconds: picoseconds).nanosecondsRoundedHalfToEven
  }
}

extension SimulatedTime: QuantityText {
  static let units = SimulatedDuration.units.expecting(
    #"an instant with a unit, such as "1.5 s""#)

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    self.init(picoseconds: try Self.units.parse(text).value)
  }

  public var text: String { Self.units.text(of: picoseconds) }

  /// For tables: the largest of ps, ns, us, ms, s that leaves at least 1.
  public func displayText(significantDigits: Int) -> String {
    SimulatedDuration(picoseconds: picoseconds).displayText(significantDigits: significantDigits)
  }
}
