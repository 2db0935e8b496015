internal import CGSL

/// A two-sided interval for a mean, or why there is none.
public struct MeanInterval: Hashable, Sendable {
  public enum Method: Hashable, Sendable {
    /// Student's t with n - 1 degrees of freedom.
    case studentT
    /// All values are equal, as those of a deterministic setting are: nothing to infer.
    case exact
    /// Too few values.
    case none
  }

  public var method: Method
  public var sampleCount: Int
  public var level: Double
  public var mean: Double
  public var low: Double
  public var high: Double
  public var warnings: [String]
}

/// A sample of replications.
public struct SampleSummary: Hashable, Sendable {
  public var count: Int
  public var mean: Double
  /// With n - 1; zero for one value.
  public var standardDeviation: Double
  public var minimum: Double
  public var maximum: Double
  private var sorted: [Double]

  /// - Throws: `StatisticsError` when there is no value or one is not finite.
  public init(_ values: [Double]) throws(StatisticsError) {
    guard !values.isEmpty else { throw .noValues }
    for (index, value) in values.enumerated() where !value.isFinite {
      throw .notFinite(index: index, value: value)
    }
    sorted = values.sorted()
    count = values.count
    // Of equal values the mean is that value, without a rounding error.
    mean = sorted[0] == sorted[count - 1] ? sorted[0] : gsl_stats_mean(sorted, 1, count)
    standardDeviation = count > 1 ? gsl_stats_sd(sorted, 1, count) : 0
    minimum = sorted[0]
    maximum = sorted[count - 1]
    if minimum == maximum { standardDeviation = 0 }
  }

  /// The quantile by linear interpolation between order statistics (type 7, as NumPy and R).
  /// - Precondition: `fraction` lies in 0...1.
  public func quantile(_ fraction: Double) -> Double {
    precondition((0...1).contains(fraction), "a quantile at \(fraction)")
    return gsl_stats_quantile_from_sorted_data(sorted, 1, count, fraction)
  }

  public var median: Double { quantile(0.5) }

  /// Student's t interval for the mean: mean -+ t((1 + level)/2, n - 1) s / sqrt n.
  /// - Precondition: `level` lies between 0 and 1.
  /// - Throws: `StatisticsError` when GSL refuses.
  public func interval(level: Double) throws(StatisticsError) -> MeanInterval {
    precondition(level > 0 && level < 1, "a level of \(level)")
    func result(
      _ method: MeanInterval.Method, half: Double, _ warnings: [String] = []
    ) -> MeanInterval {
      MeanInterval(
        method: method, sampleCount: count, level: level, mean: mean, low: mean - half,
        high: mean + half, warnings: warnings)
    }
    if count < 2 {
      return result(
        .none, half: 0, ["\(count) value gives no interval; at least 2 are needed"])
    }
    if minimum == maximum { return result(.exact, half: 0) }
    // By the upper tail: near 1 a quantile is not to be had from its complement.
    let quantile = try GSL.number("gsl_cdf_tdist_Qinv") {
      gsl_cdf_tdist_Qinv((1 - level) / 2, Double(count - 1))
    }
    return result(.studentT, half: quantile * standardDeviation / Double(count).squareRoot())
  }
}
