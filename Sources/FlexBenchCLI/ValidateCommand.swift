import ArgumentParser
import Experiments
import FoundationEssentials
import Quantities
import ScenarioFiles
import Statistics

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Compare the model with everything reported that it knows of.",
    usage: "flexbench validate [options]",
    discussion: """
      Runs the model for every reference value and prints predicted beside reported, with the \
      error's mean and worst. Inputs (given to the model), fits (constants were fitted to them) \
      and targets (never shown to it) are kept apart.
      """)

  @Option(
    help: ArgumentHelp(
      "Folder with results of mixes and workflows. Those that this program made from what the"
        + " library holds are taken, and not made again.", valueName: "folder"))
  var results: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Leave a scenario out, such as one that takes long.", valueName: "name"))
  var skip: [String] = []

  @OptionGroup var libraryOptions: LibraryOptions
  @OptionGroup var format: FormatOptions

  func run() async throws {
    let library = try libraryOptions.open()
    if let unknown = skip.first(where: { !library.scenarioNames.contains($0) }) {
      let hint = suggestion(for: unknown, among: library.scenarioNames)
      throw UsageError(description: "--skip: no scenario is called \"\(unknown)\"\(hint)")
    }
    let validation = try await Validation(
      library, jobs: ProcessInfo.processInfo.activeProcessorCount, resultsFolder: results,
      skipped: skip)
    if format.json {
      try printJSON(ValidationSummary(validation))
      return
    }
    for scenario in validation.scenarios { try printScenario(scenario) }
    for scenario in validation.workloadScenarios { try printWorkloads(scenario) }
    for scenario in validation.policyScenarios { printPolicies(scenario) }
    for scenario in validation.operationScenarios { try printOperations(scenario) }
    try printValues(
      validation.operations, "Operations measured alone, milliseconds", scale: 1000, listed: true)
    try printValues(
      validation.allocations, "Allocation latency over size and load, seconds", scale: 1,
      listed: false)
    printInterference(validation.interference)
    printSimulators(validation.simulators)
    for fit in validation.measurements { try printMeasurements(fit) }
    try printFits(library)
  }

  private func printInterference(_ values: [ComparedInterference]) {
    print("Latency of a program beside a contiguous allocation, over that without it")
    print("(its pages' moves met by chance, and all of them met)")
    var table = TextTable([
      ("allocation, load, working set", .left), ("", .left), ("reported", .right),
      ("by chance", .right), ("all", .right), ("role", .left),
    ])
    for value in values {
      let reference = value.reference
      table.add([
        [reference.size, reference.backgroundMemory, reference.workingSet].map(\.text)
          .joined(separator: ", "), reference.quantity.rawValue, fixed(reference.slowdown, 2),
        fixed(value.predicted, 2), fixed(value.most, 2), reference.role.rawValue,
      ])
    }
    print(table.text)
    print(
      wrapped(
        "- a program waits only for its own pages while they move here; what locks of the memory"
          + " management cost, and reclaim that the allocation sets off, no source says",
        indent: "  "))
    print()
  }

  // MARK: Products

  private func printSimulators(_ comparison: SimulatorComparison) {
    print("Products against other simulators")
    var table = TextTable([
      ("simulator", .left), ("what", .left), ("rows", .right), ("equal", .right),
      ("worst", .right), ("worst at", .left),
    ])
    for (tool, group) in comparison.groupsByTool {
      let worst = group.worst
      table.add([
        tool, group.name, "\(group.rows.count)", "\(group.exactCount)",
        signedPercent(worst.error), group.exactCount == group.rows.count ? "-" : worst.name,
      ])
    }
    print(table.text)
    let rereads = comparison.zigzagRereads
    print(
      wrapped(
        "ZigZag, M of 128 and 512, latency over roofline: rank correlation"
          + " \(fixed(comparison.zigzagRankCorrelation, 2)); where its ratio is above 1.2"
          + " (\(rereads.count) rows), ours is \(fixed(rereads.least, 2)) or more",
        indent: "  "))
    print()
  }

  private func printMeasurements(_ fit: FitResult) throws {
    let values = fit.values.map { "\($0.key.path) = \($0.after.text)" }
    print(
      wrapped(
        "Measured on the RK3588, fit \(fit.id): \(values.joined(separator: ", "))", indent: "  "))
    print(fit.pointTable("point", reported: "measured").text)
    let leftOut = try ErrorSummary(
      predicted: fit.points.compactMap(\.leftOut), reported: fit.points.map(\.reported))
    print(
      "left out: mean |e| \(percent(leftOut.meanAbsolute)), worst"
        + " \(signedPercent(leftOut.worst))\n")
  }

  // MARK: Scenarios

  private func printScenario(_ scenario: ScenarioValidation) throws {
    print(
      wrapped(
        "\(scenario.title) (\(scenario.name), \(scenario.device)), \(scenario.metric.displayUnit)",
        indent: "  "))
    for note in scenario.notes { print(wrapped("- \(note)", indent: "  ")) }
    let designs = scenario.points.map(\.reference.design).uniqued
    for design in designs {
      let points = scenario.points.filter { $0.reference.design == design }
      var table = TextTable([
        (design, .left), (scenario.abscissa, .right), ("reported", .right), ("+/-", .right),
        ("predicted", .right), ("error", .right), ("role", .left),
      ])
      for point in points {
        let reference = point.reference
        table.add([
          reference.model, scenario.abscissa(of: reference), fixed(reference.value, 2),
          fixed(reference.uncertainty, 2), fixed(point.predicted, 2),
          signedPercent(point.error), reference.role.rawValue,
        ])
      }
      print()
      print(table.text)
    }
    print()
    if !scenario.points.isEmpty { try printErrors(scenario, designs) }
    printExtremes(scenario.extremes)
    printCuts(scenario.cuts)
    if !scenario.ratios.isEmpty {
      print()
      printRatios(scenario)
    }
    if !scenario.speedups.isEmpty {
      print()
      printSpeedups(scenario.speedups)
    }
    print()
  }

  private func printErrors(_ scenario: ScenarioValidation, _ designs: [String]) throws {
    var table = TextTable([
      ("error by design", .left), ("points", .left), ("n", .right), ("mean |e|", .right),
      ("bias", .right), ("worst", .right), ("worst at", .left),
    ])
    for design in designs {
      for role in [ReferenceRole?.some(.fit), .some(.target), nil] {
        let points = scenario.points.filter {
          $0.reference.design == design && (role == nil || $0.reference.role == role)
        }
        guard !points.isEmpty else { continue }
        let errors = try ErrorSummary(
          predicted: points.map(\.predicted), reported: points.map(\.reference.value))
        let worst = points[errors.worstIndex].reference
        table.add([
          design, role?.rawValue ?? "all", "\(errors.count)", percent(errors.meanAbsolute),
          signedPercent(errors.mean), signedPercent(errors.worst),
          "\(worst.model) \(scenario.abscissa(of: worst))",
        ])
      }
    }
    print(table.text)
  }

  /// The step whose reported bar contradicts the paper's own cold requests.
  private static let doubtful = "+pipeline"

  private func printCuts(_ cuts: [ScenarioValidation.ComparedCut]) {
    guard !cuts.isEmpty else { return }
    print()
    var table = TextTable([
      ("cut by the step", .left), ("", .left), ("reported", .right), ("predicted", .right),
      ("points", .right),
    ])
    for cut in cuts {
      table.add([
        cut.model, cut.step, percent(cut.reported), percent(cut.predicted),
        signedPoints(cut.error),
      ])
    }
    print(table.text)
    let counted = cuts.filter { $0.step != Self.doubtful }.map(\.error)
    let mean = counted.reduce(0) { $0 + abs($1) } / Double(max(1, counted.count))
    let worst = counted.max { abs($0) < abs($1) } ?? 0
    print(
      wrapped(
        "without \(Self.doubtful): \(counted.count) cuts, mean |points| \(fixed(mean * 100, 1)), worst"
          + " \(signedPoints(worst))", indent: "  "))
  }

  private func printExtremes(_ extremes: [ComparedExtreme]) {
    guard !extremes.isEmpty else { return }
    var table = TextTable([
      ("over all points", .left), ("stated", .right), ("predicted", .right), ("at", .left),
      ("role", .left),
    ])
    for extreme in extremes {
      let stated = extreme.stated
      let what =
        switch stated.quantity {
        case .cut: "\(stated.from ?? "") to \(stated.to)"
        case .aboveBound: "\(stated.to) above bound"
        }
      table.add([
        "\(what), \(stated.extreme.rawValue)", percent(stated.value), percent(extreme.predicted),
        "\(extreme.point.model.name) \(extreme.point.promptTokenCount)", stated.role.rawValue,
      ])
    }
    print(table.text)
  }

  private func printRatios(_ scenario: ScenarioValidation) {
    let baselines = scenario.ratios.map(\.baseline).uniqued
    guard let design = scenario.ratios.first?.design else { return }
    var table = TextTable(
      [("speed-up of \(design)", .left), ("", .right)]
        + baselines.flatMap { [("over \($0)", .right), ("paper's", .right)] })
    for row in scenario.ratios where row.baseline == baselines[0] {
      let cells = baselines.flatMap { baseline -> [String] in
        let ratio = scenario.ratios.first {
          $0.baseline == baseline && $0.point.isSameSetting(as: row.point)
        }
        return [
          ratio.map { fixed($0.predicted, 2) + "x" } ?? "-",
          ratio?.reported.map { fixed($0, 2) + "x" } ?? "-",
        ]
      }
      table.add([row.point.model.name, scenario.abscissa(of: row.point)] + cells)
    }
    print(table.text)
  }

  func printSpeedups(_ speedups: [ComparedSpeedup]) {
    var table = TextTable([
      ("stated speed-up over", .left), ("estimator", .left), ("paper", .right),
      ("model", .right), ("error", .right), ("role", .left),
    ])
    for speedup in speedups {
      table.add([
        speedup.baseline, speedup.estimator.rawValue, fixed(speedup.stated, 2) + "x",
        fixed(speedup.predicted, 2) + "x", signedPercent(speedup.error), speedup.role.rawValue,
      ])
    }
    print(table.text)
  }

  // MARK: Devices

  private func printValues(
    _ values: [ComparedValue], _ title: String, scale: Double, listed: Bool
  ) throws {
    print(title)
    if listed {
      var table = TextTable([
        ("operation", .left), ("reported", .right), ("predicted", .right), ("error", .right),
        ("role", .left),
      ])
      for value in values {
        table.add([
          value.name, fixed(value.reported * scale, 2), fixed(value.predicted * scale, 2),
          signedPercent(value.error), value.role.rawValue,
        ])
      }
      print(table.text)
    }
    let groups = listed ? ["all"] : values.map(\.group).uniqued
    for group in groups {
      let members = listed ? values : values.filter { $0.group == group }
      let errors = try ErrorSummary(
        predicted: members.map(\.predicted), reported: members.map(\.reported))
      let roles = members.map(\.role.rawValue).uniqued.joined(separator: ", ")
      print(
        wrapped(
          "\(group): \(errors.count) points (\(roles)), mean |e| \(percent(errors.meanAbsolute)),"
            + " worst \(signedPercent(errors.worst)) (\(members[errors.worstIndex].name))",
          indent: "  "))
    }
    print()
  }

  private func printFits(_ library: ScenarioLibrary) throws {
    for name in library.calibrationNames {
      let calibration = try library.calibration("\(library.root)/calibration/\(name).yaml")
      let device = try library.device(named: calibration.device)
      print("Constants fitted for \(device.name) (flexbench calibrate repeats the fit)")
      for fit in calibration.fits {
        let keys = [fit.candidates?.key].compactMap(\.self) + fit.parameters
        let values = keys.map { "\($0.path) = \(device[$0].value.text)" }
        print(wrapped("- \(values.joined(separator: ", ")): \(fit.why)", indent: "  "))
        print(wrapped("  fitted to: \(fit.points)", indent: "    "))
      }
    }
  }
}

extension ScenarioValidation {
  /// What tells points of one model and design apart: load where it varies, else the prompt.
  fileprivate var isOverLoad: Bool {
    Set(points.map(\.reference.backgroundMemory)).count > 1
  }

  fileprivate var abscissa: String {
    points.contains { $0.reference.step != nil } ? "step" : isOverLoad ? "load" : "tokens"
  }

  fileprivate func abscissa(of point: ReferencePoint) -> String {
    if let step = point.step { return step }
    return isOverLoad ? point.backgroundMemory.text : "\(point.promptTokenCount)"
  }

  fileprivate func abscissa(of point: ExperimentPoint) -> String {
    isOverLoad ? point.backgroundMemory.text : "\(point.promptTokenCount)"
  }
}

extension CalibrationFile.Fit {
  /// What it is fitted to, in words.
  fileprivate var points: String {
    let parts =
      (scenario.map {
        ["points with the role fit of \(designs.joined(separator: ", ")) in \($0)"]
      } ?? [])
      + operations + ratios.map { "\($0.0) over \($0.1)" }
      + measurements.map { "points with the role fit of \($0.rawValue).csv" }
    return parts.joined(separator: "; ")
  }
}

extension ComparedValue {
  /// The first word of the name: which allocator.
  fileprivate var group: String { String(name.prefix { $0 != " " }) }
}

extension Array where Element: Hashable {
  /// Each once, in order of first appearance.
  var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

/// A validation as JSON.
private struct ValidationSummary: Encodable {
  struct Value: Encodable {
    var name: String
    var reported: Double
    var predicted: Double
    var error: Double
    var role: String

    init(_ value: ComparedValue) {
      name = value.name
      reported = value.reported
      predicted = value.predicted
      error = value.error
      role = value.role.rawValue
    }
  }

  struct Point: Encodable {
    var model: String
    var promptTokens: Int
    var backgroundBytes: Int64
    var design: String
    var reported: Double
    var reportedError: Double
    var predicted: Double
    var error: Double
    var role: String
  }

  struct Speedup: Encodable {
    var baseline: String
    var design: String
    var estimator: String
    var stated: Double
    var predicted: Double
    var error: Double
    var role: String
    /// Where the model's largest, or smallest, ratio is.
    var place: String?

    init(_ speedup: ComparedSpeedup, place: String? = nil) {
      baseline = speedup.baseline
      design = speedup.design
      estimator = speedup.estimator.rawValue
      stated = speedup.stated
      predicted = speedup.predicted
      error = speedup.error
      role = speedup.role.rawValue
      self.place = place
    }
  }

  struct ScenarioPart: Encodable {
    var scenario: String
    var device: String
    var notes: [String]
    var points: [Point]
    var speedups: [Speedup]
    var extremes: [Extreme]
  }

  struct Extreme: Encodable {
    var quantity: String
    var from: String?
    var to: String
    var extreme: String
    var reported: Double
    var predicted: Double
    var point: String
    var role: String
  }

  var scenarios: [ScenarioPart]
  var policies: [Policy]
  var workloads: [WorkloadPart]
  var giveBacks: [Value]
  var operations: [Value]
  var allocations: [Value]
  var interference: [Interference]
  var simulators: [Simulator]
  var zigzagRankCorrelation: Double
  var measurements: [Measurement]

  struct WorkloadPart: Encodable {
    struct Point: Encodable {
      var workload: [String]
      var design: String
      var reported: Double
      var reportedError: Double
      var predicted: Double
      var error: Double
      var role: String
    }

    var scenario: String
    var device: String
    var metric: String
    var notes: [String]
    var points: [Point]
    var speedups: [Speedup]
  }

  struct Interference: Encodable {
    var device: String
    var quantity: String
    var reported: Double
    var predicted: Double
    var most: Double
    var role: String
  }

  struct Policy: Encodable {
    var policy: String
    var application: String
    var reportedPerformance: Double
    var predictedPerformance: Double
    var reportedSeconds: Double
    var predictedSeconds: Double
    var role: String
  }

  struct Simulator: Encodable {
    var simulator: String
    var what: String
    var rows: Int
    var equal: Int
    var worstError: Double
  }

  struct Measurement: Encodable {
    var fit: String
    var point: String
    var measured: Double
    var fitted: Double
    var leftOut: Double?
  }

  init(_ validation: Validation) {
    operations = validation.operations.map(Value.init)
    giveBacks = validation.operationScenarios.flatMap(\.values).map(Value.init)
    policies = validation.policyScenarios.flatMap(\.rows).map { row in
      Policy(
        policy: row.reference.policy.rawValue, application: row.reference.application.rawValue,
        reportedPerformance: row.reference.relativePerformance,
        predictedPerformance: row.relativePerformance,
        reportedSeconds: row.reference.timeToFirstToken, predictedSeconds: row.timeToFirstToken,
        role: row.reference.role.rawValue)
    }
    workloads = validation.workloadScenarios.map { scenario in
      WorkloadPart(
        scenario: scenario.name, device: scenario.device, metric: scenario.metric.rawValue,
        notes: scenario.notes,
        points: scenario.rows.map { row in
          WorkloadPart.Point(
            workload: row.reference.labels, design: row.reference.design,
            reported: row.reference.value, reportedError: row.reference.uncertainty,
            predicted: row.predicted, error: row.error, role: row.reference.role.rawValue)
        },
        speedups: scenario.speedups.map { Speedup($0.compared, place: $0.place) })
    }
    allocations = validation.allocations.map(Value.init)
    interference = validation.interference.map {
      Interference(
        device: $0.reference.device, quantity: $0.reference.quantity.rawValue,
        reported: $0.reference.slowdown, predicted: $0.predicted, most: $0.most,
        role: $0.reference.role.rawValue)
    }
    let comparison = validation.simulators
    zigzagRankCorrelation = comparison.zigzagRankCorrelation
    simulators = comparison.groupsByTool.map { tool, group in
      Simulator(
        simulator: tool, what: group.name, rows: group.rows.count, equal: group.exactCount,
        worstError: group.worst.error)
    }
    measurements = validation.measurements.flatMap { fit in
      fit.points.map {
        Measurement(
          fit: fit.id, point: $0.name, measured: $0.reported, fitted: $0.predicted,
          leftOut: $0.leftOut)
      }
    }
    scenarios = validation.scenarios.map { scenario in
      ScenarioPart(
        scenario: scenario.name, device: scenario.device, notes: scenario.notes,
        points: scenario.points.map { point in
          let reference = point.reference
          return Point(
            model: reference.model, promptTokens: reference.promptTokenCount,
            backgroundBytes: reference.backgroundMemory.bytes, design: reference.design,
            reported: reference.value,
            reportedError: reference.uncertainty, predicted: point.predicted,
            error: point.error, role: reference.role.rawValue)
        },
        speedups: scenario.speedups.map { Speedup($0) },
        extremes: scenario.extremes.map {
          Extreme(
            quantity: $0.stated.quantity.rawValue, from: $0.stated.from, to: $0.stated.to,
            extreme: $0.stated.extreme.rawValue, reported: $0.stated.value,
            predicted: $0.predicted, point: $0.point.id, role: $0.stated.role.rawValue)
        })
    }
  }
}
