import ArgumentParser
import Experiments
import ScenarioFiles
import Statistics

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "The gate: check claims against results.",
    usage: "flexbench check <claims> [options]",
    discussion: """
      Exit code 0 when all claims hold, 1 when one is broken, 3 when one needs more replications \
      and none is broken, 65 when a claim or result file is wrong, 66 when one is missing.

      Kinds of claims: equivalence (the estimate lies within a margin of the target), atLeast (it \
      reaches the target), exact (it, or every point of a record, is unchanged to 1e-9).
      """)

  @Argument(help: ArgumentHelp("File of claims.", valueName: "claims"))
  var claims: String

  @Option(
    help: ArgumentHelp("Folder with the experiments' result files.", valueName: "folder"))
  var results = "Results"

  @Option(
    help: ArgumentHelp("Also write the verdicts as JUnit XML.", valueName: "file"))
  var junit: String?

  @Flag(help: "Write the records of exact claims anew from the results; check nothing.")
  var record = false

  @OptionGroup var format: FormatOptions

  func run() async throws {
    let file = try ClaimFile(
      text: try ScenarioLibrary.read(claims), file: claims,
      estimators: Estimator.allCases.map(\.rawValue), metrics: Metric.allCases.map(\.rawValue),
      designs: FlexBench.catalog.names)
    let gate = ClaimGate(file, resultsFolder: results)
    if record {
      for (path, text) in try gate.records() {
        try writeFile(text, to: path)
        print(path)
      }
      return
    }
    let (outcomes, notes) = try gate.check()
    for note in notes { printError(wrapped("note: \(note)", indent: "      ")) }
    if let junit { try writeFile(junitReport(outcomes, file: claims), to: junit) }
    if format.json {
      try printJSON(outcomes.map(OutcomeSummary.init))
    } else {
      printText(outcomes)
    }
    if outcomes.contains(where: { $0.verdict == .fail }) { throw Exit.failed }
    if outcomes.contains(where: { $0.verdict == .inconclusive }) { throw Exit.inconclusive }
  }

  private func printText(_ outcomes: [ClaimOutcome]) {
    var table = TextTable([
      ("claim", .left), ("estimate", .right), ("geomean", .right), ("wanted", .left),
      ("verdict", .left),
    ])
    for outcome in outcomes {
      table.add([
        outcome.claim.id, outcome.estimate.map { fixed($0.mean, 3) } ?? "-",
        outcome.geometricMean.map { fixed($0, 3) } ?? "-", outcome.claim.wanted,
        outcome.verdict.rawValue,
      ])
    }
    print(table.text)
    for outcome in outcomes where outcome.verdict != .pass {
      print()
      print("\(claims):\(outcome.claim.line): \(outcome.claim.id): \(outcome.verdict.rawValue)")
      print(wrapped("  why it is claimed: \(outcome.claim.why)", indent: "  "))
      print(wrapped("  source: \(outcome.claim.source)", indent: "  "))
      for finding in outcome.findings.prefix(Self.shownFindings) { print("  \(finding)") }
      if outcome.findings.count > Self.shownFindings {
        print("  and \(outcome.findings.count - Self.shownFindings) more")
      }
    }
    let broken = outcomes.filter { $0.verdict == .fail }.count
    let open = outcomes.filter { $0.verdict == .inconclusive }.count
    print()
    print(
      broken > 0
        ? "FAIL: \(broken) of \(outcomes.count) claims are broken"
        : open > 0
          ? "INCONCLUSIVE: \(open) of \(outcomes.count) claims need more replications"
          : "PASS: all \(outcomes.count) claims hold")
  }

  private static let shownFindings = 8
}

extension Claim {
  /// What the estimate must be, in short.
  fileprivate var wanted: String {
    switch kind {
    case .equivalence: "\(fixed(target ?? 0, 2)) ±\(fixed((margin ?? 0) * 100, 1)) %"
    case .atLeast: "at least \(fixed(target ?? 0, 2))"
    case .exact: record == nil ? "\(target ?? 0)" : "as recorded"
    }
  }
}

/// An outcome as JSON.
private struct OutcomeSummary: Encodable {
  var id: String
  var kind: String
  /// Several with commas between them.
  var experiment: String
  var metric: String
  var estimator: String?
  var estimate: Double?
  /// The ends of the 90 % interval over seeds; none where all seeds give one value.
  var low: Double?
  var high: Double?
  var geometricMean: Double?
  var target: Double?
  var margin: Double?
  var settings: Int
  var verdict: String
  var findings: [String]

  init(_ outcome: ClaimOutcome) {
    let claim = outcome.claim
    id = claim.id
    kind = claim.kind.rawValue
    experiment = claim.parts.map(\.experiment).joined(separator: ",")
    metric = claim.parts.map(\.metric).joined(separator: ",")
    estimator = claim.estimator
    estimate = outcome.estimate?.mean
    if let interval = outcome.estimate, interval.method == .studentT {
      low = interval.low
      high = interval.high
    }
    geometricMean = outcome.geometricMean
    target = claim.target
    margin = claim.margin
    settings = outcome.settingCount
    verdict = outcome.verdict.rawValue
    findings = outcome.findings
  }
}
