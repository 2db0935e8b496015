import SimulationKernel
import Testing

@testable import Workloads

@Suite struct TokenDistributionTests {
  private static func draws(_ distribution: TokenDistribution, _ count: Int = 4000) -> [Int] {
    var stream = RandomStream(seed: 7, purpose: "lengths")
    return (0..<count).map { _ in distribution.draw(from: &stream) }
  }

  @Test func aConstantTakesNothingFromItsStream() {
    var stream = RandomStream(seed: 7, purpose: "lengths")
    #expect(TokenDistribution.constant(12).draw(from: &stream) == 12)
    var untouched = RandomStream(seed: 7, purpose: "lengths")
    #expect(stream.next() == untouched.next())
  }

  @Test func everyCountOfARangeComesAboutAsOften() {
    let draws = Self.draws(.uniform(3...6))
    for count in 3...6 {
      let share = draws.count { $0 == count }
      #expect((900...1100).contains(share), "\(count): \(share) of 4000")
    }
    #expect(Set(draws) == [3, 4, 5, 6])
  }

  /// Three quantiles, so two stretches: at 1/8 of the way a quarter of the first, 10 + 90 / 4 = 32.5,
  /// and halves go up; at 3/4 the middle of the second, 100 + 900 / 2.
  @Test(arguments: [
    (UInt64(0), 10), (1 << 61, 33), (1 << 63, 100), (3 << 62, 550), (.max, 1000),
  ])
  func quantilesAreJoinedByStraightLines(place: UInt64, count: Int) {
    #expect(TokenDistribution.interpolate([10, 100, 1000], at: place, scale: 1, over: 1) == count)
  }

  @Test func halfTheDrawsAreBelowTheMedian() {
    let draws = Self.draws(.median(200)).sorted()
    #expect((190...210).contains(draws[2000]))
    // The mean of a log-normal shape is exp(1/2) medians, 1.65; cut off at both ends it is 1.61.
    let mean = Double(draws.reduce(0, +)) / 4000
    #expect((1.53...1.69).contains(mean / 200))
    #expect(draws[0] >= 200 * 89 / 1000 && draws[3999] <= TokenDistribution.median(200).largest)
  }

  /// One draw for all data sets: a larger median makes no request shorter.
  @Test func aLargerMedianMakesEveryDrawAtLeastAsLong() {
    for (short, long) in zip(Self.draws(.median(30)), Self.draws(.median(31))) {
      #expect(short <= long)
    }
  }

  @Test func noDrawIsEmpty() {
    #expect(Self.draws(.median(1)).allSatisfy { $0 >= 1 })
  }
}
