/// A small generator with a seed, so that a failing case replays: Steele, Lea and Flood's
/// SplitMix64 (OOPSLA 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// Every order of some values.
func permutations<Element>(of values: [Element]) -> [[Element]] {
  guard let first = values.first else { return [[]] }
  return permutations(of: Array(values.dropFirst())).flatMap { rest in
    (0...rest.count).map { place in
      var order = rest
      order.insert(first, at: place)
      return order
    }
  }
}

/// Every list of `count` values, each out of `values`.
func lists<Element>(of count: Int, from values: [Element]) -> [[Element]] {
  guard count > 0 else { return [[]] }
  return lists(of: count - 1, from: values).flatMap { rest in values.map { rest + [$0] } }
}
