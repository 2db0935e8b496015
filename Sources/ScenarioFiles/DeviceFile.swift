import ConfigurationReader
import DeviceModel
import Quantities

/// A device profile as one file gives it: its own values, and the name of what it extends.
struct DeviceFile {
  var name: String
  var summary: String
  var extends: String?
  var values: [ProfileKey: SourcedValue]
  /// Where problems of the profile as a whole, and of its place among others, are reported.
  var place: (file: String, line: Int, column: Int)
  var extendsPlace: (file: String, line: Int, column: Int)

  /// - Parameters:
  ///   - fileName: what the device must be called.
  ///   - known: devices that it can extend.
  init(
    text: String, file: String, fileName: String, known: [String]
  ) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) {
      Self(reading: $0, fileName: fileName, known: known)
    }
  }

  private init?(reading root: ConfigurationNode, fileName: String, known: [String]) {
    let groups = ProfileGroups(ProfileKey.all.map(\.path))
    root.expectMapping(keys: ["device", "extends", "summary"] + groups.children(of: ""))
    let name = root.need("device")?.name(ofFile: fileName)
    let summary = root.need("summary")?.string()
    let base = root.optional("extends")
    extends = base?.word(among: known)
    place = root.place
    extendsPlace = base?.place ?? root.place
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
    let rangeKey = key.kind == .curve ? [] : ["range"]
    guard expectMapping(keys: [valueKey, "source", "confidence"] + rangeKey) else { return nil }
    let value = need(valueKey)?.value(of: key)
    let source = need("source")?.string()
    let confidence = need("confidence")?.word(among: Confidence.allCases.map(\.rawValue))
    var range: [String] = []
    if key.kind != .curve, let rangeNode = optional("range"),
      let ends = rangeNode.list(expecting: Self.rangeExpectation)
    {
      if ends.count != 2 {
        rangeNode.fail("expected \(Self.rangeExpectation), found \(countText(ends))")
      }
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

  private static let rangeExpectation = "the lowest and the highest value in a list"

  private func value(of key: ProfileKey) -> ProfileQuantity? {
    switch key.kind {
    case .curve: curve().map { .curve($0) }
    case .count:
      plainText(expecting: "a whole number").flatMap { profileQuantity(parsing: $0, of: key) }
    default: profileQuantity(of: key)
    }
  }

  private func curve() -> Curve? {
    guard let items = list(expecting: "a list of points") else { return nil }
    var points: [Curve.Point] = []
    var isWhole = true
    for item in items {
      let expectation = "a pair such as [\"8 GiB\", \"0.56 s\"]"
      guard let pair = item.list(expecting: expectation) else {
        isWhole = false
        continue
      }
      guard pair.count == 2 else {
        item.fail("expected \(expectation), found \(countText(pair))")
        isWhole = false
        continue
      }
      let ends = (pair[0].quantity(ByteCount.self), pair[1].quantity(SimulatedDuration.self))
      guard case (let amount?, let duration?) = ends else {
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
      fail("expected at least two points, found one")
      isWhole = false
    }
    return isWhole ? Curve(points: points) : nil
  }
}

/// How many items there are, for messages.
func countText(_ items: [ConfigurationNode]) -> String {
  items.count == 1 ? "1 item" : "\(items.count) items"
}

extension ConfigurationNode {
  /// The name of what a file describes: the file's own, since others find it by that.
  func name(ofFile fileName: String) -> String? {
    guard let name = string() else { return nil }
    if name != fileName { fail("expected the file's name \(fileName), found \(found)") }
    return name
  }
}
