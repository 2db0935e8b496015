import Statistics
import Testing

@Suite struct SampleSummaryTests {
  /// 2, 4, 4, 4, 5, 5, 7 and 9 have the mean 5 and squares of differences that sum to 32; with
  /// seven degrees of freedom the standard deviation is the root of 32/7. Place 0.25 x 7 = 1.75
  /// lies between 4 and 4, place 0.9 x 7 = 6.3 at three tenths between 7 and 9.
  @Test func aSampleByHand() throws {
    let summary = try SampleSummary([9, 4, 5, 4, 2, 7, 4, 5])
    #expect(summary.count == 8)
    #expect(summary.mean == 5)
    #expect(agree(summary.standardDeviation, (32.0 / 7).squareRoot()))
    #expect(summary.minimum == 2)
    #expect(summary.maximum == 9)
    #expect(summary.quantile(0.25) == 4)
    #expect(agree(summary.quantile(0.9), 7.6))
    #expect(summary.median == 4.5)
  }

  /// t(0.975, 2) = 4.302652729749462: of 1, 2 and 3 the interval is 2 -+ t / sqrt 3.
  @Test func anIntervalByHand() throws {
    let interval = try SampleSummary([1, 2, 3]).interval(level: 0.95)
    let half = 4.302652729749462 / 3.0.squareRoot()
    #expect(interval.method == .studentT)
    #expect(interval.sampleCount == 3)
    #expect(interval.level == 0.95)
    #expect(interval.mean == 2)
    #expect(agree(interval.low, 2 - half))
    #expect(agree(interval.high, 2 + half))
    #expect(interval.warnings == [])
  }

  /// With two degrees of freedom t at a two-sided level L is L sqrt(2 / ((1 - L)(1 + L))), about
  /// 1000 here: near 1 the digits of a level are those of its complement.
  @Test func aHighLevelKeepsItsDigits() throws {
    let level = 0.999999
    let interval = try SampleSummary([1, 2, 3]).interval(level: level)
    let quantile = level * (2 / ((1 - level) * (1 + level))).squareRoot()
    #expect(agree(interval.high - 2, quantile / 3.0.squareRoot()))
  }

  @Test(arguments: Oracle.samples)
  func samplesAgreeWithTheOracle(given: SampleCase) throws {
    let summary = try SampleSummary(given.values)
    #expect(summary.count == given.values.count)
    #expect(agree(summary.mean, given.mean))
    #expect(agree(summary.standardDeviation, given.standardDeviation))
    for (fraction, expected) in zip(Oracle.fractions, given.quantiles) {
      #expect(agree(summary.quantile(fraction), expected), "quantile at \(fraction)")
    }
    #expect(summary.minimum == given.quantiles.first)
    #expect(summary.maximum == given.quantiles.last)
    for (place, level) in Oracle.levels.enumerated() {
      let interval = try summary.interval(level: level)
      let width = given.highs[place] - given.lows[place]
      #expect(agree(interval.low, given.lows[place], scale: width), "low at \(level)")
      #expect(agree(interval.high, given.highs[place], scale: width), "high at \(level)")
      #expect(interval.method == .studentT)
    }
  }

  @Test(arguments: Oracle.samples)
  func aHigherLevelGivesAWiderIntervalAroundTheMean(given: SampleCase) throws {
    let summary = try SampleSummary(given.values)
    let intervals = try Oracle.levels.map { try summary.interval(level: $0) }
    for (narrow, wide) in zip(intervals, intervals.dropFirst()) {
      #expect(wide.low < narrow.low && narrow.low < summary.mean)
      #expect(wide.high > narrow.high && narrow.high > summary.mean)
    }
  }

  /// Nothing depends on the order of the values, to the last bit.
  @Test(arguments: Oracle.samples)
  func theOrderOfValuesDoesNotMatter(given: SampleCase) throws {
    let summary = try SampleSummary(given.values)
    #expect(try SampleSummary(given.values.reversed()) == summary)
    #expect(try SampleSummary(given.values.sorted()) == summary)
  }

  @Test(arguments: Oracle.samples)
  func quantilesRiseFromTheMinimumToTheMaximum(given: SampleCase) throws {
    let summary = try SampleSummary(given.values)
    let quantiles = (0...100).map { summary.quantile(Double($0) / 100) }
    #expect(quantiles.first == summary.minimum)
    #expect(quantiles.last == summary.maximum)
    #expect(zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 <= $1 })
  }

  /// 0.1 summed three times and divided by three is not 0.1; the mean of equal values is.
  @Test(arguments: [2, 3, 10, 1_000])
  func equalValuesAreExact(count: Int) throws {
    let summary = try SampleSummary([Double](repeating: 0.1, count: count))
    #expect(summary.mean == 0.1)
    #expect(summary.standardDeviation == 0)
    let interval = try summary.interval(level: 0.95)
    #expect(interval.method == .exact)
    #expect(interval.low == 0.1)
    #expect(interval.high == 0.1)
    #expect(interval.warnings == [])
  }

  @Test func oneValueHasNoInterval() throws {
    let summary = try SampleSummary([7])
    #expect(summary.mean == 7)
    #expect(summary.standardDeviation == 0)
    #expect(summary.quantile(0.3) == 7)
    let interval = try summary.interval(level: 0.95)
    #expect(interval.method == MeanInterval.Method.none)
    #expect(interval.sampleCount == 1)
    #expect(interval.warnings == ["1 value gives no interval; at least 2 are needed"])
  }

  @Test func valuesThatAreNotFiniteAreRefused() {
    #expect(throws: StatisticsError.noValues) { try SampleSummary([]) }
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) {
      try SampleSummary([1, .infinity])
    }
    #expect(throws: StatisticsError.notFinite(index: 0, value: -.infinity)) {
      try SampleSummary([-.infinity, 1])
    }
    let error = #expect(throws: StatisticsError.self) { try SampleSummary([1, 2, .nan]) }
    #expect(error?.description == "value 3 is nan")
  }

  @Test func aQuantileOutsideOfTheSampleTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try SampleSummary([1, 2]).quantile(1.5)
    }
    expect(result, says: "a quantile at 1.5")
  }

  @Test func aLevelOfCertaintyTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try SampleSummary([1, 2]).interval(level: 1)
    }
    expect(result, says: "a level of 1.0")
  }
}

func expect(_ result: ExitTest.Result?, says message: String) {
  let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(output.contains(": " + message), "\(output)")
}
