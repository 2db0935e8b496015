import Foundation
import Testing

private let scenario = "Scenarios/paper/cold-ttft.yaml"
private let claims = "Scenarios/paper/claims.yaml"

/// The gate as CI runs it: results from one process, the verdict from another.
struct GateTests {
  /// A copy of the shipped claims about some experiments, with their records.
  ///
  /// A gate with all claims takes longer than all experiments but one.
  private func claimFile(
    about experiments: [String], in folder: TemporaryFolder
  ) throws -> String {
    let paper = "\(Program.package)/Scenarios/paper"
    let text = try String(contentsOfFile: "\(paper)/claims.yaml", encoding: .utf8)
    let parts = text.split(separator: "  - id: ")
    let chosen = parts.dropFirst().filter { part in
      experiments.contains { part.contains("\n    experiment: \($0)\n") }
    }
    try folder.write(
      parts[0] + chosen.map { "  - id: \($0)" }.joined(), to: "claims/claims.yaml")
    for experiment in experiments {
      try FileManager.default.copyItem(
        atPath: "\(paper)/\(experiment)-record.csv",
        toPath: "\(folder.path)/claims/\(experiment)-record.csv")
    }
    return "\(folder.path)/claims/claims.yaml"
  }

  /// Runs one of the paper's scenarios with changed values and checks the claims about it.
  private func gate(
    _ settings: [String], experiment: String = "cold-ttft",
    changing change: (text: String, to: String)? = nil
  ) throws -> Program.Outcome {
    let folder = try TemporaryFolder()
    let claims = try claimFile(about: [experiment], in: folder)
    if let change {
      let text = try folder.text(of: "claims/claims.yaml")
      try folder.write(text.replacing(change.text, with: change.to), to: "claims/claims.yaml")
    }
    let run = try Program.run(
      [
        "run", "Scenarios/paper/\(experiment).yaml", "--output",
        "\(folder.path)/\(experiment).h5",
      ] + settings.flatMap { ["--set", $0] })
    #expect(run.code == 0, "\(run.errors)")
    return try Program.run(["check", claims, "--results", folder.path])
  }

  /// Those about mixes, and the headline with them, are left to `make reproduce`: in a debug build their
  /// runs take minutes.
  @Test func claimsHoldForTheModelAsItIs() throws {
    let folder = try TemporaryFolder()
    let experiments = ["cold-ttft", "memory-pressure", "decode", "workflows"]
    let claims = try claimFile(about: experiments, in: folder)
    let run = try Program.run(
      ["run"] + experiments.map { "\(Program.package)/Scenarios/paper/\($0).yaml" },
      in: folder.path)
    #expect(run.code == 0, "\(run.errors)")
    let outcome = try Program.run(["check", claims, "--results", "\(folder.path)/Results"])
    #expect(outcome.code == 0)
    #expect(outcome.output.hasSuffix("PASS: all 12 claims hold\n"))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  /// Each is 15 % slower: a price 1.15 times as high, or a rate divided by 1.15.
  @Test(
    arguments: [
      ["device.storage.readBandwidth=x0.869565217"],
      ["device.crypto.decryptBandwidth=x0.869565217"],
      ["device.memory.pageAllocation.bySize=x1.15", "device.memory.pageAllocation.byLoad=x1.15"],
      [
        "device.memory.contiguousAllocation.bySize=x1.15",
        "device.memory.contiguousAllocation.byLoad=x1.15",
      ],
      ["device.npu.mapPerPage=x1.15", "device.npu.protectedMapPerPage=x1.15"],
      [
        "device.npu.clock=x0.869565217", "device.npu.streamBandwidth=x0.869565217",
        "device.npu.taskLaunch=x1.15",
      ],
      [
        "device.cpu.cachedMacRate=x0.869565217", "device.cpu.streamingMacRate=x0.869565217",
        "device.cpu.hostElementRate=x0.869565217",
      ],
    ])
  func aPartThatIsSlowerBreaksTheRecord(settings: [String]) throws {
    try expectBroken("cold-points", try gate(settings))
  }

  @Test(
    arguments: [
      ["device.memory.pageAllocation.bySize=x1.15", "device.memory.pageAllocation.byLoad=x1.15"],
      [
        "device.memory.contiguousAllocation.bySize=x1.15",
        "device.memory.contiguousAllocation.byLoad=x1.15",
      ],
      ["device.memory.processMapPerPage=x1.15"], ["device.stage2.unmapPerPage=x1.15"],
    ])
  func memoryThatIsSlowerBreaksTheRecordOverLoads(settings: [String]) throws {
    try expectBroken("pressure-points", try gate(settings, experiment: "memory-pressure"))
  }

  @Test(
    arguments: [
      ["device.npu.streamBandwidth=x0.869565217"], ["device.npu.taskLaunch=x1.15"],
      ["device.cpu.weightStreamBandwidth=x0.869565217"], ["device.cpu.productStart=x1.15"],
    ])
  func decodingThatIsSlowerBreaksItsRecord(settings: [String]) throws {
    try expectBroken("decode-points", try gate(settings, experiment: "decode"))
  }

  private func expectBroken(_ claim: String, _ outcome: Program.Outcome) throws {
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("\(claim): fail"))
    #expect(outcome.output.contains("recorded "))
    #expect(outcome.output.contains("FAIL: "))
  }

  @Test func aBrokenClaimSaysWhyItWasMade() throws {
    let outcome = try gate([], changing: ("target: 7.15", to: "target: 71.5"))
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("/claims.yaml:3: cold-mean-over-strawman: fail"))
    #expect(outcome.output.contains("why it is claimed: digitised points carry 1 to 5 %"))
    #expect(outcome.output.hasSuffix("FAIL: 1 of 4 claims are broken\n"))
  }

  @Test func theVerdictsComeAsJSONAndAsJUnit() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run([
      "run", scenario, "--set", "device.storage.readBandwidth=x0.5", "--output",
      "\(folder.path)/cold-ttft.h5",
    ])
    #expect(run.code == 0)
    let claims = try claimFile(about: ["cold-ttft"], in: folder)
    let check = try Program.run([
      "check", claims, "--results", folder.path, "--json", "--junit", "\(folder.path)/junit.xml",
    ])
    #expect(check.code == 1)
    let verdicts = try #require(
      JSONSerialization.jsonObject(with: Data(check.output.utf8)) as? [[String: Any]])
    #expect(verdicts.count == 4)
    #expect(verdicts[3]["verdict"] as? String == "fail")
    #expect((verdicts[3]["findings"] as? [String])?.count ?? 0 > 1)
    let xml = try folder.text(of: "junit.xml")
    #expect(xml.contains(#"<testsuite name="\#(claims)" tests="4""#))
    #expect(xml.contains(#"<testcase classname="cold-ttft" name="cold-points">"#))
    #expect(try xmlIsWellFormed("\(folder.path)/junit.xml"))
  }

  @Test func aResultThatLacksWhatAClaimNeedsIsWrongData() throws {
    let outcome = try gateWithout("strawman")
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains("cold-ttft.h5: it has flexserve at llama-3.2-3b, 64"))
    #expect(outcome.errors.contains("and not strawman"))
  }

  private func gateWithout(_ design: String) throws -> Program.Outcome {
    let designs = ["nw-base", "strawman", "strawman-opt", "flexserve"].filter { $0 != design }
    return try gate(["designs=\(designs.joined(separator: ","))"])
  }

  @Test func aRecordIsMadeAnewOnDemand() throws {
    let folder = try TemporaryFolder()
    let text = """
      claims:
        - id: points
          metric: time_to_first_token
          experiment: cold-ttft
          kind: exact
          record: record.csv
          why: "a test"
          source: "a test"
      """
    try folder.write(text, to: "claims.yaml")
    let file = "\(folder.path)/claims.yaml"
    let run = try Program.run([
      "run", scenario, "--set", "models=llama-3.2-1b", "--output", "\(folder.path)/cold-ttft.h5",
    ])
    #expect(run.code == 0)
    let missing = try Program.run(["check", file, "--results", folder.path])
    #expect(missing.code == 66)
    #expect(missing.errors == "flexbench: \(folder.path)/record.csv: no such file\n")
    let recording = try Program.run(["check", "--record", file, "--results", folder.path])
    #expect(recording.code == 0)
    #expect(recording.output == "\(folder.path)/record.csv\n")
    let record = try folder.text(of: "record.csv")
    #expect(record.hasPrefix("# A regression record of time_to_first_token in cold-ttft"))
    #expect(record.split(separator: "\n").count == 3 + 16)
    #expect(try Program.run(["check", file, "--results", folder.path]).code == 0)

    // One digit of one value.
    let lines = record.split(separator: "\n", omittingEmptySubsequences: false)
    let changed = lines.enumerated().map { $0 == 3 ? "\($1)0" : String($1) }
    try folder.write(changed.joined(separator: "\n"), to: "record.csv")
    #expect(try Program.run(["check", file, "--results", folder.path]).code == 1)
  }

  /// Python's parser, where there is one; the text was looked at above in any case.
  private func xmlIsWellFormed(_ path: String) throws -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c", "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])", path,
    ]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0 || process.terminationStatus == 127
  }
}
