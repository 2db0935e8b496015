import ResultFiles
import ScenarioFiles
import Statistics

/// The mean speed-ups of several experiments, and the means of these: what a paper's headline is.
///
/// No experiment of the FlexServe paper gives its 10.05x and 2.44x. The unweighted means of the averages
/// of its three sections do, to the printed digits: (7.15 + 8.84 + 14.15) / 3 and
/// (1.85 + 2.53 + 2.94) / 3. That it was computed so is an inference.
public struct SectionMeans: Sendable {
  public struct Row: Sendable {
    /// The experiment, or `mean` for the mean of all.
    public var section: String
    public var baseline: String
    public var design: String
    /// Baseline over design: the arithmetic mean over the settings, or of the sections.
    public var speedup: Double
    /// Settings, or sections.
    public var count: Int
  }

  /// What the row of all sections is called.
  public static let all = "mean"

  public var rows: [Row] = []

  /// - Parameter designs: the last one is compared with each of the others.
  /// - Throws: `ResultFileError`, `ResultContentError`, `StatisticsError`.
  public init(_ sections: [String], designs: [String], resultsFolder: String) throws {
    guard let design = designs.last else { return }
    var means: [String: [Double]] = [:]
    for section in sections {
      let path = "\(resultsFolder)/\(section).h5"
      let file = try ResultFile(reading: path)
      let index = try RunIndex(file, path: path)
      for baseline in designs.dropLast() {
        // Of several seeds the first.
        let pairs = try index.pairs(
          baseline: baseline, design: design, metric: file.metric.rawValue)[0]
        let mean = try Estimator.meanOfRatios.estimate(pairs, axes: index.axes, section: nil)
        means[baseline, default: []].append(mean)
        rows.append(
          Row(
            section: section, baseline: baseline, design: design, speedup: mean,
            count: pairs.count))
      }
    }
    for baseline in designs.dropLast() {
      let values = means[baseline] ?? []
      rows.append(
        Row(
          section: Self.all, baseline: baseline, design: design,
          speedup: values.reduce(0, +) / Double(values.count), count: values.count))
    }
  }

  /// The rows of a result file; nil for results of anything else.
  public init?(_ file: ResultFile) {
    guard case .strings(let sections) = file.runs[RunColumn.section]?.values,
      case .strings(let baselines) = file.runs[RunColumn.baseline]?.values,
      case .strings(let designs) = file.runs[RunColumn.design]?.values,
      case .reals(let speedups) = file.runs[RunColumn.speedup]?.values,
      case .integers(let counts) = file.runs[RunColumn.settings]?.values
    else { return nil }
    rows = sections.indices.map {
      Row(
        section: sections[$0], baseline: baselines[$0], design: designs[$0],
        speedup: speedups[$0], count: Int(counts[$0]))
    }
  }
}

extension RunColumn {
  public static let section = "section"
  public static let baseline = "baseline"
  public static let speedup = "speedup"
  static let settings = "settings"
}

extension ResultFile {
  /// The mean speed-ups, a row a section and baseline.
  public init(_ means: SectionMeans, of resolved: ResolvedScenario) {
    func label(
      _ name: String, _ meaning: String, _ text: (SectionMeans.Row) -> String
    ) -> ResultColumn {
      ResultColumn(
        name: name, units: "", longName: meaning, values: .strings(means.rows.map(text)))
    }
    self.init(
      title: resolved.scenario.title, provenance: Self.provenance(of: resolved),
      runs: ResultTable(
        dimension: "run",
        columns: [
          label(RunColumn.section, "experiment, or the mean of all") { $0.section },
          label(RunColumn.design, "serving design") { $0.design },
          label(RunColumn.baseline, "what it is compared with") { $0.baseline },
          ResultColumn(
            name: RunColumn.speedup, units: "1",
            longName: "mean of the baseline's times over the design's",
            values: .reals(means.rows.map(\.speedup))),
          ResultColumn(
            name: RunColumn.settings, units: "1", longName: "settings, or sections, in the mean",
            values: .integers(means.rows.map { Int64($0.count) })),
        ]))
  }
}
