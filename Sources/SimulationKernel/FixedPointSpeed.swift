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
  /// Water filling: the smallest demand gets what it asks for if that is no more than an equal
  /// share of what is left; then the next. All others get that equal share. So no one is held
  /// back for the sake of somebody who asks for more, and equal demands get equal speeds. Whole
  /// units; what rounding leaves goes to nobody.
  /// - Complexity: O(n log n).
  static func speeds(capacity: Int64, demands: [Int64]) -> [Int64] {
    var result = [Int64](repeating: one, count: demands.count)
    let order = demands.indices.sorted { (demands[$0], $0) < (demands[$1], $1) }
    var left = capacity
    for (place, index) in order.enumerated() {
      let share = left / Int64(demands.count - place)
      if demands[index] > share {
        for rest in order[place...] {
          result[rest] = Int64((Int128(share) << fractionBits) / Int128(demands[rest]))
        }
        break
      }
      left -= demands[index]
    }
    return result
  }
}
