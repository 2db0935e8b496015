/// A ratio, a share or a utilisation, in whole billionths; never negative.
///
/// Decimal fractions of up to nine digits are exact: 0.1 + 0.2 is 0.3.
@frozen
public struct Ratio: Hashable, Sendable, Comparable, AdditiveArithmetic {
  public let partsPerBillion: Int64

  @inlinable
  public init(partsPerBillion: Int64) {
    self.partsPerBillion = checkedNotNegative(partsPerBillion, of: "billionths")
  }

  public static let zero = Ratio(partsPerBillion: 0)
  public static let one = Ratio(partsPerBillion: 1_000_000_000)

  @inlinable
  public static func percent(_ count: Int64) -> Self {
    Self(partsPerBillion: checkedProduct(count, 10_000_000, of: "billionths"))
  }

  /// `part` over `whole`, rounded to the nearest billionth; of two equally
  /// near, the even one.
  ///
  /// - Precondition: `part` is not negative, `whole` is above zero, and the
  ///   ratio fits 64 bits of billionths.
  public init(_ part: Int64, over whole: Int64) {
    if whole <= 0 { trapWhole(part, whole) }
    let scaled = UInt128(checkedNotNegative(part, of: "parts")) * 1_000_000_000
    guard
      let billionths = Int64(exactly: dividedHalfToEven(scaled, by: UInt128(whole)))
    else { trapOutOfRange(part, "/", whole, "as billionths") }
    self.init(partsPerBillion: billionths)
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    left.partsPerBillion < right.partsPerBillion
  }

  @inlinable
  public static func + (left: Self, right: Self) -> Self {
    Self(
      partsPerBillion: checkedSum(left.partsPerBillion, right.partsPerBillion, of: "billionths"))
  }

  @inlinable
  public static func - (left: Self, right: Self) -> Self {
    Self(
      partsPerBillion: checkedRemainder(
        left.partsPerBillion, right.partsPerBillion, of: "billionths"))
  }

  /// The ratio; below 2⁵³ billionths, the nearest `Double`.
  @inlinable
  public var value: Double { Double(partsPerBillion) / 1e9 }

  /// `amount` times this ratio, rounded towards positive infinity.
  @usableFromInline
  func scaledUp(_ amount: Int64, of unit: StaticString) -> Int64 {
    let (quotient, rest) = scaled(amount)
    return fitting(rest > 0 ? quotient + 1 : quotient, amount, unit)
  }

  /// `amount` times this ratio, rounded towards negative infinity.
  @usableFromInline
  func scaledDown(_ amount: Int64, of unit: StaticString) -> Int64 {
    let (quotient, rest) = scaled(amount)
    return fitting(rest < 0 ? quotient - 1 : quotient, amount, unit)
  }

  private func scaled(_ amount: Int64) -> (quotient: Int128, remainder: Int128) {
    (Int128(amount) * Int128(partsPerBillion)).quotientAndRemainder(dividingBy: 1_000_000_000)
  }

  private func fitting(_ result: Int128, _ amount: Int64, _ unit: StaticString) -> Int64 {
    guard let fitting = Int64(exactly: result) else {
      trapScaling(amount, unit, by: text)
    }
    return fitting
  }
}

extension Ratio: QuantityText {
  /// The one quantity whose unit may be left out.
  static let units = UnitSystem(
    expectation: #"a ratio or a percentage, such as "0.42" or "17.9 %""#,
    baseUnits: "billionths",
    units: [Unit("%", 10_000_000), Unit("", 1_000_000_000)],
    zeroUnit: "")

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    self.init(partsPerBillion: try Self.units.parse(text).value)
  }

  /// A percentage below one, a plain number from one on.
  public var text: String { Self.units.text(of: partsPerBillion) }

  /// For tables: a percentage below one, a plain number from one on.
  public func displayText(significantDigits: Int) -> String {
    Self.units.displayText(of: partsPerBillion, significantDigits: significantDigits)
  }
}
