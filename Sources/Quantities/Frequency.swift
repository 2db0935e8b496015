/// The rate of a clock, in whole hertz; always above zero.
@frozen
public struct Frequency: Hashable, Sendable, Comparable {
  public let hertz: Int64

  @inlinable
  public init(hertz: Int64) {
    if hertz <= 0 { trapRate(hertz, "cycles") }
    self.hertz = hertz
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.hertz < right.hertz }
}

extension Frequency: QuantityText {
  static let units = UnitSystem(
    expectation: #"a frequency with a unit, such as "2.4 GHz""#,
    baseUnits: "hertz",
    units: [
      Unit("Hz", 1),
      Unit("kHz", 1_000),
      Unit("MHz", 1_000_000),
      Unit("GHz", 1_000_000_000),
    ],
    zeroUnit: "Hz")

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    let hertz = try Self.units.parse(text).value
    guard hertz > 0 else {
      throw QuantityError(
        expectation: Self.expectation, found: text, reason: "a clock at zero never ticks")
    }
    self.init(hertz: hertz)
  }

  public var text: String { Self.units.text(of: hertz) }

  /// For tables: the largest of Hz, kHz, MHz, GHz that leaves at least 1.
  public func displayText(significantDigits: Int) -> String {
    Self.units.displayText(of: hertz, significantDigits: significantDigits)
  }
}
