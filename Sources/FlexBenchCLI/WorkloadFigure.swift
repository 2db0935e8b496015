import Experiments
import Figures
import ResultFiles
import ScenarioFiles

/// The figure of a scenario of mixes or workflows: a panel a group of models, a group of bars a data
/// set; or one panel, a group of bars a workflow.
struct WorkloadFigure {
  var bars: GroupedBars
  var metric: Metric

  /// - Returns: nil for results of anything else.
  /// - Throws: `UsageError` when more than workloads and designs varies.
  init?(_ file: ResultFile, _ index: RunIndex, _ library: ScenarioLibrary) throws {
    let groups = index.texts(RunColumn.modelGroup)
    let workflows = index.texts(RunColumn.workflow)
    guard !groups.isEmpty || !workflows.isEmpty else { return nil }
    if let axis = (index.axes + [RunColumn.seed]).first(where: {
      !RunColumn.workloadAxes.contains($0) && index.distinct($0).count > 1
    }) {
      throw UsageError(
        description: "\(index.path): the figure shows one value of \(axis), and there are"
          + " \(index.distinct(axis).joined(separator: ", "))")
    }
    let isMix = !groups.isEmpty
    let metric = isMix ? Metric.timeToFirstToken : .responseLatency
    self.metric = metric
    let panels = isMix ? groups : workflows.map { _ in RunColumn.workflow }
    let places = isMix ? index.texts(RunColumn.dataset) : workflows
    let designs = index.texts(RunColumn.design)
    let values = try index.numbers(metric.rawValue).map { $0 * metric.displayScale }
    let reported = try Self.reported(file, index, library)
    bars = GroupedBars(
      series: index.designs,
      panels: panels.uniqued.map { panel in
        GroupedBars.Panel(
          name: panel,
          groups: places.uniqued.compactMap { place in
            let bars = index.designs.compactMap { design -> GroupedBars.Bar? in
              let labels = isMix ? [panel, place] : [place]
              let found = reported.first { $0.labels == labels && $0.design == design }
              return designs.indices.first {
                panels[$0] == panel && places[$0] == place && designs[$0] == design
              }.map {
                GroupedBars.Bar(
                  predicted: values[$0], reported: found?.value,
                  reportedError: found?.uncertainty)
              }
            }
            return bars.count == index.designs.count ? (place, bars) : nil
          })
      })
  }

  /// What was reported for the scenario; nothing for a run with another device, load, precision or
  /// changed values.
  private static func reported(
    _ file: ResultFile, _ index: RunIndex, _ library: ScenarioLibrary
  ) throws -> [ReferenceWorkload] {
    guard let path = library.scenarioPath(named: file.provenanceText(ProvenanceName.scenario))
    else { return [] }
    let scenario = try library.scenario(path)
    let loads = scenario.backgroundMemory.map { "\($0.bytes)" }
    let precisions = scenario.precisions.map(\.rawValue)
    guard scenario.device == file.provenanceText(ProvenanceName.device),
      scenario.settings.map(\.description).joined(separator: "\n")
        == file.provenanceText(ProvenanceName.settings),
      index.distinct(RunColumn.background).allSatisfy(loads.contains),
      index.distinct(RunColumn.precision).allSatisfy(precisions.contains)
    else { return [] }
    return try library.referenceWorkloads(of: scenario)
  }
}
