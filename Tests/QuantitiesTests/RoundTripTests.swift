import Quantities
import Testing

@Suite struct RoundTripTests {
  /// Values of every size: random bits of a random length, some of them
  /// rounded to a power of ten or of two, as people write them.
  private static func values(seed: UInt64) -> [Int64] {
    var generator = SplitMix64(state: seed)
    return (0..<500).flatMap { _ -> [Int64] in
      let value = Int64(generator.next() >> (1 + generator.next() % 63))
      let step: Int64 = generator.next().isMultiple(of: 2) ? 1_000 : 1_024
      var rounded = value
      for _ in 0..<(generator.next() % 5) { rounded /= step }
      while rounded != 0, rounded <= value / step { rounded *= step }
      return [value, rounded]
    }
  }

  private func expectRoundTrip<Quantity: QuantityText & Equatable>(
    seed: UInt64, _ make: (Int64) -> Quantity
  ) throws {
    for value in Self.values(seed: seed) {
      let quantity = make(value)
      let text = quantity.text
      let parsed = try Quantity(parsing: text)
      #expect(parsed == quantity, "seed \(seed), value \(value), text \(text)")
      #expect(parsed.text == text)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func aTextParsesBackToAnEqualValue(seed: UInt64) throws {
    try expectRoundTrip(seed: seed) { SimulatedDuration(picoseconds: $0) }
    try expectRoundTrip(seed: seed) { SimulatedTime(picoseconds: $0) }
    try expectRoundTrip(seed: seed) { ByteCount(bytes: $0) }
    try expectRoundTrip(seed: seed) { Bandwidth(bytesPerSecond: $0) }
    try expectRoundTrip(seed: seed) { Frequency(hertz: max(1, $0)) }
    try expectRoundTrip(seed: seed) { CycleCount($0) }
    try expectRoundTrip(seed: seed) { OperationRate(perSecond: $0, of: .multiplyAccumulate) }
    try expectRoundTrip(seed: seed) { OperationRate(perSecond: $0, of: .element) }
    try expectRoundTrip(seed: seed) { Ratio(partsPerBillion: $0) }
  }

  /// Below 2⁵¹ ps a picosecond is more than two steps of a `Double`.
  @Test(arguments: [4, 5] as [UInt64])
  func secondsConvertBackToTheSameDuration(seed: UInt64) throws {
    for value in Self.values(seed: seed) where value < 1 << 51 {
      let duration = SimulatedDuration(picoseconds: value)
      #expect(try SimulatedDuration(roundingUp: duration.seconds) == duration, "seed \(seed)")
    }
  }
}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
