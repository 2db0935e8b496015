import Testing

@testable import ScheduleVerifier

/// What is refused, with the line that takes the place of a right one, and its message.
private let refused: [(line: String, others: String, message: String)] = [
  // Records
  (
    "flexbench-certificate 1", "flexbench-certificat 1",
    "1:1: expected flexbench-certificate, found \"flexbench-certificat\"; did you mean"
      + " \"flexbench-certificate\"?"
  ),
  ("flexbench-certificate 1", "flexbench-certificate 2", "1:23: version: expected 1, found 2"),
  ("point tiny/regional", "", "2:1: expected point, found \"device\""),
  ("point tiny/regional", "point ", "2:7: name: expected a text, found none"),
  ("point tiny/regional", "point a b", "2:1: expected point <name>, found 2 values"),
  (
    "npu protected", "npu secure",
    "4:5: mode: expected one of normal, protected, found \"secure\""
  ),
  (
    "arrival 0", "",
    "28:1: expected one of memory, arrival, found \"result\""
  ),
  (
    "piece 0 0 100", "unit 1 npu 1",
    "7:1: expected one of operation, piece, memory, arrival, found \"unit\""
  ),
  (
    "result time_to_first_token 100 0", "+npu normal",
    "30:1: expected one of result, arrival, end, found \"npu\""
  ),
  // Devices and units
  (
    "device 4096 1024 2 16", "device 4096 1024 2",
    "3:1: expected device <page bytes> <pages> <region limit> <region granule>, found 3 values"
  ),
  ("device 4096 1024 2 16", "device 4096 0 2 16", "3:13: pages: expected a number from 1, found 0"),
  (
    "device 4096 1024 2 16", "device 4096 1024 -2 16",
    "3:18: region limit: expected a number from 0, found -2"
  ),
  (
    "device 4096 1024 2 16", "device 4096 9223372036854775808 2 16",
    "3:13: pages: expected a whole number, such as \"128\", found \"9223372036854775808\""
      + " (it does not fit 64 bits)"
  ),
  ("unit 0 cpu 1", "unit 1 cpu 1", "5:6: index: expected 0, found 1"),
  ("unit 0 cpu 1", "unit 0 cpu 0", "5:12: capacity: expected a number from 1, found 0"),
  // Operations
  (
    "operation 0 serve 0 100 - -", "operation 0 serve 1 100 - -",
    "6:19: unit: expected a number below 1, found 1"
  ),
  (
    "operation 0 serve 0 100 - -", "operation 0 serve 0 100 0 -",
    "6:25: dependency: expected a number below 0, found 0"
  ),
  (
    "operation 0 serve 0 100 - -", "operation 0 serve 0 100 - 0:1",
    "6:27: shared resource: expected a number below 0, found 0"
  ),
  (
    "operation 0 serve 0 100 - -", "operation 0 serve 0 100 - 0:1,7",
    "6:27: shared resource: expected a number below 0, found 0"
  ),
  (
    "operation 0 serve 0 100 - -", "operation 0 serve 0 100 - 7",
    "6:27: demands: expected demands such as \"0:4000000,1:26000\", or \"-\", found \"7\""
  ),
  (
    "operation 0 serve 0 100 - -", "operation 0 serve 0 1e3 - -",
    "6:21: work: expected a whole number, such as \"128\", found \"1e3\" (the number has an"
      + " exponent)"
  ),
  ("piece 0 0 100", "piece 1 0 100", "7:7: operation: expected a number below 1, found 1"),
  ("piece 0 0 100", "piece 0 50 49", "7:12: end: expected a number from 50, found 49"),
  (
    "result time_to_first_token 100 0", "result time_to_first_token 100 -",
    "29:32: operation: expected a whole number, such as \"128\", found \"-\" (the number is missing)"
  ),
  // Memory
  (
    "memory 0 0 take 0+64 secret", "memory 0 0",
    "8:1: expected memory <time> <operation> <action> ..., found 2 values"
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 tke 0+64 secret",
    "8:12: action: expected one of take, load, hide, flush, block-dma, map-npu, unmap-npu,"
      + " plaintext, read, clean, ciphertext, store, show, give, mode, region, attempt, found \"tke\"; did you mean"
      + " \"take\"?"
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 take 0+64",
    "8:12: expected take <pages> <secret or open>, found 1 value"
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 take 0+64 Secret",
    "8:22: secrecy: expected one of secret, open, found \"Secret\"; did you mean \"secret\"?"
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 take 0-63 secret",
    "8:17: pages: expected ranges such as \"512+256,1024+8\", found \"0-63\""
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 take 0+64, secret",
    "8:22: pages: expected ranges such as \"512+256,1024+8\", found \"\""
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 take 0+0 secret",
    "8:19: page count: expected a number from 1, found 0"
  ),
  (
    "memory 0 0 take 0+64 secret", "memory 0 0 take 7+1,9223372036854775807+1 secret",
    "8:21: pages: expected a range that ends within 64 bits, found \"9223372036854775807+1\""
  ),
  (
    "memory 10 0 region 0 0 64", "memory 10 0 region 0 64 0",
    "10:25: end page: expected a number from 64, found 0"
  ),
  (
    "memory 50 - attempt 0 cpu fault", "memory 50 - attempt 9223372036854775807 cpu fault",
    "16:21: page: expected a number below 9223372036854775807, found 9223372036854775807"
  ),
  (
    "memory 50 - attempt 0 cpu fault", "memory 50 - attempt 0 gpu fault",
    "16:23: access: expected one of cpu, dma, npu, found \"gpu\"; did you mean \"cpu\"?"
  ),
  // Characters
  (
    "unit 0 cpu 1", "unit 0 c\u{7}pu 1",
    "5:9: expected text, found the control character U+0007"
  ),
  (
    "unit 0 cpu 1", "unit 0 cpu 1\r",
    "5:13: expected text, found the control character U+000D"
  ),
  // A column counts characters, not bytes.
  ("unit 0 cpu 1", "unit 0 žluť 0", "5:13: capacity: expected a number from 1, found 0"),
]

struct MalformedTests {
  @Test(arguments: refused)
  func aMalformedLineIsRefusedWithItsPlace(
    line: String, others: String, message: String
  ) throws {
    let added = others.hasPrefix("+") ? line + "\n" + others.dropFirst() : others
    let text = try regional.replacing(line, with: added).text
    #expect(throws: error(message)) { try Certificate(text: text, file: "a.cert") }
  }

  /// A text that was cut off at any byte is no certificate.
  @Test func aTextThatIsCutOffIsRefused() {
    let text = Array(regional.text.utf8)
    for count in text.indices {
      #expect(throws: CertificateError.self) {
        try Certificate(text: String(decoding: text[..<count], as: UTF8.self), file: "a.cert")
      }
    }
  }

  @Test(
    arguments: [
      ("", "1:1: expected flexbench-certificate, found the end of the file"),
      ("flexbench-certificate\t1", "1:24: expected a line feed, found the end of the file"),
      ("flexbench-certificate\t1\n", "2:1: expected point, found the end of the file"),
      ("\n", "1:1: expected flexbench-certificate, found \"\""),
      (regional.text + "end\t30\n", "31:1: expected nothing after the end"),
      (
        regional.text.replacing("end\t29", with: "end\t28"),
        "30:5: lines before: expected 29, found 28"
      ),
    ])
  func theEndOfTheTextIsChecked(text: String, message: String) {
    #expect(throws: error(message)) { try Certificate(text: text, file: "a.cert") }
  }

  private func error(_ message: String) -> CertificateError {
    let parts = message.split(separator: ":", maxSplits: 2)
    return CertificateError(
      file: "a.cert", line: Int(parts[0])!, column: Int(parts[1])!,
      message: String(parts[2].dropFirst()))
  }
}
