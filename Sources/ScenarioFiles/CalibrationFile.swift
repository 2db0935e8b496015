import ConfigurationReader
import DeviceModel

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
    /// Operations measured alone whose times are used.
    public var operations: [String]
    /// Pairs of operations whose ratio is used: first over second.
    public var ratios: [(String, String)]
    public var why: String
  }

  public var name: String
  public var device: String
  /// Name of the paper's scenario that makes the points.
  public var scenario: String
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
    root.expectMapping(keys: ["calibration", "device", "scenario", "fits"])
    let name = root.need("calibration")?.string()
    let device = root.need("device")?.word(among: known.devices)
    let scenario = root.need("scenario")?.word(among: known.scenarios)
    fits = (root.need("fits")?.list() ?? []).compactMap {
      Self.fit($0, known: known, operations: operations)
    }
    guard let name, let device, let scenario else { return nil }
    self.name = name
    self.device = device
    self.scenario = scenario
  }

  private static func fit(
    _ node: ConfigurationNode, known: Scenario.KnownNames, operations: [String]
  ) -> Fit? {
    node.expectMapping(
      keys: ["id", "parameters", "candidates", "designs", "operations", "ratios", "why"])
    let paths = ProfileKey.all.map(\.path)
    func words(_ key: String, _ allowed: [String]) -> [String] {
      (node.optional(key)?.list() ?? []).compactMap { $0.word(among: allowed) }
    }
    let parameters = (node.need("parameters")?.list() ?? []).compactMap { item in
      item.word(among: paths).flatMap(ProfileKey.named)
    }
    var candidates: (key: ProfileKey, texts: [String])?
    if let entry = node.optional("candidates") {
      entry.expectMapping(keys: ["key", "values"])
      let key = entry.need("key")?.word(among: paths).flatMap(ProfileKey.named)
      let texts = (entry.need("values")?.list() ?? []).compactMap { $0.string() }
      if let key { candidates = (key, texts) }
    }
    let ratios = (node.optional("ratios")?.list() ?? []).compactMap {
      item -> (String, String)? in
      guard let pair = item.list() else { return nil }
      let names = pair.compactMap { $0.word(among: operations) }
      guard pair.count == 2 else {
        item.fail("expected a pair of operations, found \(pair.count)")
        return nil
      }
      return names.count == 2 ? (names[0], names[1]) : nil
    }
    guard let id = node.need("id")?.string(), let why = node.need("why")?.string() else {
      return nil
    }
    return Fit(
      id: id, parameters: parameters, candidates: candidates,
      designs: words("designs", known.designs), operations: words("operations", operations),
      ratios: ratios, why: why)
  }
}
