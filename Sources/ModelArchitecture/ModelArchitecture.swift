import DeviceModel
import Quantities

/// A decoder-only transformer with grouped-query attention and a gated feed-forward network.
///
/// Shapes come from the published configurations; each model file names its own.
public struct ModelArchitecture: Hashable, Sendable {
  public var name: String
  public var layerCount: Int
  /// Width of the residual stream.
  public var hiddenSize: Int
  /// Width of the gated feed-forward network (three matrices a layer).
  public var feedForwardSize: Int
  public var attentionHeadCount: Int
  public var keyValueHeadCount: Int
  public var headSize: Int
  public var vocabularySize: Int
  /// Whether the output head is the embedding table, stored once.
  public var tiesEmbedding: Bool

  public init(
    name: String, layerCount: Int, hiddenSize: Int, feedForwardSize: Int, attentionHeadCount: Int,
    keyValueHeadCount: Int, headSize: Int, vocabularySize: Int, tiesEmbedding: Bool
  ) {
    self.name = name
    self.layerCount = layerCount
    self.hiddenSize = hiddenSize
    self.feedForwardSize = feedForwardSize
    self.attentionHeadCount = attentionHeadCount
    self.keyValueHeadCount = keyValueHeadCount
    self.headSize = headSize
    self.vocabularySize = vocabularySize
    self.tiesEmbedding = tiesEmbedding
  }

  /// Width of all queries together.
  public var querySize: Int { attentionHeadCount * headSize }
  /// Width of all keys (and of all values) together.
  public var keyValueSize: Int { keyValueHeadCount * headSize }

  /// The weight matrices of one layer, in the order a forward pass meets them.
  public var layerMatrices: [(name: String, inner: Int, columns: Int)] {
    [
      ("q_proj", hiddenSize, querySize), ("k_proj", hiddenSize, keyValueSize),
      ("v_proj", hiddenSize, keyValueSize), ("o_proj", querySize, hiddenSize),
      ("gate_proj", hiddenSize, feedForwardSize), ("up_proj", hiddenSize, feedForwardSize),
      ("down_proj", feedForwardSize, hiddenSize),
    ]
  }

  /// Parameters of one layer's matrices. Norm vectors and biases are left out: below 0.1 %.
  public var layerParameterCount: Int64 {
    layerMatrices.reduce(0) { $0 + Int64($1.inner) * Int64($1.columns) }
  }

  /// Parameters of the embedding table; an untied output head has as many again.
  public var embeddingParameterCount: Int64 { Int64(vocabularySize) * Int64(hiddenSize) }

  /// All parameters, a tied matrix counted once.
  public var parameterCount: Int64 {
    Int64(layerCount) * layerParameterCount + embeddingParameterCount * (tiesEmbedding ? 1 : 2)
  }

  /// The stored weights. Scales are left out: 1 byte a parameter at INT8.
  public func weightBytes(_ precision: Precision) -> ByteCount {
    ByteCount(bytes: parameterCount * Int64(precision.bytesPerElement))
  }

  /// Keys and values of one token in all layers, held as 16-bit numbers whatever the weights are.
  public var keyValueBytesPerToken: ByteCount {
    keyValueBytesPerTokenAndLayer * layerCount
  }

  var keyValueBytesPerTokenAndLayer: ByteCount { ByteCount(bytes: Int64(2 * keyValueSize * 2)) }

  /// Activations live at once while `tokens` go through a layer, as 32-bit numbers: the residual
  /// stream, the queries with keys and values, and the two feed-forward operands.
  public func activationBytes(tokens: Int) -> ByteCount {
    let width = 2 * hiddenSize + querySize + 2 * keyValueSize + 2 * feedForwardSize
    return ByteCount(bytes: Int64(tokens) * Int64(width) * 4)
  }
}

/// A part of the weights that is loaded as one piece, in file order.
public struct WeightChunk: Hashable, Sendable {
  public enum Part: Hashable, Sendable {
    case embedding
    case layer(Int)
    case outputHead
  }

  public var part: Part
  public var bytes: ByteCount
}

extension ModelArchitecture {
  /// The weights as a forward pass needs them: the embedding, each layer, and the output head
  /// when it is a matrix of its own.
  public func weightChunks(_ precision: Precision) -> [WeightChunk] {
    let width = Int64(precision.bytesPerElement)
    let embedding = ByteCount(bytes: embeddingParameterCount * width)
    let layer = ByteCount(bytes: layerParameterCount * width)
    var chunks = [WeightChunk(part: .embedding, bytes: embedding)]
    chunks += (0..<layerCount).map { WeightChunk(part: .layer($0), bytes: layer) }
    if !tiesEmbedding { chunks.append(WeightChunk(part: .outputHead, bytes: embedding)) }
    return chunks
  }
}
