import Quantities
import Yams

/// Gathers the problems of one file while it is read.
final class ProblemCollector {
  let file: String
  private(set) var problems: [Problem] = []
  /// Keys, with their paths, that unknown ones were probably meant to be.
  var meant: Set<String> = []
  private var sightings: Set<Sighting> = []

  private struct Sighting: Hashable {
    var line: Int
    var column: Int
    var message: String
  }

  init(file: String) { self.file = file }

  func add(_ message: String, path: String, mark: Mark?) {
    // What concerns the whole file has no mark.
    let problem = Problem(
      file: file, line: mark?.line ?? 1, column: mark?.column ?? 1,
      // A key can hold anything; a problem stays on one line.
      path: path.contains(where: \.isNewline) ? path.debugDescription : path, message: message)
    // A key and its mapping can begin at one place, and an aliased value stands in several.
    let sighting = Sighting(line: problem.line, column: problem.column, message: message)
    if sightings.insert(sighting).inserted { problems.append(problem) }
  }
}

/// A place in a YAML document, with its path and its position.
///
/// Accessors return nil where something is wrong, after they have noted the problem; so a reader
/// goes on and finds the rest. YAML's own guesses are not used: a number is what the project's
/// parsers take for one, whatever YAML would resolve it to.
public struct ConfigurationNode {
  let node: Node
  /// Such as `designs[1].name`; empty for the document itself.
  public let path: String
  let collector: ProblemCollector

  /// Notes a problem at this place.
  public func fail(_ message: String) {
    collector.add(message, path: path, mark: node.mark)
  }

  /// Notes a problem at a key of this mapping, if it is there.
  public func fail(atKey name: String, _ message: String) {
    guard let key = node.mapping?.first(where: { $0.key.scalar?.string == name })?.key else {
      return
    }
    collector.add(message, path: path(of: name), mark: key.mark)
  }

  /// Where this stands.
  public var place: (file: String, line: Int, column: Int) {
    (collector.file, node.mark?.line ?? 1, node.mark?.column ?? 1)
  }

  /// Whether it is a mapping, or a list, where other kinds of value can stand as well.
  public var isMapping: Bool { node.mapping != nil }
  public var isList: Bool { node.sequence != nil }

  /// What stands here, for messages: `"25.6"`, `a list`, `nothing`.
  public var found: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar(let scalar): scalar.isNothing ? "nothing" : scalar.string.debugDescription
    case .alias: "an alias"
    }
  }

  private func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  // MARK: Mappings

  /// Notes every key that is not among `known`, with the nearest one that is.
  /// Returns whether this is a mapping at all.
  @discardableResult
  public func expectMapping(keys known: [String]) -> Bool {
    let names = known.joined(separator: ", ")
    guard let mapping = node.mapping else {
      fail(
        known.isEmpty
          ? "expected an empty mapping, {}, found \(found)"
          : "expected a mapping with the keys \(names), found \(found)")
      return false
    }
    for (key, _) in mapping {
      let name = key.scalar?.string ?? ""
      guard !known.contains(name) else { continue }
      let hint: String
      if let meant = nearest(to: name, among: known) {
        hint = "; did you mean \"\(meant)\"?"
        collector.meant.insert(path(of: meant))
      } else {
        hint = known.isEmpty ? "; none is known here" : "; known are \(names)"
      }
      collector.add("unknown key \(name.debugDescription)\(hint)", path: path, mark: key.mark)
    }
    return true
  }

  /// The value of a key that must be there.
  public func need(_ key: String) -> ConfigurationNode? {
    if let found = optional(key) { return found }
    // A misspelt key was noted already.
    if node.mapping != nil, !collector.meant.contains(path(of: key)) {
      fail("missing key \"\(key)\"")
    }
    return nil
  }

  /// The value of a key, if it is there.
  public func optional(_ key: String) -> ConfigurationNode? {
    guard let mapping = node.mapping else { return nil }
    for (name, value) in mapping where name.scalar?.string == key {
      return ConfigurationNode(node: value, path: path(of: key), collector: collector)
    }
    return nil
  }

  /// All keys with their values, in the file's order; nil unless this is a mapping.
  public func entries() -> [(key: String, value: ConfigurationNode)]? {
    guard let mapping = node.mapping else {
      fail("expected a mapping, found \(found)")
      return nil
    }
    return mapping.compactMap { key, _ in
      guard let name = key.scalar?.string, let value = optional(name) else { return nil }
      return (name, value)
    }
  }

  // MARK: Lists

  /// The items of a list that must not be empty.
  public func list(expecting expectation: String = "a list") -> [ConfigurationNode]? {
    guard let sequence = node.sequence else {
      fail("expected \(expectation), found \(found)")
      return nil
    }
    guard !sequence.isEmpty else {
      fail("expected at least one item, found an empty list")
      return nil
    }
    return sequence.enumerated().map { index, item in
      ConfigurationNode(node: item, path: "\(path)[\(index)]", collector: collector)
    }
  }

  /// The items of a list, or this as the only one: how an axis is written.
  public func oneOrList() -> [ConfigurationNode]? {
    node.sequence == nil ? [self] : list()
  }

  // MARK: Scalars

  /// The text of a scalar, quoted or not.
  public func string(expecting expectation: String = "a text") -> String? {
    guard let scalar = scalar(expecting: expectation) else { return nil }
    guard !scalar.string.allSatisfy(\.isWhitespace) else {
      fail("expected \(expectation), found \(found)")
      return nil
    }
    return scalar.string
  }

  /// A whole number; digits alone, not in quotes.
  public func wholeNumber(in range: ClosedRange<Int64>) -> Int64? {
    guard let text = plainText(expecting: "a whole number") else { return nil }
    let number: Int64
    do throws(QuantityError) {
      number = try parseWholeNumber(text)
    } catch {
      fail("\(error)")
      return nil
    }
    guard range.contains(number) else {
      fail("expected \(range.expectation), found \(number)")
      return nil
    }
    return number
  }

  /// A decimal number such as `7.15`, not in quotes.
  public func decimal() -> Double? {
    let expectation = "a plain decimal number, such as 7.15"
    guard let text = plainText(expecting: expectation) else { return nil }
    // The project's own number syntax decides; the value is the nearest double to the text.
    guard (try? Ratio(parsing: text)) != nil, !text.hasSuffix("%"), let number = Double(text)
    else {
      fail("expected \(expectation), found \(found)")
      return nil
    }
    return number
  }

  /// `true` or `false` and nothing else.
  public func boolean() -> Bool? {
    guard let text = plainText(expecting: "true or false") else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      fail("expected true or false, found \(found)")
      return nil
    }
  }

  /// A quantity with its unit.
  public func quantity<Quantity: QuantityText>(_ type: Quantity.Type) -> Quantity? {
    guard let scalar = scalar(expecting: Quantity.expectation) else { return nil }
    do throws(QuantityError) {
      return try Quantity(parsing: scalar.string)
    } catch {
      fail("\(error)")
      return nil
    }
  }

  /// One of these words.
  /// - Parameter name: what they are, in place of a list that would be too long.
  public func word(among words: [String], called name: String? = nil) -> String? {
    let expectation = name ?? "one of \(words.joined(separator: ", "))"
    guard let text = scalar(expecting: expectation)?.string else { return nil }
    if words.contains(text) { return text }
    let hint = suggestion(for: text, among: words)
    fail("expected \(expectation), found \(found)\(hint)")
    return nil
  }

  /// The text of a scalar that is not in quotes.
  public func plainText(expecting expectation: String) -> String? {
    guard let scalar = scalar(expecting: expectation) else { return nil }
    guard scalar.style == .plain else {
      fail("expected \(expectation), found the text \(found) in quotes")
      return nil
    }
    return scalar.string
  }

  /// The scalar here; a value that is not there is noted like any other wrong one.
  private func scalar(expecting expectation: String) -> Node.Scalar? {
    guard let scalar = node.scalar, !scalar.isNothing else {
      fail("expected \(expectation), found \(found)")
      return nil
    }
    return scalar
  }
}

extension Node.Scalar {
  /// What YAML takes for null.
  fileprivate var isNothing: Bool {
    style == .plain && ["", "~", "null", "Null", "NULL"].contains(string)
  }
}

extension ClosedRange<Int64> {
  /// What a number in this range is, for messages.
  public var expectation: String {
    lowerBound == upperBound
      ? "\(lowerBound)" : "a whole number from \(lowerBound) to \(upperBound)"
  }
}
