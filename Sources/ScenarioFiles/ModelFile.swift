import ConfigurationReader
import ModelArchitecture
import Quantities

/// The whole numbers of a model file, with their ranges.
///
/// One table serves the reader, `--set` and `flexbench describe`.
struct ModelField {
  var key: String
  var range: ClosedRange<Int64>
  var meaning: String
  var path: WritableKeyPath<ModelArchitecture, Int>

  // Key paths are not marked Sendable; these are literals without captures.
  nonisolated(unsafe) static let all: [ModelField] = [
    ModelField(key: "layers", range: 1...1024, meaning: "layers", path: \.layerCount),
    ModelField(
      key: "hiddenSize", range: 1...65_536, meaning: "width of the residual stream",
      path: \.hiddenSize),
    ModelField(
      key: "feedForwardSize", range: 1...262_144, meaning: "width of the gated feed-forward part",
      path: \.feedForwardSize),
    ModelField(
      key: "attentionHeads", range: 1...1024, meaning: "query heads", path: \.attentionHeadCount),
    ModelField(
      key: "keyValueHeads", range: 1...1024, meaning: "key and value heads",
      path: \.keyValueHeadCount),
    ModelField(key: "headSize", range: 1...4096, meaning: "width of a head", path: \.headSize),
    ModelField(
      key: "vocabulary", range: 1...4_194_304, meaning: "tokens it knows", path: \.vocabularySize),
  ]
}

/// A model as its file describes it.
public struct ModelFile: Sendable {
  public var model: ModelArchitecture
  public var source: String

  /// - Parameter fileName: what the model must be called.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(text: String, file: String, fileName: String) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) {
      Self(reading: $0, fileName: fileName)
    }
  }

  private init?(reading root: ConfigurationNode, fileName: String) {
    root.expectMapping(
      keys: ["model", "source"] + ModelField.all.map(\.key) + ["tiedEmbedding"])
    let name = root.need("model")?.name(ofFile: fileName)
    let source = root.need("source")?.string()
    var model = ModelArchitecture(
      name: name ?? "", layerCount: 1, hiddenSize: 1, feedForwardSize: 1, attentionHeadCount: 1,
      keyValueHeadCount: 1, headSize: 1, vocabularySize: 1, tiesEmbedding: false)
    var isWhole = true
    for field in ModelField.all {
      if let number = root.need(field.key)?.wholeNumber(in: field.range) {
        model[keyPath: field.path] = Int(number)
      } else {
        isWhole = false
      }
    }
    if let tied = root.need("tiedEmbedding")?.boolean() {
      model.tiesEmbedding = tied
    } else {
      isWhole = false
    }
    if isWhole, !model.attentionHeadCount.isMultiple(of: model.keyValueHeadCount) {
      root.need("keyValueHeads")?.fail(
        "expected a divisor of the \(model.attentionHeadCount) attention heads,"
          + " found \(model.keyValueHeadCount)")
      isWhole = false
    }
    guard isWhole, name != nil, let source else { return nil }
    self.model = model
    self.source = source
  }
}
