import Quantities
import Yams

/// Gathers the problems of one file while it is read.
final class ProblemCollector {
  let file: String
  private(set) var problems: [Problem] = []

  init(file: String) { self.file = file }

  func add(_ message: String, path: String, mark: Mark?) {
    // A merged or synthesised node has no mark; the document's beginning is the best there is.
    problems.append(
      Problem(
        file: file, line: mark?.line ?? 1, column: mark?.column ?? 1, path: path,
        message: message))
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

  /// Where this stands.
  public var place: (file: String, line: Int, column: Int) {
    (collector.file, node.mark?.line ?? 1, node.mark?.column ?? 1)
  }

  // MARK: Mappings

  /// Notes every key that is not among `known`, with the nearest one that is.
  /// Returns whether this is a mapping at all.
  @discardableResult
  public func expectMapping(keys known: [String]) -> Bool {
    guard let mapping = node.mapping else {
      fail("expected a mapping with the keys \(known.joined(separator: ", ")), found \(kindName)")
      return false
    }
    for (key, _) in mapping {
      let name = key.scalar?.string ?? ""
      guard !known.contains(name) else { continue }
      let hint =
        nearest(to: name, among: known).map { "; did you mean \"\($0)\"?" }
        ?? (known.isEmpty ? "" : "; known are \(known.joined(separator: ", "))")
      collector.add(
        "unknown key \"\(name)\"\(hint)", path: path, mark: key.mark)
    }
    return true
  }

  /// The value of a key that must be there.
  public func need(_ key: String) -> ConfigurationNode? {
    if let found = optional(key) { return found }
    if node.mapping != nil { fail("missing key \"\(key)\"") }
    return nil
  }

  /// The value of a key, if it is there.
  public func optional(_ key: String) -> ConfigurationNode? {
    guard let mapping = node.mapping else { return nil }
    for (name, value) in mapping where name.scalar?.string == key {
      return ConfigurationNode(
        node: value, path: path.isEmpty ? key : "\(path).\(key)", collector: collector)
    }
    return nil
  }

  /// All keys with their values, in the file's order; nil unless this is a mapping.
  public func entries() -> [(key: String, value: ConfigurationNode)]? {
    guard let mapping = node.mapping else {
      fail("expected a mapping, found \(kindName)")
      return nil
    }
    return mapping.compactMap { key, _ in
      guard let name = key.scalar?.string, let value = optional(name) else { return nil }
      return (name, value)
    }
  }

  public var isMapping: Bool { node.mapping != nil }
  public var isList: Bool { node.sequence != nil }

  // MARK: Lists

  /// The items of a list that must not be empty.
  public func list() -> [ConfigurationNode]? {
    guard let sequence = node.sequence else {
      fail("expected a list, found \(kindName)")
      return nil
    }
    if sequence.isEmpty { fail("expected at least one item, found an empty list") }
    return items(sequence)
  }

  /// The items of a list, or this as the only one: how an axis is written.
  public func oneOrList() -> [ConfigurationNode]? {
    node.sequence == nil ? [self] : list()
  }

  private func items(_ sequence: Node.Sequence) -> [ConfigurationNode] {
    sequence.enumerated().map { index, item in
      ConfigurationNode(node: item, path: "\(path)[\(index)]", collector: collector)
    }
  }

  // MARK: Scalars

  /// The text of a scalar, quoted or not.
  public func string() -> String? {
    guard let text = node.scalar?.string else {
      fail("expected a text, found \(kindName)")
      return nil
    }
    if text.isEmpty {
      fail("expected a text, found none")
      return nil
    }
    return text
  }

  /// A whole number; digits alone, not in quotes.
  public func wholeNumber(in range: ClosedRange<Int64>) -> Int64? {
    guard let text = plainScalar(expecting: "a whole number") else { return nil }
    let number: Int64
    do throws(QuantityError) {
      number = try parseWholeNumber(text)
    } catch {
      fail("\(error)")
      return nil
    }
    guard range.contains(number) else {
      fail("expected \(range.lowerBound) to \(range.upperBound), found \(number)")
      return nil
    }
    return number
  }

  /// A decimal number such as `7.15`, not in quotes.
  public func decimal() -> Double? {
    guard let text = plainScalar(expecting: "a number") else { return nil }
    // The project's own number syntax decides; the value is the nearest double to the text.
    guard (try? Ratio(parsing: text)) != nil, !text.hasSuffix("%"), let number = Double(text)
    else {
      fail("expected a plain decimal number, such as 7.15, found \"\(text)\"")
      return nil
    }
    return number
  }

  /// `true` or `false` and nothing else.
  public func boolean() -> Bool? {
    guard let text = plainScalar(expecting: "true or false") else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      fail("expected true or false, found \"\(text)\"")
      return nil
    }
  }

  /// A quantity with its unit.
  public func quantity<Quantity: QuantityText>(_ type: Quantity.Type) -> Quantity? {
    guard let text = node.scalar?.string else {
      fail("expected \(Quantity.expectation), found \(kindName)")
      return nil
    }
    do throws(QuantityError) {
      return try Quantity(parsing: text)
    } catch {
      fail("\(error)")
      return nil
    }
  }

  /// One of these words.
  public func word(among words: [String]) -> String? {
    guard let text = node.scalar?.string else {
      fail("expected one of \(words.joined(separator: ", ")), found \(kindName)")
      return nil
    }
    if words.contains(text) { return text }
    let hint = nearest(to: text, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
    fail("expected one of \(words.joined(separator: ", ")), found \"\(text)\"\(hint)")
    return nil
  }

  private func plainScalar(expecting expectation: String) -> String? {
    guard let scalar = node.scalar else {
      fail("expected \(expectation), found \(kindName)")
      return nil
    }
    guard scalar.style == .plain else {
      fail("expected \(expectation), found the text \"\(scalar.string)\" in quotes")
      return nil
    }
    return scalar.string
  }

  private var kindName: String {
    switch node {
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string)\""
    case .alias: "an alias"
    }
  }
}
