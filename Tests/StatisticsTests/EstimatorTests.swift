import Statistics
import Testing

@Suite struct EstimatorTests {
  /// Ratios of 10, 5, 6 and 5; the first makes a section, the others another.
  ///
  ///     mean of ratios         26 / 4                = 6.5
  ///     geometric mean         1500 ^ (1/4)          = 6.2233...
  ///     ratio of means         100 / 18              = 5.5555...
  ///     mean of section means  (10 + 16 / 3) / 2     = 7.6666...
  @Test(
    arguments: [
      (.meanOfRatios, 6.5), (.geomean, 6.223329772884784), (.ratioOfMeans, 100.0 / 18),
      (.maxOfRatios, 10), (.minOfRatios, 5), (.meanOfSectionMeans, 23.0 / 3),
    ] as [(Estimator, Double)])
  func estimatesByHand(estimator: Estimator, expected: Double) throws {
    let estimate = try estimator.estimate(
      baseline: [10, 20, 30, 40], design: [1, 4, 5, 8], sections: [7, -2, -2, -2])
    #expect(agree(estimate, expected))
  }

  @Test(arguments: Oracle.estimators)
  func estimatesAgreeWithTheOracle(given: EstimatorCase) throws {
    let expected: [(Estimator, Double)] = [
      (.meanOfRatios, given.meanOfRatios), (.geomean, given.geomean),
      (.ratioOfMeans, given.ratioOfMeans), (.maxOfRatios, given.maxOfRatios),
      (.minOfRatios, given.minOfRatios), (.meanOfSectionMeans, given.meanOfSectionMeans),
    ]
    #expect(Set(expected.map(\.0)) == Set(Estimator.allCases))
    for (estimator, value) in expected {
      let estimate = try estimator.estimate(
        baseline: given.baseline, design: given.design, sections: given.sections)
      #expect(agree(estimate, value), "\(estimator): \(estimate), not \(value)")
    }
  }

  /// The smallest ratio bounds every mean from below and the largest from above, and of the means
  /// the arithmetic one is not below the geometric one.
  @Test(arguments: Oracle.estimators)
  func meansLieBetweenTheExtremes(given: EstimatorCase) throws {
    let estimates = try Estimator.allCases.map {
      try $0.estimate(
        baseline: given.baseline, design: given.design, sections: given.sections)
    }
    let least = try Estimator.minOfRatios.estimate(
      baseline: given.baseline, design: given.design)
    let largest = try Estimator.maxOfRatios.estimate(
      baseline: given.baseline, design: given.design)
    let rounding = 1e-12 * largest
    #expect(estimates.allSatisfy { least - rounding <= $0 && $0 <= largest + rounding })
    let arithmetic = try Estimator.meanOfRatios.estimate(
      baseline: given.baseline, design: given.design)
    let geometric = try Estimator.geomean.estimate(
      baseline: given.baseline, design: given.design)
    #expect(geometric <= arithmetic + rounding)
  }

  /// With the sides swapped a speed-up is its inverse: for the geometric mean and the ratio of
  /// means, not for the mean of ratios.
  @Test(arguments: Oracle.estimators)
  func theGeometricMeanDoesNotDependOnWhichSideIsTheBaseline(given: EstimatorCase) throws {
    for estimator in [Estimator.geomean, .ratioOfMeans] {
      let forth = try estimator.estimate(baseline: given.baseline, design: given.design)
      let back = try estimator.estimate(baseline: given.design, design: given.baseline)
      #expect(agree(forth * back, 1))
    }
    let largest = try Estimator.maxOfRatios.estimate(
      baseline: given.baseline, design: given.design)
    let least = try Estimator.minOfRatios.estimate(
      baseline: given.design, design: given.baseline)
    #expect(agree(largest * least, 1))
  }

  @Test func sectionsOfEqualSizeGiveTheMeanOfRatios() throws {
    let (baseline, design) = ([8, 3, 5, 7, 1, 2] as [Double], [2, 4, 4, 1, 1, 3] as [Double])
    let mean = try Estimator.meanOfRatios.estimate(baseline: baseline, design: design)
    for sections in [[0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5], [2, 1, 0, 0, 1, 2]] {
      let estimate = try Estimator.meanOfSectionMeans.estimate(
        baseline: baseline, design: design, sections: sections)
      #expect(agree(estimate, mean))
    }
  }

  @Test(arguments: Estimator.allCases)
  func oneSettingGivesItsRatio(estimator: Estimator) throws {
    let estimate = try estimator.estimate(baseline: [3], design: [2], sections: [0])
    #expect(agree(estimate, 1.5))
  }

  /// The names that claim files use.
  @Test func estimatorsHaveTheirNames() {
    #expect(
      Estimator.allCases.map(\.rawValue) == [
        "mean_of_ratios", "geomean", "ratio_of_means", "max_of_ratios", "min_of_ratios",
        "mean_of_section_means",
      ])
  }

  // MARK: Refusals

  static let refusals: [(baseline: [Double], design: [Double], error: StatisticsError)] = [
    ([], [], .noValues),
    ([1, 2], [1], .unequalCounts(2, 1)),
    ([], [1], .unequalCounts(0, 1)),
    ([1, 0], [1, 1], .notPositive(index: 1, value: 0)),
    ([1, 1], [-3, 1], .notPositive(index: 0, value: -3)),
    ([1, .infinity], [1, 1], .notPositive(index: 1, value: .infinity)),
    ([1, 1], [1, -.infinity], .notPositive(index: 1, value: -.infinity)),
  ]

  @Test(arguments: Estimator.allCases, refusals)
  func valuesWithoutARatioAreRefused(
    estimator: Estimator, given: (baseline: [Double], design: [Double], error: StatisticsError)
  ) {
    #expect(throws: given.error) {
      try estimator.estimate(
        baseline: given.baseline, design: given.design, sections: given.baseline.map { _ in 0 })
    }
    #expect(throws: given.error) {
      try ErrorSummary(predicted: given.baseline, reported: given.design)
    }
  }

  /// NaN is equal to nothing, so the error is looked at by its text.
  @Test(arguments: Estimator.allCases)
  func notANumberIsRefused(estimator: Estimator) {
    for (baseline, design) in [([1, .nan], [1, 1]), ([1, 1], [1, .nan])] as [([Double], [Double])] {
      let error = #expect(throws: StatisticsError.self) {
        try estimator.estimate(baseline: baseline, design: design, sections: [0, 0])
      }
      #expect(error?.description == "value 2 is nan; a ratio needs values above zero")
    }
  }

  @Test func sectionsAreNeededOneAValue() {
    #expect(throws: StatisticsError.missingSections) {
      try Estimator.meanOfSectionMeans.estimate(baseline: [1, 2], design: [1, 2])
    }
    #expect(throws: StatisticsError.unequalCounts(1, 2)) {
      try Estimator.meanOfSectionMeans.estimate(baseline: [1, 2], design: [1, 2], sections: [0])
    }
  }
}
