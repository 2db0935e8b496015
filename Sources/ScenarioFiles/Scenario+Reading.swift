import ConfigurationReader
import DeviceModel
import FoundationEssentials
import Quantities
import ServingDesigns

extension Scenario {
  /// Names that files of a library give; what a scenario may refer to.
  public struct KnownNames: Sendable {
    public var devices: [String]
    public var models: [String]
    public var designs: [String]
    public var references: [String]
    public var scenarios: [String]
  }

  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(text: String, file: String, known: KnownNames) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) { root in
      Self(reading: root, text: text, file: file, known: known)
    }
  }

  private init?(
    reading root: ConfigurationNode, text: String, file: String, known: KnownNames
  ) {
    let kind = ScenarioSubject.Kind(of: root)
    root.expectKeys(of: kind)
    func axis<Value: Hashable>(
      _ key: String, _ read: (ConfigurationNode) -> Value?
    ) -> [Value] {
      kind.axisKeys.contains(key) ? root.axis(key, read) : []
    }
    self.text = text
    self.file = file
    let nameNode = root.need("scenario")
    let name = nameNode?.string()
    if let nameNode, let name, !name.utf8.allSatisfy(Self.isNameByte) {
      nameNode.fail(
        "expected a name of small letters, digits and dashes, found \(nameNode.found)")
    }
    let title = root.need("title")?.string()
    notes = (root.optional("notes")?.list() ?? []).compactMap { $0.string() }
    let device = root.need("device")?.word(among: known.devices)
    let subject = root.subject(kind, models: known.models)
    designs = axis("designs") { $0.word(among: known.designs) }
    if case .policies(let study) = subject { designs = Self.designs(of: study) }
    models =
      kind.axisKeys.contains("models")
      ? axis("models") { $0.word(among: known.models) } : subject?.models ?? []
    promptTokens = axis("promptTokens") {
      $0.wholeNumber(in: Self.promptTokenRange).map(Int.init)
    }
    outputTokens = axis("outputTokens") {
      $0.wholeNumber(in: Self.outputTokenRange).map(Int.init)
    }
    backgroundByModel = root.backgroundByModel(of: models)
    backgroundMemory =
      backgroundByModel.isEmpty ? axis("backgroundMemory") { $0.quantity(ByteCount.self) } : []
    precisions = axis("precision") { node in
      node.word(among: Precision.allCases.map(\.rawValue)).flatMap(Precision.init(rawValue:))
    }
    fidelities = axis("gemmFidelity") { node in
      node.word(among: GEMMFidelity.allCases.map(\.rawValue)).flatMap(
        GEMMFidelity.init(rawValue:))
    }
    seeds = root.seeds()
    operatingSystem =
      root.optional("operatingSystem")?.word(among: OperatingSystem.allCases.map(\.rawValue))
      .flatMap(OperatingSystem.init(rawValue:)) ?? .benign
    earlierRequests =
      root.optional("earlierRequests").flatMap { $0.wholeNumber(in: 0...100) }.map(Int.init) ?? 0
    steps = root.steps()
    metric =
      root.optional("metric")?.word(among: kind.metrics.map(\.rawValue)).flatMap(
        Metric.init(rawValue:)) ?? .timeToFirstToken
    reference = root.optional("reference")?.word(among: known.references)
    let set = root.optional("set")
    settings = (set?.entries() ?? []).compactMap { key, value in
      set?.setting(key, value, axisKeys: kind.axisKeys)
    }
    if let node = root.optional("steps"), !steps.isEmpty {
      settings.append(
        SettingAxis(
          key: Self.stepKey, texts: steps.map(\.name),
          origin: .file(node.place.file, line: node.place.line, column: node.place.column)))
    }
    if operatingSystem == .hostile, earlierRequests > 0 {
      root.optional("earlierRequests")?.fail(
        "expected no earlier requests beside a hostile operating system, found \(earlierRequests)")
    }
    guard let name, let title, let device, let subject else { return nil }
    self.subject = subject
    self.name = name
    self.title = title
    self.device = device
  }

  /// The axis, and the column in results, of an ablation.
  public static let stepKey = "step"

  static let outputTokenRange: ClosedRange<Int64> = 1...16_384
  /// Of one stretch.
  static let largestSeedCount: Int64 = 1_000_000
  /// A first and a last seed with two dots between them; nil for any other text.
  static func seedStretch(_ text: String) -> ClosedRange<Int64>? {
    let ends = text.components(separatedBy: "..").map { try? parseWholeNumber($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], 0 <= first, first <= last,
      last - first < largestSeedCount
    else { return nil }
    return first...last
  }

  /// Its seeds, stretches of them as such.
  public var seedTexts: [String] {
    var stretches: [ClosedRange<Int64>] = []
    for seed in seeds {
      if let last = stretches.last, seed == last.upperBound + 1 {
        stretches[stretches.count - 1] = last.lowerBound...seed
      } else {
        stretches.append(seed...seed)
      }
    }
    return stretches.flatMap { stretch in
      stretch.count > 2
        ? ["\(stretch.lowerBound)..\(stretch.upperBound)"] : stretch.map(String.init)
    }
  }

  static let promptTokenRange: ClosedRange<Int64> = 1...131_072

  /// A scenario's name becomes a file's name.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
  }

  /// Sees to it that an axis given with `--set` has each value once: two equal points would be two
  /// rows of one name.
  /// - Throws: `SettingError`.
  public static func checkRepeats(_ key: String, _ texts: [String]) throws(SettingError) {
    for (index, text) in texts.enumerated() where texts[..<index].contains(text) {
      throw SettingError(
        key: key, text: texts.joined(separator: ","),
        reason: "expected each value once, found \(text.debugDescription) again")
    }
  }

  /// Replaces values of the scenario itself by what `--set` gives.
  ///
  /// - Parameter key: one of `settableKeys`.
  /// - Throws: `SettingError` when a text is no value for the key.
  public mutating func replaceAxis(
    _ key: String, with texts: [String], known: KnownNames
  ) throws(SettingError) {
    try Self.checkRepeats(key, texts)
    if try replaceSubjectAxis(key, with: texts) { return }
    switch key {
    case "designs":
      designs = try texts.mapTexts { text throws(SettingError) in
        try word(key, text, known.designs)
      }
    case "models":
      models = try texts.mapTexts { text throws(SettingError) in
        try word(key, text, known.models)
      }
    case "promptTokens":
      promptTokens = try texts.mapTexts { text throws(SettingError) in
        try number(key, text, Self.promptTokenRange)
      }
    case "outputTokens":
      outputTokens = try texts.mapTexts { text throws(SettingError) in
        try number(key, text, Self.outputTokenRange)
      }
    case "backgroundMemory":
      backgroundByModel = [:]
      backgroundMemory = try texts.mapTexts { text throws(SettingError) in
        do throws(QuantityError) {
          return try ByteCount(parsing: text)
        } catch {
          throw SettingError(key: key, text: text, reason: "\(error)")
        }
      }
    case "precision":
      precisions = try texts.mapTexts { text throws(SettingError) in
        // One of the raw values, checked on the line.
        Precision(rawValue: try word(key, text, Precision.allCases.map(\.rawValue)))!
      }
    case "gemmFidelity":
      fidelities = try texts.mapTexts { text throws(SettingError) in
        GEMMFidelity(rawValue: try word(key, text, GEMMFidelity.allCases.map(\.rawValue)))!
      }
    case "seed":
      seeds = []
      for text in texts {
        if let stretch = Self.seedStretch(text) {
          seeds += stretch
        } else {
          seeds.append(Int64(try number(key, text, 0...Int64.max)))
        }
      }
    default: preconditionFailure("\(key) is no key of a scenario")
    }
  }
}

/// A value given with `--set`, or under `set:`, that cannot be used.
public struct SettingError: Error, Hashable, Sendable, CustomStringConvertible {
  public var key: String
  public var text: String
  public var reason: String

  public init(key: String, text: String, reason: String) {
    self.key = key
    self.text = text
    self.reason = reason
  }

  public var description: String { "\(key)=\(text): \(reason)" }
}

func word(
  _ key: String, _ text: String, _ words: [String]
) throws(SettingError) -> String {
  if words.contains(text) { return text }
  let hint = suggestion(for: text, among: words)
  throw SettingError(
    key: key, text: text,
    reason:
      "expected one of \(words.joined(separator: ", ")), found \(text.debugDescription)\(hint)")
}

private func number(
  _ key: String, _ text: String, _ range: ClosedRange<Int64>
) throws(SettingError) -> Int {
  let number: Int64
  do throws(QuantityError) {
    number = try parseWholeNumber(text)
  } catch {
    throw SettingError(key: key, text: text, reason: "\(error)")
  }
  guard range.contains(number) else {
    throw SettingError(
      key: key, text: text,
      reason: "expected \(range.expectation), found \(number)")
  }
  return Int(number)
}

extension [String] {
  /// `map` with a typed throw.
  fileprivate func mapTexts<Value>(
    _ transform: (String) throws(SettingError) -> Value
  ) throws(SettingError) -> [Value] {
    var result: [Value] = []
    for text in self { result.append(try transform(text)) }
    return result
  }
}

extension ConfigurationNode {
  /// The values of an axis: one, or a list without repeats.
  func axis<Value: Hashable>(
    _ key: String, _ read: (ConfigurationNode) -> Value?
  ) -> [Value] {
    guard let node = need(key), let items = node.oneOrList() else { return [] }
    let values = items.compactMap(read)
    if values.count == items.count { items.failOnRepeats(values) }
    return values
  }
}

extension ConfigurationNode {
  /// The steps of an ablation: a name, and what it sets of the designs' parameters, which are checked
  /// when the designs are there.
  fileprivate func steps() -> [(name: String, parameters: [(name: String, text: String)])] {
    guard let node = optional("steps") else { return [] }
    return (node.entries() ?? []).map { name, step in
      let parameters = (step.entries() ?? []).compactMap { name, value in
        value.string().map { (name: name, text: $0) }
      }
      return (name, parameters)
    }
  }

  /// The load beside each model; none where the scenario gives loads for all models together.
  fileprivate func backgroundByModel(of models: [String]) -> [String: ByteCount] {
    guard let node = optional("backgroundMemory"), node.isMapping else { return [:] }
    node.expectMapping(keys: models)
    var loads: [String: ByteCount] = [:]
    for model in models {
      loads[model] = node.need(model)?.quantity(ByteCount.self)
    }
    return loads
  }

  /// Seeds one by one, or stretches of them such as `1..1000`, each once.
  fileprivate func seeds() -> [Int64] {
    guard let node = need("seed"), let items = node.oneOrList() else { return [] }
    let stretches = items.compactMap { item -> ClosedRange<Int64>? in
      guard let text = item.plainText(expecting: "a whole number") else { return nil }
      if let stretch = Scenario.seedStretch(text) { return stretch }
      guard text.contains("..") else {
        return item.wholeNumber(in: 0...Int64.max).map { $0...$0 }
      }
      item.fail(
        "expected a first and a last seed such as 1..1000, at most"
          + " \(Scenario.largestSeedCount) of them, found \(item.found)")
      return nil
    }
    if stretches.count == items.count { items.failOnRepeats(stretches) }
    return stretches.flatMap { Array($0) }
  }

  /// A value, or an axis, of the device, the models or the designs; this is the mapping of all.
  ///
  /// What a device has is known here. What models and designs have is checked when they are there.
  fileprivate func setting(
    _ key: String, _ value: ConfigurationNode, axisKeys: [String]
  ) -> SettingAxis? {
    var profileKey: ProfileKey?
    if key.hasPrefix("device.") {
      let path = String(key.dropFirst("device.".count))
      profileKey = ProfileKey.named(path)
      if profileKey == nil {
        let hint =
          nearest(to: path, among: ProfileKey.all.map(\.path)).map {
            "; did you mean \"device.\($0)\"?"
          } ?? ""
        fail(atKey: key, "a device has no value \(path.debugDescription)\(hint)")
        return nil
      }
    } else if !key.hasPrefix("model."), !key.hasPrefix("design.") {
      let expectation = "expected a key that begins with device., model. or design."
      fail(
        atKey: key,
        axisKeys.contains(key)
          ? "\(expectation), found an axis, which stands beside set, not in it"
          : "\(expectation), found \(key.debugDescription)")
      return nil
    }
    guard let items = value.oneOrList() else { return nil }
    let texts = items.compactMap { item in
      profileKey.map(item.replacement) ?? item.string()
    }
    guard texts.count == items.count else { return nil }
    items.failOnRepeats(texts)
    let place = value.place
    return SettingAxis(
      key: key, texts: texts, origin: .file(place.file, line: place.line, column: place.column))
  }
}

extension [ConfigurationNode] {
  /// Notes each item whose value an earlier one has.
  func failOnRepeats<Value: Hashable>(_ values: [Value], of noun: String = "value") {
    var seen: Set<Value> = []
    for (item, value) in zip(self, values) where !seen.insert(value).inserted {
      item.fail("expected each \(noun) once, found \(item.found) again")
    }
  }
}
