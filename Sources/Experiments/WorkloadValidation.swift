import ConfigurationReader
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Statistics

/// What the paper reports for one workload on one design.
public struct ReferenceWorkload: Sendable {
  /// Values of the columns that name the workload, in their order.
  public var labels: [String]
  public var design: String
  /// In seconds.
  public var value: Double
  /// The reading's own uncertainty.
  public var uncertainty: Double
  public var role: ReferenceRole
}

extension Scenario {
  /// The columns that tell its workloads apart; none of other scenarios.
  public var workloadColumns: [String] {
    switch subject {
    case .requests, .operations, .policies, .trace, .sections: []
    case .mix: [RunColumn.modelGroup, RunColumn.dataset]
    case .workflows: [RunColumn.workflow]
    }
  }

  /// The metric that is reported for its workloads, and the column of the reported values.
  var workloadMetric: (metric: Metric, column: String) {
    if case .workflows = subject { return (.responseLatency, "response_s") }
    return (.timeToFirstToken, "ttft_s")
  }
}

extension ScenarioLibrary {
  /// The reported values of a scenario of mixes or workflows; none where it has no reference.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceWorkloads(of scenario: Scenario) throws -> [ReferenceWorkload] {
    guard let name = scenario.reference else { return [] }
    let labels = scenario.workloadColumns
    let value = scenario.workloadMetric.column
    let table = try reference(name, columns: labels + ["design", value, "error", "role"])
    var reader = FieldReader(table)
    var seen: Set<[String]> = []
    let rows = table.rows.map { row in
      let texts = labels.map(row.text)
      if !seen.insert(texts + [row.text("design")]).inserted {
        reader.refuse(row, "design", "expected each workload and design once")
      }
      return ReferenceWorkload(
        labels: texts, design: reader.word(row, "design", among: catalog.names),
        value: reader.number(row, value), uncertainty: reader.number(row, "error"),
        role: reader.value(row, "role"))
    }
    try reader.finish()
    return rows
  }
}

/// How a scenario of mixes or workflows compares with what was reported.
public struct WorkloadValidation: Sendable {
  /// A reported value, beside the model's, in seconds.
  public struct Row: Sendable {
    public var reference: ReferenceWorkload
    public var predicted: Double

    public var error: Double { predicted / reference.value - 1 }
    public var name: String { reference.labels.joined(separator: " ") }
  }

  /// A speed-up that the paper states, beside the model's.
  public struct Speedup: Sendable {
    public var compared: ComparedSpeedup
    /// Where the largest or the smallest is, if it is one of those.
    public var place: String?
  }

  /// One workload: the model's ratio, and the reported one where both times were reported.
  public struct Ratio: Sendable {
    public var name: String
    public var baseline: String
    public var design: String
    public var predicted: Double
    public var reported: Double?
  }

  public var name: String
  public var title: String
  public var device: String
  public var notes: [String]
  public var metric: Metric
  public var rows: [Row]
  public var speedups: [Speedup]
  public var ratios: [Ratio]

  /// - Parameter file: all results of the scenario.
  /// - Throws: `MissingFileError`, `ConfigurationError`, `ResultContentError`, `StatisticsError`.
  public init(
    _ resolved: ResolvedScenario, results file: ResultFile, library: ScenarioLibrary,
    stated: [StatedSpeedup]
  ) throws {
    let scenario = resolved.scenario
    let reported = try library.referenceWorkloads(of: scenario)
    let index = try RunIndex(file, path: scenario.name)
    let columns = scenario.workloadColumns.map(index.texts)
    let names = (0..<index.rowCount).map { row in columns.map { $0[row] } }
    let designs = index.texts(RunColumn.design)
    let metric = scenario.workloadMetric.metric
    let values = try index.numbers(metric.rawValue).map { $0 * metric.displayScale }
    func predicted(_ labels: [String], _ design: String) -> Double? {
      names.indices.first { names[$0] == labels && designs[$0] == design }.map { values[$0] }
    }
    name = scenario.name
    title = scenario.title
    device = resolved.device.name
    notes = scenario.notes
    self.metric = metric
    rows = reported.compactMap { reference in
      predicted(reference.labels, reference.design).map {
        Row(reference: reference, predicted: $0)
      }
    }
    ratios = []
    speedups = []
    for stated in stated {
      if !ratios.contains(where: { $0.baseline == stated.baseline && $0.design == stated.design }) {
        for row in names.indices where designs[row] == stated.baseline {
          guard let fast = predicted(names[row], stated.design) else { continue }
          func value(_ design: String) -> Double? {
            reported.first { $0.labels == names[row] && $0.design == design }?.value
          }
          let both = (value(stated.baseline), value(stated.design))
          ratios.append(
            Ratio(
              name: names[row].joined(separator: " "), baseline: stated.baseline,
              design: stated.design, predicted: values[row] / fast,
              reported: both.0.flatMap { slow in both.1.map { slow / $0 } }))
        }
      }
      let members = ratios.filter { $0.baseline == stated.baseline && $0.design == stated.design }
      let estimate = try stated.estimator.estimate(
        baseline: members.map(\.predicted), design: members.map { _ in 1 }, sections: nil)
      let isExtreme = [.maxOfRatios, .minOfRatios].contains(stated.estimator)
      speedups.append(
        Speedup(
          compared: ComparedSpeedup(
            baseline: stated.baseline, design: stated.design, estimator: stated.estimator,
            stated: stated.speedup, predicted: estimate, role: stated.role),
          place: isExtreme ? members.first { $0.predicted == estimate }?.name : nil))
    }
  }
}
