import ArgumentParser
import DeviceModel
import Experiments
import Figures
import Quantities
import ResultFiles
import ScenarioFiles
import Statistics

struct PlotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw the figure of a result file, as SVG and PNG, with its data beside it.",
    usage: "flexbench plot <file> ... [options]",
    discussion: """
      The picture is drawn by gnuplot from plots/NAME.gp, where NAME is the scenario's name; the \
      data it is drawn from are written as NAME.tsv. Without gnuplot the data are still written, \
      and the exit code is 69. It shows the metric that the scenario is about, over prompts, output \
      tokens, load, data sets or workflows. A file that sweeps more than models and one of these is refused.
      """)

  @Argument(help: ArgumentHelp("Result files.", valueName: "file"))
  var files: [String]

  @Option(help: ArgumentHelp("Folder for the figures.", valueName: "folder"))
  var output = "Results/figures"

  @Option(
    help: ArgumentHelp(
      "Folder with gnuplot templates. Default: ./plots, or else the installed one.",
      valueName: "folder"))
  var templates: String?

  @OptionGroup var libraryOptions: LibraryOptions

  func run() async throws {
    let library = try libraryOptions.open()
    for path in files {
      let file = try ResultFile(reading: path)
      let index = try RunIndex(file, path: path)
      if let figure = try PolicyFigure(file, index, library) {
        try draw(file, figure.bars, variables: [("headline", figure.headline)])
        continue
      }
      if let figure = try WorkloadFigure(file, index, library) {
        try draw(
          file, figure.bars,
          variables: [
            ("headline", try Self.headline(index, figure.metric)),
            ("ordinate", figure.metric.displayUnit),
          ])
        continue
      }
      let abscissa = Abscissa(index)
      // A second value of anything else would be left out without a word.
      let shown = [RunColumn.model, abscissa.column]
      if let axis = index.axes.first(where: {
        !shown.contains($0) && index.distinct($0).count > 1
      }) {
        throw UsageError(
          description: "\(path): the figure shows one value of \(axis), and there are"
            + " \(index.distinct(axis).joined(separator: ", "))")
      }
      let reported = try Self.reported(for: file, library)
      let bars = try GroupedBars(index, file.metric, over: abscissa, reported: reported)
      try draw(
        file, bars,
        variables: [
          ("headline", try Self.headline(index, file.metric)),
          ("abscissa", abscissa.title), ("ordinate", file.metric.displayUnit),
        ])
    }
  }

  /// Draws the bars by the template of the file's scenario.
  private func draw(
    _ file: ResultFile, _ bars: GroupedBars, variables: [(String, String)]
  ) throws {
    let name = file.provenanceText(ProvenanceName.scenario)
    let template = try Self.template("\(name).gp", in: templates)
    let data = "\(output)/\(name).tsv"
    try writeFile(bars.text, to: data)
    print(data)
    let gnuplot = Gnuplot(
      template: template, data: data,
      variables: [
        ("series", bars.series.joined(separator: " ")),
        ("panels", bars.panels.map(\.name).joined(separator: " ")),
      ] + variables)
    for format in ["svg", "png"] {
      let picture = "\(output)/\(name).\(format)"
      try gnuplot.draw(picture)
      print(picture)
    }
  }

  /// What was reported for the scenario; nothing for a run with another device or changed values.
  private static func reported(
    for file: ResultFile, _ library: ScenarioLibrary
  ) throws -> [ReferencePoint] {
    let reference = file.provenanceText(ProvenanceName.reference)
    guard !reference.isEmpty, file.provenanceText(ProvenanceName.settings).isEmpty,
      let path = library.scenarioPath(named: file.provenanceText(ProvenanceName.scenario))
    else { return [] }
    let scenario = try library.scenario(path)
    return scenario.device == file.provenanceText(ProvenanceName.device)
      ? try library.referencePoints(of: scenario) : []
  }

  /// - Throws: `MissingFileError` when no folder has it.
  private static func template(_ name: String, in folder: String?) throws -> String {
    let folders = folder.map { [$0] } ?? ["plots", installed("plots")]
    let paths = folders.map { "\($0)/\(name)" }
    let path = paths.first { (try? ScenarioLibrary.read($0)) != nil } ?? paths[0]
    _ = try ScenarioLibrary.read(path)
    return path
  }

  /// What the figure shows, as a sentence.
  private static func headline(_ index: RunIndex, _ metric: Metric) throws -> String {
    guard let design = index.designs.last else { return "no runs" }
    let parts = try index.designs.dropLast().map { baseline in
      let pairs = try index.pairs(baseline: baseline, design: design, metric: metric.rawValue)[0]
      let mean = try Estimator.meanOfRatios.estimate(pairs, axes: index.axes, section: nil)
      return "\(fixed(mean, 2))x over \(baseline)"
    }
    return "\(metric.title): speed-up of \(design) \(parts.joined(separator: ", "))"
      + " (mean of ratios)"
  }
}

/// What a figure's groups stand for: the first of these axes that has several values.
private struct Abscissa: Sendable {
  var column: String
  var title: String
  /// A value of the column, as it stands under its group.
  var label: @Sendable (String) -> String

  private static let all = [
    Abscissa(column: RunColumn.promptTokens, title: "prompt tokens") { $0 },
    Abscissa(column: RunColumn.background, title: "background load (GiB)") { text in
      // The column holds whole numbers.
      let gibibytes = Double(text)! / Double(ByteCount.gibibytes(1).bytes)
      return Int(exactly: gibibytes).map { "\($0)" } ?? "\(gibibytes)"
    },
    Abscissa(column: RunColumn.outputTokens, title: "output tokens") { $0 },
  ]

  private init(column: String, title: String, label: @escaping @Sendable (String) -> String) {
    self.column = column
    self.title = title
    self.label = label
  }

  init(_ index: RunIndex) {
    self = Self.all.first { index.distinct($0.column).count > 1 } ?? Self.all[0]
  }
}

extension GroupedBars {
  /// A metric in the unit in which people read it: a panel a model, a group a value of the
  /// abscissa, a bar a design.
  fileprivate init(
    _ index: RunIndex, _ metric: Metric, over abscissa: Abscissa, reported: [ReferencePoint]
  ) throws {
    let values = try index.numbers(metric.rawValue).map { $0 * metric.displayScale }
    let designs = index.texts(RunColumn.design)
    let models = index.texts(RunColumn.model)
    let prompts = index.texts(RunColumn.promptTokens)
    let outputs = index.texts(RunColumn.outputTokens)
    let backgrounds = index.texts(RunColumn.background)
    let precisions = index.texts(RunColumn.precision)
    let places = index.texts(abscissa.column)
    func bar(_ row: Int) -> Bar {
      let reference = reported.first {
        $0.metric == metric && $0.design == designs[row] && $0.model == models[row]
          && String($0.promptTokenCount) == prompts[row]
          && String($0.outputTokenCount) == outputs[row]
          && String($0.backgroundMemory.bytes) == backgrounds[row]
          && ReferencePoint.precision.rawValue == precisions[row]
      }
      return Bar(
        predicted: values[row], reported: reference?.value,
        reportedError: reference?.uncertainty)
    }
    var panels: [Panel] = []
    for model in index.distinct(RunColumn.model) {
      var groups: [(label: String, bars: [Bar])] = []
      for place in index.distinct(abscissa.column) {
        let bars = index.designs.compactMap { design in
          designs.indices.first {
            designs[$0] == design && models[$0] == model && places[$0] == place
          }.map(bar)
        }
        if bars.count == index.designs.count { groups.append((abscissa.label(place), bars)) }
      }
      panels.append(Panel(name: model, groups: groups))
    }
    self.init(series: index.designs, panels: panels)
  }
}
