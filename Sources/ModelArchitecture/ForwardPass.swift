import DeviceModel
import Quantities

/// One step of a forward pass, in the model's own terms; a design decides which unit runs it.
public enum ModelOperation: Hashable, Sendable {
  /// Work that reads and writes every element once: `bytes` counts both.
  case elementwise(name: String, bytes: ByteCount)
  /// A product with a weight matrix.
  case multiply(name: String, MatrixMultiply)
  /// Scores and weighted values: the products in which both operands are activations.
  case attention(multiplyAccumulates: Int64, keysAndValues: ByteCount)
}

extension ModelArchitecture {
  /// Activations between matrix products are 32-bit numbers.
  private static let activationBytes = 4

  private func elementwise(_ name: String, tokens: Int, widths: Int) -> ModelOperation {
    .elementwise(
      name: name, bytes: ByteCount(bytes: Int64(tokens * widths * Self.activationBytes)))
  }

  /// One layer over `tokens` new tokens that follow `context` earlier ones.
  ///
  /// Attention is causal: new token i meets `context + i` keys (i from 1), each once for its
  /// score and once for its value.
  public func layerOperations(tokens: Int, context: Int) -> [ModelOperation] {
    precondition(tokens > 0 && context >= 0, "\(tokens) tokens after \(context)")
    let products = layerMatrices.map {
      ModelOperation.multiply(
        name: $0.name, MatrixMultiply(rows: tokens, inner: $0.inner, columns: $0.columns))
    }
    let keys = Int64(tokens) * Int64(context) + Int64(tokens) * Int64(tokens + 1) / 2
    return [
      elementwise("attention_norm", tokens: tokens, widths: 2 * hiddenSize),
      products[0], products[1], products[2],
      elementwise("rotary", tokens: tokens, widths: 2 * (querySize + keyValueSize)),
      .attention(
        multiplyAccumulates: 2 * Int64(querySize) * keys,
        keysAndValues: keyValueBytesPerTokenAndLayer * Int64(context + tokens)),
      products[3],
      elementwise("attention_residual", tokens: tokens, widths: 3 * hiddenSize),
      elementwise("feed_forward_norm", tokens: tokens, widths: 2 * hiddenSize),
      products[4], products[5],
      elementwise("gated_activation", tokens: tokens, widths: 3 * feedForwardSize),
      products[6],
      elementwise("feed_forward_residual", tokens: tokens, widths: 3 * hiddenSize),
    ]
  }

  /// What turns the last token's hidden state into the next token. Only one row goes through the
  /// output head, however long the prompt was.
  public var headOperations: [ModelOperation] {
    [
      elementwise("final_norm", tokens: 1, widths: 2 * hiddenSize),
      .multiply(
        name: "lm_head", MatrixMultiply(rows: 1, inner: hiddenSize, columns: vocabularySize)),
      elementwise("sampling", tokens: 1, widths: vocabularySize),
    ]
  }

  /// Every operation that turns a prompt into its first token.
  public func prefillOperations(promptTokens: Int) -> [ModelOperation] {
    let layer = layerOperations(tokens: promptTokens, context: 0)
    return Array(repeatElement(layer, count: layerCount).joined()) + headOperations
  }

  /// Every operation that produces one more token after `context` tokens.
  public func decodeOperations(context: Int) -> [ModelOperation] {
    let layer = layerOperations(tokens: 1, context: context)
    return Array(repeatElement(layer, count: layerCount).joined()) + headOperations
  }
}
