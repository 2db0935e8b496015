import Statistics
import Testing

@Suite struct VerdictTests {
  // MARK: One exact estimate

  @Test(
    arguments: [
      (9.0, 0.1, .pass), (11, 0.1, .pass), (10, 0, .pass), (8.9, 0.1, .fail), (11.2, 0.1, .fail),
      (10.1, 0, .fail), (-10, 0.5, .fail), (.nan, 0.1, .fail),
    ] as [(Double, Double, Verdict)])
  func anExactEstimateIsEquivalentWithinItsMargin(
    estimate: Double, margin: Double, verdict: Verdict
  ) {
    // The limits are 9 and 11 with a margin of a tenth; both ratios are exact enough to pass.
    #expect(ExactEstimate.equivalence(estimate, target: 10, margin: margin + 1e-15) == verdict)
  }

  @Test(
    arguments: [
      (10.0, .pass), (10.5, .pass), (10.0.nextDown, .fail), (.nan, .fail),
    ] as [(Double, Verdict)])
  func anExactEstimateReachesItsTargetOrNot(estimate: Double, verdict: Verdict) {
    #expect(ExactEstimate.atLeast(estimate, target: 10) == verdict)
  }

  /// To 1e-9 of what is recorded, on both sides of zero; what is recorded as zero is zero.
  @Test(
    arguments: [
      (5, 5, .pass), (5 + 4e-9, 5, .pass), (5 - 4e-9, 5, .pass), (5 + 6e-9, 5, .fail),
      (-5 - 4e-9, -5, .pass), (-5 - 6e-9, -5, .fail), (0, 0, .pass), (1e-300, 0, .fail),
      (5e12 + 4_000, 5e12, .pass), (5e12 + 6_000, 5e12, .fail), (.nan, 5, .fail),
    ] as [(Double, Double, Verdict)])
  func anExactEstimateIsWhatIsRecorded(estimate: Double, recorded: Double, verdict: Verdict) {
    #expect(ExactEstimate.exact(estimate, recorded: recorded) == verdict)
  }

  // MARK: An estimate a replication

  @Test(arguments: Oracle.replicated)
  func equivalenceAgreesWithTheOracle(given: ReplicatedCase) throws {
    let judgement = try ReplicatedEstimate(given.values).equivalence(
      target: given.target, margin: given.margin)
    #expect(judgement.verdict == given.equivalence)
    #expect(agree(judgement.interval.mean, given.geometricMean))
    #expect(agree(judgement.interval.low, given.low))
    #expect(agree(judgement.interval.high, given.high))
    #expect(judgement.interval.method == .studentT)
    #expect(judgement.interval.level == 0.9)
    #expect(judgement.interval.sampleCount == given.values.count)
  }

  @Test(arguments: Oracle.replicated)
  func reachingATargetAgreesWithTheOracle(given: ReplicatedCase) throws {
    let judgement = try ReplicatedEstimate(given.values).atLeast(target: given.target)
    #expect(judgement.verdict == given.atLeast)
    let width = given.plainHigh - given.plainLow
    #expect(agree(judgement.interval.mean, given.mean))
    #expect(agree(judgement.interval.low, given.plainLow, scale: width))
    #expect(agree(judgement.interval.high, given.plainHigh, scale: width))
  }

  /// The verdict follows the interval: by moving the target alone every verdict is met, in order.
  @Test func movingTheTargetMeetsEveryVerdictInOrder() throws {
    let estimate = try ReplicatedEstimate([0.98, 1.0, 1.02, 1.01, 0.99])
    let targets = (0...200).map { 0.5 + Double($0) / 200 }
    let equivalence = try targets.map {
      try estimate.equivalence(target: $0, margin: 0.1).verdict
    }
    #expect(runs(equivalence) == [.fail, .inconclusive, .pass, .inconclusive, .fail])
    let atLeast = try targets.map { try estimate.atLeast(target: $0).verdict }
    #expect(runs(atLeast) == [.pass, .inconclusive, .fail])
  }

  /// An interval wider than the limits can pass at no target.
  @Test func tooFewReplicationsNeverPass() throws {
    let estimate = try ReplicatedEstimate([0.9, 1.1])
    let verdicts = try (0...400).map {
      try estimate.equivalence(target: 0.1 + Double($0) / 100, margin: 0.1).verdict
    }
    #expect(runs(verdicts) == [.fail, .inconclusive, .fail])
  }

  /// A change of unit changes no verdict: a margin is a ratio.
  @Test(arguments: Oracle.replicated)
  func aChangeOfUnitChangesNoVerdict(given: ReplicatedCase) throws {
    let estimate = try ReplicatedEstimate(given.values.map { $0 * 1_024 })
    let equivalence = try estimate.equivalence(
      target: given.target * 1_024, margin: given.margin)
    #expect(equivalence.verdict == given.equivalence)
    #expect(try estimate.atLeast(target: given.target * 1_024).verdict == given.atLeast)
  }

  /// Equal values and a single one are judged as an exact estimate is: limits included.
  @Test(arguments: [1, 2, 5], [8.9, 9.5, 10.0, 10.0.nextDown, 10.5, 11.2])
  func whatIsDeterministicIsNeverInconclusive(count: Int, value: Double) throws {
    let estimate = try ReplicatedEstimate([Double](repeating: value, count: count))
    let equivalence = try estimate.equivalence(target: 10, margin: 0.1)
    #expect(
      equivalence.verdict == ExactEstimate.equivalence(value, target: 10, margin: 0.1))
    let atLeast = try estimate.atLeast(target: 10)
    #expect(atLeast.verdict == ExactEstimate.atLeast(value, target: 10))
    for interval in [equivalence.interval, atLeast.interval] {
      #expect(interval.mean == value && interval.low == value && interval.high == value)
      #expect(interval.method == (count == 1 ? MeanInterval.Method.none : .exact))
      #expect(interval.warnings.count == (count == 1 ? 1 : 0))
    }
  }

  @Test func theRecordMustBeMetByEveryReplication() throws {
    #expect(try ReplicatedEstimate([5, 5 + 4e-9]).exact(recorded: 5).verdict == .pass)
    #expect(try ReplicatedEstimate([5, 5 + 6e-9]).exact(recorded: 5).verdict == .fail)
    #expect(try ReplicatedEstimate([4, 6]).exact(recorded: 5).verdict == .fail)
    #expect(try ReplicatedEstimate([5]).exact(recorded: 5).verdict == .pass)
  }

  // MARK: Refusals

  @Test func estimatesThatAreNotFiniteAreRefused() {
    #expect(throws: StatisticsError.noValues) { try ReplicatedEstimate([]) }
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) {
      try ReplicatedEstimate([1, .infinity])
    }
  }

  @Test func onlyARatioNeedsPositiveEstimates() throws {
    let estimate = try ReplicatedEstimate([1, 0, -1])
    #expect(throws: StatisticsError.notPositive(index: 1, value: 0)) {
      try estimate.equivalence(target: 1, margin: 0.1)
    }
    #expect(try estimate.atLeast(target: -9).verdict == .pass)
  }

  @Test func limitsThatAreNoneTrap() async {
    let target = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try ReplicatedEstimate([1, 2]).equivalence(target: 0, margin: 0.1)
    }
    expect(target, says: "a target of 0.0")
    let margin = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try ReplicatedEstimate([1, 2]).equivalence(target: 1, margin: 1)
    }
    expect(margin, says: "a margin of 1.0")
  }

  /// Equal verdicts in a row as one.
  private func runs(_ verdicts: [Verdict]) -> [Verdict] {
    verdicts.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}
