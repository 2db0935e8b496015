extension UnitSystem {
  /// The canonical text: the largest unit that leaves at least 1 and is exact
  /// with the fraction digits it allows.
  ///
  /// Where there are binary and decimal units, the shorter text is taken.
  func text(of value: Int64) -> String {
    if value == 0 { return Self.text("0", zeroUnit) }
    let magnitude = value.magnitude
    let decimal = exactText(of: magnitude, units.filter { !$0.isBinary })
    let binary = exactText(of: magnitude, units.filter(\.isBinary))
    let shorter = [binary, decimal].compactMap(\.self).min { $0.utf8.count < $1.utf8.count }
    // The smallest unit is exact for every value, but may leave less than 1.
    let text = shorter ?? Self.text(Self.exactNumber(magnitude, over: units[0])!, units[0].name)
    return value < 0 ? "-" + text : text
  }

  private func exactText(of magnitude: UInt64, _ candidates: [Unit]) -> String? {
    for unit in candidates.reversed() where unit.scale.magnitude <= magnitude {
      if let number = Self.exactNumber(magnitude, over: unit) {
        return Self.text(number, unit.name)
      }
    }
    return nil
  }

  /// Long division, given up when more digits follow than the unit allows.
  private static func exactNumber(_ magnitude: UInt64, over unit: Unit) -> String? {
    let scale = unit.scale.magnitude
    var (whole, rest) = magnitude.quotientAndRemainder(dividingBy: scale)
    var number = "\(whole)"
    for place in 0..<unit.fractionDigits where rest != 0 {
      (whole, rest) = (rest * 10).quotientAndRemainder(dividingBy: scale)
      number += place == 0 ? ".\(whole)" : "\(whole)"
    }
    return rest == 0 ? number : nil
  }

  /// A text rounded half to even, in the largest unit that then leaves at
  /// least 1.
  func displayText(of value: Int64, significantDigits: Int) -> String {
    precondition(
      1...15 ~= significantDigits, "\(significantDigits) significant digits is not in 1...15")
    if value == 0 { return Self.text("0", zeroUnit) }
    let sign = value < 0 ? "-" : ""
    var number = RoundedNumber(value.magnitude, over: units[0].scale, significantDigits)
    var name = units[0].name
    for unit in units.dropFirst() {
      let candidate = RoundedNumber(value.magnitude, over: unit.scale, significantDigits)
      if !candidate.isAtLeastOne { break }
      (number, name) = (candidate, unit.name)
    }
    return sign + Self.text(number.text, name)
  }

  private static func text(_ number: String, _ unit: String) -> String {
    unit.isEmpty ? number : "\(number) \(unit)"
  }
}

/// A quotient rounded half to even to a number of significant digits.
private struct RoundedNumber {
  /// The quotient times ten to the power of `places`.
  private var digits: UInt128
  private var places: Int

  init(_ magnitude: UInt64, over scale: Int64, _ significantDigits: Int) {
    let scale = UInt128(scale)
    var scaled = UInt128(magnitude)
    var digitsBeforePoint = "\(scaled / scale)".utf8.count
    while scaled < scale {
      scaled *= 10
      digitsBeforePoint -= 1
    }
    places = significantDigits - digitsBeforePoint
    if places < 0 || scale == 1 {
      // Zeros take the place of the digits that do not count.
      let dropped = powerOfTen(max(0, -places))
      digits = dividedHalfToEven(UInt128(magnitude), by: scale * dropped) * dropped
      places = 0
    } else {
      digits = dividedHalfToEven(UInt128(magnitude) * powerOfTen(places), by: scale)
      // Rounding 9.996 up to 10.00 has made one digit more.
      if digits == powerOfTen(significantDigits), places > 0 {
        digits /= 10
        places -= 1
      }
    }
  }

  var isAtLeastOne: Bool { digits >= powerOfTen(places) }

  var text: String {
    let (whole, fraction) = digits.quotientAndRemainder(dividingBy: powerOfTen(places))
    if places == 0 { return "\(whole)" }
    let shown = "\(fraction)"
    return "\(whole)." + String(repeating: "0", count: places - shown.utf8.count) + shown
  }
}

private func powerOfTen(_ exponent: Int) -> UInt128 {
  (0..<exponent).reduce(1) { power, _ in power * 10 }
}

/// The quotient rounded to the nearest; of two equally near, the even one.
func dividedHalfToEven(_ dividend: UInt128, by divisor: UInt128) -> UInt128 {
  let (quotient, rest) = dividend.quotientAndRemainder(dividingBy: divisor)
  let other = divisor - rest
  let isUp = rest > other || (rest == other && !quotient.isMultiple(of: 2))
  return isUp ? quotient + 1 : quotient
}
