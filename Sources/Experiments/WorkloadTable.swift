import Quantities
import ResultFiles
import ScenarioFiles
import Workloads

extension RunColumn {
  public static let modelGroup = "model_group"
  public static let dataset = "dataset"
  public static let workflow = "workflow"
  /// A request's number in its trace: a name, since it says which row is which.
  public static let request = "request"
  public static let arrival = "arrival"
  public static let waiting = "ttft_waiting"
  public static let stall = "stall"
  public static let bytesRead = "bytes_read"
  public static let othersMemory = "others_memory"
  public static let recalled = "recalled"
  public static let recallWait = "recall_wait"
  public static let throughput = "requests_per_second"

  /// Axes of a workload's name and of what follows from it.
  public static let workloadAxes = [
    modelGroup, dataset, workflow, model, promptTokens, outputTokens,
  ]

  /// The column of a percentile of the time to first token.
  public static func timeToFirstToken(percentile: Int) -> String {
    "\(Metric.timeToFirstToken.rawValue)_p\(percentile)"
  }

  /// The percentiles that results of mixes have.
  public static let percentiles = [50, 95, 99]
}

extension ResultFile {
  /// The results of a scenario of workloads: a row a point, or, of a trace, a row a request.
  public init(_ records: [WorkloadRecord], of resolved: ResolvedScenario) {
    let columns: [ResultColumn]
    if case .trace = resolved.scenario.subject {
      columns = Self.requestColumns(records, resolved.scenario)
    } else {
      columns = Self.meanColumns(records, resolved.scenario)
    }
    self.init(
      title: resolved.scenario.title, provenance: Self.workloadProvenance(of: resolved),
      runs: ResultTable(dimension: "run", columns: columns))
  }

  /// Where results of workloads come from: with what `--set` may have changed of the requests.
  static func workloadProvenance(
    of resolved: ResolvedScenario
  ) -> [(name: String, text: String)] {
    provenance(of: resolved) + [("workload", resolved.scenario.workloadListing)]
  }

  /// Whether the file holds all results of a scenario as it is now, made by this version.
  func isOf(_ resolved: ResolvedScenario) throws -> Bool {
    func listing(_ texts: [(name: String, text: String)]) -> [[String]] {
      texts.map { [$0.name, $0.text] }.sorted { $0[0] < $1[0] }
    }
    guard listing(provenance) == listing(Self.workloadProvenance(of: resolved)) else {
      return false
    }
    let points = try resolved.workloadPoints().map(\.point)
    let index = try RunIndex(self, path: resolved.scenario.name)
    return index.texts(RunColumn.pointID) == points.map(\.id)
      && index.texts(RunColumn.seed) == points.map { "\($0.seed)" }
  }

  private static func meanColumns(
    _ records: [WorkloadRecord], _ scenario: Scenario
  ) -> [ResultColumn] {
    let rows = records.map { (means: $0.record, workload: $0) }
    func duration(
      _ name: String, _ meaning: String, _ value: (WorkloadRecord) -> SimulatedDuration
    ) -> ResultColumn {
      ResultColumn(
        name: name, units: "ns", longName: meaning,
        values: .integers(records.map { value($0).nanosecondsRoundedHalfToEven }))
    }
    var own = (records.first?.point.labels ?? []).enumerated().map { place, label in
      ResultColumn(
        name: label.column, units: "", longName: labelMeanings[label.column] ?? "",
        values: .strings(records.map { $0.point.labels[place].text }))
    }
    own.append(waiting(rows.map(\.means)))
    let isMix = if case .mix = scenario.subject { true } else { false }
    if isMix {
      own += RunColumn.percentiles.map { percentile in
        duration(
          RunColumn.timeToFirstToken(percentile: percentile),
          "the time to first token that \(percentile) % of the requests do not exceed"
        ) { $0.timeToFirstToken(percentile: percentile) }
      }
      own.append(
        ResultColumn(
          name: RunColumn.throughput, units: "s-1",
          longName: "requests done, from the first one's arrival to the last token",
          values: .reals(records.map(\.throughput))))
    } else {
      own.append(
        duration(Metric.responseLatency.rawValue, Metric.responseLatency.meaning) {
          $0.responseLatency ?? .zero
        })
    }
    own.append(duration(RunColumn.stall, stallMeaning) { $0.mean(\.stall) })
    own.append(
      ResultColumn(
        name: RunColumn.bytesRead, units: "byte",
        longName: "read from storage a request, by its plan and beside it",
        values: .integers(records.map { $0.bytesRead.bytes / Int64($0.requests.count) })))
    return columns(rows.map(\.means), scenario) + own
  }

  private static func requestColumns(
    _ records: [WorkloadRecord], _ scenario: Scenario
  ) -> [ResultColumn] {
    let rows = records.flatMap { record in
      record.requests.indices.map { (record.record(of: $0), $0, record.requests[$0]) }
    }
    return columns(rows.map(\.0), scenario) + [
      ResultColumn(
        name: RunColumn.request, units: "", longName: "number of the request in its trace",
        values: .strings(rows.map { "\($0.1 + 1)" })),
      ResultColumn(
        name: RunColumn.arrival, units: "ns", longName: "request arrives at the serving process",
        values: .integers(rows.map { $0.2.arrival.nanosecondsRoundedHalfToEven })),
      waiting(rows.map(\.0)),
      ResultColumn(
        name: RunColumn.stall, units: "ns", longName: stallMeaning,
        values: .integers(rows.map { $0.2.stall.nanosecondsRoundedHalfToEven })),
      ResultColumn(
        name: RunColumn.bytesRead, units: "byte", longName: "read from storage by its plan",
        values: .integers(rows.map { $0.2.bytesRead.bytes })),
    ] + memoryColumns(records)
  }

  /// What other programs did about memory before each request; nothing where theirs stays as it is.
  private static func memoryColumns(_ records: [WorkloadRecord]) -> [ResultColumn] {
    guard records.contains(where: { !$0.point.growth.isEmpty }) else { return [] }
    let rows = records.flatMap { record in
      record.requests.indices.map { record.pressure(beforeRequest: $0) }
    }
    return [
      ResultColumn(
        name: RunColumn.othersMemory, units: "byte",
        longName: "memory of other programs when the request arrives",
        values: .integers(rows.map(\.load.bytes))),
      ResultColumn(
        name: RunColumn.recalled, units: "byte",
        longName: "given back to the operating system since the request before arrived",
        values: .integers(rows.map(\.recalled.bytes))),
      ResultColumn(
        name: RunColumn.recallWait, units: "ns",
        longName: "other programs' waiting for memory since the request before arrived",
        values: .integers(rows.map { $0.waiting.nanosecondsRoundedHalfToEven })),
    ]
  }

  private static let labelMeanings = [
    RunColumn.modelGroup: "models that share the device",
    RunColumn.dataset: "what prompts and answers are like",
    RunColumn.workflow: "what an agent does",
  ]

  private static let stallMeaning =
    "time to first token, critical path: memory for weights, reading and decrypting them"

  /// What the kinds of operations leave of the rounded time to first token.
  private static func waiting(_ records: [PointRecord]) -> ResultColumn {
    ResultColumn(
      name: RunColumn.waiting, units: "ns",
      longName: "time to first token: before the design begins with the request",
      values: .integers(
        records.map { record in
          record.timeToFirstToken.nanosecondsRoundedHalfToEven
            - record.breakdownNanoseconds.reduce(0, +)
        }))
  }
}

extension Scenario {
  /// What decides its requests beside the axes, a line each.
  fileprivate var workloadListing: String {
    let lines: [String] =
      switch subject {
      case .requests, .operations, .policies, .sections: []
      case .mix(let study):
        [
          "requestCount = \(study.requestCount)", "warmUp = \(study.warmUp)",
          "arrivals = \(study.arrivals.text)",
        ]
          + study.groups.map { "\($0.name) = \($0.models.joined(separator: ", "))" }
          + study.datasets.map { dataset in
            "\(dataset.name) = prompts \(dataset.promptTokens.text), answers"
              + " \(dataset.outputTokens.text)"
              + (dataset.conversation.map {
                ", turns \($0.turns.text), \($0.thinkTime.text) apart"
              } ?? "")
          }
      case .workflows(let study):
        [
          "rounds = \(study.rounds)", "pause = \(study.pause.text)",
          "prefixShare = \(study.prefixShare.text)",
        ]
      case .trace(let study):
        ["trace = \(study.file)"]
          + (study.growth.isEmpty ? [] : ["memoryGrowth = \(study.growthText)"])
      }
    return lines.joined(separator: "\n")
  }
}
