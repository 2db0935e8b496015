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

  /// - Parameter fileName: what the design must be called.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(
    text: String, file: String, fileName: String, catalog: DesignCatalog
  ) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) {
      Self(reading: $0, fileName: fileName, catalog)
    }
  }

  private init?(reading root: ConfigurationNode, fileName: String, _ catalog: DesignCatalog) {
    root.expectMapping(keys: ["design", "parameters"])
    let nameNode = root.need("design")
    let parametersNode = root.need("parameters")
    guard let name = nameNode?.word(among: catalog.names),
      let parameters = catalog[name]?.parameters, let node = parametersNode,
      nameNode?.name(ofFile: fileName) == fileName
    else { return nil }
    design = name
    values = [:]
    guard node.expectMapping(keys: parameters.map(\.name)) else { return nil }
    for parameter in parameters {
      guard let entry = node.need(parameter.name) else { continue }
      guard entry.expectMapping(keys: ["value", "source", "confidence"]) else { continue }
      let text = entry.need("value")?.text(of: parameter)
      let source = entry.need("source")?.string()
      let confidence = entry.need("confidence")?.word(among: Confidence.allCases.map(\.rawValue))
      if let text, let source, let confidence = confidence.flatMap(Confidence.init(rawValue:)) {
        values[parameter.name] = Value(text: text, source: source, confidence: confidence)
      }
    }
  }
}

extension ConfigurationNode {
  fileprivate func text(of parameter: DesignParameter) -> String? {
    switch parameter.kind {
    case .choice(let words): word(among: words)
    case .count(let range): wholeNumber(in: range).map { "\($0)" }
    }
  }
}
