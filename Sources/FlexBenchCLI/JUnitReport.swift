import Experiments
import Statistics

/// Claims as JUnit XML, which CI systems show: a test case a claim.
func junitReport(_ outcomes: [ClaimOutcome], file: String) -> String {
  let failures = outcomes.filter { $0.verdict == .fail }.count
  let skipped = outcomes.filter { $0.verdict == .inconclusive }.count
  var lines = [
    #"<?xml version="1.0" encoding="UTF-8"?>"#,
    "<testsuite name=\"\(escaped(file))\" tests=\"\(outcomes.count)\" failures=\"\(failures)\""
      + " skipped=\"\(skipped)\">",
  ]
  for outcome in outcomes {
    let name = escaped(outcome.claim.id)
    let experiment = escaped(outcome.claim.parts.map(\.experiment).joined(separator: "+"))
    let open = "  <testcase classname=\"\(experiment)\" name=\"\(name)\""
    switch outcome.verdict {
    case .pass: lines.append(open + "/>")
    case .inconclusive:
      lines += [open + ">", "    <skipped message=\"inconclusive\"/>", "  </testcase>"]
    case .fail:
      let found =
        outcome.estimate.map { "estimate \($0.mean)" }
        ?? "\(outcome.findings.count) points differ from the record"
      lines += [
        open + ">",
        "    <failure message=\"\(escaped(found))\">"
          + escaped(([outcome.claim.why] + outcome.findings).joined(separator: "\n"))
          + "</failure>",
        "  </testcase>",
      ]
    }
  }
  return (lines + ["</testsuite>"]).joined(separator: "\n") + "\n"
}

private func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
