/// Arithmetic of speeds: whole numbers of 2^-30, at most one.
///
/// The kernel keeps remaining work in the same unit (picoseconds x 2^30, 128 bits), so progress
/// at a speed is an exact product, and an operation that always ran at full speed ends after
/// exactly its work. Speeds are rounded down and ends up to the picosecond.
enum FixedPointSpeed {
  static let fractionBits: Int128 = 30
  static let one: Int64 = 1 << 30

  /// Divides `capacity` max-min fairly among `demands` and returns the speed of each.
  ///
  /// Water filling: the smallest demand gets what it asks for, or an equal share of what is left
  /// if that is less; then the next. So no one is held back for the sake of somebody who asks
  /// for more. Whole units; what rounding leaves goes to nobody.
  /// - Complexity: O(n log n).
  static func speeds(capacity: Int64, demands: [Int64]) -> [Int64] {
    var result = [Int64](repeating: one, count: demands.count)
    let order = demands.indices.sorted { (demands[$0], $0) < (demands[$1], $1) }
    var left = capacity
    for (place, index) in order.enumerated() {
      let share = left / Int64(demands.count - place)
      let granted = min(demands[index], share)
      left -= granted
      if granted < demands[index] {
        result[index] = Int64((Int128(granted) << fractionBits) / Int128(demands[index]))
      }
    }
    return result
  }
}
