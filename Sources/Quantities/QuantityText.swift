/// A quantity that people write and read with its unit.
///
/// A text is a number, one space and a unit: `"25.6 GB/s"`. The number has
/// decimal digits and perhaps a fraction, without sign, exponent, leading
/// zeros or separators. It is converted exactly; what is not a whole number of
/// the quantity's base unit is refused.
public protocol QuantityText: Sendable, CustomStringConvertible {
  /// What a text should be, with an example: `a duration with a unit, such as
  /// "0.21 ms"`.
  static var expectation: String { get }

  /// - Throws: `QuantityError`, which says what is wrong with the text.
  init(parsing text: String) throws(QuantityError)

  /// The canonical text, which parses back to an equal value.
  ///
  /// It has the largest unit that leaves at least 1 and at most nine digits
  /// of fraction. Only a negative duration or instant, which no file holds,
  /// does not parse back.
  var text: String { get }

  /// A text for tables, rounded half to even to the significant digits given.
  ///
  /// Trailing zeros are kept, since they are significant, except in base
  /// units, which are whole.
  ///
  /// - Precondition: `significantDigits` is from 1 to 15.
  func displayText(significantDigits: Int) -> String
}

extension QuantityText {
  public var description: String { text }
}

extension Sequence where Element: QuantityText & AdditiveArithmetic {
  /// The sum of all elements; traps if it leaves 64 bits.
  @inlinable
  public func sum() -> Element { reduce(.zero, +) }
}
