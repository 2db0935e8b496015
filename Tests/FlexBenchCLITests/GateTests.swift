import Foundation
import Testing

private let scenario = "Scenarios/paper/cold-ttft.yaml"
private let claims = "Scenarios/paper/claims.yaml"

/// The gate as CI runs it: results from one process, the verdict from another.
struct GateTests {
  /// Runs the paper's scenario with changed values and checks the claims.
  private func gate(_ settings: [String], claims: String = claims) throws -> Program.Outcome {
    let folder = try TemporaryFolder()
    let run = try Program.run(
      ["run", scenario, "--output", "\(folder.path)/cold-ttft.h5"]
        + settings.flatMap { ["--set", $0] })
    #expect(run.code == 0, "\(run.errors)")
    return try Program.run(["check", claims, "--results", folder.path])
  }

  @Test func allClaimsHoldForTheModelAsItIs() throws {
    let outcome = try gate([])
    #expect(outcome.code == 0)
    #expect(outcome.output.hasSuffix("PASS: all 4 claims hold\n"))
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
    let outcome = try gate(settings)
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("cold-points: fail"))
    #expect(outcome.output.contains("recorded "))
    #expect(outcome.output.contains("FAIL: "))
  }

  @Test func aBrokenClaimSaysWhyItWasMade() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: "\(Program.package)/\(claims)", encoding: .utf8)
      .replacing("target: 7.15", with: "target: 71.5")
    try folder.write(text, to: "claims.yaml")
    try FileManager.default.copyItem(
      atPath: "\(Program.package)/Scenarios/paper/cold-ttft-record.csv",
      toPath: "\(folder.path)/cold-ttft-record.csv")
    let outcome = try gate([], claims: "\(folder.path)/claims.yaml")
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
    #expect(xml.contains(#"<testsuite name="Scenarios/paper/claims.yaml" tests="4""#))
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
