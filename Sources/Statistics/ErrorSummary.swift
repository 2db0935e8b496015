/// How far predictions are from what was reported, relative to what was reported.
public struct ErrorSummary: Hashable, Sendable {
  /// (predicted - reported) / reported, in order.
  public var errors: [Double]
  /// Mean of the magnitudes.
  public var meanAbsolute: Double
  /// Mean with signs: the bias.
  public var mean: Double
  /// Index of the error with the largest magnitude; the first of several.
  public var worstIndex: Int

  public var count: Int { errors.count }
  public var worst: Double { errors[worstIndex] }

  /// - Throws: `StatisticsError` for no, unequally many, or non-positive values.
  public init(predicted: [Double], reported: [Double]) throws(StatisticsError) {
    errors = try speedups(baseline: predicted, design: reported).map { $0 - 1 }
    let count = Double(errors.count)
    meanAbsolute = errors.reduce(0) { $0 + $1.magnitude } / count
    mean = errors.reduce(0, +) / count
    worstIndex = 0
    for index in errors.indices where errors[index].magnitude > errors[worstIndex].magnitude {
      worstIndex = index
    }
  }
}
