import Testing

@testable import ScheduleVerifier

/// A right certificate with one line changed, and the one violation that makes.
struct Mutation: Sendable, CustomTestStringConvertible {
  var draft: Draft
  var line: String
  var others: String
  var rule: Rule
  var operation: Int?
  var pages: ClosedRange<Int64>?
  var pageCount: Int64
  var parties: [String]

  var testDescription: String { "\(rule.rawValue): \(line) -> \(others)" }

  /// - Parameter others: what replaces the line; with `+`, what follows it.
  init(
    _ draft: Draft, _ line: String, _ others: String, _ rule: Rule, _ operation: Int?,
    _ pages: ClosedRange<Int64>?, more: Int64 = 0, _ party: String, _ otherParty: String
  ) {
    self.draft = draft
    self.line = line
    self.others = others.hasPrefix("+") ? line + "\n" + others.dropFirst() : others
    self.rule = rule
    self.operation = operation
    self.pages = pages
    pageCount = more + Int64(pages?.count ?? 0)
    parties = [party, otherParty]
  }

  private static let system = "the operating system"
  private static let secret = "serving's secret"
  private static let cpu = "the normal world's CPU"
  private static let normalNPU = "the NPU in normal mode"
  private static let protectedNPU = "the NPU in protected mode"
  private static let controller = "the region controller"

  static let ownership: [Mutation] = [
    Mutation(
      flexible, "memory 50 0 take 512+16 open", "memory 50 0 take 50+20,512+16 open",
      .frameOwnership, 0, 50...63, "serving", "serving itself"),
    Mutation(
      flexible, "memory 0 0 take 0+64,128+64,256+32 secret",
      "memory 0 0 take 0+64,128+64,256+32,1000+30,2000+1 secret", .frameOwnership, 0, 1024...1029,
      more: 1, "serving", "nobody"),
    Mutation(
      flexible, "memory 150 8 load 512+16 plain", "memory 150 8 load 512+20 plain", .frameOwnership,
      8, 528...531, "storage", system),
    Mutation(
      flexible, "memory 900 7 read 256+32 cpu", "memory 900 7 read 255+33 cpu", .frameOwnership, 7,
      255...255, "serving's CPU", system),
    Mutation(
      flexible, "memory 950 7 give 0+64,128+64,256+32,512+16",
      "memory 950 7 give 0+65,128+64,256+32,512+16", .frameOwnership, 7, 64...64, "serving", system),
    Mutation(
      flexible, "memory 912 7 store 128+64", "memory 912 7 store 128+65", .frameOwnership, 7,
      192...192, "storage", system),
    Mutation(
      flexible, "memory 945 7 ciphertext 512+16", "memory 945 7 ciphertext 512+17",
      .frameOwnership, 7, 528...528, "encryption", system),
    Mutation(
      flexible, "memory 400 - attempt 0 npu fault", "memory 400 - attempt 1024 npu fault",
      .frameOwnership, nil, 1024...1024, "serving", "nobody"),
  ]

  static let plaintext: [Mutation] = [
    Mutation(
      flexible, "memory 100 1 load 0+64,128+64 ciphertext", "memory 100 1 load 0+64 ciphertext",
      .plaintextOrigin, 3, 128...191, "decryption", "serving"),
    Mutation(
      flexible, "memory 660 3 plaintext 128+64 decryption",
      "memory 660 3 plaintext 120+72 decryption", .plaintextOrigin, 3, 120...127, "decryption",
      system),
    Mutation(
      flexible, "memory 880 5 plaintext 256+32 computing",
      "memory 880 5 plaintext 256+33 computing", .plaintextOrigin, 5, 288...288, "computing",
      system),
    Mutation(
      flexible, "memory 670 5 read 0+64,128+64 npu", "memory 670 5 read 0+64,128+64,256+1 npu",
      .plaintextOrigin, 5, 256...256, "the NPU", "serving"),
    Mutation(
      flexible, "memory 911 7 clean 128+64 encrypted",
      "+memory 911 7 clean 0+1 encrypted", .plaintextOrigin, 7, 0...0, "encryption", "serving"),
  ]

  static let reach: [Mutation] = [
    Mutation(
      flexible, "memory 900 7 read 256+32 cpu", "+memory 905 7 store 10+2", .plaintextReachable, 7,
      10...11, secret, "storage"),
    Mutation(
      flexible, "memory 300 2 hide 0+64,128+64,256+32 stage2",
      "memory 300 2 hide 0+64,128+63,256+32 stage2", .plaintextReachable, 3, 191...191, secret, cpu
    ).also("memory 670 5 read 0+64,128+64 npu", "memory 670 5 read 0+64,128+63 npu"),
    // The NPU's normal table still holds weights when it leaves the protected mode.
    Mutation(
      flexible, "memory 700 - attempt 64 npu fault", "+memory 800 5 map-npu 10+10,190+1 normal",
      .plaintextReachable, 6, 10...19, more: 1, secret, normalNPU
    ).also("memory 910 7 clean 0+64,256+32 zeroed", "+memory 910 7 unmap-npu 10+10,190+1 normal"),
    Mutation(
      flexible, "memory 660 3 plaintext 128+64 decryption",
      "memory 650 3 map-npu 130+4 normal\nmemory 660 3 plaintext 128+64 decryption\n"
        + "memory 660 3 unmap-npu 130+4 normal", .plaintextReachable, 3, 130...133, secret,
      normalNPU),
    Mutation(
      flexible, "memory 310 2 flush 0+64,128+64,256+32", "memory 310 2 flush 0+64,128+64",
      .staleEntry, 5, 256...287, secret, cpu),
    // Before the pages are hidden, a flush does not last.
    Mutation(
      flexible, "memory 310 2 flush 0+64,128+64,256+32", "memory 310 2 flush 0+64,256+32",
      .staleEntry, 3, 128...191, secret, cpu
    )
    .also("memory 200 8 read 512+16 npu", "+memory 300 2 flush 128+64"),
    Mutation(
      flexible, "memory 320 2 block-dma 0+64,128+64,256+32", "memory 320 2 block-dma 0+64,256+32",
      .staleEntry, 3, 128...191, secret, "other devices"),
    Mutation(
      flexible, "memory 920 7 unmap-npu 0+64,128+64,256+32 protected",
      "memory 920 7 unmap-npu 0+64,128+64 protected", .staleEntry, 7, 256...287, protectedNPU, cpu
    ).also(
      "memory 930 7 show 0+64,128+64,256+32", "+memory 935 7 unmap-npu 256+32 protected"),
    Mutation(
      flexible, "memory 940 7 unmap-npu 512+16 normal",
      "memory 940 7 unmap-npu 512+16 normal\nmemory 940 7 map-npu 512+16 protected", .staleEntry,
      7, 512...527, protectedNPU, system),
    Mutation(
      flexible, "memory 940 7 unmap-npu 512+16 normal", "memory 940 7 unmap-npu 513+15 normal",
      .staleEntry, 7, 512...512, normalNPU, system),
    Mutation(
      flexible, "memory 320 2 block-dma 0+64,128+64,256+32",
      "+memory 321 2 load 128+1 ciphertext", .deviceReach, 2, 128...128, "storage", "serving"),
    Mutation(
      regional, "memory 11 0 hide 0+64 region", "+memory 11 0 load 0+8 ciphertext", .deviceReach, 0,
      0...7, "storage", "serving"),
  ]

  static let npu: [Mutation] = [
    Mutation(
      flexible, "memory 670 5 read 0+64,128+64 npu",
      "memory 670 5 map-npu 512+1 protected\nmemory 670 5 read 0+64,128+64,512+1 npu\n"
        + "memory 670 5 unmap-npu 512+1 protected", .npuAccess, 5, 512...512, protectedNPU, cpu),
    Mutation(
      flexible, "memory 330 2 map-npu 0+64,128+64,256+32 protected",
      "memory 330 2 map-npu 8+56,128+64,256+32 protected", .npuAccess, 5, 0...7, protectedNPU,
      "serving"),
    Mutation(
      flexible, "memory 90 0 map-npu 512+16 normal", "memory 90 0 map-npu 512+15 normal",
      .npuAccess, 8, 527...527, normalNPU, "serving"),
    Mutation(
      flexible, "memory 200 8 read 512+16 npu",
      "memory 190 8 hide 512+2 stage2\nmemory 200 8 read 512+16 npu", .npuAccess, 8, 512...513,
      normalNPU, "serving"),
  ]

  static let returning: [Mutation] = [
    Mutation(
      flexible, "memory 910 7 clean 0+64,256+32 zeroed",
      "memory 910 7 clean 0+64,256+31 zeroed", .dirtyReturn, 7, 287...287, secret, cpu
    ).also("memory 930 7 show 0+64,128+64,256+32", "+memory 931 7 clean 287+1 zeroed"),
    Mutation(
      flexible, "memory 930 7 show 0+64,128+64,256+32", "memory 930 7 show 1+63,128+64,256+32",
      .dirtyReturn, 7, 0...0, secret, system),
    Mutation(
      flexible, "memory 950 7 give 0+64,128+64,256+32,512+16",
      "memory 945 7 take 900+1 secret\nmemory 950 7 give 0+64,128+64,256+32,512+16,900+1",
      .dirtyReturn, 7, 900...900, secret, system),
    Mutation(
      regional, "memory 62 0 region 0 0 32",
      "memory 62 0 region 0 0 16", .dirtyReturn, 0, 16...31, secret, cpu),
    // A region that moves uncovers what it leaves.
    Mutation(
      regional, "memory 50 - attempt 0 dma fault", "+memory 50 0 region 0 16 80", .dirtyReturn, 0,
      0...15, secret, cpu),
  ]

  static let regions: [Mutation] = [
    Mutation(
      regional, "memory 10 0 region 0 0 64", "memory 10 0 region 0 0 72", .regionLimits, 0, 0...71,
      "region 0", controller),
    Mutation(
      regional, "memory 10 0 region 0 0 64", "+memory 10 0 region 1 1008 1040", .regionLimits, 0,
      1008...1039, "region 1", controller),
    Mutation(
      regional, "memory 10 0 region 0 0 64",
      "+memory 10 0 region 1 128 160\nmemory 10 0 region 7 80 96", .regionLimits, 0, 80...95,
      "region 7", controller),
    Mutation(
      regional, "memory 10 0 region 0 0 64",
      "+memory 10 0 region 1 48 128\nmemory 10 0 region 1 0 0", .regionLimits, 0,
      48...63, "region 1", "region 0"),
    Mutation(
      regional, "memory 11 0 hide 0+64 region", "memory 11 0 hide 0+65 region", .regionLimits, 0,
      64...64, "serving", controller),
    Mutation(
      regional, "memory 81 0 unmap-npu 0+32 protected", "+memory 82 0 show 30+2",
      .regionLimits, 0, 30...31, "serving", controller),
  ]

  static let attempts: [Mutation] = [
    Mutation(
      flexible, "memory 400 - attempt 0 cpu fault", "memory 400 - attempt 0 cpu allowed",
      .attemptOutcome, nil, 0...0, cpu, "serving"),
    Mutation(
      flexible, "memory 305 - attempt 63 dma allowed", "memory 305 - attempt 63 dma fault",
      .attemptOutcome, nil, 63...63, "other devices", "serving"),
    Mutation(
      flexible, "memory 700 - attempt 64 npu fault", "memory 700 - attempt 64 npu allowed",
      .attemptOutcome, nil, 64...64, "a job of the normal world", system),
    Mutation(
      regional, "memory 50 - attempt 0 dma fault", "memory 50 - attempt 0 dma allowed",
      .attemptOutcome, nil, 0...0, "other devices", "serving"),
  ]

  static let schedule: [Mutation] = [
    Mutation(
      flexible, "operation 2 protect 0 50 1 -", "operation 2 protect 1 50 1 -", .exclusiveUse, 9,
      nil,
      "operation 9", "operation 2 (protect) from 300 ps to 350 ps"
    ).also("operation 8 background - 500 - 0:50", "+operation 9 clash 1 50 - -")
      .also("piece 8 320 640", "+piece 9 349 399"),
    Mutation(
      flexible, "piece 2 300 350", "piece 2 299 349", .precedence, 2, nil, "operation 2",
      "operation 1 (load) from 100 ps to 300 ps"),
    Mutation(
      flexible, "piece 0 0 100", "piece 0 0 60\npiece 0 59 99", .precedence, 0, nil, "this piece",
      "the piece before"),
    Mutation(
      flexible, "piece 0 0 100", "piece 0 0 99", .work, 0, nil, "its pieces", "its work"),
    Mutation(
      flexible, "piece 7 890 990", "piece 7 890 940\npiece 7 950 1001", .work, 7, nil,
      "its pieces", "its work"
    ).also("result makespan 980 7", "result makespan 991 7"),
    Mutation(
      flexible, "piece 5 670 880", "piece 5 670 860\npiece 5 871 880", .work, 5, nil, "its pieces",
      "its work"),
    // 500 x 77 + 26 000 of 64 000 and a unit for each of four pieces; at 76 it fits.
    Mutation(
      flexible, "operation 8 background - 500 - 0:50", "operation 8 background - 500 - 0:77",
      .bandwidth, 8, nil, "its demand, with 2 more operations,", "dram"),
    Mutation(
      flexible, "operation 5 multiply 1 200 4,0 0:80", "operation 5 multiply 1 200 4,0 0:106",
      .bandwidth, 5, nil, "its demand", "dram"),
    Mutation(
      flexible, "result time_to_first_token 880 6", "result time_to_first_token 881 6",
      .reportedTimes, 6, nil, "time_to_first_token", "operation 6"),
    Mutation(
      flexible, "memory 150 8 load 512+16 plain", "memory 99 8 load 512+16 plain", .timeOrder, 8,
      nil,
      "this line", "the line before"),
    Mutation(
      flexible, "memory 900 7 read 256+32 cpu", "memory 900 6 read 256+32 cpu", .timeOrder, 6, nil,
      "this line", "operation 6"),
  ]

  /// With another line changed too.
  func also(_ line: String, _ others: String) -> Mutation {
    let other = Mutation(draft, line, others, rule, operation, nil, "", "")
    var changed = self
    let place = draft.lines.firstIndex(of: line)!
    changed.draft.lines.replaceSubrange(
      place...place, with: other.others.split(separator: "\n").map(String.init))
    return changed
  }

  static let all =
    ownership + plaintext + reach + npu + returning + regions + attempts + schedule
}

struct RuleTests {
  @Test(arguments: [flexible, regional])
  func aRightCertificateBreaksNothing(draft: Draft) throws {
    #expect(try draft.violations() == [])
  }

  @Test(arguments: Mutation.all)
  func aChangedLineBreaksItsRuleAlone(mutation: Mutation) throws {
    let draft = try mutation.draft.replacing(mutation.line, with: mutation.others)
    let violations = try draft.violations()
    let violation = try #require(violations.first)
    #expect(violations.count == 1, "\(violations.map(\.description).joined(separator: "\n"))")
    #expect(violation.rule == mutation.rule)
    #expect(violation.operation?.index == mutation.operation)
    #expect(violation.pages == mutation.pages.map { Range($0) })
    #expect(violation.pageCount == mutation.pageCount)
    #expect([violation.party, violation.otherParty] == mutation.parties)
  }

  @Test func everyRuleHasItsMutation() {
    #expect(Set(Mutation.all.map(\.rule)) == Set(Rule.allCases))
  }

  @Test func aViolationSaysWhereBetweenWhomAndWhy() throws {
    let draft = try flexible.replacing(
      "memory 320 2 block-dma 0+64,128+64,256+32", with: "memory 320 2 block-dma 1+63,128+64,256+32"
    )
    #expect(
      try draft.violations().map(\.description) == [
        "a.cert:41: stale-entry: operation 3 (decrypt) from 350 ps to 660 ps, page 0, serving's"
          + " secret and other devices: plaintext in pages that other devices were not blocked from"
      ])
  }

  /// How a secret comes about is one rule, and where it does another.
  @Test func aSecretThatComesAboutInViewBreaksTwoRules() throws {
    let load = try flexible.replacing(
      "memory 100 1 load 0+64,128+64 ciphertext",
      with: "memory 100 1 load 0+64,128+64 ciphertext\nmemory 100 1 load 256+32 plain\n"
        + "memory 100 1 load 256+32 ciphertext")
    #expect(
      try load.violations().map { [$0.rule.rawValue, $0.party, $0.otherParty] } == [
        ["plaintext-origin", "storage", "serving's secret"],
        ["plaintext-reachable", "serving's secret", "the normal world's CPU"],
      ])
    let scratch = try flexible.replacing(
      "memory 880 5 plaintext 256+32 computing",
      with: "memory 880 5 clean 256+1 zeroed\nmemory 880 5 unmap-npu 256+1 protected\n"
        + "memory 880 5 show 256+1\nmemory 880 5 plaintext 256+32 computing")
    let violations = try scratch.violations()
    #expect(violations.map(\.rule) == [.plaintextOrigin, .plaintextReachable])
    #expect(violations.map(\.pages) == [256..<257, 256..<257])
    #expect(violations.map(\.party) == ["computing", "serving's secret"])
  }

  /// The log is faithful, and what it says is bad.
  @Test func anAccessThatReachedPlaintextIsReportedBesideItsCause() throws {
    let draft = try flexible.replacing(
      "memory 320 2 block-dma 0+64,128+64,256+32", with: "memory 320 2 block-dma 0+63,128+64,256+32"
    ).replacing("memory 400 - attempt 63 dma fault", with: "memory 400 - attempt 63 dma allowed")
    let violations = try draft.violations()
    #expect(violations.map(\.rule) == [.staleEntry, .plaintextReachable])
    #expect(violations.map(\.pages) == [63..<64, 63..<64])
    #expect(violations.map(\.operation?.index) == [3, nil])
  }

  /// What a region gives up is open at once, whether or not the log shows it.
  @Test func aPageThatLeftItsRegionIsNotHidden() throws {
    let draft = try regional.replacing(
      "memory 62 0 region 0 0 32",
      with: "memory 62 0 region 0 0 32\n"
        + "memory 62 - attempt 40 cpu allowed\nmemory 62 - attempt 40 dma fault\nmemory 62 0 plaintext 40+1 computing\n"
        + "memory 62 0 clean 40+1 zeroed")
    let violations = try draft.violations()
    #expect(violations.map(\.rule) == [.plaintextOrigin, .plaintextReachable])
    #expect(violations.map(\.pages) == [40..<41, 40..<41])
  }

  /// Pages that were given back hold what the operating system put there.
  @Test func whatIsTakenAgainMustBeLoadedAgain() throws {
    let draft = try regional.replacing(
      "memory 100 0 give 0+32",
      with: "memory 100 0 give 0+32\nmemory 100 0 take 0+32 secret\n"
        + "memory 100 0 hide 0+32 stage2\nmemory 100 0 flush 0+32\nmemory 100 0 block-dma 0+32\n"
        + "memory 100 0 plaintext 0+32 decryption")
    #expect(try draft.violations().map(\.rule) == [.plaintextOrigin])
  }
}
