import Foundation
import Testing

/// Scenarios of operations and of policies, as a user runs them.
@Suite struct SubjectCommandTests {
  private func run(_ name: String, _ arguments: [String], to path: String) throws {
    let outcome = try Program.run(
      ["run", "Scenarios/paper/\(name).yaml", "--output", path] + arguments)
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  /// A small model: the rest of the scenario as it is.
  private static let small = ["--set", "models=qwen2.5-0.5b"]

  @Test(arguments: [("reclaim", []), ("normal-world", small)])
  func twoProcessesWriteTheSameBytes(name: String, arguments: [String]) throws {
    let folder = try TemporaryFolder()
    for jobs in ["1", "2"] {
      try run(name, arguments + ["--jobs", jobs], to: "\(folder.path)/\(jobs).h5")
    }
    let files = try ["1", "2"].map {
      try Data(contentsOf: URL(filePath: "\(folder.path)/\($0).h5"))
    }
    #expect(files[0] == files[1])
  }

  @Test func aReportShowsPredictedBesideReported() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/reclaim.h5"
    try run("reclaim", [], to: path)
    let report = try Program.run(["report", path])
    #expect(report.code == 0)
    #expect(
      report.output.contains("recall 8 GiB                      157.69         157.69  +0.0 %"))
    #expect(report.output.contains("target: 3 points, mean |e| 6.2 %"))
    for format in ["json", "csv", "markdown"] {
      #expect(try Program.run(["report", path, "--format", format]).code == 0)
    }
    let refused = try Program.run(["report", path, "--breakdown"])
    #expect(refused.code == 64)
    #expect(refused.errors == "flexbench: --breakdown: \(path) is not about single requests\n")
  }

  /// What was reported is about another model.
  @Test func anotherModelIsComparedWithNothing() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/normal-world.h5"
    try run("normal-world", Self.small + ["--set", "policies=flexserve"], to: path)
    let report = try Program.run(["report", path])
    #expect(report.output.contains("sysbench           -   97.5     -"))
    #expect(!report.output.contains("target"))
  }

  @Test func thePointsAreNamed() throws {
    let outcome = try Program.run(["run", "reclaim", "normal-world", "--dry-run"])
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 6 + 32)
    #expect(lines.first == "recall 8 GiB/8 GiB")
    #expect(lines.last == "llama-3.1-8b/128+1/app-startup/flexserve")
  }

  @Test(arguments: [["--sabotage", "skip-zeroing"], ["--certificate", "folder"], ["--cost"]])
  func whatFollowsARunNeedsRequestsOrWorkloads(arguments: [String]) throws {
    let outcome = try Program.run(["run", "reclaim"] + arguments)
    #expect(outcome.code == 64)
    #expect(
      outcome.errors
        == "flexbench: \(arguments[0]): expected scenarios whose points are requests or workloads, found"
        + " reclaim\n")
  }
}
