import Experiments
import ScenarioFiles
import Statistics

extension ValidateCommand {
  func printWorkloads(_ scenario: WorkloadValidation) throws {
    print(
      wrapped(
        "\(scenario.title) (\(scenario.name), \(scenario.device)), \(scenario.metric.displayUnit)",
        indent: "  "))
    for note in scenario.notes { print(wrapped("- \(note)", indent: "  ")) }
    let designs = scenario.rows.map(\.reference.design).uniqued
    for design in designs {
      var table = TextTable([
        (design, .left), ("reported", .right), ("+/-", .right), ("predicted", .right),
        ("error", .right), ("role", .left),
      ])
      for row in scenario.rows where row.reference.design == design {
        table.add([
          row.name, fixed(row.reference.value, 2), fixed(row.reference.uncertainty, 2),
          fixed(row.predicted, 2), signedPercent(row.error), row.reference.role.rawValue,
        ])
      }
      print()
      print(table.text)
    }
    print()
    print(try WorkloadTable.errors(scenario.rows, designs).text)
    if !scenario.ratios.isEmpty {
      print()
      print(WorkloadTable.ratios(scenario.ratios).text)
      print()
      printSpeedups(scenario.speedups.map(\.compared))
      for speedup in scenario.speedups {
        guard let place = speedup.place else { continue }
        let compared = speedup.compared
        print("\(compared.estimator.rawValue) over \(compared.baseline): at \(place)")
      }
    }
    print()
  }
}

/// How what a model says of workloads stands beside what was reported.
enum WorkloadTable {
  /// Mean and worst error of each design and role.
  static func errors(
    _ rows: [WorkloadValidation.Row], _ designs: [String]
  ) throws -> TextTable {
    // Where the worst is would not fit a terminal; the rows stand above.
    var table = TextTable([
      ("error by design", .left), ("points", .left), ("n", .right), ("mean |e|", .right),
      ("bias", .right), ("worst", .right),
    ])
    for design in designs {
      for role in ReferenceRole.allCases {
        let members = rows.filter { $0.reference.design == design && $0.reference.role == role }
        guard !members.isEmpty else { continue }
        let errors = try ErrorSummary(
          predicted: members.map(\.predicted), reported: members.map(\.reference.value))
        table.add([
          design, role.rawValue, "\(errors.count)", percent(errors.meanAbsolute),
          signedPercent(errors.mean), signedPercent(errors.worst),
        ])
      }
    }
    return table
  }

  static func ratios(_ ratios: [WorkloadValidation.Ratio]) -> TextTable {
    let baselines = ratios.map(\.baseline).uniqued
    var table = TextTable(
      [("speed-up of \(ratios[0].design) over", .left)]
        + baselines.flatMap { [($0, .right), ("paper", .right)] })
    for name in ratios.map(\.name).uniqued {
      let cells = baselines.flatMap { baseline -> [String] in
        let ratio = ratios.first { $0.baseline == baseline && $0.name == name }
        return [
          ratio.map { fixed($0.predicted, 2) + "x" } ?? "-",
          ratio?.reported.map { fixed($0, 2) + "x" } ?? "-",
        ]
      }
      table.add([name] + cells)
    }
    return table
  }

}

extension RunReport {
  /// What results of workloads have beside their metric: a table a workload, a row a design.
  /// - Throws: `UsageError` for results of anything else.
  static func requestTables(_ index: RunIndex) throws -> [TextTable] {
    guard index.axes.contains(RunColumn.modelGroup) else {
      throw UsageError(description: "--requests: \(index.path) is not about mixes of requests")
    }
    let settings = index.settings
    let designs = index.texts(RunColumn.design)
    let seeds = index.texts(RunColumn.seed)
    let shown = index.axes.indices.filter { index.shownAxes.contains(index.axes[$0]) }
    let times = try
      (RunColumn.percentiles.map { RunColumn.timeToFirstToken(percentile: $0) }
      + [RunColumn.waiting, RunColumn.stall]).map(index.numbers)
    let bytes = try index.numbers(RunColumn.bytesRead)
    let rates = try index.numbers(RunColumn.throughput)
    var tables: [TextTable] = []
    for setting in settings.uniqued {
      let names = shown.map { setting[$0] }.joined(separator: ", ")
      var table = TextTable(
        [(names.isEmpty ? "design" : names, .left)]
          + RunColumn.percentiles.map { ("p\($0)", .right) } + [
            ("waiting", .right), ("stall", .right), ("GB read", .right), ("a minute", .right),
          ])
      // Of several seeds the first.
      for row in settings.indices where settings[row] == setting && seeds[row] == seeds[0] {
        table.add(
          [designs[row]] + times.map { fixed($0[row] / 1e9, 2) } + [
            fixed(bytes[row] / 1e9, 2), fixed(rates[row] * 60, 2),
          ])
      }
      tables.append(table)
    }
    return tables
  }

  /// The metric by the values of one axis, and beside it what else the file has of stalls and reading: a
  /// row for each other setting and design, and the mean of all.
  /// - Throws: `UsageError` where the file has no such axis, or one value of it.
  static func acrossTables(
    _ index: RunIndex, metric: Metric, axis: String
  ) throws -> [TextTable] {
    guard let place = index.shownAxes.firstIndex(of: axis),
      let axisColumn = index.axes.firstIndex(of: axis)
    else {
      throw UsageError(
        description: "--across: \(index.path) has no axis \(axis); what varies in it are "
          + index.shownAxes.joined(separator: ", "))
    }
    let others = index.shownAxes.indices.filter { $0 != place }.compactMap {
      index.axes.firstIndex(of: index.shownAxes[$0])
    }
    let settings = index.settings
    let values = settings.map { $0[axisColumn] }.uniqued
    let designs = index.texts(RunColumn.design)
    let seeds = index.texts(RunColumn.seed)
    let isOfSeveral = index.designs.count > 1
    // Of several seeds the first.
    let rows = settings.indices.filter { seeds[$0] == seeds[0] }
    let names = settings.indices.map { row in
      (others.map { settings[row][$0] } + (isOfSeveral ? [designs[row]] : []))
        .joined(separator: " ")
    }
    let shown = rows.map { names[$0] }.uniqued
    var columns: [(title: String, column: String, scale: Double)] = [
      ("\(metric.title.lowercased()), \(metric.displayUnit)", metric.rawValue, metric.displayScale)
    ]
    if index.has(RunColumn.stall) {
      columns.append(("stalled on weights, seconds", RunColumn.stall, 1e-9))
      columns.append(("read a request, GB", RunColumn.bytesRead, 1e-9))
    }
    return try columns.map { title, column, scale in
      let numbers = try index.numbers(column)
      var table = TextTable([(title, .left)] + values.map { ($0, .right) })
      var sums = [Double](repeating: 0, count: values.count)
      for name in shown {
        let cells = values.enumerated().map { number, value in
          let row = rows.first { names[$0] == name && settings[$0][axisColumn] == value }
          let amount = row.map { numbers[$0] * scale } ?? 0
          sums[number] += amount
          return fixed(amount, 2)
        }
        table.add([name] + cells)
      }
      table.add(["mean"] + sums.map { fixed($0 / Double(shown.count), 2) })
      return table
    }
  }
}
