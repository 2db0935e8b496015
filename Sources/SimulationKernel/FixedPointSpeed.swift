/// Arithmetic of speeds: whole numbers of 2^-30, at most one.
///
/// The kernel keeps remaining work in the same unit (picoseconds x 2^30, 128 bits), so progress
/// at a speed is an exact product, and an operation that always ran at full speed ends after
/// exactly its work. Speeds are rounded down and ends up to the picosecond.
enum FixedPointSpeed {
  static let fractionBits: Int128 = 30
  static let one: Int64 = 1 << 30

  /// What one operation wants of a shared resource.
  struct Claim {
    var operation: Int32
    /// At least one.
    var weight: Int32
    /// At full speed; above zero.
    var amount: Int64
  }

  /// Divides `capacity` max-min fairly among `claims`, by weight.
  ///
  /// Water filling: who asks for least a unit of weight gets what it asks for if that is no more
  /// than its weight's part of what is left; then the next. All others get their weight times one
  /// level. So no one is held back for the sake of somebody who asks for more, equal claims get
  /// equal speeds, and a weight of two gets exactly twice what one gets while both want more. The
  /// level is whole units; what rounding leaves, less than the sum of those weights, goes to
  /// nobody.
  ///
  /// - Parameters:
  ///   - order: room for places of claims, so that nothing is allocated once it has grown.
  ///   - speeds: becomes the speed of each claim, by its place.
  /// - Complexity: O(n log n).
  static func divide(
    _ capacity: Int64, among claims: RawArray<Claim>, order: inout RawArray<Int>,
    speeds: inout RawArray<Int64>
  ) {
    order.count = 0
    speeds.count = 0
    var weightLeft: Int64 = 0
    for place in 0..<claims.count {
      order.append(place)
      speeds.append(one)
      weightLeft += Int64(claims.elements[place].weight)
    }
    order.sort { a, b in
      // Amounts a unit of weight, as fractions; a place breaks ties.
      let left = Int128(claims.elements[a].amount) * Int128(claims.elements[b].weight)
      let right = Int128(claims.elements[b].amount) * Int128(claims.elements[a].weight)
      return (left, a) < (right, b)
    }
    var left = capacity
    for first in 0..<order.count {
      let claim = claims.elements[order.elements[first]]
      if Int128(claim.amount) * Int128(weightLeft) > Int128(left) * Int128(claim.weight) {
        let level = left / weightLeft
        for next in first..<order.count {
          let place = order.elements[next]
          let granted = Int128(level) * Int128(claims.elements[place].weight)
          speeds.elements[place] = Int64(
            (granted << fractionBits) / Int128(claims.elements[place].amount))
        }
        return
      }
      left -= claim.amount
      weightLeft -= Int64(claim.weight)
    }
  }
}
