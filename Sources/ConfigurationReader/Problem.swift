/// Something wrong in a file that a person wrote.
public struct Problem: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// From 1.
  public var line: Int
  /// From 1, in characters.
  public var column: Int
  /// Where in the document, such as `npu.modeSwitch.value`; empty for the document itself.
  public var path: String
  public var message: String

  public init(file: String, line: Int, column: Int, path: String, message: String) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.message = message
  }

  public var description: String {
    "\(file):\(line):\(column): \(path.isEmpty ? "" : path + ": ")\(message)"
  }
}

/// Every problem of a file, in order of place.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  public let problems: [Problem]

  public init(problems: [Problem]) {
    precondition(!problems.isEmpty, "an error without a problem")
    self.problems = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  public var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
