import ConfigurationReader
import DeviceModel
import Quantities

/// A device profile as one file gives it: its own values, and the name of what it extends.
struct DeviceFile {
  var name: String
  var summary: String
  var extends: String?
  var values: [ProfileKey: SourcedValue]

  init(text: String, file: String) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) { Self(reading: $0) }
  }

  private init?(reading root: ConfigurationNode) {
    let groups = ProfileGroups(ProfileKey.all.map(\.path))
    root.expectMapping(keys: ["device", "extends", "summary"] + groups.children(of: ""))
    let name = root.need("device")?.string()
    let summary = root.need("summary")?.string()
    extends = root.optional("extends")?.string()
    values = [:]
    for group in groups.children(of: "") {
      guard let node = root.optional(group) else { continue }
      Self.read(node, at: group, groups, givenBy: name ?? "", into: &values)
    }
    guard let name, let summary else { return nil }
    self.name = name
    self.summary = summary
  }

  private static func read(
    _ node: ConfigurationNode, at path: String, _ groups: ProfileGroups, givenBy name: String,
    into values: inout [ProfileKey: SourcedValue]
  ) {
    if let key = ProfileKey.named(path) {
      values[key] = node.sourcedValue(of: key, givenBy: name)
      return
    }
    let children = groups.children(of: path)
    guard node.expectMapping(keys: children) else { return }
    for child in children {
      guard let value = node.optional(child) else { continue }
      read(value, at: "\(path).\(child)", groups, givenBy: name, into: &values)
    }
  }
}

/// The tree that dotted paths make.
struct ProfileGroups {
  private var childrenByPath: [String: [String]] = [:]

  init(_ paths: [String]) {
    for path in paths {
      let parts = path.split(separator: ".").map(String.init)
      for depth in parts.indices {
        let parent = parts[..<depth].joined(separator: ".")
        if !childrenByPath[parent, default: []].contains(parts[depth]) {
          childrenByPath[parent, default: []].append(parts[depth])
        }
      }
    }
  }

  /// The names right below a path, in the catalogue's order.
  func children(of path: String) -> [String] { childrenByPath[path] ?? [] }
}

extension ConfigurationNode {
  /// `{ value, source, confidence, range }`, or `{ points, source, confidence }` for a curve.
  fileprivate func sourcedValue(of key: ProfileKey, givenBy name: String) -> SourcedValue? {
    let valueKey = key.kind == .curve ? "points" : "value"
    guard expectMapping(keys: [valueKey, "source", "confidence", "range"]) else { return nil }
    let value = need(valueKey)?.profileQuantity(of: key)
    let source = need("source")?.string()
    let confidence = need("confidence")?.word(among: Confidence.allCases.map(\.rawValue))
    var range: [String] = []
    if let rangeNode = optional("range"), let ends = rangeNode.list() {
      if ends.count != 2 { rangeNode.fail("expected two ends, found \(ends.count)") }
      let quantities = ends.compactMap { $0.profileQuantity(of: key) }
      range = quantities.map(\.text)
      if quantities.count == 2, let value, !value.isWithin(quantities[0], quantities[1]) {
        rangeNode.fail(
          "expected ends around \(value.text), found \(range[0]) to \(range[1])")
      }
    }
    guard let value, let source, let confidence = confidence.flatMap(Confidence.init(rawValue:))
    else { return nil }
    return SourcedValue(
      value: value, source: source, confidence: confidence, range: range, givenBy: name)
  }

  fileprivate func profileQuantity(of key: ProfileKey) -> ProfileQuantity? {
    if key.kind == .curve { return curve().map { .curve($0) } }
    // A range's ends may be quoted; a count's value may not.
    guard let text = string() else { return nil }
    do throws(ProfileValueError) {
      return try ProfileQuantity(parsing: text, for: key)
    } catch {
      fail("\(error)")
      return nil
    }
  }

  private func curve() -> Curve? {
    guard let items = list() else { return nil }
    var points: [Curve.Point] = []
    var isWhole = true
    for item in items {
      guard let pair = item.list() else {
        isWhole = false
        continue
      }
      guard pair.count == 2 else {
        item.fail("expected a pair such as [\"8 GiB\", \"0.56 s\"], found \(pair.count) items")
        isWhole = false
        continue
      }
      guard let amount = pair[0].quantity(ByteCount.self),
        let duration = pair[1].quantity(SimulatedDuration.self)
      else {
        isWhole = false
        continue
      }
      if let last = points.last, amount <= last.amount {
        pair[0].fail("expected more than \(last.amount.text), found \(amount.text)")
        isWhole = false
      }
      points.append(Curve.Point(amount: amount, duration: duration))
    }
    if isWhole, points.count < 2 {
      fail("expected at least two points, found \(points.count)")
      isWhole = false
    }
    return isWhole ? Curve(points: points) : nil
  }
}
