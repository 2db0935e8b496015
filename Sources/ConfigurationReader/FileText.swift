/// What every file must be before its own reader looks at it: UTF-8 text without control
/// characters.
public enum FileText {
  /// The text of a file's bytes.
  /// - Throws: `ConfigurationError` with the first byte that is not UTF-8.
  public static func decode(
    _ bytes: some Sequence<UInt8>, file: String
  ) throws(ConfigurationError) -> String {
    let bytes = Array(bytes)
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var offset = 0
    var place = TextPlace()
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar):
        offset += scalar.count
        place.pass(isLineFeed: scalar.first == UInt8(ascii: "\n"))
      case .emptyInput:
        return String(decoding: bytes, as: UTF8.self)
      case .error:
        let digits = String(bytes[offset], radix: 16, uppercase: true)
        throw place.error(
          file, "expected UTF-8 text, found the byte 0x\(digits.count < 2 ? "0" : "")\(digits)")
      }
    }
  }

  /// Refuses characters that nobody sees and parsers disagree about: control characters, a byte
  /// order mark, and line breaks other than those of Unix and Windows.
  /// - Throws: `ConfigurationError` with the first of them.
  public static func check(_ text: String, file: String) throws(ConfigurationError) {
    var place = TextPlace()
    let scalars = text.unicodeScalars
    for index in scalars.indices {
      let scalar = scalars[index]
      let isLineEnd = scalar == "\r" && scalars[index...].dropFirst().first == "\n"
      if !isLineEnd, isHidden(scalar) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let name = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        throw place.error(
          file,
          scalar == "\u{FEFF}"
            ? "expected text, found a byte order mark (U+FEFF)"
            : "expected text, found the control character U+\(name)")
      }
      place.pass(isLineFeed: scalar == "\n")
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x20...0x7E: false
    case ..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }
}

/// A line and a column, both from 1, that move on character by character.
private struct TextPlace {
  private var line = 1
  private var column = 1

  mutating func pass(isLineFeed: Bool) {
    if isLineFeed { (line, column) = (line + 1, 1) } else { column += 1 }
  }

  func error(_ file: String, _ message: String) -> ConfigurationError {
    ConfigurationError(problems: [
      Problem(file: file, line: line, column: column, path: "", message: message)
    ])
  }
}
