import ArgumentParser
import ConfigurationReader
import ScenarioFiles
import ScheduleVerifier

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check certificates of runs against the rules of isolation and schedules.",
    usage: "flexbench verify <file> ... [options]",
    discussion: """
      Reads what a run left of its memory and its schedule, and judges it without the simulator. \
      Exit code 0 when all rules hold, 4 when one is broken, 65 when a file is no certificate, 66 \
      when one is missing.
      """)

  @Argument(help: ArgumentHelp("Certificates.", valueName: "file"))
  var files: [String]

  @OptionGroup var format: FormatOptions

  private static let shownViolations = 20

  func run() throws {
    let judgements = try files.map { path in
      let text = try ScenarioLibrary.read(path)
      try FileText.check(text, file: path)
      return Judgement(try Certificate(text: text, file: path), shown: Self.shownViolations)
    }
    if format.json {
      try printJSON(judgements)
    } else {
      printText(judgements)
    }
    if judgements.contains(where: { $0.violationCount > 0 }) { throw Exit.isolationViolated }
  }

  private func printText(_ judgements: [Judgement]) {
    for judgement in judgements {
      print(wrapped("\(judgement.file): \(judgement.point)", indent: "  "))
      print(
        "  \(count(judgement.operations, "operation")), "
          + "\(count(judgement.memoryEvents, "memory event")), "
          + "\(count(judgement.results, "result")): "
          + (judgement.violationCount == 0
            ? "no violation" : count(judgement.violationCount, "violation")))
      for violation in judgement.violations { print(wrapped(violation.text, indent: "  ")) }
      let more = judgement.violationCount - judgement.violations.count
      if more > 0 { print("and \(more) more") }
    }
    let broken = judgements.filter { $0.violationCount > 0 }.count
    print()
    print(
      broken > 0
        ? "FAIL: \(broken) of \(count(judgements.count, "run")) \(broken == 1 ? "breaks" : "break")"
          + " a rule"
        : "PASS: \(count(judgements.count, "run")), all rules hold")
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

/// What `verify` says of one file.
private struct Judgement: Encodable {
  struct Violation: Encodable {
    struct Operation: Encodable {
      var index: Int
      var kind: String
      /// Picoseconds; none if it never ran.
      var start: Int64?
      var end: Int64?
    }

    var rule: String
    var line: Int
    var operation: Operation?
    /// The first range of pages, with the page after its last, and how many pages there are in all.
    var firstPage: Int64?
    var endPage: Int64?
    var pageCount: Int64
    var parties: [String]
    var reason: String
    var text: String
  }

  var file: String
  var point: String
  var operations: Int
  var memoryEvents: Int
  var results: Int
  var violationCount: Int
  /// The first of them.
  var violations: [Violation]

  init(_ certificate: Certificate, shown: Int) {
    file = certificate.file
    point = certificate.point
    operations = certificate.operationCount
    memoryEvents = certificate.memoryEventCount
    results = certificate.resultCount
    let all = certificate.violations()
    violationCount = all.count
    violations = all.prefix(shown).map { violation in
      Violation(
        rule: violation.rule.rawValue, line: violation.line,
        operation: violation.operation.map {
          Violation.Operation(
            index: $0.index, kind: $0.kind, start: $0.start?.picoseconds, end: $0.end?.picoseconds)
        },
        firstPage: violation.pages?.lowerBound, endPage: violation.pages?.upperBound,
        pageCount: violation.pageCount, parties: [violation.party, violation.otherParty],
        reason: violation.reason, text: violation.description)
    }
  }
}
