import ConfigurationReader
import Quantities

/// What a reference value may be used for.
public enum ReferenceRole: String, CaseIterable, Encodable, Sendable {
  /// Given to the model.
  case input
  /// Constants may be fitted to it.
  case fit
  /// Only compared with.
  case target
}

/// A table of reported values: comma-separated, `#` comments, the first row names the columns.
///
/// A field that holds commas stands in double quotes, as RFC 4180 has it. A column called `role`
/// holds the words of `ReferenceRole`.
public struct ReferenceTable: Sendable {
  public struct Row: Sendable {
    public var line: Int
    var fields: [Field]
    var columns: [String]

    /// The text of a column that the table may have; nil where it has not, or nothing stands there.
    func optionalText(_ column: String) -> String? {
      columns.contains(column) && !text(column).isEmpty ? text(column) : nil
    }

    /// The field of a column that the table is known to have.
    public func text(_ column: String) -> String { field(column).text }

    func field(_ column: String) -> Field {
      guard let index = columns.firstIndex(of: column) else {
        preconditionFailure("no column \(column)")
      }
      return fields[index]
    }
  }

  /// A field and where it begins in its line, from 1.
  struct Field: Sendable {
    var text: String
    var column: Int
  }

  public var file: String
  /// The comment lines at the top, without their `#`.
  public var comments: [String]
  public var rows: [Row]

  /// Reads a table that must have exactly these columns, in any order.
  /// - Parameter optional: columns that it may have, too.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(
    text: String, file: String, columns: [String], optional: [String] = []
  ) throws(ConfigurationError) {
    try FileText.check(text, file: file)
    self.file = file
    comments = []
    rows = []
    var header: [String]?
    var problems = ProblemList(file: file)
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      if line.hasPrefix("#") {
        comments.append(String(line.dropFirst().drop { $0 == " " }))
        continue
      }
      problems.line = index + 1
      guard let fields = Self.fields(line, &problems) else {
        // What the columns are stays unknown, and every row would be wrong.
        if header == nil { break }
        continue
      }
      guard let names = header else {
        guard Self.isHeader(fields, of: columns, optional: optional, &problems) else { break }
        header = fields.map(\.text)
        continue
      }
      guard fields.count == names.count else {
        let surplus = fields.dropFirst(names.count).first?.column ?? line.unicodeScalars.count + 1
        problems.add("expected \(names.count) fields, found \(fields.count)", column: surplus)
        continue
      }
      let row = Row(line: index + 1, fields: fields, columns: names)
      if names.contains("role") { Self.checkRole(row.field("role"), &problems) }
      rows.append(row)
    }
    if problems.all.isEmpty, rows.isEmpty {
      problems.line = header == nil ? 1 : lines.count
      problems.add(
        "expected a row of \(header == nil ? "column names" : "values"), found none", column: 1)
    }
    if !problems.all.isEmpty { throw ConfigurationError(problems: problems.all) }
  }

  /// The problems of a file, noted line by line.
  private struct ProblemList {
    var file: String
    var line = 1
    private(set) var all: [Problem] = []

    init(file: String) { self.file = file }

    mutating func add(_ message: String, column: Int, path: String = "") {
      all.append(Problem(file: file, line: line, column: column, path: path, message: message))
    }
  }

  /// Whether a row names exactly the columns wanted; what is wrong with it is noted.
  private static func isHeader(
    _ fields: [Field], of columns: [String], optional: [String],
    _ problems: inout ProblemList
  ) -> Bool {
    let known = columns + optional
    var isRight = true
    var meant: Set<String> = []
    for (index, field) in fields.enumerated() {
      let name = field.text
      if fields[..<index].contains(where: { $0.text == name }) {
        problems.add(
          "expected each column once, found \(name.debugDescription) again", column: field.column)
      } else if !known.contains(name) {
        let hint: String
        if let nearest = nearest(to: name, among: known) {
          meant.insert(nearest)
          hint = "; did you mean \"\(nearest)\"?"
        } else {
          hint = "; known are \(known.joined(separator: ", "))"
        }
        problems.add("unknown column \(name.debugDescription)\(hint)", column: field.column)
      } else {
        continue
      }
      isRight = false
    }
    for column in columns where !meant.contains(column) {
      guard !fields.contains(where: { $0.text == column }) else { continue }
      problems.add("missing column \"\(column)\"", column: 1)
      isRight = false
    }
    return isRight
  }

  private static func checkRole(_ field: Field, _ problems: inout ProblemList) {
    let roles = ReferenceRole.allCases.map(\.rawValue)
    guard !roles.contains(field.text) else { return }
    let hint = suggestion(for: field.text, among: roles)
    problems.add(
      "expected one of \(roles.joined(separator: ", ")), found \(field.text.debugDescription)"
        + hint, column: field.column, path: "role")
  }

  /// Fields of a line; nil where its quotes are wrong, which is noted.
  private static func fields(_ line: Substring, _ problems: inout ProblemList) -> [Field]? {
    var rest = line.unicodeScalars[...]
    let end = rest.endIndex
    func column(_ index: String.UnicodeScalarView.Index) -> Int {
      line.unicodeScalars.distance(from: line.startIndex, to: index) + 1
    }
    var fields: [Field] = []
    while true {
      var field = Field(text: "", column: column(rest.startIndex))
      if rest.first == "\"" {
        rest.removeFirst()
        while true {
          let part = rest.prefix { $0 != "\"" }
          field.text += String(part)
          rest = rest[part.endIndex...].dropFirst()
          guard part.endIndex != end else {
            problems.add(
              "expected a closing quote, found the end of the line", column: field.column)
            return nil
          }
          // Two quotes stand for one.
          guard rest.first == "\"" else { break }
          field.text += "\""
          rest.removeFirst()
        }
        if let next = rest.first, next != "," {
          problems.add(
            "expected a comma after the closing quote, found \(String(next).debugDescription)",
            column: column(rest.startIndex))
          return nil
        }
      } else {
        let part = rest.prefix { $0 != "," }
        if let quote = part.firstIndex(of: "\"") {
          problems.add(
            "expected quotes around the whole field, found one inside", column: column(quote))
          return nil
        }
        field.text = String(part)
        rest = rest[part.endIndex...]
      }
      fields.append(field)
      guard rest.first == "," else { return fields }
      rest.removeFirst()
    }
  }

  /// A problem in one row as an error of its own.
  public func error(_ row: Row, _ column: String, _ message: String) -> ConfigurationError {
    ConfigurationError(problems: [problem(row, column, message)])
  }

  /// A problem in one row, for readers of particular tables.
  public func problem(_ row: Row, _ column: String, _ message: String) -> Problem {
    Problem(
      file: file, line: row.line, column: row.field(column).column, path: column,
      message: message)
  }
}
