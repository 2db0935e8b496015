import FoundationEssentials

/// A file that must be refused, with everything that is then said.
///
/// Most are a right file with one thing in it replaced, so that the row shows the mistake alone.
public struct WrongFile: Sendable, CustomStringConvertible {
  /// Which reader refuses it.
  public enum Kind: String, CaseIterable, Sendable {
    case scenario, device, model, design, claims, calibration, reference
  }

  /// What is wrong, in a few words.
  public let name: String
  public let kind: Kind
  public let bytes: [UInt8]
  /// One a problem, in order of place. `FILE` stands for the path under which it is read.
  public let messages: [String]
  /// How often the text that was replaced stands in the right file; anything but 1 is a mistake
  /// in the table.
  public let occurrenceCount: Int
  /// Whether the file can be read, and is refused only by what uses its values.
  public let isReadable: Bool

  public var description: String { "\(kind.rawValue): \(name)" }

  /// A right file with one part replaced.
  /// - Parameter says: the messages, a line each.
  init(
    _ name: String, _ kind: Kind, replacing old: String, with new: String,
    isReadable: Bool = false, says: String
  ) {
    let right = kind.rightText
    self.init(
      name, kind, bytes: Array(right.replacing(old, with: new).utf8),
      occurrenceCount: right.ranges(of: old).count, isReadable: isReadable, says: says)
  }

  /// A file that is wrong as a whole.
  init(_ name: String, _ kind: Kind, text: String, says: String) {
    self.init(name, kind, bytes: Array(text.utf8), says: says)
  }

  init(
    _ name: String, _ kind: Kind, bytes: [UInt8], occurrenceCount: Int = 1,
    isReadable: Bool = false, says: String
  ) {
    self.name = name
    self.kind = kind
    self.bytes = bytes
    self.occurrenceCount = occurrenceCount
    self.isReadable = isReadable
    messages = says.split(separator: "\n").map(String.init)
  }

  /// Everything that is said when the file is read from a path, a line a problem.
  public func text(readFrom path: String) -> String {
    messages.map { $0.replacing("FILE", with: path) }.joined(separator: "\n")
  }

  /// Writes the file into a copy of the `Scenarios` folder, in the place of the right one.
  /// - Returns: its path.
  public func install(into libraryRoot: String) throws -> String {
    let path = "\(libraryRoot)/\(kind.path)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}

extension WrongFile.Kind {
  /// Where such a file lies in the `Scenarios` folder.
  public var path: String {
    switch self {
    case .scenario: "paper/small.yaml"
    case .device: "devices/nanopc-t6.yaml"
    case .model: "models/llama-3.2-3b.yaml"
    case .design: "designs/flexserve.yaml"
    case .claims: "paper/claims.yaml"
    case .calibration: "calibration/nanopc-t6.yaml"
    case .reference: "reference/cold-ttft.csv"
    }
  }
}
