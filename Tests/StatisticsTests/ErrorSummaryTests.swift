import Statistics
import Testing

@Suite struct ErrorSummaryTests {
  /// 11 for 10 is 10 % too much, 6 for 8 is 25 % too little and 20 for 16 is 25 % too much. The
  /// mean is 10/3 %, that of the magnitudes 20 %; of the two worst the first counts.
  @Test func errorsByHand() throws {
    let summary = try ErrorSummary(predicted: [11, 6, 20], reported: [10, 8, 16])
    #expect(zip(summary.errors, [0.1, -0.25, 0.25]).allSatisfy { agree($0, $1, scale: 1) })
    #expect(agree(summary.mean, 0.1 / 3, scale: 1))
    #expect(agree(summary.meanAbsolute, 0.2, scale: 1))
    #expect(summary.worstIndex == 1)
    #expect(summary.worst == -0.25)
    #expect(summary.count == 3)
  }

  @Test(arguments: Oracle.errors)
  func errorsAgreeWithTheOracle(given: ErrorCase) throws {
    let summary = try ErrorSummary(predicted: given.predicted, reported: given.reported)
    // An error is a ratio less one: it carries the rounding of numbers about one.
    #expect(summary.count == given.errors.count)
    #expect(zip(summary.errors, given.errors).allSatisfy { agree($0, $1, scale: 1) })
    #expect(agree(summary.mean, given.mean, scale: 1))
    #expect(agree(summary.meanAbsolute, given.meanAbsolute, scale: 1))
    #expect(summary.worstIndex == given.worstIndex)
  }

  @Test func whatIsPredictedExactlyHasNoError() throws {
    let summary = try ErrorSummary(predicted: [0.1, 7, 1e9], reported: [0.1, 7, 1e9])
    #expect(summary.errors == [0, 0, 0])
    #expect(summary.meanAbsolute == 0)
    #expect(summary.mean == 0)
    #expect(summary.worstIndex == 0)
  }
}
