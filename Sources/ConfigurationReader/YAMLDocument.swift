import Yams

/// Reads a YAML document whose problems are all reported at once, each with its place.
///
/// What YAML allows and people trip over is refused: anchors, aliases and merge keys, tags,
/// several documents, values that are not there, keys given twice.
public enum YAMLDocument {
  /// Larger files are refused before they are parsed.
  public static let maximumBytes = 4 << 20
  private static let maximumDepth = 64

  /// Decodes a document with `read`, which notes problems and returns nil where it must.
  ///
  /// - Throws: `ConfigurationError` with every problem, YAML's own or noted by `read`.
  public static func decode<Value>(
    text: String, file: String, _ read: (ConfigurationNode) -> Value?
  ) throws(ConfigurationError) -> Value {
    let collector = ProblemCollector(file: file)
    let value = compose(text, collector).flatMap { root -> Value? in
      check(root, path: "", depth: 0, collector)
      let node = ConfigurationNode(node: root, path: "", collector: collector)
      return collector.problems.isEmpty ? read(node) : nil
    }
    guard collector.problems.isEmpty else {
      throw ConfigurationError(problems: collector.problems)
    }
    guard let value else { preconditionFailure("\(file) was refused without a reason") }
    return value
  }

  private static func compose(_ text: String, _ collector: ProblemCollector) -> Node? {
    guard text.utf8.count <= maximumBytes else {
      collector.add("expected at most 4 MiB, found \(text.utf8.count) bytes", path: "", mark: nil)
      return nil
    }
    do {
      guard let root = try Yams.compose(yaml: text) else {
        collector.add("expected a mapping, found an empty file", path: "", mark: nil)
        return nil
      }
      return root
    } catch let error as YamlError {
      note(error, collector)
    } catch {
      collector.add("\(error)", path: "", mark: nil)
    }
    return nil
  }

  private static func note(_ error: YamlError, _ collector: ProblemCollector) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      collector.add("not YAML: \(problem)", path: "", mark: mark)
    case .duplicatedKeysInMapping(let duplicates, let context):
      // Yams knows where the mapping begins, not where its keys are.
      for key in duplicates.sorted() {
        collector.add(
          "the key \"\(key)\" is given twice in this mapping", path: "", mark: context.mark)
      }
    default:
      collector.add("not YAML: \(error)", path: "", mark: nil)
    }
  }

  /// Refuses, in the whole document, what no reader wants.
  private static func check(
    _ node: Node, path: String, depth: Int, _ collector: ProblemCollector
  ) {
    if depth > maximumDepth {
      collector.add("nested deeper than \(maximumDepth)", path: path, mark: node.mark)
      return
    }
    if node.hasAnchor { collector.add("anchors are not allowed", path: path, mark: node.mark) }
    switch node {
    case .alias: collector.add("aliases are not allowed", path: path, mark: node.mark)
    case .scalar(let scalar):
      if scalar.style == .plain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
        collector.add("expected a value, found nothing", path: path, mark: node.mark)
      }
    case .sequence(let sequence):
      for (index, item) in sequence.enumerated() {
        check(item, path: "\(path)[\(index)]", depth: depth + 1, collector)
      }
    case .mapping(let mapping):
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          collector.add("expected a text as key", path: path, mark: key.mark)
          continue
        }
        if name == "<<" {
          collector.add("merge keys are not allowed", path: path, mark: key.mark)
          continue
        }
        check(
          value, path: path.isEmpty ? name : "\(path).\(name)", depth: depth + 1, collector)
      }
    }
  }
}

extension Node {
  fileprivate var hasAnchor: Bool {
    switch self {
    case .scalar(let scalar): scalar.anchor != nil
    case .mapping(let mapping): mapping.anchor != nil
    case .sequence(let sequence): sequence.anchor != nil
    case .alias: false
    }
  }
}
