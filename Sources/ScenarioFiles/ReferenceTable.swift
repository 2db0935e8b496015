import ConfigurationReader

/// What a reference value may be used for.
public enum ReferenceRole: String, CaseIterable, Sendable {
  /// Given to the model.
  case input
  /// Constants may be fitted to it.
  case fit
  /// Only compared with.
  case target
}

/// A table of reported values: comma-separated, `#` comments, the first row names the columns.
public struct ReferenceTable: Sendable {
  public struct Row: Sendable {
    public var line: Int
    var fields: [String]
    var columns: [String]

    /// The field of a column that the table is known to have.
    public func text(_ column: String) -> String {
      guard let index = columns.firstIndex(of: column) else {
        preconditionFailure("no column \(column)")
      }
      return fields[index]
    }
  }

  public var file: String
  /// The comment lines at the top, without their `#`.
  public var comments: [String]
  public var rows: [Row]

  /// Reads a table that must have exactly these columns, in any order.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(text: String, file: String, columns: [String]) throws(ConfigurationError) {
    self.file = file
    comments = []
    rows = []
    var header: [String]?
    var problems: [Problem] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
      if line.hasPrefix("#") {
        comments.append(String(line.dropFirst().drop { $0 == " " }))
        continue
      }
      let fields = Self.fields(line)
      guard let header else {
        header = fields
        problems += Self.problems(ofHeader: fields, columns: columns, line: index + 1, file: file)
        continue
      }
      if fields.count == header.count {
        rows.append(Row(line: index + 1, fields: fields, columns: header))
      } else {
        problems.append(
          Problem(
            file: file, line: index + 1, column: 1, path: "",
            message: "expected \(header.count) fields, found \(fields.count)"))
      }
    }
    if header == nil {
      problems.append(
        Problem(
          file: file, line: 1, column: 1, path: "",
          message: "expected a row of column names, found none"))
    }
    if !problems.isEmpty { throw ConfigurationError(problems: problems) }
  }

  private static func problems(
    ofHeader fields: [String], columns: [String], line: Int, file: String
  ) -> [Problem] {
    Set(fields) == Set(columns) && fields.count == columns.count
      ? []
      : [
        Problem(
          file: file, line: line, column: 1, path: "",
          message: "expected the columns \(columns.joined(separator: ", "));"
            + " found \(fields.joined(separator: ", "))")
      ]
  }

  /// Fields of a line; a field in double quotes may hold commas.
  private static func fields(_ line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }

  /// A problem in one row as an error of its own.
  public func error(_ row: Row, _ column: String, _ message: String) -> ConfigurationError {
    ConfigurationError(problems: [problem(row, column, message)])
  }

  /// A problem in one row, for readers of particular tables.
  public func problem(_ row: Row, _ column: String, _ message: String) -> Problem {
    Problem(file: file, line: row.line, column: 1, path: column, message: message)
  }
}
