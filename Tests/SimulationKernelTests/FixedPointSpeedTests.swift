import Testing

@testable import SimulationKernel

@Suite struct FixedPointSpeedTests {
  /// Of 100, demands of 20, 50 and 100 get 20, 40 and 40: 1, 4/5 and 2/5 of full speed. In
  /// parts of 2^30 = 1,073,741,824 these are 858,993,459.2 and 429,496,729.6, rounded down.
  @Test(
    arguments: [
      (100, [20, 50, 100], [1 << 30, 858_993_459, 429_496_729]),
      (100, [100, 50, 20], [429_496_729, 858_993_459, 1 << 30]),
      (100, [100], [1 << 30]),
      (100, [200], [1 << 29]),
      (100, [100, 100], [1 << 29, 1 << 29]),
      (100, [30, 30, 40], [1 << 30, 1 << 30, 1 << 30]),
      // Each gets 33 whole units, and nobody the one that is left: 33/100 is 354,334,801.92.
      (100, [100, 100, 100], [354_334_801, 354_334_801, 354_334_801]),
      // 2 units for 3 give nobody anything.
      (2, [5, 5, 5], [0, 0, 0]),
      (7, [], []),
    ] as [(Int64, [Int64], [Int64])])
  func capacityIsDividedFairly(capacity: Int64, demands: [Int64], expected: [Int64]) {
    #expect(fairSpeeds(capacity: capacity, demands: demands) == expected)
  }

  /// All demands of one to six units by up to four operations, on all capacities to twelve.
  @Test(arguments: 0...4)
  func smallDivisionsAgreeWithTheSlowReferenceAndObeyTheLaws(count: Int) {
    for demands in lists(of: count, from: Array(1...6 as ClosedRange<Int64>)) {
      for capacity in 1...12 as ClosedRange<Int64> { check(capacity: capacity, demands: demands) }
    }
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func largeDivisionsAgreeWithTheSlowReferenceAndObeyTheLaws(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let count = Int.random(in: 1...30, using: &generator)
    let largest = Int64(1) << Int64.random(in: 1...50, using: &generator)
    let few = (0..<4).map { _ in Int64.random(in: 1...largest, using: &generator) }
    let demands = (0..<count).map { _ in
      Bool.random(using: &generator)
        ? few.randomElement(using: &generator)! : Int64.random(in: 1...largest, using: &generator)
    }
    check(capacity: Int64.random(in: 1...(1 << 50), using: &generator), demands: demands)
  }

  /// Whose speed is whose does not depend on the order of asking.
  @Test func everyOrderOfAskingGivesTheSameSpeeds() {
    let demands: [Int64] = [3, 7, 7, 11, 13]
    for capacity in 1...45 as ClosedRange<Int64> {
      let speeds = fairSpeeds(capacity: capacity, demands: demands)
      for order in permutations(of: Array(demands.indices)) {
        #expect(
          fairSpeeds(capacity: capacity, demands: order.map { demands[$0] })
            == order.map { speeds[$0] }, "capacity \(capacity), order \(order)")
      }
    }
  }

  /// Of 100, all that ask for 100 by weights of 1, 1 and 2: 25, 25 and 50. Where the last asks
  /// for 40 only, the others divide the other 60.
  @Test(
    arguments: [
      (100, [(100, 1), (100, 1), (100, 2)], [1 << 28, 1 << 28, 1 << 29]),
      (100, [(60, 1), (60, 1), (40, 2)], [1 << 29, 1 << 29, 1 << 30]),
      // 40 of weight 1 and 80 of weight 2 ask for the same a unit of weight: both have it, or
      // neither.
      (120, [(80, 2), (40, 1)], [1 << 30, 1 << 30]),
      (60, [(80, 2), (40, 1)], [1 << 29, 1 << 29]),
      // The heavy one asks for little: weight gives it no more.
      (100, [(10, 1_000), (180, 1)], [1 << 30, 1 << 29]),
      // The first gets a level of 14 whole units three times, 42 of 200; 2 of 100 are left.
      (100, [(200, 3), (56, 4)], [225_485_783, 1 << 30]),
      // 8 units for a weight of 9 give nobody anything.
      (8, [(9, 4), (9, 4), (9, 1)], [0, 0, 0]),
    ] as [(Int64, [(Int64, Int)], [Int64])])
  func weightsDivideWhatIsLeft(capacity: Int64, claims: [(Int64, Int)], expected: [Int64]) {
    let speeds = fairSpeeds(
      capacity: capacity, demands: claims.map(\.0), weights: claims.map(\.1))
    #expect(speeds == expected)
  }

  /// All demands of one to four units with weights of one to three, by up to three operations.
  @Test(arguments: 0...3)
  func smallWeightedDivisionsAgreeWithTheSlowReferenceAndObeyTheLaws(count: Int) {
    for demands in lists(of: count, from: Array(1...4 as ClosedRange<Int64>)) {
      for weights in lists(of: count, from: [1, 2, 3]) {
        for capacity in 1...10 as ClosedRange<Int64> {
          check(capacity: capacity, demands: demands, weights: weights)
        }
      }
    }
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>)
  func largeWeightedDivisionsAgreeWithTheSlowReferenceAndObeyTheLaws(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let count = Int.random(in: 1...30, using: &generator)
    let largest = Int64(1) << Int64.random(in: 1...50, using: &generator)
    let heaviest = seed.isMultiple(of: 2) ? 4 : ResourceDemand.greatestWeight
    check(
      capacity: Int64.random(in: 1...(1 << 50), using: &generator),
      demands: (0..<count).map { _ in Int64.random(in: 1...largest, using: &generator) },
      weights: (0..<count).map { _ in Int.random(in: 1...heaviest, using: &generator) })
  }

  /// Random claims among which one asks for a lot with weight 1, and one with weight 2.
  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func aWeightOfTwoGetsTwiceAsMuchWhileBothWantMore(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let others = Int.random(in: 0...8, using: &generator)
    let capacity = Int64.random(in: (1 << 41)...(1 << 51), using: &generator)
    let demands =
      [1 << 52, 1 << 52]
      + (0..<others).map { _ in Int64.random(in: 1...capacity, using: &generator) }
    let weights = [1, 2] + (0..<others).map { _ in Int.random(in: 1...5, using: &generator) }
    let speeds = fairSpeeds(capacity: capacity, demands: demands, weights: weights)
    #expect(speeds[0] > 0)
    #expect(abs(speeds[1] - 2 * speeds[0]) <= 1)
  }

  /// Equal weights divide as no weights do, whatever the weight, where no rounding is at stake.
  @Test func onlyTheRatioOfWeightsMatters() {
    let demands: [Int64] = [30, 70, 70, 110]
    for capacity in stride(from: 120 as Int64, through: 360, by: 12) {
      let plain = fairSpeeds(capacity: capacity * 100, demands: demands.map { $0 * 100 })
      for weight in [2, 5, 10] {
        let weighted = fairSpeeds(
          capacity: capacity * 100, demands: demands.map { $0 * 100 },
          weights: demands.map { _ in weight })
        #expect(weighted == plain, "capacity \(capacity), weight \(weight)")
      }
    }
  }

  private func check(capacity: Int64, demands: [Int64], weights given: [Int]? = nil) {
    let weights = given ?? demands.map { _ in 1 }
    let speeds = fairSpeeds(capacity: capacity, demands: demands, weights: weights)
    let name: Comment = "capacity \(capacity), demands \(demands), weights \(weights)"
    #expect(speeds == slowSpeeds(capacity: capacity, demands: demands, weights: weights), name)
    if given == nil {
      #expect(speeds == unweightedSpeeds(capacity: capacity, demands: demands), name)
    }

    // What each gets, in units of 2^-30.
    let one = Int128(FixedPointSpeed.one)
    let granted = zip(speeds, demands).map { Int128($0) * Int128($1) }
    #expect(speeds.allSatisfy { $0 >= 0 && $0 <= FixedPointSpeed.one }, name)
    #expect(granted.reduce(0, +) <= Int128(capacity) * one, name)
    for a in demands.indices {
      for b in demands.indices where demands[a] == demands[b] && weights[a] == weights[b] {
        #expect(speeds[a] == speeds[b], name)
      }
    }

    // Rounding costs everybody less than one unit of the resource a unit of weight, and less than
    // one of speed.
    let slack = zip(demands, weights).map { Int128($1) * one + Int128($0) }
    for a in demands.indices where speeds[a] < FixedPointSpeed.one {
      // Who gets less than it asks for gets, by weight, no less than anybody else, and what is
      // left is rounding: it could only get more if somebody with as little lost.
      for b in demands.indices {
        let (weightA, weightB) = (Int128(weights[a]), Int128(weights[b]))
        #expect(granted[b] * weightA <= (granted[a] + slack[a]) * weightB, name)
      }
      #expect(Int128(capacity) * one - granted.reduce(0, +) < slack.reduce(0, +), name)
    }
  }
}

/// The kernel's division, with room made for it each time.
private func fairSpeeds(capacity: Int64, demands: [Int64], weights: [Int]? = nil) -> [Int64] {
  var claims = RawArray<FixedPointSpeed.Claim>(capacity: 1)
  var order = RawArray<Int>(capacity: 1)
  var speeds = RawArray<Int64>(capacity: 1)
  defer {
    claims.deallocate()
    order.deallocate()
    speeds.deallocate()
  }
  for (place, demand) in demands.enumerated() {
    claims.append(
      FixedPointSpeed.Claim(
        operation: Int32(place), weight: Int32(weights?[place] ?? 1), amount: demand))
  }
  // What stood there before does not matter.
  for _ in 0..<3 { order.append(7) }
  speeds.append(-1)
  FixedPointSpeed.divide(capacity, among: claims, order: &order, speeds: &speeds)
  return (0..<speeds.count).map { speeds.elements[$0] }
}

/// A fraction whose parts fit the products that are taken here.
private struct Fraction: Comparable {
  var numerator: Int128
  var denominator: Int128

  static func < (a: Self, b: Self) -> Bool {
    a.numerator * b.denominator < b.numerator * a.denominator
  }
  static func == (a: Self, b: Self) -> Bool {
    a.numerator * b.denominator == b.numerator * a.denominator
  }
}

/// Progressive filling with a level that is a fraction: whoever asks for no more, a unit of its
/// weight, than what is left a unit of the others' weight gets it, until nobody does; the others get
/// the level, in whole units, by their weight.
func slowSpeeds(capacity: Int64, demands: [Int64], weights: [Int]) -> [Int64] {
  var satisfied = Set<Int>()
  while true {
    let others = demands.indices.filter { !satisfied.contains($0) }
    let level = Fraction(
      numerator: Int128(capacity) - satisfied.reduce(0) { $0 + Int128(demands[$1]) },
      denominator: Int128(others.reduce(0) { $0 + weights[$1] }))
    let content = others.filter {
      Fraction(numerator: Int128(demands[$0]), denominator: Int128(weights[$0])) <= level
    }
    if content.isEmpty {
      return demands.indices.map { index in
        guard !satisfied.contains(index) else { return FixedPointSpeed.one }
        let wholeUnits = level.numerator / level.denominator * Int128(weights[index])
        return Int64(wholeUnits * (1 << 30) / Int128(demands[index]))
      }
    }
    satisfied.formUnion(content)
  }
}

/// What weights of one must give: an equal share of the rest, in whole units, to whoever asks for
/// more than that.
private func unweightedSpeeds(capacity: Int64, demands: [Int64]) -> [Int64] {
  var result = [Int64](repeating: FixedPointSpeed.one, count: demands.count)
  let order = demands.indices.sorted { (demands[$0], $0) < (demands[$1], $1) }
  var left = capacity
  for (place, index) in order.enumerated() {
    let share = left / Int64(demands.count - place)
    if demands[index] > share {
      for rest in order[place...] {
        result[rest] = Int64((Int128(share) << 30) / Int128(demands[rest]))
      }
      break
    }
    left -= demands[index]
  }
  return result
}
