import Foundation

/// The program as a user runs it: a process of its own.
struct Program {
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  /// The folder that holds `Package.swift`.
  static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The program that was built together with these tests.
  private static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "flexbench").path

  /// Runs the program in the package's folder, or another one, and waits for its end.
  /// - Parameter device: what takes its standard output in place of the outcome.
  static func run(
    _ arguments: [String], in folder: String = package, environment: [String: String]? = nil,
    printingTo device: String? = nil
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    if let environment { process.environment = environment }
    // Files, not pipes: a pipe that is not emptied stops the program.
    let output = try TemporaryFolder()
    let files = try ["out", "err"].map { name in
      let path = "\(output.path)/\(name)"
      try Data().write(to: URL(filePath: path))
      return try FileHandle(forWritingTo: URL(filePath: path))
    }
    process.standardOutput =
      try device.map { try FileHandle(forWritingTo: URL(filePath: $0)) } ?? files[0]
    process.standardError = files[1]
    try process.run()
    process.waitUntilExit()
    return Outcome(
      code: process.terminationStatus, output: try output.text(of: "out"),
      errors: try output.text(of: "err"))
  }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func text(of name: String) throws -> String {
    try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
  }

  func data(of name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
  }

  func write(_ text: String, to name: String) throws {
    let url = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Names of what is in it, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}
