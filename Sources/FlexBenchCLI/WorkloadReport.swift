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
      print(WorkloadTable.speedups(scenario.speedups).text)
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
    var table = TextTable([
      ("error by design", .left), ("points", .left), ("n", .right), ("mean |e|", .right),
      ("bias", .right), ("worst", .right), ("worst at", .left),
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
          members[errors.worstIndex].name,
        ])
      }
    }
    return table
  }

  static func ratios(_ ratios: [WorkloadValidation.Ratio]) -> TextTable {
    let baselines = ratios.map(\.baseline).uniqued
    var table = TextTable(
      [("speed-up of \(ratios[0].design)", .left)]
        + baselines.flatMap { [("over \($0)", .right), ("paper's", .right)] })
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

  static func speedups(_ speedups: [WorkloadValidation.Speedup]) -> TextTable {
    var table = TextTable([
      ("stated speed-up over", .left), ("estimator", .left), ("paper", .right),
      ("model", .right), ("error", .right), ("role", .left), ("at", .left),
    ])
    for speedup in speedups {
      let compared = speedup.compared
      table.add([
        compared.baseline, compared.estimator.rawValue, fixed(compared.stated, 2) + "x",
        fixed(compared.predicted, 2) + "x", signedPercent(compared.error),
        compared.role.rawValue, speedup.place ?? "",
      ])
    }
    return table
  }
}
