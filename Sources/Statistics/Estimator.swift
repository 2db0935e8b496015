/// How many settings become one speed-up. With a baseline time a and a design's time b in each of
/// K settings, r = a / b.
///
/// The choice is worth a quarter of the result, so every claim names its own.
public enum Estimator: String, CaseIterable, Sendable {
  /// (1/K) sum r: what the FlexServe paper's averages are.
  case meanOfRatios = "mean_of_ratios"
  /// exp((1/K) sum ln r): the same whichever side is the baseline.
  case geomean
  /// sum a / sum b: large settings dominate.
  case ratioOfMeans = "ratio_of_means"
  /// The largest r: "up to".
  case maxOfRatios = "max_of_ratios"
  /// The smallest r: "at least".
  case minOfRatios = "min_of_ratios"
  /// The unweighted mean of the means of r over each section.
  case meanOfSectionMeans = "mean_of_section_means"

  /// The formula in one line.
  public var meaning: String {
    switch self {
    case .meanOfRatios: "arithmetic mean of the settings' ratios"
    case .geomean: "geometric mean of the settings' ratios"
    case .ratioOfMeans: "sum of the baseline's values over sum of the design's"
    case .maxOfRatios: "largest of the settings' ratios"
    case .minOfRatios: "smallest of the settings' ratios"
    case .meanOfSectionMeans: "mean of the sections' mean ratios"
    }
  }

  /// - Parameter sections: the section of each setting; only `meanOfSectionMeans` reads it.
  /// - Throws: `StatisticsError` for no, unequally many, or non-positive values.
  public func estimate(
    baseline: [Double], design: [Double], sections: [Int]? = nil
  ) throws(StatisticsError) -> Double {
    let ratios = try speedups(baseline: baseline, design: design)
    let count = Double(ratios.count)
    switch self {
    case .meanOfRatios: return ratios.reduce(0, +) / count
    case .geomean:
      return exponential(ratios.reduce(0) { $0 + naturalLogarithm($1) } / count)
    case .ratioOfMeans: return baseline.reduce(0, +) / design.reduce(0, +)
    case .maxOfRatios: return ratios.reduce(0) { max($0, $1) }
    case .minOfRatios: return ratios.reduce(.infinity) { min($0, $1) }
    case .meanOfSectionMeans:
      guard let sections else { throw .missingSections }
      guard sections.count == ratios.count else {
        throw .unequalCounts(sections.count, ratios.count)
      }
      let names = Set(sections).sorted()
      let means = names.map { name in
        let members = ratios.indices.filter { sections[$0] == name }.map { ratios[$0] }
        return members.reduce(0, +) / Double(members.count)
      }
      return means.reduce(0, +) / Double(means.count)
    }
  }
}

/// Baseline over design, setting by setting.
/// - Throws: `StatisticsError` for no, unequally many, or non-positive values.
public func speedups(
  baseline: [Double], design: [Double]
) throws(StatisticsError) -> [Double] {
  guard baseline.count == design.count else {
    throw .unequalCounts(baseline.count, design.count)
  }
  guard !baseline.isEmpty else { throw .noValues }
  for values in [baseline, design] {
    for (index, value) in values.enumerated() where !(value > 0 && value.isFinite) {
      throw .notPositive(index: index, value: value)
    }
  }
  return zip(baseline, design).map { $0 / $1 }
}
