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
