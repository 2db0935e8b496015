import ArgumentParser
import FoundationEssentials
// `stdout` is a variable there, which nothing assigns.
@preconcurrency import Glibc

/// Writes a line to standard error.
func printError(_ text: String) {
  writeError(text + "\n")
}

/// Writes to standard error, which has no buffer; what cannot be written there is lost.
private func writeError(_ text: String) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    if count <= 0 { return }
    bytes = bytes.dropFirst(count)
  }
}

/// Hands over what was printed and is still in the buffer.
/// - Returns: why some of it, or of what was printed before, could not be written; nil if all was.
func flushOutput() -> String? {
  // Set by any earlier write that failed, whose reason is gone by now.
  let failedBefore = ferror(stdout) != 0
  if fflush(stdout) != 0 { return String(cString: strerror(errno)) }
  return failedBefore ? "an earlier write failed" : nil
}

/// Arguments that the parser took and the command cannot use.
struct UsageError: Error, CustomStringConvertible {
  var description: String
}

/// A file that cannot be written.
struct WriteError: Error, CustomStringConvertible {
  var path: String
  var reason: String

  var description: String { "\(path): cannot be written: \(reason)" }
}

/// Writes a text file whole or not at all, and creates its folder when it is missing.
///
/// What is there and no regular file, such as a device, is left as it is.
func writeFile(_ text: String, to path: String) throws {
  var status = stat()
  guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
    throw WriteError(path: path, reason: "it is there and no regular file")
  }
  do {
    if let slash = path.lastIndex(of: "/") {
      try FileManager.default.createDirectory(
        atPath: String(path[..<slash]), withIntermediateDirectories: true)
    }
    try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
  } catch {
    let reason = (error as? CocoaError)?.underlying.map { "\($0)" } ?? "\(error)"
    throw WriteError(path: path, reason: reason)
  }
}

/// Prints a value as one JSON document with sorted keys.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

struct FormatOptions: ParsableArguments {
  @Flag(help: "Print one JSON document instead of text.")
  var json = false
}

/// Shows how far a long command is: on a terminal only, so that logs stay clean.
struct Progress: Sendable {
  private let isShown = isatty(STDERR_FILENO) == 1
  private let total: Int
  private let what: String

  init(_ what: String, total: Int) {
    self.what = what
    self.total = total
  }

  func show(_ done: Int) {
    guard isShown else { return }
    writeError("\r\(what): \(done) of \(total)")
    if done == total { writeError("\r\u{1B}[K") }
  }
}

/// The text broken into lines of at most `width` columns, each after the first indented. Spaces at
/// the beginning stay.
func wrapped(_ text: String, width: Int = 80, indent: String = "") -> String {
  var lines: [String] = []
  var line = String(text.prefix { $0 == " " })
  var isEmpty = true
  for word in text.split(separator: " ") {
    if !isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = indent + word
    } else {
      line += isEmpty ? String(word) : " \(word)"
    }
    isEmpty = false
  }
  return (lines + [line]).joined(separator: "\n")
}
