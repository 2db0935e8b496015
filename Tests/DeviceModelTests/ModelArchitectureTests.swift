import DeviceModel
import ModelArchitecture
import Quantities
import Testing

@Suite struct ModelArchitectureTests {
  /// Small enough to count by hand: grouped queries, an odd head size, an own output head.
  static let small = ModelArchitecture(
    name: "small", layerCount: 3, hiddenSize: 10, feedForwardSize: 20, attentionHeadCount: 4,
    keyValueHeadCount: 2, headSize: 3, vocabularySize: 50, tiesEmbedding: false)

  /// Llama 3.2 3B and Llama 3.1 8B, as published.
  static let llama3B = ModelArchitecture(
    name: "llama-3.2-3b", layerCount: 28, hiddenSize: 3072, feedForwardSize: 8192,
    attentionHeadCount: 24, keyValueHeadCount: 8, headSize: 128, vocabularySize: 128_256,
    tiesEmbedding: true)
  static let llama8B = ModelArchitecture(
    name: "llama-3.1-8b", layerCount: 32, hiddenSize: 4096, feedForwardSize: 14_336,
    attentionHeadCount: 32, keyValueHeadCount: 8, headSize: 128, vocabularySize: 128_256,
    tiesEmbedding: false)

  static let all = [small, llama3B, llama8B]

  // MARK: Weights

  @Test func theParametersOfASmallModelAreCounted() {
    // q 10 x 12, k and v 10 x 6 each, o 12 x 10, gate and up 10 x 20 each, down 20 x 10.
    #expect(Self.small.layerParameterCount == 120 + 60 + 60 + 120 + 200 + 200 + 200)
    // 3 layers, and 50 x 10 twice: embedding and output head.
    #expect(Self.small.parameterCount == 3 * 960 + 2 * 500)
    var tied = Self.small
    tied.tiesEmbedding = true
    #expect(tied.parameterCount == 3 * 960 + 500)
  }

  @Test func theParametersOfLlamaAreCounted() {
    // 3072 x (2 x 3072 + 2 x 1024 + 3 x 8192) = 100663296 a layer, and 128256 x 3072 once.
    #expect(Self.llama3B.parameterCount == 28 * 100_663_296 + 394_002_432)
    // 4096 x (2 x 4096 + 2 x 1024 + 3 x 14336) = 218103808 a layer, and 128256 x 4096 twice.
    #expect(Self.llama8B.parameterCount == 32 * 218_103_808 + 2 * 525_336_576)
  }

  @Test func aParameterTakesAByteOrTwo() {
    // The paper's 8B model is 7.5 GiB at INT8.
    #expect(Self.llama8B.weightBytes(.int8).bytes == 8_029_995_008)
    #expect(abs(Self.llama8B.weightBytes(.int8).gibibytes - 7.5) < 0.05)
    for model in Self.all {
      #expect(model.weightBytes(.int8).bytes == model.parameterCount)
      #expect(model.weightBytes(.fp16) == 2 * model.weightBytes(.int8))
    }
  }

  @Test(arguments: all, Precision.allCases)
  func theChunksSumToTheWeights(model: ModelArchitecture, precision: Precision) {
    for tied in [true, false] {
      var model = model
      model.tiesEmbedding = tied
      let chunks = model.weightChunks(precision)
      #expect(chunks.map(\.bytes).sum() == model.weightBytes(precision))
      let layers = (0..<model.layerCount).map { WeightChunk.Part.layer($0) }
      #expect(chunks.map(\.part) == [.embedding] + layers + (tied ? [] : [.outputHead]))
    }
  }

  @Test func aTokenKeepsItsKeysAndValues() {
    // 3 layers x 2 x 6 numbers of 2 bytes.
    #expect(Self.small.keyValueBytesPerToken == ByteCount(bytes: 72))
    // 28 layers x 2 x 1024 numbers of 2 bytes.
    #expect(Self.llama3B.keyValueBytesPerToken == ByteCount(bytes: 114_688))
  }

  @Test func theActivationsOfATokenAreCounted() {
    // 2 x 10 residual, 12 queries, 2 x 6 keys and values, 2 x 20 feed-forward; 4 bytes each.
    #expect(Self.small.activationBytes(tokens: 5) == ByteCount(bytes: 5 * 84 * 4))
  }

  // MARK: Work

  @Test(arguments: all, [1, 2, 7, 128])
  func prefillTakesTheClosedForm(model: ModelArchitecture, tokens: Int) {
    // Each token meets each layer's weights once; token i meets i keys and i values, as wide as
    // all queries; the last token alone meets the output head.
    let n = Int64(tokens)
    let attention = Int64(model.querySize) * n * (n + 1)
    let expected =
      Int64(model.layerCount) * (n * model.layerParameterCount + attention)
      + model.embeddingParameterCount
    let operations = model.prefillOperations(promptTokens: tokens)
    #expect(operations.multiplyAccumulates == expected)
  }

  @Test(arguments: all, [0, 1, 5, 300])
  func attentionIsWhatCountingEveryPairGives(model: ModelArchitecture, context: Int) {
    for tokens in [1, 2, 9] {
      var pairs: Int64 = 0
      for new in 0..<tokens {
        // A token sees itself and everything before it.
        for key in 0..<(context + tokens) where key <= context + new { pairs += key >= 0 ? 1 : 0 }
      }
      let counted = pairs * Int64(2 * model.attentionHeadCount * model.headSize)
      let attention = model.layerOperations(tokens: tokens, context: context).compactMap {
        if case .attention(let count, _) = $0 { count } else { nil }
      }
      #expect(attention == [counted])
    }
  }

  @Test(arguments: all, [1, 2, 63])
  func decodingATokenIsWhatALongerPromptAdds(model: ModelArchitecture, context: Int) {
    let longer = model.prefillOperations(promptTokens: context + 1)
    let shorter = model.prefillOperations(promptTokens: context)
    let decoding = model.decodeOperations(context: context)
    #expect(
      longer.multiplyAccumulates - shorter.multiplyAccumulates
        == decoding.multiplyAccumulates - model.headOperations.multiplyAccumulates)
  }

  @Test(arguments: all)
  func aPromptOfOneTokenIsADecodeStepAfterNothing(model: ModelArchitecture) {
    #expect(model.prefillOperations(promptTokens: 1) == model.decodeOperations(context: 0))
  }

  @Test func aDecodeStepMeetsEveryWeightOnce() {
    for model in Self.all {
      let products = model.decodeOperations(context: 9).products
      #expect(products.allSatisfy { $0.rows == 1 })
      // All but the embedding, which is looked up and not multiplied with; tied, it is the head.
      let looked = model.tiesEmbedding ? 0 : model.embeddingParameterCount
      #expect(products.reduce(0) { $0 + $1.multiplyAccumulates } == model.parameterCount - looked)
    }
  }

  @Test func aLayerMeetsItsMatricesInTheirOrder() {
    let names = Self.small.layerOperations(tokens: 4, context: 0).compactMap { operation in
      switch operation {
      case .multiply(let name, _), .elementwise(let name, _): name
      case .attention: "attention"
      }
    }
    #expect(
      names == [
        "attention_norm", "q_proj", "k_proj", "v_proj", "rotary", "attention", "o_proj",
        "attention_residual", "feed_forward_norm", "gate_proj", "up_proj", "gated_activation",
        "down_proj", "feed_forward_residual",
      ])
  }

  @Test func workOnElementsReadsAndWritesThemOnce() {
    let bytes = Self.small.layerOperations(tokens: 7, context: 0).compactMap { operation in
      if case .elementwise(_, let bytes) = operation { bytes.bytes / (7 * 4) } else { nil }
    }
    // Norms read and write 10 numbers a token; rotary reads and writes 12 queries and 6 keys;
    // residuals read two and write one of 10; the gate reads two and writes one of 20.
    #expect(bytes == [20, 36, 30, 20, 60, 30])
  }

  @Test func aPromptWithoutTokensTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = Self.small.prefillOperations(promptTokens: 0)
    }
  }
}

extension [ModelOperation] {
  var products: [MatrixMultiply] {
    compactMap { if case .multiply(_, let product) = $0 { product } else { nil } }
  }

  var multiplyAccumulates: Int64 {
    reduce(0) { sum, operation in
      switch operation {
      case .multiply(_, let product): sum + product.multiplyAccumulates
      case .attention(let count, _): sum + count
      case .elementwise: sum
      }
    }
  }
}
