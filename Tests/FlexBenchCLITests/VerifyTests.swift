import Foundation
import Testing

/// A run of one operation in a region, as its certificate has it.
private let right = """
  flexbench-certificate 1
  point tiny/regional
  device 4096 1024 2 16
  npu protected
  unit 0 cpu 1
  operation 0 serve 0 100 - -
  piece 0 0 100
  memory 0 0 take 0+64 secret
  memory 0 0 load 0+64 ciphertext
  memory 10 0 region 0 0 64
  memory 11 0 hide 0+64 region
  memory 20 0 plaintext 0+64 decryption
  memory 80 0 clean 0+64 zeroed
  memory 90 0 region 0 0 0
  memory 91 0 show 0+64
  memory 100 0 give 0+64
  arrival 0
  result time_to_first_token 100 0
  end 18

  """.replacing(" ", with: "\t")

struct VerifyTests {
  @Test func aRightCertificatePasses() throws {
    let folder = try TemporaryFolder()
    try folder.write(right, to: "right.cert")
    let outcome = try Program.run(["verify", "right.cert"], in: folder.path)
    #expect(outcome.code == 0)
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        right.cert: tiny/regional
          1 operation, 9 memory events, 1 result: no violation

        PASS: 1 run, all rules hold

        """)
  }

  @Test func aBrokenRuleIsNamedWithItsPlaceAndParties() throws {
    let folder = try TemporaryFolder()
    try folder.write(right, to: "right.cert")
    try folder.write(
      right.replacing("clean\t0+64", with: "clean\t0+60"), to: "wrong.cert")
    let outcome = try Program.run(["verify", "right.cert", "wrong.cert"], in: folder.path)
    #expect(outcome.code == 4)
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        right.cert: tiny/regional
          1 operation, 9 memory events, 1 result: no violation
        wrong.cert: tiny/regional
          1 operation, 9 memory events, 1 result: 3 violations
        wrong.cert:14: dirty-return: operation 0 (serve) from 0 s to 100 ps, pages 60 to
          63, serving's secret and the normal world's CPU: plaintext in pages that a
          region gives up
        wrong.cert:15: dirty-return: operation 0 (serve) from 0 s to 100 ps, pages 60 to
          63, serving's secret and the normal world's CPU: pages are shown that are
          neither zeroed nor encrypted
        wrong.cert:16: dirty-return: operation 0 (serve) from 0 s to 100 ps, pages 60 to
          63, serving's secret and the operating system: pages are given that are
          neither zeroed nor encrypted

        FAIL: 1 of 2 runs breaks a rule

        """)
  }

  @Test func theFirstTwentyViolationsAreShownAndTheOthersCounted() throws {
    let folder = try TemporaryFolder()
    let attempts = String(repeating: "memory\t100\t-\tattempt\t7\tdma\tfault\n", count: 30)
    try folder.write(
      right.replacing("arrival", with: attempts + "arrival")
        .replacing("end\t18", with: "end\t48"), to: "wrong.cert")
    let outcome = try Program.run(["verify", "wrong.cert"], in: folder.path)
    #expect(outcome.code == 4)
    #expect(outcome.output.contains("1 result: 30 violations\n"))
    #expect(outcome.output.components(separatedBy: ": attempt-outcome: page 7,").count - 1 == 20)
    #expect(outcome.output.contains("\nand 10 more\n"))
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func violationsComeAsOneJSONDocument() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      right.replacing("region\t0\t0\t64", with: "region\t0\t0\t63"), to: "wrong.cert")
    let outcome = try Program.run(["verify", "--json", "wrong.cert"], in: folder.path)
    #expect(outcome.code == 4)
    let files = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(files.count == 1)
    #expect(files[0]["violationCount"] as? Int == 2)
    let violations = try #require(files[0]["violations"] as? [[String: Any]])
    #expect(violations.map { $0["rule"] as? String } == ["region-limits", "region-limits"])
    #expect(violations.map { $0["line"] as? Int } == [10, 11])
    #expect(violations.map { $0["firstPage"] as? Int } == [0, 63])
    #expect(violations.map { $0["endPage"] as? Int } == [63, 64])
    #expect(
      violations.map { $0["parties"] as? [String] } == [
        ["region 0", "the region controller"], ["serving", "the region controller"],
      ])
    #expect((violations[0]["operation"] as? [String: Any])?["end"] as? Int == 100)
  }

  @Test(
    arguments: [
      (
        right.replacing("0+64\tsecret", with: "0+x\tsecret"),
        "8:19: page count: expected a whole number, such as \"128\", found \"x\" (the number is"
          + " missing)"
      ),
      (String(right.dropLast()), "19:7: expected a line feed, found the end of the file"),
      (
        right.replacing("tiny", with: "t\u{85}ny"),
        "2:8: expected text, found the control character U+0085"
      ),
      ("runs: 1\n", "1:1: expected flexbench-certificate, found \"runs: 1\""),
    ])
  func whatIsNoCertificateIsRefusedWithItsPlace(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(right, to: "right.cert")
    try folder.write(text, to: "wrong.cert")
    let outcome = try Program.run(["verify", "right.cert", "wrong.cert"], in: folder.path)
    #expect(outcome.code == 65)
    #expect(outcome.output == "")
    #expect(outcome.errors == "wrong.cert:\(message)\n")
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let folder = try TemporaryFolder()
    try Data([0x66, 0xFF, 0x0A]).write(to: URL(filePath: "\(folder.path)/wrong.cert"))
    let outcome = try Program.run(["verify", "wrong.cert"], in: folder.path)
    #expect(outcome.code == 65)
    #expect(outcome.errors == "wrong.cert:1:2: expected UTF-8 text, found the byte 0xFF\n")
  }
}
