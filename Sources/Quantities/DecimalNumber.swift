/// A number as people write it: digits, and perhaps a point and more digits.
struct DecimalNumber {
  private let whole: Substring.UTF8View
  private let fraction: Substring.UTF8View

  init(_ bytes: Substring.UTF8View) throws(Refusal) {
    try Self.checkCharacters(of: bytes)
    let point = bytes.firstIndex(of: .point) ?? bytes.endIndex
    whole = bytes[..<point]
    fraction = point == bytes.endIndex ? bytes[point...] : bytes[bytes.index(after: point)...]
    if fraction.contains(.point) { throw Refusal("the number has more than one point") }
    if whole.isEmpty { throw Refusal("a digit is missing before the point") }
    if fraction.isEmpty && point != bytes.endIndex {
      throw Refusal("a digit is missing after the point")
    }
    if whole.count > 1 && whole.first == .zero { throw Refusal("the number has leading zeros") }
  }

  /// Names the first thing that is no digit and no point by what it looks like.
  private static func checkCharacters(of bytes: Substring.UTF8View) throws(Refusal) {
    if !bytes.contains(where: \.isDigit) { throw Refusal("the number is missing") }
    guard let wrong = bytes.first(where: { !$0.isDigit && $0 != .point }) else { return }
    switch wrong {
    case UInt8(ascii: "-"), UInt8(ascii: "+"): throw Refusal("the number has a sign")
    case UInt8(ascii: "_"): throw Refusal("the number has an underscore")
    case UInt8(ascii: ","): throw Refusal("the number has a comma")
    case UInt8(ascii: "x"), UInt8(ascii: "X"): throw Refusal("the number is not decimal")
    case UInt8(ascii: "e"), UInt8(ascii: "E"): throw Refusal("the number has an exponent")
    default: throw Refusal("the number has something other than digits and a point")
    }
  }

  /// This number times `scale`, which must come out whole.
  ///
  /// Long multiplication from the last digit on, so it is exact for any
  /// number of digits. The carry stays below the scale.
  func times(_ scale: Int64, baseUnits: String) throws(Refusal) -> Int64 {
    var carry: Int64 = 0
    for byte in fraction.reversed() {
      let (quotient, digit) = (Int64(byte - .zero) * scale + carry)
        .quotientAndRemainder(dividingBy: 10)
      if digit != 0 { throw Refusal("it is not a whole number of \(baseUnits)") }
      carry = quotient
    }
    var value: Int128 = 0
    for byte in whole {
      value = value * 10 + Int128(byte - .zero)
      if value > Int128(Int64.max) { break }
    }
    guard let result = Int64(exactly: value * Int128(scale) + Int128(carry)) else {
      throw Refusal("it is more than \(Int64.max) \(baseUnits)")
    }
    return result
  }
}
