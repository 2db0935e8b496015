import Yams

/// Reads a YAML document whose problems are all reported at once, each with its place.
///
/// What YAML allows and people trip over is refused: anchors, aliases and merge keys, tags,
/// several documents, keys given twice. The accessors of `ConfigurationNode` refuse values that
/// are not there.
public enum YAMLDocument {
  /// Larger files are refused before they are parsed.
  public static let maximumBytes = 4 << 20
  private static let maximumDepth = 64
  fileprivate static let tooDeep = "expected at most \(maximumDepth) levels of nesting, found more"

  /// Decodes a document with `read`, which notes problems and returns nil where it must.
  ///
  /// - Throws: `ConfigurationError` with every problem, YAML's own or noted by `read`.
  public static func decode<Value>(
    text: String, file: String, _ read: (ConfigurationNode) -> Value?
  ) throws(ConfigurationError) -> Value {
    let collector = ProblemCollector(file: file)
    guard text.utf8.count <= maximumBytes else {
      collector.add(
        "expected at most \(maximumBytes >> 20) MiB, found \(text.utf8.count) bytes",
        path: "", mark: nil)
      throw ConfigurationError(problems: collector.problems)
    }
    try FileText.check(text, file: file)
    var composer = Composer(text, collector)
    let value = composer.compose().flatMap { root -> Value? in
      FormCheck(source: composer.source, renamed: composer.renamed, collector: collector)
        .check(root, path: "", depth: 0)
      let node = ConfigurationNode(node: root, path: "", collector: collector)
      return collector.problems.isEmpty ? read(node) : nil
    }
    guard collector.problems.isEmpty else {
      throw ConfigurationError(problems: collector.problems)
    }
    guard let value else { preconditionFailure("\(file) was refused without a reason") }
    return value
  }

  /// Refuses, in the whole document, what no reader wants.
  private struct FormCheck {
    var source: SourceText
    var renamed: [Mark.Place: String]
    var collector: ProblemCollector

    func check(_ node: Node, path: String, depth: Int) {
      if depth > maximumDepth {
        collector.add(YAMLDocument.tooDeep, path: "", mark: node.mark)
        return
      }
      // The parser puts the anchored node itself in an alias's place, so what is below it is
      // looked at nowhere: aliases of aliases grow exponentially.
      guard isPlain(node, path: path) else { return }
      switch node {
      case .alias, .scalar: break
      case .sequence(let sequence):
        for (index, item) in sequence.enumerated() {
          check(item, path: "\(path)[\(index)]", depth: depth + 1)
        }
      case .mapping(let mapping): check(mapping, path: path, depth: depth)
      }
    }

    private func check(_ mapping: Node.Mapping, path: String, depth: Int) {
      var lines: [String: Int] = [:]
      for (key, value) in mapping {
        guard isPlain(key, path: path) else { continue }
        guard let scalar = key.scalar else {
          let kind = key.mapping == nil ? "a list" : "a mapping"
          collector.add("expected a text as key, found \(kind)", path: path, mark: key.mark)
          continue
        }
        let name = key.mark.flatMap { renamed[$0.place] } ?? scalar.string
        guard name != "<<" else {
          collector.add(
            "expected a key, found the merge key <<; write out what it would merge", path: path,
            mark: key.mark)
          continue
        }
        if let line = lines[name] {
          collector.add(
            "expected each key once, found \(name.debugDescription) again (first in line \(line))",
            path: path, mark: key.mark)
        }
        lines[name] = lines[name] ?? key.mark?.line ?? 1
        check(value, path: path.isEmpty ? name : "\(path).\(name)", depth: depth + 1)
      }
    }

    /// Whether a node begins with what it is, and with neither an anchor nor a tag.
    private func isPlain(_ node: Node, path: String) -> Bool {
      guard let mark = node.mark, let first = source[mark] else { return true }
      switch first {
      case "&":
        collector.add(
          "expected a value, found the anchor \(source.word(at: mark)); write the value out"
            + " wherever it is meant", path: path, mark: mark)
      case "!":
        collector.add(
          "expected a value without a tag, found \(source.word(at: mark))", path: path,
          mark: mark)
      default: return true
      }
      return false
    }
  }
}

/// Parses a text into nodes, with a place for each key that is given twice.
private struct Composer {
  let source: SourceText
  /// The names of keys that were changed to get past the parser, by their places.
  private(set) var renamed: [Mark.Place: String] = [:]
  private var text: String
  private let collector: ProblemCollector

  init(_ text: String, _ collector: ProblemCollector) {
    self.text = text
    self.collector = collector
    source = SourceText(text)
  }

  mutating func compose() -> Node? {
    while true {
      do {
        guard let root = try Yams.compose(yaml: text) else {
          collector.add("expected a mapping, found an empty file", path: "", mark: nil)
          return nil
        }
        return root
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        guard rename(names[0], at: context.mark) else { return nil }
      } catch let error as YamlError {
        note(error)
        return nil
      } catch {
        collector.add("not YAML: \(error)", path: "", mark: nil)
        return nil
      }
    }
  }

  /// Gives the first of two equal keys another name.
  ///
  /// The parser refuses equal keys and tells the place of the first one alone; once that has
  /// another name, the tree is there and with it the place of the second.
  private mutating func rename(_ name: String, at mark: Mark) -> Bool {
    // A key that is no plain word may not be renamed by a letter; then it comes again.
    guard renamed.count < 64, renamed.updateValue(name, forKey: mark.place) == nil,
      // From the private use area, so that no two names become equal.
      let letter = Unicode.Scalar(0xE000 + UInt32(renamed.count))
    else {
      collector.add(
        "expected each key once, found \(name.debugDescription) again", path: "", mark: mark)
      return false
    }
    text = SourceText(text).renamingKey(at: mark, with: letter)
    return true
  }

  private func note(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      collector.add(message(problem, context, mark), path: "", mark: mark)
    default:
      // Control characters, the reader's complaint, were refused before.
      collector.add("not YAML: \(error)", path: "", mark: nil)
    }
  }

  private func message(_ problem: String, _ context: YamlError.Context?, _ mark: Mark) -> String {
    switch problem {
    case "but found another document": return "expected one document, found another"
    case "found undefined alias":
      return "expected a value, found the alias \(source.word(at: mark)); write the value out"
    case _ where problem.hasPrefix("Maximum nesting level"):
      return YAMLDocument.tooDeep
    case _ where source[mark] == "\t":
      return "expected spaces, found a tab"
    default:
      let place = context.map { context in
        " (\(context.text)\(context.mark.line < mark.line ? " begun in line \(context.mark.line)" : ""))"
      }
      return "not YAML: \(problem)\(place ?? "")"
    }
  }
}

extension Mark {
  struct Place: Hashable {
    var line: Int
    var column: Int
  }

  var place: Place { Place(line: line, column: column) }
}
