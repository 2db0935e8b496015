/// What a gate says of a claim.
public enum Verdict: String, Hashable, Sendable {
  case pass
  case fail
  /// More replications are needed.
  case inconclusive
}

/// Verdicts on one estimate of deterministic runs: the estimate is exact, so none is inconclusive.
public enum ExactEstimate {
  /// Relative difference up to which two numbers count as the same.
  public static let tolerance = 1e-9

  /// Whether the estimate lies within a relative margin of the target.
  public static func equivalence(_ estimate: Double, target: Double, margin: Double) -> Verdict {
    (estimate / target - 1).magnitude <= margin ? .pass : .fail
  }

  /// Whether the estimate reaches the target.
  public static func atLeast(_ estimate: Double, target: Double) -> Verdict {
    estimate >= target ? .pass : .fail
  }

  /// Whether the estimate is the recorded number, to `tolerance`.
  public static func exact(_ estimate: Double, recorded: Double) -> Verdict {
    (estimate - recorded).magnitude <= tolerance * recorded.magnitude ? .pass : .fail
  }
}

/// A verdict and the interval that it rests on.
public struct Judgement: Hashable, Sendable {
  public var verdict: Verdict
  /// On the scale of the estimates.
  public var interval: MeanInterval
}

/// Verdicts on an estimate that was made once a replication: the whole claim is computed from each
/// replication alone, and what is inferred is inferred over replications.
///
/// Each is a pair of one-sided tests at 5 %, which is to say a two-sided Student t interval at
/// `level`. Equal values, as deterministic runs give them, and a single value are exact: they are
/// judged as `ExactEstimate` judges one, and never inconclusive.
public struct ReplicatedEstimate: Hashable, Sendable {
  /// The level of the two-sided interval; its ends are one-sided bounds at 95 %.
  public static let level = 0.9

  /// One a replication.
  public let values: [Double]
  private let sample: SampleSummary

  /// - Throws: `StatisticsError` when there is no value or one is not finite.
  public init(_ values: [Double]) throws(StatisticsError) {
    sample = try SampleSummary(values)
    self.values = values
  }

  /// Whether the estimate is within a relative margin of the target: two one-sided tests.
  ///
  /// The interval is that of the mean of ln T, since a margin is a ratio; the limits are
  /// ln target + ln(1 -+ margin). It passes where the interval lies inside of them, limits
  /// included, and fails where it lies outside. The judgement's interval and mean, which is a
  /// geometric one, are transformed back.
  /// - Precondition: `target` is above zero, and `margin` from 0 to below 1.
  /// - Throws: `StatisticsError` for an estimate that is not above zero, or when GSL refuses.
  public func equivalence(target: Double, margin: Double) throws(StatisticsError) -> Judgement {
    precondition(target > 0 && target.isFinite, "a target of \(target)")
    precondition(margin >= 0 && margin < 1, "a margin of \(margin)")
    for (index, value) in values.enumerated() where value <= 0 {
      throw .notPositive(index: index, value: value)
    }
    if isExact {
      return Judgement(
        verdict: ExactEstimate.equivalence(values[0], target: target, margin: margin),
        interval: try sample.interval(level: Self.level))
    }
    var interval = try SampleSummary(values.map(naturalLogarithm)).interval(level: Self.level)
    let low = naturalLogarithm(target) + naturalLogarithm(1 - margin)
    let high = naturalLogarithm(target) + naturalLogarithm(1 + margin)
    let verdict: Verdict =
      if interval.low >= low && interval.high <= high {
        .pass
      } else if interval.high < low || interval.low > high {
        .fail
      } else {
        .inconclusive
      }
    interval.mean = exponential(interval.mean)
    interval.low = exponential(interval.low)
    interval.high = exponential(interval.high)
    return Judgement(verdict: verdict, interval: interval)
  }

  /// Whether the estimate reaches the target: it passes where the lower one-sided bound does, and
  /// fails where the upper one does not. On the plain scale.
  /// - Throws: `StatisticsError` when GSL refuses.
  public func atLeast(target: Double) throws(StatisticsError) -> Judgement {
    let interval = try sample.interval(level: Self.level)
    let verdict: Verdict =
      if isExact {
        ExactEstimate.atLeast(values[0], target: target)
      } else if interval.low >= target {
        .pass
      } else if interval.high < target {
        .fail
      } else {
        .inconclusive
      }
    return Judgement(verdict: verdict, interval: interval)
  }

  /// Whether every replication gave the recorded number, to `ExactEstimate.tolerance`.
  /// - Throws: `StatisticsError` when GSL refuses.
  public func exact(recorded: Double) throws(StatisticsError) -> Judgement {
    let isMet = values.allSatisfy { ExactEstimate.exact($0, recorded: recorded) == .pass }
    return Judgement(
      verdict: isMet ? .pass : .fail, interval: try sample.interval(level: Self.level))
  }

  private var isExact: Bool { sample.minimum == sample.maximum }
}
