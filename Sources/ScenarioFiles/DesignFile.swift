import ConfigurationReader
import DeviceModel
import ServingDesigns

/// The values of a design's parameters as its file gives them.
public struct DesignFile: Sendable {
  public struct Value: Sendable {
    public var text: String
    public var source: String
    public var confidence: Confidence
  }

  public var design: String
  public var values: [String: Value]

  /// - Parameter parameters: what the design reads; nil when the program does not know it.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(
    text: String, file: String, catalog: DesignCatalog
  ) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) { Self(reading: $0, catalog) }
  }

  private init?(reading root: ConfigurationNode, _ catalog: DesignCatalog) {
    root.expectMapping(keys: ["design", "parameters"])
    guard let name = root.need("design")?.word(among: catalog.names),
      let parameters = catalog[name]?.parameters, let node = root.need("parameters")
    else { return nil }
    design = name
    values = [:]
    guard node.expectMapping(keys: parameters.map(\.name)) else { return nil }
    for parameter in parameters {
      guard let entry = node.need(parameter.name) else { continue }
      guard entry.expectMapping(keys: ["value", "source", "confidence"]) else { continue }
      let value = entry.need("value")
      let text = value?.string()
      let source = entry.need("source")?.string()
      let confidence = entry.need("confidence")?.word(among: Confidence.allCases.map(\.rawValue))
      if let text, !parameter.accepts(text) {
        value?.fail("expected \(parameter.expectation), found \"\(text)\"")
      }
      if let text, let source, let confidence = confidence.flatMap(Confidence.init(rawValue:)) {
        values[parameter.name] = Value(text: text, source: source, confidence: confidence)
      }
    }
  }
}
