import DeviceModel
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns

/// The version that result files and `--version` carry.
public let programVersion = "0.1.0"

/// Names of the columns that say which point a row is; they are the same in every experiment.
public enum RunColumn {
  public static let design = "design"
  public static let model = "model"
  public static let promptTokens = "prompt_tokens"
  public static let outputTokens = "output_tokens"
  public static let background = "background_bytes"
  public static let precision = "precision"
  public static let fidelity = "gemm_fidelity"
  public static let seed = "seed"
  public static let pointID = "point_id"
  public static let events = "events"

  /// What makes two rows of different designs the same setting, apart from settings' own columns.
  public static let axes = [
    model, promptTokens, outputTokens, background, precision, fidelity, seed,
  ]

  /// The column of one kind of operation in the time to first token.
  public static func breakdown(_ kind: OperationKind) -> String { "ttft_\(kind.rawValue)" }
}

/// Names of the attributes that say where results come from.
public enum ProvenanceName {
  public static let scenario = "scenario"
  public static let reference = "reference"
  public static let metric = "metric"
  public static let settings = "settings"
  public static let device = "device"
}

extension ResultFile {
  /// What the scenario is about.
  public var metric: Metric {
    Metric(rawValue: provenanceText(ProvenanceName.metric)) ?? .timeToFirstToken
  }

  /// The results of a scenario as a file, a row a point, in the points' order.
  ///
  /// A function of its arguments alone: the same records give the same file.
  public init(_ records: [PointRecord], of resolved: ResolvedScenario) {
    self.init(
      title: resolved.scenario.title, provenance: Self.provenance(of: resolved),
      runs: ResultTable(dimension: "run", columns: Self.columns(records, resolved.scenario)))
  }

  /// Where the results of a scenario come from.
  static func provenance(of resolved: ResolvedScenario) -> [(name: String, text: String)] {
    let scenario = resolved.scenario
    return [
      ("program", "flexbench"), ("program_version", programVersion),
      (ProvenanceName.scenario, scenario.name),
      (ProvenanceName.metric, scenario.metric.rawValue),
      (ProvenanceName.reference, scenario.reference ?? ""),
      (ProvenanceName.settings, scenario.settings.map(\.description).joined(separator: "\n")),
      (ProvenanceName.device, resolved.device.name),
      ("scenario_text", scenario.text), ("device_profile", resolved.device.listing),
      ("design_parameters", resolved.designListing), ("model_shapes", resolved.modelListing),
    ]
  }

  /// The columns that every experiment has, and its settings'.
  static func columns(_ records: [PointRecord], _ scenario: Scenario) -> [ResultColumn] {
    func label(_ name: String, _ meaning: String, _ text: (PointRecord) -> String)
      -> ResultColumn
    {
      ResultColumn(
        name: name, units: "", longName: meaning, values: .strings(records.map(text)))
    }
    func number(
      _ name: String, _ units: String, _ meaning: String, _ value: (PointRecord) -> Int64
    ) -> ResultColumn {
      ResultColumn(
        name: name, units: units, longName: meaning, values: .integers(records.map(value)))
    }
    var columns = [
      label(RunColumn.design, "serving design") { $0.point.design },
      label(RunColumn.model, "language model") { $0.point.model.name },
      number(RunColumn.promptTokens, "1", "tokens of the prompt") {
        Int64($0.point.promptTokenCount)
      },
      number(RunColumn.outputTokens, "1", "tokens generated") {
        Int64($0.point.outputTokenCount)
      },
      number(RunColumn.background, "byte", "memory that other programs hold") {
        $0.point.backgroundMemory.bytes
      },
      label(RunColumn.precision, "width of weights and of the activations they meet") {
        $0.point.precision.rawValue
      },
      label(RunColumn.fidelity, "how closely products on the NPU are timed") {
        $0.point.gemmFidelity.rawValue
      },
    ]
    for (index, axis) in scenario.settings.enumerated() {
      columns.append(label(axis.key, "value set for \(axis.key)") { $0.point.settings[index].text })
    }
    columns += [
      number(RunColumn.seed, "1", "seed of the run") { $0.point.seed },
      label(RunColumn.pointID, "the values of all axes") { $0.point.id },
      number(
        Metric.timeToFirstToken.rawValue, Metric.timeToFirstToken.units,
        Metric.timeToFirstToken.meaning
      ) { $0.timeToFirstToken.nanosecondsRoundedHalfToEven },
      number(
        Metric.endToEndLatency.rawValue, Metric.endToEndLatency.units,
        Metric.endToEndLatency.meaning
      ) { $0.endToEndLatency.nanosecondsRoundedHalfToEven },
    ]
    let rates = records.compactMap(\.decodeRate)
    if rates.count == records.count {
      columns.append(
        ResultColumn(
          name: Metric.decodeRate.rawValue, units: Metric.decodeRate.units,
          longName: Metric.decodeRate.meaning, values: .reals(rates)))
    }
    columns += [
      number(RunColumn.events, "1", "events that the kernel worked off") { Int64($0.eventCount) }
    ]
    let breakdowns = records.map(\.breakdownNanoseconds)
    for (index, kind) in OperationKind.allCases.enumerated() {
      columns.append(
        ResultColumn(
          name: RunColumn.breakdown(kind), units: "ns",
          longName: "time to first token, critical path: \(kind.meaning)",
          values: .integers(breakdowns.map { $0[index] })))
    }
    return columns
  }
}

extension PointRecord {
  /// The breakdown in whole nanoseconds, in the order of `OperationKind.allCases`.
  ///
  /// Each is the difference of two rounded running sums, so that they sum to the rounded time to
  /// first token exactly; each is less than 1 ns away from its own value.
  public var breakdownNanoseconds: [Int64] {
    var sum = SimulatedDuration.zero
    return OperationKind.allCases.map { kind in
      let before = sum.nanosecondsRoundedHalfToEven
      sum = sum + breakdown[kind, default: .zero]
      return sum.nanosecondsRoundedHalfToEven - before
    }
  }
}

extension SettingAxis {
  /// As `--set` takes it.
  public var description: String { "\(key)=\(texts.joined(separator: ","))" }
}

extension DeviceProfile {
  /// Every value with its confidence and source, a line each.
  public var listing: String {
    ProfileKey.all.map { key in
      let value = self[key]
      return "\(key.path) = \(value.value.fullText) (\(value.confidence.rawValue): \(value.source))"
    }.joined(separator: "\n")
  }
}

extension ProfileQuantity {
  /// The value in full: a curve with all its points.
  fileprivate var fullText: String {
    guard case .curve(let curve) = self else { return text }
    return curve.points.map { "\($0.duration.text) at \($0.amount.text)" }
      .joined(separator: ", ")
  }
}

extension ResultFile {
  /// A provenance text by its name; empty where the file has none.
  public func provenanceText(_ name: String) -> String {
    provenance.first { $0.name == name }?.text ?? ""
  }
}

extension ResolvedScenario {
  /// The shape of every model as its file gives it, a line each.
  fileprivate var modelListing: String {
    models.keys.sorted().compactMap { models[$0] }.map { model in
      let fields = model.fields.map { "\($0.key) \($0.value)" }
      return "\(model.name): \(fields.joined(separator: ", ")),"
        + " tiedEmbedding \(model.tiesEmbedding)"
    }.joined(separator: "\n")
  }

  /// The parameters of every design as its file gives them, a line each.
  fileprivate var designListing: String {
    designs.keys.sorted().flatMap { design in
      (designs[design] ?? [:]).sorted { $0.key < $1.key }.map {
        "\(design).\($0.key) = \($0.value)"
      }
    }.joined(separator: "\n")
  }
}
