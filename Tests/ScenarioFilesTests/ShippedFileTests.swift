import DeviceModel
import ModelArchitecture
import ScenarioFiles
import Testing

/// A model's size as the project's notes on published models have it.
struct PublishedModel: Sendable, CustomTestStringConvertible {
  let name: String
  let millionParameters: Int64
  let keyValueKibibytesPerToken: Int64

  init(_ name: String, _ millionParameters: Int64, _ keyValueKibibytesPerToken: Int64) {
    self.name = name
    self.millionParameters = millionParameters
    self.keyValueKibibytesPerToken = keyValueKibibytesPerToken
  }

  var testDescription: String { name }
}

@Suite struct ShippedFileTests {
  @Test(arguments: shippedPaths)
  func everyShippedFileCanBeRead(path: String) throws {
    try shippedLibrary.readFile(path)
  }

  @Test func thereIsSomethingToRead() {
    for folder in ["calibration", "designs", "devices", "models", "paper", "reference"] {
      #expect(shippedPaths.contains { $0.hasPrefix("\(folder)/") }, "\(folder)")
    }
    #expect(shippedLibrary.catalog.names.allSatisfy { shippedPaths.contains("designs/\($0).yaml") })
  }

  // MARK: Models

  /// Millions of parameters, a tied matrix counted once, and KiB of keys and values a token, as
  /// 16-bit numbers in all layers. Shapes of the public configurations, as mirrored in config.py of
  /// https://github.com/Lightning-AI/litgpt; which embeddings are tied, from the model builders of
  /// https://github.com/pytorch/torchtune.
  static let publishedModels = [
    PublishedModel("tinyllama-1.1b", 1_100, 22),
    PublishedModel("llama-3.2-1b", 1_236, 32),
    PublishedModel("llama-3.2-3b", 3_213, 112),
    PublishedModel("llama-3.1-8b", 8_030, 128),
    PublishedModel("qwen2.5-0.5b", 494, 12),
    PublishedModel("qwen2.5-1.5b", 1_544, 28),
    PublishedModel("qwen2.5-3b", 3_086, 36),
    PublishedModel("qwen2.5-7b", 7_616, 56),
    PublishedModel("qwen3-0.6b", 596, 112),
    PublishedModel("qwen3-1.7b", 1_721, 112),
    PublishedModel("qwen3-4b", 4_022, 144),
    PublishedModel("qwen3-8b", 8_191, 144),
    PublishedModel("phi-3-mini-3.8b", 3_821, 384),
    PublishedModel("gemma-2-2b", 2_614, 104),
  ]

  @Test(arguments: publishedModels)
  func aModelHasItsPublishedSize(published: PublishedModel) throws {
    let model = try shippedLibrary.model(named: published.name).model
    // The model leaves out what is no matrix.
    let vectors = vectorParameterCount(model)
    #expect((model.parameterCount + vectors + 500_000) / 1_000_000 == published.millionParameters)
    #expect(vectors * 1000 < model.parameterCount, "below 0.1 %")
    #expect(model.keyValueBytesPerToken.bytes == published.keyValueKibibytesPerToken * 1024)
  }

  /// Parameters of norms and biases: a norm before each half of a layer and one at the end; in
  /// Gemma 2 also one after each half; in Qwen3 one for the heads of queries and one for those of
  /// keys; in Qwen2.5 biases of queries, keys and values.
  private func vectorParameterCount(_ model: ModelArchitecture) -> Int64 {
    let normCount = model.name.hasPrefix("gemma-2") ? 4 : 2
    var layer = normCount * model.hiddenSize
    if model.name.hasPrefix("qwen3") { layer += 2 * model.headSize }
    if model.name.hasPrefix("qwen2.5") { layer += model.querySize + 2 * model.keyValueSize }
    return Int64(model.layerCount * layer + model.hiddenSize)
  }

  @Test func noModelIsWithoutAPublishedSize() {
    #expect(shippedLibrary.modelNames == Self.publishedModels.map(\.name).sorted())
  }

  // MARK: Devices

  @Test(arguments: shippedLibrary.deviceNames)
  func everyValueOfADeviceHasUnitAndSource(name: String) throws {
    let device = try shippedLibrary.device(named: name)
    for key in ProfileKey.all {
      let value = device[key]
      #expect(value.value.kind == key.kind, "\(key.path)")
      switch key.kind {
      case .count: #expect(!value.value.text.contains(" "), "\(key.path)")
      // The unit follows the number after one space.
      default: #expect(value.value.text.contains(" "), "\(key.path): \(value.value.text)")
      }
      #expect(value.source.contains { $0.isLetter }, "\(key.path)")
      #expect(shippedLibrary.deviceNames.contains(value.givenBy), "\(key.path)")
      // Nobody has measured it, so the source is a reason.
      if value.confidence == .assumed {
        #expect(value.source.split(separator: " ").count >= 3, "\(key.path): \(value.source)")
      }
    }
  }

  @Test func aBoardReplacesValuesOfItsChip() throws {
    let chip = try shippedLibrary.device(named: "rk3588")
    let board = try shippedLibrary.device(named: "nanopc-t6")
    let key = try #require(ProfileKey.named("storage.readBandwidth"))
    #expect(chip[key].value.text == "2 GB/s")
    #expect(board[key].value.text == "2.630640176 GB/s")
    #expect(board[key].givenBy == "nanopc-t6")
    #expect(board[key].range == [], "a value is replaced whole, with its range")
    let replaced = ProfileKey.all.filter { board[$0].givenBy == "nanopc-t6" }
    #expect(replaced.count < ProfileKey.all.count)
    for key in ProfileKey.all where !replaced.contains(key) {
      #expect(board[key] == chip[key], "\(key.path)")
    }
  }

  @Test func theNearestGivesAValueInAChainOfThree() throws {
    let copy = try TemporaryLibrary()
    try copy.write(
      """
      device: lab
      extends: nanopc-t6
      summary: "one board in a laboratory"
      npu:
        clock: { value: "0.9 GHz", source: "a thermal limit", confidence: measured }
      """, to: "devices/lab.yaml")
    let lab = try copy.library.device(named: "lab")
    func givenBy(_ path: String) throws -> String {
      lab[try #require(ProfileKey.named(path))].givenBy
    }
    #expect(try givenBy("npu.clock") == "lab")
    #expect(try givenBy("storage.readBandwidth") == "nanopc-t6")
    #expect(try givenBy("npu.atom") == "rk3588")
    #expect(lab.summary == "one board in a laboratory")
  }
}
