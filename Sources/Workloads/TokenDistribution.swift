import SimulationKernel

/// How many tokens a prompt, or an answer, has.
///
/// Whole-number arithmetic alone: a draw is the same on every machine.
public enum TokenDistribution: Hashable, Sendable {
  case constant(Int)
  /// Every count of the range equally often.
  case uniform(ClosedRange<Int>)
  /// Quantiles at equal distances from 0 to 1, at least two and none smaller than the one before;
  /// between two of them counts are spread evenly.
  case quantiles([Int])
  /// A log-normal spread around a median, whose logarithm has a standard deviation of 1: lengths of
  /// what people write are skewed to the right about as much. Cut off at the 128th part on either
  /// side.
  case median(Int)

  /// Thousandths of the median at the 128th part, at every 32nd part, and at the last 128th:
  /// exp of the normal distribution's quantiles.
  static let logNormalShape: [Int64] = [
    89, 155, 216, 268, 317, 364, 412, 460, 509, 560, 613, 669, 727, 789, 854, 925, 1000, 1082,
    1170, 1268, 1375, 1495, 1630, 1784, 1963, 2174, 2428, 2746, 3159, 3736, 4637, 6441, 11218,
  ]

  /// - Returns: at least 1.
  public func draw(from stream: inout RandomStream) -> Int {
    switch self {
    case .constant(let count): return count
    case .uniform(let range):
      return range.lowerBound + Int(stream.next(below: Int64(range.count)))
    case .quantiles(let quantiles):
      return Self.interpolate(quantiles.map(Int64.init), at: stream.next(), scale: 1, over: 1)
    case .median(let median):
      return Self.interpolate(
        Self.logNormalShape, at: stream.next(), scale: Int64(median), over: 1000)
    }
  }

  /// The piecewise linear quantile function at `place` / 2^64, times `scale` / `divisor`, rounded to
  /// the nearest whole number, halves up; at least 1.
  static func interpolate(
    _ quantiles: [Int64], at place: UInt64, scale: Int64, over divisor: Int64
  ) -> Int {
    precondition(quantiles.count > 1, "\(quantiles.count) quantiles")
    let (segment, rest) = place.multipliedFullWidth(by: UInt64(quantiles.count - 1))
    let low = Int128(quantiles[Int(segment)])
    let rise = Int128(quantiles[Int(segment) + 1]) - low
    // In units of 2^-32: a count has fewer than 32 bits, so nothing overflows.
    let value = (low << 32 + rise * Int128(rest >> 32)) * Int128(scale)
    let unit = Int128(divisor) << 32
    return max(1, Int((value + unit / 2) / unit))
  }

  /// The largest count that it can give.
  public var largest: Int {
    switch self {
    case .constant(let count): count
    case .uniform(let range): range.upperBound
    case .quantiles(let quantiles): quantiles[quantiles.count - 1]
    case .median(let median):
      Self.interpolate(Self.logNormalShape, at: .max, scale: Int64(median), over: 1000)
    }
  }
}

extension TokenDistribution {
  /// In words, for people.
  public var text: String {
    switch self {
    case .constant(let count): "\(count)"
    case .uniform(let range): "\(range.lowerBound) to \(range.upperBound)"
    case .quantiles(let quantiles):
      "\(quantiles[0]) to \(quantiles[quantiles.count - 1]), median \(quantiles[quantiles.count / 2])"
    case .median(let median): "median \(median)"
    }
  }
}
