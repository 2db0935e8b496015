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
  func capacityIsDividedFairly(capacity: Int64, demands: [Int64], speeds: [Int64]) {
    #expect(FixedPointSpeed.speeds(capacity: capacity, demands: demands) == speeds)
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
      let speeds = FixedPointSpeed.speeds(capacity: capacity, demands: demands)
      for order in permutations(of: Array(demands.indices)) {
        #expect(
          FixedPointSpeed.speeds(capacity: capacity, demands: order.map { demands[$0] })
            == order.map { speeds[$0] }, "capacity \(capacity), order \(order)")
      }
    }
  }

  private func check(capacity: Int64, demands: [Int64]) {
    let speeds = FixedPointSpeed.speeds(capacity: capacity, demands: demands)
    let name: Comment = "capacity \(capacity), demands \(demands)"
    #expect(speeds == slowSpeeds(capacity: capacity, demands: demands), name)

    // What each gets, in units of 2^-30.
    let one = Int128(FixedPointSpeed.one)
    let granted = zip(speeds, demands).map { Int128($0) * Int128($1) }
    #expect(speeds.allSatisfy { $0 >= 0 && $0 <= FixedPointSpeed.one }, name)
    #expect(granted.reduce(0, +) <= Int128(capacity) * one, name)
    for a in demands.indices {
      for b in demands.indices where demands[a] == demands[b] {
        #expect(speeds[a] == speeds[b], name)
      }
    }

    // Rounding costs everybody less than one unit of the resource, and less than one of speed.
    let slack = demands.map { one + Int128($0) }
    for a in demands.indices where speeds[a] < FixedPointSpeed.one {
      // Who gets less than it asks for gets no less than anybody else, and what is left is
      // rounding: it could only get more if somebody with as little lost.
      for b in demands.indices { #expect(granted[b] <= granted[a] + slack[a], name) }
      #expect(Int128(capacity) * one - granted.reduce(0, +) < slack.reduce(0, +), name)
    }
  }
}

/// Progressive filling with a level that is a fraction: whoever asks for no more than an equal
/// share of the rest gets it, until nobody does; the others get the level, in whole units.
func slowSpeeds(capacity: Int64, demands: [Int64]) -> [Int64] {
  var satisfied = Set<Int>()
  while true {
    let others = demands.indices.filter { !satisfied.contains($0) }
    let left = Int128(capacity) - satisfied.reduce(0) { $0 + Int128(demands[$1]) }
    let content = others.filter { Int128(demands[$0]) * Int128(others.count) <= left }
    if content.isEmpty {
      return demands.indices.map { index in
        guard !satisfied.contains(index) else { return FixedPointSpeed.one }
        return Int64(left / Int128(others.count) * (1 << 30) / Int128(demands[index]))
      }
    }
    satisfied.formUnion(content)
  }
}
