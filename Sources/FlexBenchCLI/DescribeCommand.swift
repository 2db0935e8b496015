import ArgumentParser
import DeviceModel
import Experiments
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import Statistics

struct DescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Say everything about a device, a model, a design or a scenario.",
    usage: "flexbench describe <name> [options]",
    discussion: """
      A device: every value with its source and confidence. A model: its shape, sizes and the \
      operations of a prefill and of a decode step. A design: its parameters. A scenario: its \
      axes and points. An operation, a metric, an estimator: its meaning. The keys shown are \
      those that `run --set` takes.
      """)

  @Argument(help: ArgumentHelp("A name that `flexbench list` shows.", valueName: "name"))
  var name: String

  @Option(
    help: ArgumentHelp("Prompt tokens for a model's operations.", valueName: "number"))
  var prompt = 128

  @OptionGroup var libraryOptions: LibraryOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if !(1...131_072).contains(prompt) {
      throw ValidationError("--prompt must be 1 to 131072, found \(prompt).")
    }
  }

  func run() async throws {
    let library = try libraryOptions.open()
    if library.deviceNames.contains(name) {
      try show(DeviceDescription(try library.device(named: name)))
    } else if library.modelNames.contains(name) {
      try show(ModelDescription(try library.model(named: name), promptTokens: prompt))
    } else if let design = library.catalog[name] {
      try show(DesignDescription(design, try library.design(named: name)))
    } else if let path = library.scenarioPaths.first(where: { $0.hasSuffix("/\(name).yaml") }) {
      let scenario = try library.scenario("\(library.root)/\(path)")
      try show(
        ScenarioDescription(
          scenario, points: try ResolvedScenario(scenario, library: library).pointNames().count))
    } else if let term = TermDescription.all.first(where: { $0.name == name }) {
      try show(term)
    } else {
      let names =
        library.deviceNames + library.modelNames + library.catalog.names + library.scenarioNames
        + TermDescription.all.map(\.name)
      let hint =
        nearest(to: name, among: names).map { "; did you mean \"\($0)\"?" }
        ?? "; `flexbench list` shows what there is"
      throw UsageError(description: "nothing is called \"\(name)\"\(hint)")
    }
  }

  private func show(_ description: some Description) throws {
    if format.json { try printJSON(description) } else { print(description.text) }
  }
}

/// What `describe` says of one thing.
private protocol Description: Encodable {
  var text: String { get }
}

/// A word of the results: a kind of operation, a metric, an estimator.
private struct TermDescription: Description {
  var name: String
  var category: String
  var meaning: String

  static let all =
    OperationKind.allCases.map {
      Self(
        name: $0.rawValue, category: "kind of operation",
        meaning: "\($0.meaning); column \(RunColumn.breakdown($0)), ns")
    }
    + Metric.allCases.map {
      Self(name: $0.rawValue, category: "metric", meaning: "\($0.meaning), \($0.units)")
    }
    + Estimator.allCases.map {
      Self(name: $0.rawValue, category: "estimator", meaning: $0.meaning)
    }
    + IsolationRule.allCases.map {
      Self(name: $0.rawValue, category: "rule of isolation", meaning: $0.meaning)
    }
    + Sabotage.allCases.map {
      Self(
        name: $0.rawValue, category: "sabotage",
        meaning: "\($0.meaning); breaks \($0.rule.rawValue)")
    }

  var text: String { wrapped("\(name) (\(category)): \(meaning)", indent: "  ") }
}

private struct DeviceDescription: Description {
  struct Value: Encodable {
    var key: String
    var value: String
    var confidence: String
    var range: [String]
    var source: String
    var givenBy: String
    var meaning: String
  }

  var device: String
  var summary: String
  var values: [Value]

  init(_ device: DeviceProfile) {
    self.device = device.name
    summary = device.summary
    values = ProfileKey.all.map { key in
      let value = device[key]
      return Value(
        key: "device.\(key.path)", value: value.value.text, confidence: value.confidence.rawValue,
        range: value.range, source: value.source, givenBy: value.givenBy, meaning: key.meaning)
    }
  }

  var text: String {
    let parts = values.map { value in
      let range = value.range.isEmpty ? "" : ", \(value.range.joined(separator: " to "))"
      return [
        wrapped("\(value.key) = \(value.value)", indent: "    "),
        wrapped("    \(value.meaning)", indent: "    "),
        wrapped(
          "    \(value.confidence) (\(value.givenBy))\(range): \(value.source)", indent: "    "),
      ].joined(separator: "\n")
    }
    return ([wrapped("\(device): \(summary)", indent: "  ")] + parts).joined(separator: "\n")
  }
}

private struct ModelDescription: Description {
  struct Field: Encodable {
    var key: String
    var value: Int
    var meaning: String
  }

  struct Operation: Encodable {
    var name: String
    /// How many times it runs.
    var count: Int
    var shape: String
  }

  var model: String
  var source: String
  var shape: [Field]
  var tiedEmbedding: Bool
  var parameters: Int64
  var weightBytes: [String: Int64]
  var keyValueBytesPerToken: Int64
  var promptTokens: Int
  var prefill: [Operation]
  var decodeStep: [Operation]

  init(_ file: ModelFile, promptTokens: Int) {
    let model = file.model
    self.model = model.name
    self.promptTokens = promptTokens
    source = file.source
    shape = model.fields.map { Field(key: $0.key, value: $0.value, meaning: $0.meaning) }
    tiedEmbedding = model.tiesEmbedding
    parameters = model.parameterCount
    weightBytes = Dictionary(
      uniqueKeysWithValues: Precision.allCases.map { ($0.rawValue, model.weightBytes($0).bytes) })
    keyValueBytesPerToken = model.keyValueBytesPerToken.bytes
    prefill = Self.operations(model, tokens: promptTokens, context: 0)
    decodeStep = Self.operations(model, tokens: 1, context: promptTokens)
  }

  private static func operations(
    _ model: ModelArchitecture, tokens: Int, context: Int
  ) -> [Operation] {
    model.layerOperations(tokens: tokens, context: context).map {
      operation($0, count: model.layerCount)
    } + model.headOperations.map { operation($0, count: 1) }
  }

  private static func operation(_ operation: ModelOperation, count: Int) -> Operation {
    switch operation {
    case .elementwise(let name, let bytes):
      Operation(name: name, count: count, shape: "\(bytes.text) read and written")
    case .multiply(let name, let product):
      Operation(
        name: name, count: count,
        shape: "\(product.rows) x \(product.inner) times \(product.inner) x \(product.columns)")
    case .attention(let multiplyAccumulates, _):
      Operation(
        name: "attention", count: count, shape: "\(multiplyAccumulates) multiply-accumulates")
    }
  }

  var text: String {
    var lines = [model, wrapped("  source: \(source)", indent: "    ")]
    lines += shape.map { "  model.\($0.key) = \($0.value) (\($0.meaning))" }
    lines.append("  tied embedding: \(tiedEmbedding)")
    lines.append("  parameters: \(parameters)")
    for precision in Precision.allCases {
      let bytes = ByteCount(bytes: weightBytes[precision.rawValue] ?? 0)
      lines.append(
        "  weights at \(precision.rawValue): \(bytes.displayText(significantDigits: 4))")
    }
    let keyValue = ByteCount(bytes: keyValueBytesPerToken)
    lines.append("  keys and values: \(keyValue.text) a token")
    for (title, operations) in [
      ("prefill of \(promptTokens) tokens", prefill),
      ("decode step after \(promptTokens) tokens", decodeStep),
    ] {
      var table = TextTable([(title, .left), ("times", .right), ("shape", .left)])
      for operation in operations {
        table.add([operation.name, "\(operation.count)", operation.shape])
      }
      lines += ["", table.text]
    }
    return lines.joined(separator: "\n")
  }
}

private struct DesignDescription: Description {
  struct Parameter: Encodable {
    var key: String
    var value: String
    var values: String
    var meaning: String
    var confidence: String
    var source: String
  }

  var design: String
  var summary: String
  var parameters: [Parameter]

  init(_ design: any ServingDesign.Type, _ file: DesignFile) {
    self.design = design.name
    summary = design.summary
    parameters = design.parameters.compactMap { parameter in
      guard let value = file.values[parameter.name] else { return nil }
      return Parameter(
        key: "design.\(parameter.name)", value: value.text, values: parameter.expectation,
        meaning: parameter.meaning, confidence: value.confidence.rawValue, source: value.source)
    }
  }

  var text: String {
    let parts = parameters.map { parameter in
      [
        "  \(parameter.key) = \(parameter.value) (\(parameter.values))",
        wrapped("    \(parameter.meaning)", indent: "    "),
        wrapped("    \(parameter.confidence): \(parameter.source)", indent: "    "),
      ].joined(separator: "\n")
    }
    let none = parts.isEmpty ? ["  no parameters"] : []
    return ([wrapped("\(design): \(summary)", indent: "  ")] + parts + none)
      .joined(separator: "\n")
  }
}

private struct ScenarioDescription: Description {
  var scenario: String
  var title: String
  var notes: [String]
  var device: String
  var metric: String
  var axes: [String: [String]]
  var points: Int

  init(_ scenario: Scenario, points: Int) {
    self.scenario = scenario.name
    title = scenario.title
    notes = scenario.notes
    device = scenario.device
    metric = scenario.metric.rawValue
    axes = [
      "designs": scenario.designs, "models": scenario.models,
      "promptTokens": scenario.promptTokens.map(String.init),
      "outputTokens": scenario.outputTokens.map(String.init),
      "backgroundMemory": scenario.backgroundByModel.isEmpty
        ? scenario.backgroundMemory.map(\.text)
        : scenario.models.compactMap { scenario.backgroundByModel[$0]?.text },
      "precision": scenario.precisions.map(\.rawValue),
      "gemmFidelity": scenario.fidelities.map(\.rawValue),
      "seed": scenario.seedTexts,
    ]
    switch scenario.subject {
    case .requests: break
    case .operations(let operations): axes["operations"] = operations.map(\.text)
    case .policies(let study):
      axes["policies"] = study.policies.map(\.rawValue)
      axes["applications"] = study.applications.map(\.rawValue)
      axes["period"] = [study.period.text]
      axes["requestCount"] = ["\(study.requestCount)"]
      axes["cacheSize"] = [study.cacheSize.text]
    case .mix(let study):
      axes["modelGroups"] = study.groups.map(\.name)
      axes["datasets"] = study.datasets.map { "\($0.name) (\($0.promptTokens.text) tokens)" }
      axes["requestCount"] = ["\(study.requestCount)"]
      axes["warmUp"] = ["\(study.warmUp)"]
      axes["arrivals"] = [study.arrivals.text]
    case .workflows(let study):
      axes["workflows"] = study.workflows.map { workflow in
        let steps = workflow.steps.map { "\($0.model) \($0.promptTokens)+\($0.outputTokens)" }
        return "\(workflow.name) (\(steps.joined(separator: ", then ")))"
      }
      axes["rounds"] = ["\(study.rounds)"]
      axes["pause"] = [study.pause.text]
      axes["prefixShare"] = [study.prefixShare.text]
    case .trace(let study): axes["trace"] = [study.file]
    case .sections(let names): axes["sections"] = names
    }
    axes = axes.filter { !$0.value.isEmpty }
    for setting in scenario.settings { axes[setting.key] = setting.texts }
    self.points = points
  }

  var text: String {
    let names =
      Scenario.axisKeys.filter { axes[$0] != nil }
      + axes.keys.filter { !Scenario.axisKeys.contains($0) }.sorted()
    return
      (["\(scenario): \(title)", "  metric: \(metric)", "  device: \(device)"]
      + names.map { name in
        wrapped(
          "  \(name): \(axes[name, default: []].joined(separator: ", "))", indent: "    ")
      } + ["  points: \(points)"]
      + notes.map { wrapped("  note: \($0)", indent: "    ") }).joined(separator: "\n")
  }
}
