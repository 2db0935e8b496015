import Foundation

/// Why a figure could not be drawn.
public enum FigureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The helper program is not installed.
  case missingProgram(String)
  /// It was there, and refused.
  case failed(template: String, message: String)
  case cannotWrite(path: String, reason: String)

  public var description: String {
    switch self {
    case .missingProgram(let name):
      "\(name) is not installed; on Debian: apt-get install gnuplot-nox"
    case .failed(let template, let message): "gnuplot with \(template): \(message)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    }
  }
}

/// A figure drawn by gnuplot from a template and a data file.
///
/// The template finds what it needs in variables: `data`, `output`, `format`, and those given.
public struct Gnuplot: Sendable {
  public var template: String
  public var data: String
  /// Texts by the names under which the template uses them.
  public var variables: [(name: String, text: String)]

  public init(template: String, data: String, variables: [(name: String, text: String)]) {
    self.template = template
    self.data = data
    self.variables = variables
  }

  /// Draws into a file whose ending names the format: `svg` or `png`.
  ///
  /// The file is drawn under a temporary name and renamed, so it is whole or not there.
  /// - Throws: `FigureError`.
  public func draw(_ output: String) throws(FigureError) {
    guard let program = Self.find("gnuplot") else { throw .missingProgram("gnuplot") }
    let format = output.split(separator: ".").last.map(String.init) ?? ""
    let temporary = "\(output).tmp"
    let settings =
      [("data", data), ("output", temporary), ("format", format)]
      + variables.map { ($0.name, $0.text) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = settings.flatMap { ["-e", "\($0.0)=\(Self.quoted($0.1))"] } + [template]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw .failed(template: template, message: "\(error)")
    }
    let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      unlink(temporary)
      throw .failed(
        template: template, message: message.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    if rename(temporary, output) != 0 {
      throw .cannotWrite(path: output, reason: String(cString: strerror(errno)))
    }
  }

  /// A text as gnuplot's single-quoted literal, in which a quote is written twice.
  private static func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }

  private static func find(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}
