import Experiments
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Statistics

/// What `report` and `validate` say of a file, or a scenario, that is not about single requests.
struct SubjectReport: Encodable {
  struct Row: Encodable {
    /// The values of the axes that vary, in the order of `axes`.
    var setting: [String]
    var metric: String
    var unit: String
    var predicted: Double
    /// Nil where nothing was reported.
    var reported: Double?
    /// Relative, or in points of a share.
    var error: Double?
    var role: ReferenceRole?
  }

  var file: String
  var title: String
  var axes: [String]
  var rows: [Row]
  /// Policies have their own table.
  private var policies: [(policy: String, application: String, compared: PolicyRow)] = []

  private enum CodingKeys: CodingKey { case file, title, axes, rows }

  /// One row of the table of policies.
  struct PolicyRow {
    var performance: Double
    var seconds: Double
    var reference: ReferencePolicy?

    var compared: ComparedPolicy? {
      reference.map {
        ComparedPolicy(
          reference: $0, relativePerformance: performance, timeToFirstToken: seconds)
      }
    }
  }

  /// - Returns: nil for results of single requests.
  /// - Throws: `ResultContentError`, and what reading the reference table throws.
  init?(_ file: ResultFile, index: RunIndex, library: ScenarioLibrary?) throws {
    let operations = index.texts(RunColumn.operation)
    let policies = index.texts(RunColumn.policy)
    guard !operations.isEmpty || !policies.isEmpty else { return nil }
    let reference = try Self.reference(file, index, library)
    self.file = index.path
    title = file.title
    rows = []
    // The load beside an application is the application's.
    axes = index.axes.filter {
      index.distinct($0).count > 1 && (policies.isEmpty || $0 != RunColumn.background)
    }
    let settings = index.settings.map { setting in
      zip(index.axes, setting).filter { axes.contains($0.0) }.map(\.1)
    }
    if !operations.isEmpty {
      let durations = try index.numbers(RunColumn.duration)
      let reported = try reference.map { try $0.0.referenceGiveBacks($0.1) } ?? []
      for row in operations.indices {
        let found = reported.first { $0.operation.text == operations[row] }
        let predicted = durations[row] / 1e9
        rows.append(
          Row(
            setting: settings[row], metric: RunColumn.duration, unit: "seconds",
            predicted: predicted, reported: found?.seconds,
            error: found.map { predicted / $0.seconds - 1 }, role: found?.role))
      }
    } else {
      let applications = index.texts(RunColumn.application)
      let performances = try index.numbers(RunColumn.relativePerformance)
      let times = try index.numbers(Metric.timeToFirstToken.rawValue)
      let reported = try reference.map { try $0.0.referencePolicies($0.1) } ?? []
      for row in policies.indices {
        let policy = PolicyRow(
          performance: performances[row], seconds: times[row] / 1e9,
          reference: reported.first {
            $0.policy.rawValue == policies[row] && $0.application.rawValue == applications[row]
          })
        self.policies.append((policies[row], applications[row], policy))
        let role = policy.reference?.role
        rows.append(
          Row(
            setting: settings[row], metric: RunColumn.relativePerformance, unit: "share",
            predicted: policy.performance, reported: policy.reference?.relativePerformance,
            error: policy.compared?.performanceError, role: role))
        rows.append(
          Row(
            setting: settings[row], metric: Metric.timeToFirstToken.rawValue, unit: "seconds",
            predicted: policy.seconds, reported: policy.reference?.timeToFirstToken,
            error: policy.compared?.timeError, role: role))
      }
    }
  }

  /// The table reported for the scenario; nil for a run with another device, other models or prompts,
  /// or changed values.
  static func reference(
    _ file: ResultFile, _ index: RunIndex, _ library: ScenarioLibrary?
  ) throws -> (ScenarioLibrary, String)? {
    let reference = file.provenanceText(ProvenanceName.reference)
    guard let library, !reference.isEmpty,
      file.provenanceText(ProvenanceName.settings).isEmpty,
      let path = library.scenarioPath(named: file.provenanceText(ProvenanceName.scenario))
    else { return nil }
    let scenario = try library.scenario(path)
    let shipped = [
      (RunColumn.model, scenario.models),
      (RunColumn.promptTokens, scenario.promptTokens.map(String.init)),
      (RunColumn.outputTokens, scenario.outputTokens.map(String.init)),
      (RunColumn.precision, scenario.precisions.map(\.rawValue)),
    ]
    let isShipped = shipped.allSatisfy { column, values in
      values.isEmpty || index.distinct(column).allSatisfy(values.contains)
    }
    return isShipped && scenario.device == file.provenanceText(ProvenanceName.device)
      ? (library, reference) : nil
  }

  /// A row a point: predicted beside reported.
  var table: TextTable {
    if !policies.isEmpty {
      var table = PolicyTable.table(axes)
      for (setting, policy) in policySettings { table.add(setting + PolicyTable.cells(policy)) }
      return table
    }
    var table = TextTable(axes.map { ($0, .left) } + OperationTable.columns)
    for row in rows {
      table.add(
        row.setting
          + OperationTable.cells(row.predicted, reported: row.reported, role: row.role))
    }
    return table
  }

  /// Each policy has two rows, one a metric.
  private var policySettings: [(setting: [String], policy: PolicyRow)] {
    zip(stride(from: 0, to: rows.count, by: 2), policies).map { (rows[$0].setting, $1.compared) }
  }

  func printText() throws {
    print(title)
    print(file)
    print()
    if policies.isEmpty {
      print(table.text)
      print()
      for line in try OperationTable.errors(
        rows.compactMap { row in
          row.reported.flatMap { reported in
            row.role.map {
              ComparedValue(
                name: row.setting.joined(separator: ", "), reported: reported,
                predicted: row.predicted, role: $0)
            }
          }
        })
      { print(line) }
    } else {
      let place = axes.firstIndex(of: RunColumn.policy)
      for policy in policies.map(\.policy).uniqued {
        var table = PolicyTable.table([policy])
        for (setting, row) in zip(policySettings, policies) where row.policy == policy {
          let others = setting.setting.enumerated().filter { $0.offset != place }.map(\.element)
          table.add([others.joined(separator: ", ")] + PolicyTable.cells(row.compared))
        }
        print(table.text)
        print()
      }
      print(PolicyTable.errors(policies.compactMap(\.compared.compared)).text)
    }
  }
}

/// How times of operations are shown.
enum OperationTable {
  static let columns: [(String, TextTable.Alignment)] = [
    ("reported, ms", .right), ("predicted, ms", .right), ("error", .right), ("role", .left),
  ]

  static func cells(_ predicted: Double, reported: Double?, role: ReferenceRole?) -> [String] {
    [
      reported.map { fixed($0 * 1000, 2) } ?? "-", fixed(predicted * 1000, 2),
      reported.map { signedPercent(predicted / $0 - 1) } ?? "-", role?.rawValue ?? "-",
    ]
  }

  /// Mean and worst error of each role.
  static func errors(_ values: [ComparedValue]) throws -> [String] {
    try ReferenceRole.allCases.compactMap { role in
      let members = values.filter { $0.role == role }
      guard !members.isEmpty else { return nil }
      let errors = try ErrorSummary(
        predicted: members.map(\.predicted), reported: members.map(\.reported))
      return wrapped(
        "\(role.rawValue): \(errors.count) points, mean |e| \(percent(errors.meanAbsolute)), worst"
          + " \(signedPercent(errors.worst)) (\(members[errors.worstIndex].name))",
        indent: "  ")
    }
  }
}

/// How policies are shown: performance in points of its share, times in seconds.
enum PolicyTable {
  static func table(_ settings: [String]) -> TextTable {
    TextTable(
      settings.map { ($0, .left) } + [
        ("speed %", .right), ("model", .right), ("diff", .right), ("TTFT s", .right),
        ("model", .right), ("error", .right), ("role", .left),
      ])
  }

  static func cells(_ row: SubjectReport.PolicyRow) -> [String] {
    [
      row.reference.map { fixed($0.relativePerformance * 100, 1) } ?? "-",
      fixed(row.performance * 100, 1),
      row.compared.map { signedPoints($0.performanceError) } ?? "-",
      row.reference.map { fixed($0.timeToFirstToken, 2) } ?? "-", fixed(row.seconds, 2),
      row.compared.map { signedPercent($0.timeError) } ?? "-",
      row.reference?.role.rawValue ?? "-",
    ]
  }

  /// Mean and worst error of each policy, and of all targets.
  static func errors(_ rows: [ComparedPolicy]) -> TextTable {
    var table = TextTable([
      ("error by policy", .left), ("role", .left), ("n", .right), ("|points|", .right),
      ("worst", .right), ("TTFT |e|", .right), ("worst", .right),
    ])
    func add(_ name: String, _ members: [ComparedPolicy]) {
      guard let first = members.first else { return }
      func worst(_ errors: [Double]) -> Double {
        errors.reduce(0) { $1.magnitude > $0.magnitude ? $1 : $0 }
      }
      func mean(_ errors: [Double]) -> Double {
        errors.reduce(0) { $0 + $1.magnitude } / Double(errors.count)
      }
      let performance = members.map(\.performanceError)
      let time = members.map(\.timeError)
      table.add([
        name, first.reference.role.rawValue, "\(members.count)", fixed(mean(performance) * 100, 1),
        signedPoints(worst(performance)), percent(mean(time)), signedPercent(worst(time)),
      ])
    }
    for policy in RetentionPolicy.allCases {
      add(policy.rawValue, rows.filter { $0.reference.policy == policy })
    }
    add("all", rows.filter { $0.reference.role == .target })
    return table
  }
}

extension ValidateCommand {
  func printOperations(_ scenario: OperationValidation) throws {
    print("\(scenario.title) (\(scenario.name), \(scenario.device))")
    for note in scenario.notes { print(wrapped("- \(note)", indent: "  ")) }
    print()
    var table = TextTable([("operation", .left)] + OperationTable.columns)
    for value in scenario.values {
      table.add(
        [value.name]
          + OperationTable.cells(value.predicted, reported: value.reported, role: value.role))
    }
    print(table.text)
    for line in try OperationTable.errors(scenario.values) { print(line) }
    print()
  }

  func printPolicies(_ scenario: PolicyValidation) {
    print(wrapped("\(scenario.title) (\(scenario.name), \(scenario.device))", indent: "  "))
    for note in scenario.notes + scenario.inferred {
      print(wrapped("- \(note)", indent: "  "))
    }
    print()
    for policy in scenario.rows.map(\.reference.policy).uniqued {
      var table = PolicyTable.table([policy.rawValue])
      for row in scenario.rows where row.reference.policy == policy {
        table.add(
          [row.reference.application.rawValue]
            + PolicyTable.cells(
              SubjectReport.PolicyRow(
                performance: row.relativePerformance, seconds: row.timeToFirstToken,
                reference: row.reference)))
      }
      print(table.text)
      print()
    }
    print(PolicyTable.errors(scenario.rows).text)
    print()
  }
}
