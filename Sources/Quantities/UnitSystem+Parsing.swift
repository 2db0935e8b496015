extension UnitSystem {
  /// The value of a text in base units, and the unit it was written in.
  ///
  /// The work is linear in the length of the text.
  func parse(_ text: String) throws(QuantityError) -> (value: Int64, unit: Unit) {
    do throws(Refusal) {
      let (number, unitName) = try split(text)
      let decimal = try DecimalNumber(number)
      let unit = try unit(named: unitName)
      return (try decimal.times(unit.scale, baseUnits: baseUnits), unit)
    } catch {
      throw QuantityError(expectation: expectation, found: text, reason: error.reason)
    }
  }

  /// The parts before and after the one space.
  private func split(_ text: String) throws(Refusal) -> (number: Substring.UTF8View, unit: String) {
    let bytes = text.utf8
    guard let first = bytes.first else { throw Refusal("it is empty") }
    if first == .space { throw Refusal("there is a space before the number") }
    guard let space = bytes.firstIndex(of: .space) else {
      return (try numberWithoutSpace(text), "")
    }
    let number = bytes[..<space]
    let unit = bytes[bytes.index(after: space)...]
    if unit.allSatisfy({ $0 == .space }) {
      throw Refusal(allowsNoUnit ? "there is a space after the number" : "the unit is missing")
    }
    if unit.first == .space {
      throw Refusal("there is more than one space between the number and the unit")
    }
    if unit.last == .space { throw Refusal("there is a space after the unit") }
    return (number, String(Substring(unit)))
  }

  /// What is wrong with a text without a space, unless it needs no unit.
  private func numberWithoutSpace(_ text: String) throws(Refusal) -> Substring.UTF8View {
    let bytes = text.utf8[...]
    if !bytes.contains(where: \.isDigit) { throw Refusal("the number is missing") }
    // What follows the last digit is the unit, glued to the number.
    let tailLength = bytes.reversed().prefix { !$0.isDigit && $0 != .point }.count
    let number = bytes.dropLast(tailLength)
    if tailLength == 0 {
      _ = try DecimalNumber(number)
      if !allowsNoUnit { throw Refusal("the unit is missing") }
    } else if number.allSatisfy({ $0.isDigit || $0 == .point }) {
      throw Refusal("the space between the number and the unit is missing")
    }
    return bytes
  }

  private var allowsNoUnit: Bool { units.contains { $0.name.isEmpty } }

  private func unit(named name: String) throws(Refusal) -> Unit {
    // By bytes: equality of strings takes look-alikes for the same letter.
    if let unit = units.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) { return unit }
    let names = units.map(\.name).filter { !$0.isEmpty }
    if let meant = nearestUnit(to: name, among: names) {
      throw Refusal(#"the unit \#(name.debugDescription) is not known; did you mean "\#(meant)"?"#)
    }
    let choice =
      names.count == 1
      ? #"is not "\#(names[0])""# : "is not one of \(names.joined(separator: ", "))"
    throw Refusal("the unit \(name.debugDescription) \(choice)")
  }

  private func nearestUnit(to name: String, among names: [String]) -> String? {
    // Both signs for micro: U+00B5 and the Greek letter.
    if name == "\u{B5}s" || name == "\u{3BC}s", names.contains("us") { return "us" }
    if names.contains(name + "/s") { return name + "/s" }
    return nearest(to: name, among: names, atMost: 1)
  }
}

/// A reason alone, before it is known which text it belongs to.
struct Refusal: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

extension UInt8 {
  static let space = UInt8(ascii: " ")
  static let point = UInt8(ascii: ".")
  static let zero = UInt8(ascii: "0")

  var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
}
