/// Spearman's: the correlation of ranks, equal values sharing the mean of theirs.
///
/// Not GSL's `gsl_stats_spearman`: its running means leave 1 - 2e-16 of a perfect correlation, and
/// ranks are exact.
/// - Precondition: as many values on both sides, and not all equal on either.
/// - Complexity: O(n²).
public func rankCorrelation(_ left: [Double], _ right: [Double]) -> Double {
  precondition(left.count == right.count, "\(left.count) and \(right.count) values")
  func ranks(_ values: [Double]) -> [Double] {
    values.map { value in
      let below = values.count { $0 < value }
      let equal = values.count { $0 == value }
      return Double(below) + Double(equal + 1) / 2
    }
  }
  func product(_ a: [Double], _ b: [Double]) -> Double {
    let mean = Double(a.count + 1) / 2
    return zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  }
  let (a, b) = (ranks(left), ranks(right))
  return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
}
