import DeviceModel
import ModelArchitecture
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Testing

@testable import Experiments

/// Tokens after the first: what they cost, one after the other.
@Suite struct DecodeTests {
  /// Designs, models and prompts beside each other: a tied and an untied model, one beyond a window
  /// of the NPU, attention that waits for its keys and attention that does not.
  static let executions: [Execution] = try! DesignCatalog.standard.names.flatMap { design in
    try [("qwen2.5-0.5b", 1, 5), ("tinyllama-1.1b", 100, 4), ("llama-3.1-8b", 64, 3)].map {
      try Execution(.shipped(design, $0.0, prompt: $0.1, output: $0.2))
    }
  }

  /// Operations of a token after the first: those between its mark and the one before.
  static func places(ofToken token: Int, in execution: Execution) -> Range<Int> {
    let tokens = execution.plan.tokens
    return tokens[token - 1].index + 1..<tokens[token].index + 1
  }

  // MARK: Time

  @Test(arguments: executions)
  func eachTokenTakesTheSumOfItsOperations(_ execution: Execution) {
    for token in 1..<execution.point.outputTokenCount {
      let places = Self.places(ofToken: token, in: execution)
      let ends = [token - 1, token].map { execution.spans[execution.plan.tokens[$0].index].end }
      let sum = places.map { execution.costs[$0].duration }.sum()
      #expect(ends[1] - ends[0] == sum, "token \(token)")
    }
    // Every operation is one token's: the marks stand in order, the last one at the end.
    let marks = execution.plan.tokens.map(\.index)
    #expect(marks.count == execution.point.outputTokenCount)
    #expect(marks == marks.sorted())
    // After it FlexServe hands the NPU back, and nobody does anything else.
    let after = execution.point.design == "flexserve" ? 1 : 0
    #expect(marks.last == execution.plan.operations.count - 1 - after)
  }

  /// The operations between two tokens are those of the model after so many tokens, whoever runs
  /// them.
  @Test(arguments: executions)
  func eachTokenMeetsEveryWeightAndAllKeysBeforeIt(_ execution: Execution) {
    let model = execution.point.model
    for token in 1..<execution.point.outputTokenCount {
      var products: [MatrixMultiply] = []
      var attention: [DeviceOperation] = []
      for place in Self.places(ofToken: token, in: execution) {
        let operation = execution.plan.operations[place].operation
        switch operation {
        case .multiplyOnNPU(let product, _, _, _), .multiplyOnCPU(let product):
          products.append(product)
        case .attention: attention.append(operation)
        default: break
        }
      }
      let head = MatrixMultiply(rows: 1, inner: model.hiddenSize, columns: model.vocabularySize)
      let layer = model.layerMatrices.map {
        MatrixMultiply(rows: 1, inner: $0.inner, columns: $0.columns)
      }
      #expect(
        products == Array(repeatElement(layer, count: model.layerCount).joined()) + [head])
      // The prompt, the tokens before this one but the newest, and that one, which is the row: a
      // score and a value of every head's size for each, and 2 bytes for each number of the two.
      let keys = execution.point.promptTokenCount + token
      #expect(
        attention
          == Array(
            repeating: .attention(
              multiplyAccumulates: Int64(2 * model.querySize * keys),
              keysAndValues: ByteCount(bytes: Int64(2 * 2 * model.keyValueSize * keys))),
            count: model.layerCount))
    }
  }

  @Test(arguments: executions)
  func aLaterTokenTakesNoLessThanAnEarlierOne(_ execution: Execution) {
    let ends = execution.plan.tokens.map { execution.spans[$0.index].end }
    let steps = zip(ends.dropFirst(), ends).map { $0 - $1 }
    for (earlier, later) in zip(steps, steps.dropFirst()) { #expect(earlier <= later) }
  }

  /// More tokens than the context has need room for their keys and values, and that is all that the
  /// first one waits for.
  @Test(arguments: DesignCatalog.standard.names)
  func theFirstTokenWaitsForNoOther(design: String) throws {
    func execution(_ output: Int) throws -> Execution {
      try Execution(
        .shipped(
          design, "tinyllama-1.1b", prompt: 64, output: output, parameters: ["context": "1"]))
    }
    let (one, many) = (try execution(1), try execution(40))
    let model = one.point.model
    let room = 39 * model.keyValueBytesPerToken
    // What is done and what waits for what is the same up to it.
    func steps(_ execution: Execution) -> [String] {
      let last = execution.plan.tokens[0].index
      return execution.plan.operations[...last].map {
        "\($0.operation.kind) after \($0.dependencies.map(\.index))"
      }
    }
    #expect(steps(many) == steps(one))
    let sizes = [one, many].map { $0.allocations.map(\.bytes).sum() }
    #expect(sizes[1] - sizes[0] == many.held(many.workspace) - one.held(one.workspace))
    #expect(many.workspace == one.workspace + room)
    #expect(many.timeToFirstToken >= one.timeToFirstToken)
  }

  // MARK: The rate

  @Test func theRateIsTheTokensAfterTheFirstOverTheirTime() throws {
    let record = try ExperimentPoint.shipped("flexserve", "tinyllama-1.1b", prompt: 64, output: 5)
      .run()
    let span = record.endToEndLatency - record.timeToFirstToken
    #expect(record.decodeRate == 4 / span.seconds)
    #expect(record.value(of: .decodeRate) == record.decodeRate)
    let alone = try ExperimentPoint.shipped("flexserve", "tinyllama-1.1b", prompt: 64).run()
    #expect(alone.decodeRate == nil)
    #expect(alone.endToEndLatency == alone.timeToFirstToken)
  }

  @Test(arguments: [["2", "5"], ["1"], ["1", "2"], ["2"]])
  func theRateIsAColumnWhereEveryPointHasOne(outputTokens: [String]) throws {
    let scenario = try library.scenario("\(library.root)/paper/cold-ttft.yaml")
    let overrides = [
      ("designs", ["nw-base"]), ("models", ["qwen2.5-0.5b"]), ("promptTokens", ["1"]),
      ("outputTokens", outputTokens),
    ].map { SettingAxis(key: $0.0, texts: $0.1, origin: .commandLine) }
    let resolved = try ResolvedScenario(scenario, library: library, overrides: overrides)
    let records = try resolved.points().map { try $0.run() }
    let column = ResultFile(records, of: resolved).runs[Metric.decodeRate.rawValue]
    #expect((column != nil) == !outputTokens.contains("1"))
    if let column {
      #expect(column.values == .reals(records.compactMap(\.decodeRate)))
      #expect(column.units == "s-1")
    }
  }

  // MARK: The NPU

  /// Seven matrices a layer meet four activations: those of queries, keys and values; of the
  /// attention's output; of gate and up; of down. The attention lies between the first and the
  /// second.
  @Test(arguments: [("product", 7), ("activations", 4), ("attention", 2)])
  func aTaskTakesSeveralProductsOfARow(rowTask: String, launchesALayer: Int) throws {
    for design in ["nw-base", "strawman-opt", "flexserve"] {
      let execution = try Execution(
        .shipped(
          design, "tinyllama-1.1b", prompt: 64, output: 2, parameters: ["rowTask": rowTask]))
      let operations = Self.places(ofToken: 1, in: execution).map {
        execution.plan.operations[$0].operation
      }
      let launches = operations.compactMap {
        if case .multiplyOnNPU(_, _, let launch, _) = $0 { launch } else { nil }
      }
      let layers = execution.point.model.layerCount
      #expect(launches.count == 7 * layers + 1)
      // And one for the output head.
      #expect(launches.filter { $0 }.count == launchesALayer * layers + 1)
    }
  }

  /// 7.5 GiB lie in two windows of 4 GiB: a token goes back to the first and on to the second.
  @Test(arguments: [("llama-3.1-8b", 2), ("llama-3.2-3b", 0)])
  func aModelBeyondOneWindowSwitchesTwiceAToken(model: String, switches: Int) throws {
    for design in DesignCatalog.standard.names {
      let execution = try Execution(.shipped(design, model, prompt: 1, output: 4))
      for token in 1..<4 {
        let count = Self.places(ofToken: token, in: execution).filter {
          execution.plan.operations[$0].operation == .switchNPUWindow
        }.count
        #expect(count == (execution.usesNPU ? switches : 0), "\(design), token \(token)")
      }
    }
  }

  /// A regression record: it says that something changed, not what is right. The number depends on
  /// no machine, so it bounds the work that a long request is.
  @Test func aLongRequestTakesTheEventsThatWereRecorded() throws {
    let record = try ExperimentPoint.shipped(
      "flexserve", "llama-3.1-8b", prompt: 512, output: 64
    ).run()
    #expect(record.eventCount == 1_416_659)
  }
}
