/// The value of a whole number in decimal digits, perhaps with a minus sign.
///
/// - Throws: `QuantityError` for anything else: leading zeros (which other
///   readers take for octal), a plus sign, underscores, hexadecimal, spaces,
///   a fraction, or a value outside 64 bits.
public func parseWholeNumber(_ text: String) throws(QuantityError) -> Int64 {
  do throws(Refusal) {
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    let digits = text.utf8.dropFirst(isNegative ? 1 : 0)
    if text.utf8.isEmpty { throw Refusal("it is empty") }
    if digits.contains(.space) { throw Refusal("it has a space") }
    if digits.contains(.point) { throw Refusal("it has a point") }
    _ = try DecimalNumber(digits)
    if isNegative && digits.first == .zero { throw Refusal("zero has no sign") }
    guard let value = Int64(text) else { throw Refusal("it does not fit 64 bits") }
    return value
  } catch {
    throw QuantityError(
      expectation: #"a whole number, such as "128""#, found: text, reason: error.reason)
  }
}
