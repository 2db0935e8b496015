import Quantities

/// The lines of a certificate, one at a time, as fields between tabs.
struct CertificateLines {
  private let file: String
  private let bytes: [UInt8]
  private var next = 0
  private var start = 0
  /// From 1; 0 before the first line.
  private(set) var number = 0
  /// Places of the present line's fields; never empty.
  private(set) var fields: [Range<Int>] = []

  init(_ text: String, file: String) {
    self.file = file
    bytes = Array(text.utf8)
  }

  /// Goes on to the next line.
  /// - Returns: whether there is one.
  mutating func advance() throws(CertificateError) -> Bool {
    number += 1
    start = next
    fields.removeAll(keepingCapacity: true)
    guard next < bytes.count else { return false }
    var field = next
    while next < bytes.count {
      let byte = bytes[next]
      next += 1
      switch byte {
      case UInt8(ascii: "\t"):
        fields.append(field..<next - 1)
        field = next
      case UInt8(ascii: "\n"):
        fields.append(field..<next - 1)
        return true
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16, uppercase: true)
        throw error(
          at: next - 1,
          "expected text, found the control character U+00\(byte < 16 ? "0" : "")\(digits)")
      default: break
      }
    }
    throw error(at: next, "expected a line feed, found the end of the file")
  }

  // MARK: Values

  func text(_ field: Int) -> String { text(fields[field]) }

  func name(_ field: Int, _ what: String) throws(CertificateError) -> String {
    guard !fields[field].isEmpty else { throw error(field, "\(what): expected a text, found none") }
    return text(field)
  }

  func number(
    _ field: Int, _ what: String, atLeast least: Int64 = 0
  ) throws(CertificateError) -> Int64 {
    try number(in: fields[field], what, atLeast: least)
  }

  /// A number below the count of what it refers to.
  func index(
    _ field: Int, _ what: String, below count: Int
  ) throws(CertificateError) -> Int {
    try index(in: fields[field], what, below: count)
  }

  /// The same, or nil for a dash.
  func optionalIndex(
    _ field: Int, _ what: String, below count: Int
  ) throws(CertificateError) -> Int? {
    isDash(field) ? nil : try index(field, what, below: count)
  }

  func word<Word: RawRepresentable & CaseIterable>(
    _ field: Int, _ what: String
  ) throws(CertificateError) -> Word where Word.RawValue == String {
    let found = text(field)
    if let word = Word(rawValue: found) { return word }
    let known = Word.allCases.map(\.rawValue)
    throw error(
      field,
      "\(what): expected one of \(known.joined(separator: ", ")), found \(found.debugDescription)"
        + suggestion(for: found, among: known))
  }

  /// Page ranges such as `512+256,1024+8`.
  func pages(_ field: Int) throws(CertificateError) -> [Range<Int64>] {
    var all: [Range<Int64>] = []
    for place in parts(of: fields[field], at: ",") {
      let numbers = parts(of: place, at: "+")
      guard numbers.count == 2 else {
        throw error(
          at: place.lowerBound,
          "pages: expected ranges such as \"512+256,1024+8\", found \(text(place).debugDescription)"
        )
      }
      let first = try number(in: numbers[0], "first page")
      let count = try number(in: numbers[1], "page count", atLeast: 1)
      let (end, overflow) = first.addingReportingOverflow(count)
      guard !overflow else {
        throw error(
          at: place.lowerBound,
          "pages: expected a range that ends within 64 bits, found \(text(place).debugDescription)")
      }
      all.append(first..<end)
    }
    return all
  }

  func indices(_ field: Int, _ what: String, below count: Int) throws(CertificateError) -> [Int] {
    var all: [Int] = []
    guard !isDash(field) else { return all }
    for place in parts(of: fields[field], at: ",") {
      all.append(try index(in: place, what, below: count))
    }
    return all
  }

  /// Demands such as `0:4000000,1:26000`.
  func demands(_ field: Int, below count: Int) throws(CertificateError) -> [Certificate.Demand] {
    var all: [Certificate.Demand] = []
    guard !isDash(field) else { return all }
    for place in parts(of: fields[field], at: ",") {
      let numbers = parts(of: place, at: ":")
      guard numbers.count == 2 else {
        throw error(
          at: place.lowerBound,
          "demands: expected demands such as \"0:4000000,1:26000\", or \"-\", found \(text(place).debugDescription)"
        )
      }
      all.append(
        Certificate.Demand(
          resource: try index(in: numbers[0], "shared resource", below: count),
          amount: try number(in: numbers[1], "demand", atLeast: 1)))
    }
    return all
  }

  private func isDash(_ field: Int) -> Bool {
    bytes[fields[field]].elementsEqual([UInt8(ascii: "-")])
  }

  private func index(
    in place: Range<Int>, _ what: String, below count: Int
  ) throws(CertificateError) -> Int {
    let found = try number(in: place, what)
    guard found < Int64(count) else {
      throw error(at: place.lowerBound, "\(what): expected a number below \(count), found \(found)")
    }
    return Int(found)
  }

  private func number(
    in place: Range<Int>, _ what: String, atLeast least: Int64 = 0
  ) throws(CertificateError) -> Int64 {
    let found: Int64
    do throws(QuantityError) {
      found = try parseWholeNumber(text(place))
    } catch {
      throw self.error(at: place.lowerBound, "\(what): \(error)")
    }
    guard found >= least else {
      throw error(at: place.lowerBound, "\(what): expected a number from \(least), found \(found)")
    }
    return found
  }

  private func text(_ place: Range<Int>) -> String { String(decoding: bytes[place], as: UTF8.self) }

  private func parts(of place: Range<Int>, at separator: Unicode.Scalar) -> [Range<Int>] {
    bytes[place].split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
      .map { $0.startIndex..<$0.endIndex }
  }

  // MARK: Errors

  func error(_ field: Int, _ message: String) -> CertificateError {
    error(at: fields[field].lowerBound, message)
  }

  private func error(at offset: Int, _ message: String) -> CertificateError {
    let before = String(decoding: bytes[start..<offset], as: UTF8.self)
    return CertificateError(
      file: file, line: number, column: before.unicodeScalars.count + 1, message: message)
  }

  /// For what is wrong with the end of the text.
  func errorAtEnd(_ message: String) -> CertificateError { error(at: bytes.count, message) }
}
