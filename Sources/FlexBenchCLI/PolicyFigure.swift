import Experiments
import Figures
import ResultFiles
import ScenarioFiles

/// The figure of a scenario of policies: other programs' speed, and the time to first token, in a panel
/// each; a group an application, a bar a policy.
struct PolicyFigure {
  var bars: GroupedBars
  var headline: String

  /// - Returns: nil for results of anything else.
  /// - Throws: `UsageError` when more than policies and applications varies.
  init?(_ file: ResultFile, _ index: RunIndex, _ library: ScenarioLibrary) throws {
    let policies = index.texts(RunColumn.policy)
    guard !policies.isEmpty else { return nil }
    let shown = [RunColumn.policy, RunColumn.application, RunColumn.background]
    let others = index.axes.filter { !shown.contains($0) } + [RunColumn.seed]
    if let axis = others.first(where: { index.distinct($0).count > 1 }) {
      throw UsageError(
        description: "\(index.path): the figure shows one value of \(axis), and there are"
          + " \(index.distinct(axis).joined(separator: ", "))")
    }
    let applications = index.texts(RunColumn.application)
    let performances = try index.numbers(RunColumn.relativePerformance).map { $0 * 100 }
    let seconds = try index.numbers(Metric.timeToFirstToken.rawValue).map {
      $0 * Metric.timeToFirstToken.displayScale
    }
    let reported = try SubjectReport.reference(file, index, library).map { library, name in
      try library.referencePolicies(name)
    }
    let series = index.distinct(RunColumn.policy)

    func panel(
      _ name: String, _ values: [Double], _ value: (ReferencePolicy) -> Double
    ) -> GroupedBars.Panel {
      GroupedBars.Panel(
        name: name,
        groups: index.distinct(RunColumn.application).map { application in
          let bars = series.compactMap { policy -> GroupedBars.Bar? in
            let row = policies.indices.first {
              policies[$0] == policy && applications[$0] == application
            }
            let found = reported?.first {
              $0.policy.rawValue == policy && $0.application.rawValue == application
            }
            return row.map {
              GroupedBars.Bar(
                predicted: values[$0], reported: found.map(value),
                reportedError: nil)
            }
          }
          return (application, bars)
        })
    }
    bars = GroupedBars(
      series: series,
      panels: [
        panel(RunColumn.relativePerformance, performances) { $0.relativePerformance * 100 },
        panel(Metric.timeToFirstToken.rawValue, seconds, \.timeToFirstToken),
      ])
    let last = policies.indices.filter { policies[$0] == series[series.count - 1] }
    let mean = last.reduce(0) { $0 + performances[$1] } / Double(last.count)
    headline =
      "Keeping a model between requests: other programs keep \(fixed(mean, 1)) % of their speed"
      + " with \(series[series.count - 1])"
  }
}
