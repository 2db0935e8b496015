import ConfigurationReader
import DeviceModel

/// A table of measurements that a fit can use.
public enum CalibrationTable: String, CaseIterable, Sendable {
  /// Products that the vendor's matrix library ran.
  case npuProducts = "npu-products"
  /// Decode rates of the vendor's runtime.
  case decodeRates = "decode-rates"
}

/// What is fitted, and to which points.
public struct CalibrationFile: Sendable {
  public struct Fit: Sendable {
    public var id: String
    /// Values of the device that the fit may move.
    public var parameters: [ProfileKey]
    /// A value that is tried in turn, the rest being fitted for each.
    public var candidates: (key: ProfileKey, texts: [String])?
    /// Designs whose points with the role `fit` are used.
    public var designs: [String]
    /// Name of the paper's scenario that makes those points; nil where there are no designs.
    public var scenario: String?
    /// Operations measured alone whose times are used.
    public var operations: [String]
    /// Pairs of operations whose ratio is used: first over second.
    public var ratios: [(String, String)]
    /// Tables of measurements whose rows with the role `fit` are used.
    public var measurements: [CalibrationTable]
    public var why: String
  }

  public var name: String
  public var device: String
  public var fits: [Fit]

  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(
    text: String, file: String, known: Scenario.KnownNames, operations: [String]
  ) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) {
      Self(reading: $0, known: known, operations: operations)
    }
  }

  private init?(
    reading root: ConfigurationNode, known: Scenario.KnownNames, operations: [String]
  ) {
    root.expectMapping(keys: ["calibration", "device", "fits"])
    let name = root.need("calibration")?.string()
    let device = root.need("device")?.word(among: known.devices)
    let nodes = root.need("fits")?.list() ?? []
    fits = nodes.compactMap { Self.fit($0, known: known, operations: operations) }
    if fits.count == nodes.count {
      nodes.compactMap { $0.optional("id") }.failOnRepeats(fits.map(\.id), of: "id")
    }
    guard let name, let device else { return nil }
    self.name = name
    self.device = device
  }

  private static func fit(
    _ node: ConfigurationNode, known: Scenario.KnownNames, operations: [String]
  ) -> Fit? {
    node.expectMapping(
      keys: [
        "id", "parameters", "candidates", "scenario", "designs", "operations", "ratios",
        "measurements", "why",
      ])
    func words(_ key: String, _ allowed: [String]) -> [String] {
      let items = node.optional(key)?.list() ?? []
      let words = items.compactMap { $0.word(among: allowed) }
      if words.count == items.count { items.failOnRepeats(words) }
      return words
    }
    let items = node.need("parameters")?.list() ?? []
    let parameters = items.compactMap { $0.profileKey() }
    if parameters.count == items.count { items.failOnRepeats(parameters) }
    let candidates = node.optional("candidates").flatMap(candidates)
    let ratios = (node.optional("ratios")?.list() ?? []).compactMap {
      item -> (String, String)? in
      let expectation = "a pair of operations in a list"
      guard let pair = item.list(expecting: expectation) else { return nil }
      let names = pair.compactMap { $0.word(among: operations) }
      guard pair.count == 2 else {
        item.fail("expected \(expectation), found \(countText(pair))")
        return nil
      }
      return names.count == 2 ? (names[0], names[1]) : nil
    }
    let designs = words("designs", known.designs)
    // Asked for only where points are made with it.
    let scenarioNode = designs.isEmpty ? node.optional("scenario") : node.need("scenario")
    let scenario = scenarioNode?.word(among: known.scenarios)
    let singles = words("operations", operations)
    let tables = words("measurements", CalibrationTable.allCases.map(\.rawValue))
    let kinds = ["designs", "operations", "ratios", "measurements"]
    if !kinds.contains(where: { node.optional($0) != nil }) {
      node.fail(
        "expected designs, operations, ratios or measurements to fit to, found none of them")
    }
    let (id, why) = (node.need("id")?.string(), node.need("why")?.string())
    guard let id, let why else { return nil }
    return Fit(
      id: id, parameters: parameters, candidates: candidates, designs: designs,
      scenario: scenario, operations: singles, ratios: ratios,
      measurements: tables.compactMap(CalibrationTable.init), why: why)
  }

  private static func candidates(
    _ node: ConfigurationNode
  ) -> (key: ProfileKey, texts: [String])? {
    node.expectMapping(keys: ["key", "values"])
    let key = node.need("key")?.profileKey()
    let items = node.need("values")?.list() ?? []
    guard let key else { return nil }
    let texts = items.compactMap { item in
      item.profileQuantity(of: key).flatMap { _ in item.string() }
    }
    if texts.count == items.count { items.failOnRepeats(texts) }
    return (key, texts)
  }
}
