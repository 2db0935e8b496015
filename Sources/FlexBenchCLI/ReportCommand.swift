import ArgumentParser
import DeviceModel
import Experiments
import ResultFiles
import ScenarioFiles
import Statistics

struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Print a result file: times or rates by design, speed-ups, and where the time goes.",
    usage: "flexbench report <file> ... [options]",
    discussion: """
      Times are in seconds, rates per second. A speed-up is another design's time over that of \
      --design, or this one's rate over the other's; its mean is the arithmetic mean of the \
      settings' ratios, and the geometric mean stands beside it. With several seeds values are \
      means over them; speed-ups and breakdowns are the first seed's.
      """)

  @Argument(help: ArgumentHelp("Result files.", valueName: "file"))
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Metric to show. Default: what the scenario is about.", valueName: "metric"))
  var metric: Metric?

  @Option(
    help: ArgumentHelp(
      "Design that the others are compared with. Default: the file's last.", valueName: "design"))
  var design: String?

  @Flag(help: "Show the time to first token by kind of operation, along the critical path.")
  var breakdown = false

  @Flag(
    help:
      "Show percentiles of the time to first token, what requests wait for, and what they read.")
  var requests = false

  @Option(
    help: ArgumentHelp(
      "Put one axis across: its values beside each other, and what requests stall and read.",
      valueName: "axis"))
  var across: String?

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case csv
    case markdown
  }

  @Option(help: "How to print; csv and markdown give the table of times alone.")
  var format = Format.table

  @Flag(help: "The same as --format json.")
  var json = false

  @OptionGroup var libraryOptions: LibraryOptions

  func validate() throws {
    if json, format != .table { throw ValidationError("--json goes without --format.") }
    if breakdown, json || format != .table {
      throw ValidationError("--breakdown goes with the format table alone.")
    }
    if across != nil, json || format != .table {
      throw ValidationError("--across goes with the format table alone.")
    }
    if requests, json || format != .table {
      throw ValidationError("--requests goes with the format table alone.")
    }
  }

  func run() async throws {
    // What was reported is shown where the library is there.
    let library =
      libraryOptions.library == nil ? try? libraryOptions.open() : try libraryOptions.open()
    let reports = try files.map { path in
      let file = try ResultFile(reading: path)
      if let means = SectionMeans(file) {
        return FileReport.sections(SectionReport(means, title: file.title, path: path))
      }
      let index = try RunIndex(file, path: path)
      if let report = try SubjectReport(file, index: index, library: library) {
        guard !breakdown, design == nil else {
          throw UsageError(
            description:
              "\(breakdown ? "--breakdown" : "--design"): \(path) is not about single requests")
        }
        if requests { _ = try RunReport.requestTables(index) }
        if across != nil {
          throw UsageError(description: "--across: \(path) is not about requests")
        }
        return FileReport.subject(report)
      }
      var report = try RunReport(
        file, index: index, metric: metric ?? file.metric, design: design)
      if requests { report.requestTables = try RunReport.requestTables(index) }
      if let across {
        report.acrossTables = try RunReport.acrossTables(
          index, metric: metric ?? file.metric, axis: across)
      }
      return .requests(report)
    }
    if json || format == .json {
      try printJSON(reports)
      return
    }
    for (index, report) in reports.enumerated() {
      if index > 0 { print() }
      switch format {
      case .csv: print(report.table.csv)
      case .markdown: print(report.table.markdown)
      case .table, .json:
        switch report {
        case .subject(let report): try report.printText()
        case .sections(let report): report.printText()
        case .requests(let report):
          report.printText()
          if breakdown { report.printBreakdown() }
          for table in report.requestTables { print("\n\(table.text)") }
        }
      }
    }
  }
}

extension Metric: ExpressibleByArgument {}

/// What `report` says of one file, by what its scenario is about.
private enum FileReport: Encodable {
  case requests(RunReport)
  case subject(SubjectReport)
  case sections(SectionReport)

  var table: TextTable {
    switch self {
    case .requests(let report): report.table
    case .subject(let report): report.table
    case .sections(let report): report.table
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .requests(let report): try report.encode(to: encoder)
    case .subject(let report): try report.encode(to: encoder)
    case .sections(let report): try report.encode(to: encoder)
    }
  }
}

/// What `report` says of one file.
struct RunReport: Encodable {
  struct Row: Encodable {
    /// The values of the axes that vary.
    var setting: [String: String]
    /// Of each design: mean over seeds, in `unit`.
    var values: [String: Double]
    /// Half the width of the 95 % interval over seeds; none where all seeds give one value.
    var halfWidth: [String: Double]
  }

  struct Speedup: Encodable {
    var baseline: String
    var design: String
    var mean: Double
    var geometricMean: Double
    var least: Double
    var most: Double
  }

  var file: String
  var title: String
  var metric: String
  var unit: String
  /// Names of the axes that vary, in order.
  var axes: [String]
  var designs: [String]
  var rows: [Row]
  var speedups: [Speedup]
  private var breakdown: [[String: [OperationKind: Double]]] = []
  /// What stands in the place of the table of times, where one axis goes across.
  var acrossTables: [TextTable] = []
  /// What else of the requests is to be shown.
  var requestTables: [TextTable] = []

  private enum CodingKeys: CodingKey {
    case file, title, metric, unit, axes, designs, rows, speedups
  }

  /// - Throws: `ResultContentError`, `StatisticsError`, `UsageError` for a design that the
  ///   file lacks.
  init(_ file: ResultFile, index: RunIndex, metric: Metric, design: String?) throws {
    self.file = index.path
    self.metric = metric.rawValue
    unit = metric.displayUnit
    title = file.title
    designs = index.designs
    if let design, !designs.contains(design) {
      throw UsageError(
        description:
          "--design: \(index.path) has no \(design); it has \(designs.joined(separator: ", "))")
    }
    axes = index.shownAxes
    rows = []
    speedups = []
    try addRows(index, metric)
    guard let design = design ?? designs.last else { return }
    for baseline in designs where baseline != design {
      let pairs = try index.pairs(
        baseline: baseline, design: design, metric: metric.rawValue)[0]
      func estimate(_ estimator: Estimator) throws -> Double {
        try estimator.estimate(pairs, axes: index.axes, section: nil)
      }
      speedups.append(
        Speedup(
          baseline: baseline, design: design, mean: try estimate(.meanOfRatios),
          geometricMean: try estimate(.geomean), least: try estimate(.minOfRatios),
          most: try estimate(.maxOfRatios)))
    }
  }

  private mutating func addRows(_ index: RunIndex, _ metric: Metric) throws {
    let settings = index.settings
    let values = try index.numbers(metric.rawValue).map { $0 * metric.displayScale }
    let rowDesigns = index.texts(RunColumn.design)
    let kinds = try OperationKind.allCases.map { try index.numbers(RunColumn.breakdown($0)) }
    var order: [[String]] = []
    var samples: [[String]: [String: [Double]]] = [:]
    var firstRows: [[String]: [String: Int]] = [:]
    for row in settings.indices {
      if samples[settings[row]] == nil { order.append(settings[row]) }
      samples[settings[row], default: [:]][rowDesigns[row], default: []].append(values[row])
      if firstRows[settings[row]]?[rowDesigns[row]] == nil {
        firstRows[settings[row], default: [:]][rowDesigns[row]] = row
      }
    }
    for setting in order {
      var row = Row(setting: [:], values: [:], halfWidth: [:])
      for (axis, value) in zip(index.axes, setting) where axes.contains(axis) {
        row.setting[axis] = value
      }
      for (design, sample) in samples[setting] ?? [:] {
        let interval = try SampleSummary(sample).interval(level: 0.95)
        row.values[design] = interval.mean
        if interval.method == .studentT {
          row.halfWidth[design] = (interval.high - interval.low) / 2
        }
      }
      rows.append(row)
      breakdown.append(
        (firstRows[setting] ?? [:]).mapValues { row in
          Dictionary(
            uniqueKeysWithValues: OperationKind.allCases.enumerated().map { place, kind in
              (kind, kinds[place][row] / 1e9)
            })
        })
    }
  }

  /// The times: a row a setting, a column a design.
  var table: TextTable {
    var table = TextTable(
      axes.map { (shortName($0), .left) } + designs.map { ($0, .right) })
    for row in rows {
      table.add(
        axes.map { row.setting[$0] ?? "" }
          + designs.map { design in
            guard let value = row.values[design] else { return "-" }
            let half = row.halfWidth[design].map { " ±\(fixed($0, 3))" } ?? ""
            return fixed(value, 3) + half
          })
    }
    return table
  }

  /// The last part of a setting's key, unless two axes would share it.
  private func shortName(_ axis: String) -> String {
    func last(_ axis: String) -> Substring { axis.split(separator: ".").last ?? Substring(axis) }
    return axes.filter { last($0) == last(axis) }.count > 1 ? axis : String(last(axis))
  }

  func printText() {
    print(title)
    print("\(file): \(metric), \(unit)")
    guard acrossTables.isEmpty else {
      for table in acrossTables { print("\n\(table.text)") }
      return
    }
    print()
    print(table.text)
    guard !speedups.isEmpty else { return }
    print()
    var summary = TextTable([
      ("speed-up of \(speedups[0].design) over", .left), ("mean", .right), ("geomean", .right),
      ("least", .right), ("most", .right),
    ])
    for speedup in speedups {
      summary.add(
        [speedup.baseline]
          + [speedup.mean, speedup.geometricMean, speedup.least, speedup.most].map {
            fixed($0, 2) + "x"
          })
    }
    print(summary.text)
  }

  /// The time to first token of every row by kind of operation, a column a design.
  func printBreakdown() {
    for (row, kinds) in zip(rows, breakdown) {
      let setting = axes.map { axis in
        let value = row.setting[axis] ?? ""
        // A number says nothing without its axis, a name does.
        return Int(value) == nil ? value : "\(axis) \(value)"
      }.joined(separator: ", ")
      print()
      var table = TextTable(
        [(setting.isEmpty ? "seconds" : setting, .left)] + designs.map { ($0, .right) })
      for kind in OperationKind.allCases {
        let cells = designs.map { kinds[$0]?[kind] ?? 0 }
        guard cells.contains(where: { $0 > 0 }) else { continue }
        table.add([kind.rawValue] + cells.map { fixed($0, 3) })
      }
      print(table.text)
    }
  }
}
