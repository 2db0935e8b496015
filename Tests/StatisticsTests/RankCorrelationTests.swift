import Statistics
import Testing

@Suite struct RankCorrelationTests {
  @Test func theRankCorrelationIsSpearmans() {
    #expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
    #expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
    // Ranks 1 2 3 4 against 2 1 4 3: 1 - 6 x 4 / (4 x 15).
    #expect(abs(rankCorrelation([1, 2, 3, 4], [2, 1, 4, 3]) - 0.6) < 1e-12)
    // Ranks 1 2.5 2.5 4 against 1 2 3 4: covariance 4.5, variances 4.5 and 5.
    let tied = rankCorrelation([1, 2, 2, 4], [1, 2, 3, 4])
    #expect(abs(tied * tied - 4.5 / 5) < 1e-12)
  }
}
