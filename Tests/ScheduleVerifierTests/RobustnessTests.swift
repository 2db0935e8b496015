import Testing

@testable import ScheduleVerifier

struct RobustnessTests {
  /// Whatever is in a file, it is refused or judged.
  @Test(arguments: [flexible, regional], 0..<8 as Range<UInt64>)
  func changedBytesNeverTrap(draft: Draft, seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    for _ in 0..<100 {
      var bytes = Array(draft.text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[place] = Array("0123456789+,:-\t\n".utf8).randomElement(using: &generator)!
        default: bytes.remove(at: place)
        }
      }
      judge(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// Fields are changed for others of their kind, so that most files are read and judged.
  @Test(arguments: [flexible, regional], 0..<8 as Range<UInt64>)
  func changedFieldsNeverTrap(draft: Draft, seed: UInt64) throws {
    let numbers = [
      "0", "1", "2", "7", "16", "63", "64", "100", "670", "1023", "1024", "4611686018427387904",
      "9223372036854775806", "9223372036854775807",
    ]
    let words = [
      "secret", "open", "ciphertext", "plain", "stage2", "region", "protected", "normal",
      "decryption", "computing", "npu", "cpu", "dma", "zeroed", "encrypted", "fault", "allowed",
      "-",
    ]
    var generator = SeededGenerator(state: seed)
    var readCount = 0
    for _ in 0..<100 {
      var changed = draft
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        // The first line says what the file is.
        let line = Int.random(in: 1..<changed.lines.count, using: &generator)
        var fields = changed.lines[line].split(separator: " ").map(String.init)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0 where fields[0] == "memory": changed.lines.remove(at: line)
        case 1 where fields[0] == "memory": changed.lines.insert(changed.lines[line], at: line)
        default:
          guard fields.count > 1 else { continue }
          let field = Int.random(in: 1..<fields.count, using: &generator)
          let number = numbers.randomElement(using: &generator)!
          fields[field] =
            if fields[field].contains("+") {
              "\(number)+\(numbers.randomElement(using: &generator)!)"
            } else if fields[field].contains(":") {
              "0:\(number)"
            } else if Int64(fields[field]) != nil {
              number
            } else {
              words.randomElement(using: &generator)!
            }
          changed.lines[line] = fields.joined(separator: " ")
        }
      }
      if judge(changed.text) { readCount += 1 }
    }
    #expect(readCount > 10, "most changes should get past the reader")
  }

  /// - Returns: whether the text is a certificate.
  @discardableResult
  private func judge(_ text: String) -> Bool {
    guard let certificate = try? Certificate(text: text, file: "a.cert") else { return false }
    for violation in certificate.violations() { _ = violation.description }
    return true
  }

  @Test func theLargestNumbersAreJudgedWithoutATrap() throws {
    let most = Int64.max
    let draft = Draft(
      """
      flexbench-certificate 1
      point a
      device \(most) \(most) \(most) \(most)
      npu protected
      unit 0 cpu \(most)
      shared 0 dram \(most)
      operation 0 a 0 \(most) - 0:\(most),0:\(most),0:\(most)
      operation 1 a 0 \(most) - 0:\(most)
      operation 2 a - 0 - 0:\(most)
      piece 0 0 \(most)
      piece 0 0 \(most)
      piece 0 0 \(most)
      piece 1 0 \(most)
      piece 2 \(most) \(most)
      memory \(most) 0 take 0+\(most),0+\(most),\(most - 1)+1 secret
      memory \(most) 0 region \(most) \(most) \(most)
      memory \(most) 0 region 0 0 \(most)
      memory \(most) 0 hide 0+\(most) region
      memory \(most) 0 region 0 0 0
      memory \(most) - attempt \(most - 1) cpu allowed
      arrival \(most)
      result a \(most) 1
      """)
    #expect(
      Set(try draft.violations().map(\.rule)) == [
        .precedence, .bandwidth, .frameOwnership, .reportedTimes,
      ])
    let small = try draft.replacing(
      "device \(most) \(most) \(most) \(most)", with: "device 1 1 1 1")
    #expect(try small.violations().contains { $0.rule == .regionLimits })
  }

  /// Pages scattered over 16 GiB are hidden, used and given back, by 100 000 lines.
  @Test func aLongLogCostsWhatItsLinesTouch() throws {
    let pageCount: Int64 = 4 << 20
    let groups = 10_000
    var lines = [
      "flexbench-certificate 1", "point large", "device 4096 \(pageCount) 0 1", "npu protected",
    ]
    var time = 0
    func log(_ action: String) {
      lines.append("memory \(time) - \(action)")
      time += 1
    }
    for actions in [
      ["take # secret", "load # ciphertext", "hide # stage2", "flush #", "block-dma #"],
      ["plaintext # decryption"], ["clean # encrypted", "show #", "give #"],
    ] {
      for group in 0..<groups {
        // Two pages apart, so that no two ranges ever become one segment.
        let first = (group * 7919) % groups * 400
        for action in actions { log(action.replacing("#", with: "\(first)+100,\(first + 200)+3")) }
      }
    }
    for _ in 0..<groups { log("mode protected") }
    lines.append("arrival 0")
    var draft = Draft("")
    draft.lines = lines
    let certificate = try Certificate(text: draft.text, file: "a.cert")
    #expect(certificate.memoryEventCount == 10 * groups)
    var replay = MemoryReplay(certificate)
    replay.run()
    #expect(replay.violations == [])
    // Each line touches two ranges, and each is one segment whenever it is touched.
    #expect(replay.pages.visitCount == 9 * groups * 2)
    #expect(replay.pages.segmentCount < 200)
  }
}
