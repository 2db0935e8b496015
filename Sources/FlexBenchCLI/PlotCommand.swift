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
      and the exit code is 69. A file that sweeps more than models and prompts is refused.
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
      // A second value of anything else would be left out without a word.
      let shown = [RunColumn.model, RunColumn.promptTokens]
      if let axis = index.axes.first(where: {
        !shown.contains($0) && index.distinct($0).count > 1
      }) {
        throw UsageError(
          description: "\(path): the figure shows one value of \(axis), and there are"
            + " \(index.distinct(axis).joined(separator: ", "))")
      }
      let name = file.provenanceText(ProvenanceName.scenario)
      let template = try Self.template("\(name).gp", in: templates)
      let reported = try Self.reported(for: file, library)
      let bars = try GroupedBars(index, reported: reported)
      let data = "\(output)/\(name).tsv"
      try writeFile(bars.text, to: data)
      print(data)
      let gnuplot = Gnuplot(
        template: template, data: data,
        variables: [
          ("series", bars.series.joined(separator: " ")),
          ("panels", bars.panels.map(\.name).joined(separator: " ")),
          ("headline", try Self.headline(index)),
        ])
      for format in ["svg", "png"] {
        let picture = "\(output)/\(name).\(format)"
        try gnuplot.draw(picture)
        print(picture)
      }
    }
  }

  /// What was reported for the scenario; nothing for a run with another device or changed values.
  private static func reported(
    for file: ResultFile, _ library: ScenarioLibrary
  ) throws -> [ReferencePoint] {
    let reference = file.provenanceText(ProvenanceName.reference)
    let path = "paper/\(file.provenanceText(ProvenanceName.scenario)).yaml"
    guard !reference.isEmpty, file.provenanceText(ProvenanceName.settings).isEmpty,
      library.scenarioPaths.contains(path)
    else { return [] }
    let scenario = try library.scenario("\(library.root)/\(path)")
    return scenario.device == file.provenanceText(ProvenanceName.device)
      ? try library.referencePoints(reference) : []
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
  private static func headline(_ index: RunIndex) throws -> String {
    guard let design = index.designs.last else { return "no runs" }
    let metric = Metric.timeToFirstToken.rawValue
    let parts = try index.designs.dropLast().map { baseline in
      let pairs = try index.pairs(baseline: baseline, design: design, metric: metric)[0]
      let mean = try Estimator.meanOfRatios.estimate(pairs, axes: index.axes, section: nil)
      return "\(fixed(mean, 2))x over \(baseline)"
    }
    return "Time to first token: speed-up of \(design) \(parts.joined(separator: ", "))"
      + " (mean of ratios)"
  }
}

extension GroupedBars {
  /// The time to first token in seconds: a panel a model, a group a prompt length, a bar a design.
  fileprivate init(_ index: RunIndex, reported: [ReferencePoint]) throws {
    let seconds = try index.numbers(Metric.timeToFirstToken.rawValue).map { $0 / 1e9 }
    let designs = index.texts(RunColumn.design)
    let models = index.texts(RunColumn.model)
    let prompts = index.texts(RunColumn.promptTokens)
    let backgrounds = index.texts(RunColumn.background)
    let precisions = index.texts(RunColumn.precision)
    func bar(_ row: Int) -> Bar {
      let reference = reported.first {
        $0.design == designs[row] && $0.model == models[row]
          && String($0.promptTokenCount) == prompts[row]
          && String($0.backgroundMemory.bytes) == backgrounds[row]
          && ReferencePoint.precision.rawValue == precisions[row]
      }
      return Bar(
        predicted: seconds[row], reported: reference?.value,
        reportedError: reference?.uncertainty)
    }
    var panels: [Panel] = []
    for model in index.distinct(RunColumn.model) {
      var groups: [(label: String, bars: [Bar])] = []
      for prompt in index.distinct(RunColumn.promptTokens) {
        let bars = index.designs.compactMap { design in
          designs.indices.first {
            designs[$0] == design && models[$0] == model && prompts[$0] == prompt
          }.map(bar)
        }
        if bars.count == index.designs.count { groups.append((prompt, bars)) }
      }
      panels.append(Panel(name: model, groups: groups))
    }
    self.init(series: index.designs, panels: panels)
  }
}
