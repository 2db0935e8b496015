import ArgumentParser
import Experiments
import FoundationEssentials
import ResultFiles
import ScenarioFiles
import ServingDesigns

/// Points that could not be run, or broke a rule.
struct PointFailures: Error, CustomStringConvertible {
  var failures: [PointFailure]
  var total: Int

  /// How many of them are told.
  private static let shown = 10

  var description: String {
    let what =
      failures.contains { $0.violation != nil } ? "break a rule of isolation" : "cannot be run"
    let lines = failures.prefix(Self.shown).map { wrapped("  \($0)", indent: "    ") }
    let more =
      failures.count > Self.shown ? ["  and \(failures.count - Self.shown) more"] : []
    return
      (["\(failures.count) of \(total) points \(what); no results were written"] + lines + more)
      .joined(separator: "\n")
  }
}

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run every point of a scenario and write the results.",
    usage: "flexbench run <scenario> ... [--set <key=value,...> ...] [options]",
    discussion: """
      Lists in a scenario are axes, and every combination of their values is a point. --set \
      replaces an axis or changes any value of the device, the models or the designs:

        --set designs=flexserve                  one design
        --set promptTokens=64,128                an axis of two
        --set "device.npu.modeSwitch=0.1 ms"     a value of the device profile
        --set device.storage.readBandwidth=x0.5  a multiple of the profile's value
        --set model.layers=16                    of all models (model.NAME.KEY: one)
        --set design.blockWindow=1,2,4           of every design that has it

      `flexbench describe NAME` lists the keys of a device, a model or a design.
      """)

  @Argument(
    help: ArgumentHelp(
      "Scenario files, or names that `flexbench list scenarios` shows.", valueName: "scenario"))
  var scenarios: [String]

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Replace a value; a list is an axis.", valueName: "key=value,..."),
    transform: settingAxis)
  var overrides: [SettingAxis] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The result file. Default: Results/NAME.h5.", valueName: "file"))
  var output: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Points that run at once; changes nothing but the time. Default: the machine's cores.",
      valueName: "number"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Write a certificate of every run into this folder, for `flexbench verify`.",
      valueName: "folder"))
  var certificate: String?

  @Option(
    help: ArgumentHelp(
      "Break a rule of isolation once, to see it found; `flexbench list sabotages` names the ways.",
      valueName: "way"))
  var sabotage: Sabotage?

  @Flag(help: "Say what the runs, and checking their isolation, cost in processor time.")
  var cost = false

  @Flag(help: "Print the points and run nothing.")
  var dryRun = false

  @OptionGroup var libraryOptions: LibraryOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if output != nil, scenarios.count > 1 {
      throw ValidationError("--output names one file; \(scenarios.count) scenarios are given.")
    }
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1, found \(jobs).") }
  }

  func run() async throws {
    // All are read before the first one runs: a mistake in the last costs no waiting.
    let resolved = try scenarios.map { argument in
      let (library, path) = try libraryOptions.scenario(argument)
      return try ResolvedScenario(
        try library.scenario(path), library: library, overrides: overrides)
    }
    let names = resolved.map(\.scenario.name)
    if let name = names.enumerated().first(where: { names[..<$0.offset].contains($0.element) }) {
      throw UsageError(
        description: "two of the scenarios are called \(name.element); one result file would"
          + " replace the other")
    }
    let pointNames = try resolved.map { try $0.pointNames() }
    if dryRun {
      for name in pointNames.joined() { print(name) }
      return
    }
    try checkExaminations(resolved)
    var summaries: [Summary] = []
    for scenario in resolved {
      switch scenario.scenario.subject {
      case .requests: summaries.append(try await run(scenario, try scenario.points()))
      case .operations: summaries.append(try runOperations(scenario))
      case .policies: summaries.append(try await runPolicies(scenario))
      case .mix, .workflows, .trace: summaries.append(try await runWorkloads(scenario))
      case .sections(let names): summaries.append(try runSections(scenario, names))
      }
    }
    if format.json { try printJSON(summaries) }
  }

  struct Summary: Encodable {
    var scenario: String
    var file: String
    var points: Int
    var events: Int
  }

  private func run(
    _ resolved: ResolvedScenario, _ points: [ExperimentPoint]
  ) async throws -> Summary {
    let name = resolved.scenario.name
    let records = try await examined(points, of: name)
    let file = output ?? "Results/\(name).h5"
    try ResultFile(records, of: resolved).write(to: file)
    return summarise(
      resolved, file: file, points: records.count,
      events: records.reduce(0) { $0 + $1.eventCount })
  }

  /// Runs points, and writes and says what is wanted beside the results.
  /// - Throws: `PointFailures` with all that failed.
  func examined<Point: SessionPoint>(
    _ points: [Point], of scenario: String
  ) async throws -> [Point.Record] {
    let progress = Progress(scenario, total: points.count)
    let runs = await runAllPoints(
      points, examination: Examination(sabotage: sabotage, wantsCertificate: certificate != nil),
      designs: FlexBench.catalog,
      jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, progress: progress.show)
    if let certificate {
      for (point, run) in zip(points, runs) {
        guard let text = run.certificate else { continue }
        let name = Self.fileName("\(scenario)/\(point.id)")
        try writeFile(text, to: "\(certificate)/\(name).certificate")
      }
    }
    if cost {
      let all = runs.reduce(0) { $0 + $1.processorTime.all }
      let checking = runs.reduce(0) { $0 + $1.processorTime.checking }
      printError(
        "\(scenario): \(fixed(all, 3)) s of processor time,"
          + " \(percent(checking / max(all, 1e-9))) of it for checking isolation")
    }
    if let sabotage, !runs.contains(where: \.isSabotaged) {
      throw UsageError(
        description:
          "--sabotage: no design of \(scenario) has anything that \(sabotage.rawValue) breaks")
    }
    return try complete(runs.map(\.result))
  }

  /// The name of a point as a file's.
  private static func fileName(_ point: String) -> String {
    String(point.map { $0 == "/" || $0 == " " ? "_" : $0 })
  }

  /// Says what was written, and what the scenario leaves open.
  func summarise(
    _ resolved: ResolvedScenario, file: String, points: Int, events: Int, found: [String] = []
  ) -> Summary {
    if !format.json {
      print("\(file): \(points) points, \(events) events")
      for note in resolved.scenario.notes + found {
        printError(wrapped("note: \(note)", indent: "      "))
      }
    }
    return Summary(scenario: resolved.scenario.name, file: file, points: points, events: events)
  }
}

/// Reads `key=value` or `key=value,value`.
private func settingAxis(_ argument: String) throws -> SettingAxis {
  let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
  let texts =
    parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
  guard let key = parts.first, !key.isEmpty, !texts.isEmpty, texts.allSatisfy({ !$0.isEmpty })
  else {
    throw ValidationError("expected key=value or key=value,value, found \"\(argument)\"")
  }
  return SettingAxis(key: String(key), texts: texts.map(String.init), origin: .commandLine)
}

extension Sabotage: ExpressibleByArgument {}
