/// A length of simulated time, in whole picoseconds.
///
/// The difference of two instants may be negative; such a duration prints
/// with a minus sign, and no text with a sign is read back. The longest is
/// about 106 days. Arithmetic that leaves 64 bits traps.
@frozen
public struct SimulatedDuration: Hashable, Sendable, Comparable, AdditiveArithmetic {
  public var picoseconds: Int64

  @inlinable
  public init(picoseconds: Int64) { self.picoseconds = picoseconds }

  public static let zero = SimulatedDuration(picoseconds: 0)

  @inlinable
  public static func nanoseconds(_ count: Int64) -> Self {
    Self(picoseconds: checkedProduct(count, 1_000, of: "ps"))
  }

  @inlinable
  public static func microseconds(_ count: Int64) -> Self {
    Self(picoseconds: checkedProduct(count, 1_000_000, of: "ps"))
  }

  @inlinable
  public static func milliseconds(_ count: Int64) -> Self {
    Self(picoseconds: checkedProduct(count, 1_000_000_000, of: "ps"))
  }

  @inlinable
  public static func seconds(_ count: Int64) -> Self {
    Self(picoseconds: checkedProduct(count, 1_000_000_000_000, of: "ps"))
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.picoseconds < right.picoseconds }

  @inlinable
  public static func + (left: Self, right: Self) -> Self {
    Self(picoseconds: checkedSum(left.picoseconds, right.picoseconds, of: "ps"))
  }

  @inlinable
  public static func - (left: Self, right: Self) -> Self {
    Self(picoseconds: checkedDifference(left.picoseconds, right.picoseconds, of: "ps"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(duration: Self, factor: Factor) -> Self {
    Self(picoseconds: checkedProduct(duration.picoseconds, factor, of: "ps"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(factor: Factor, duration: Self) -> Self {
    duration * factor
  }
}

extension SimulatedDuration {
  /// A duration from seconds in floating point, rounded up to a picosecond.
  ///
  /// A `Double` that is the nearest one to a whole number of picoseconds
  /// stands for that number, so `0.001` is one millisecond although its bits
  /// lie a little above. Any other is rounded up from its exact value. (Beyond
  /// 2⁵¹ ps, about 37 minutes, `Double`s get too coarse to stand for every
  /// picosecond.)
  ///
  /// - Throws: `QuantityError` for what is not a number, infinite, negative,
  ///   or beyond 64 bits of picoseconds.
  public init(roundingUp seconds: Double) throws(QuantityError) {
    func refusal(_ reason: String) -> QuantityError {
      QuantityError(
        expectation: "a duration in seconds, such as 0.00021", found: "\(seconds)", reason: reason)
    }
    guard !seconds.isNaN else { throw refusal("it is not a number") }
    guard seconds >= 0 else { throw refusal("it is negative") }
    guard seconds.isFinite else { throw refusal("it is not finite") }

    let perSecond = 1e12
    let product = seconds * perSecond
    guard let nearest = Int64(exactly: product.rounded(.toNearestOrEven)) else {
      throw refusal("it is more than \(Int64.max) picoseconds")
    }
    if Double(nearest) / perSecond == seconds {
      self.init(picoseconds: nearest)
      return
    }
    let roundedUp = product.rounded(.up)
    guard roundedUp == product else {
      self.init(picoseconds: Int64(roundedUp))
      return
    }
    // The product looks whole, but it was rounded to a Double. A fused
    // multiply-add gives exactly what that lost.
    let lost = (-product).addingProduct(seconds, perSecond)
    self.init(picoseconds: Int64(product) + Int64(lost.rounded(.up)))
  }

  /// The length in seconds; below 2⁵³ ps, the nearest `Double`.
  @inlinable
  public var seconds: Double { Double(picoseconds) / 1e12 }

  /// The length in whole nanoseconds; of two equally near, the even one.
  ///
  /// This is the one rounding between simulated time and a result file.
  @inlinable
  public var nanosecondsRoundedHalfToEven: Int64 {
    let quotient = picoseconds / 1_000
    let rest = picoseconds % 1_000
    let isOdd = quotient % 2 != 0
    if rest > 500 || (rest == 500 && isOdd) { return quotient + 1 }
    if rest < -500 || (rest == -500 && isOdd) { return quotient - 1 }
    return quotient
  }

  /// This duration times a ratio, rounded up to a picosecond.
  @inlinable
  public func scaledRoundingUp(by ratio: Ratio) -> Self {
    Self(picoseconds: ratio.scaledUp(picoseconds, of: "ps"))
  }
}

extension SimulatedDuration: QuantityText {
  static let units = UnitSystem(
    expectation: #"a duration with a unit, such as "0.21 ms""#,
    baseUnits: "picoseconds",
    units: [
      Unit("ps", 1),
      Unit("ns", 1_000),
      Unit("us", 1_000_000),
      Unit("ms", 1_000_000_000),
      Unit("s", 1_000_000_000_000),
      // 90 s reads better than 1.5 min: these two print whole numbers only.
      Unit("min", 60_000_000_000_000, fractionDigits: 0),
      Unit("h", 3_600_000_000_000_000, fractionDigits: 0),
    ],
    zeroUnit: "s")

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    self.init(picoseconds: try Self.units.parse(text).value)
  }

  public var text: String { Self.units.text(of: picoseconds) }

  /// For tables: the largest of ps, ns, us, ms, s that leaves at least 1.
  public func displayText(significantDigits: Int) -> String {
    Self.displayUnits.displayText(of: picoseconds, significantDigits: significantDigits)
  }

  static let displayUnits = units.keeping { $0.scale <= 1_000_000_000_000 }
}
