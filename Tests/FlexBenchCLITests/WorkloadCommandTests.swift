import Foundation
import Testing

/// Scenarios of workloads, as a user runs them.
@Suite struct WorkloadCommandTests {
  private static let small = [
    "--set", "requestCount=4", "--set", "warmUp=1", "--set", "modelGroups=small", "--set",
    "datasets=questions",
  ]

  private func run(_ arguments: [String], to path: String) throws {
    let outcome = try Program.run(["run"] + arguments + ["--output", path])
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test(arguments: [["assistants"] + small, ["morning"]])
  func twoProcessesWriteTheSameBytes(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    for jobs in ["1", "2"] {
      try run(arguments + ["--jobs", jobs], to: "\(folder.path)/\(jobs).h5")
    }
    let files = try ["1", "2"].map {
      try Data(contentsOf: URL(filePath: "\(folder.path)/\($0).h5"))
    }
    #expect(files[0] == files[1])
  }

  @Test func aReportOfAMixShowsWhatRequestsWaitFor() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/mix.h5"
    try run(["assistants"] + Self.small, to: path)
    let report = try Program.run(["report", path, "--requests"])
    #expect(report.code == 0, "\(report.errors)")
    #expect(report.output.contains("speed-up of flexserve over"))
    #expect(report.output.contains("p50"))
    #expect(report.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let plain = try Program.run(["report", path, "--format", "csv", "--requests"])
    #expect(plain.code == 64)
  }

  /// A row a request, in the order of the file.
  @Test func aTraceHasARowARequest() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/morning.h5"
    try run(["morning", "--set", "designs=strawman-opt"], to: path)
    let report = try Program.run(["report", path, "--format", "csv"])
    let lines = report.output.split(separator: "\n")
    #expect(lines.first == "model,prompt_tokens,output_tokens,request,strawman-opt")
    #expect(lines.count == 7)
    #expect(lines[1].hasPrefix("llama-3.2-3b,160,32,1,"))
    let refused = try Program.run(["report", path, "--requests"])
    #expect(refused.code == 64)
    #expect(
      refused.errors == "flexbench: --requests: \(path) is not about mixes of requests\n")
  }

  @Test(
    arguments: [
      (
        ["infer", "cold-ttft"], "flexbench: cold-ttft: expected a scenario of mixes or of workflows"
      ),
      (
        ["infer", "assistants"], "flexbench: assistants: expected a reference with rows of strawman"
      ),
      (["infer", "workflows", "--sample", "0"], "Error: --sample must be 1 to 10000, found 0."),
      (["infer", "multi-model", "--jobs", "0"], "Error: --jobs must be at least 1, found 0."),
      (
        ["validate", "--skip", "multi-mdel"],
        "flexbench: --skip: no scenario is called \"multi-mdel\"; did you mean \"multi-model\"?"
      ),
    ])
  func whatCannotBeInferredIsRefused(arguments: [String], message: String) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 64)
    #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
  }

  @Test(
    arguments: [
      ("requestCount=0", "requestCount=0: expected a whole number from 1 to 1000000"),
      ("requestCount=3,4", "requestCount=3,4: expected a whole number from 1 to 1000000"),
      (
        "modelGroups=smal",
        "modelGroups=smal: expected one of small, mixed, found \"smal\"; did you mean \"small\"?"
      ),
      ("models=qwen3-0.6b", "models=qwen3-0.6b: expected a key of the scenario"),
    ])
  func aWrongSettingOfAMixIsRefused(setting: String, message: String) throws {
    let outcome = try Program.run(["run", "assistants", "--dry-run", "--set", setting])
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  /// A traces's file is part of the scenario: where it lacks, nothing is run.
  @Test func aTraceThatIsNotThereIsMissed() throws {
    let folder = try TemporaryFolder()
    let text = try String(
      contentsOfFile: "\(Program.package)/Scenarios/workloads/morning.yaml", encoding: .utf8)
    try folder.write(text.replacing("morning.csv", with: "evening.csv"), to: "morning.yaml")
    let outcome = try Program.run([
      "run", "\(folder.path)/morning.yaml", "--library", "Scenarios",
    ])
    #expect(outcome.code == 66)
    #expect(outcome.errors == "flexbench: \(folder.path)/evening.csv: no such file\n")
  }
}
