import Quantities
import Testing

@Suite struct RoundingTests {
  @Test(
    arguments: [
      (0, 0), (1, 0), (499, 0), (500, 0), (501, 1), (999, 1), (1_000, 1),
      (1_499, 1), (1_500, 2), (1_501, 2), (2_499, 2), (2_500, 2), (2_501, 3), (3_500, 4),
      (-499, 0), (-500, 0), (-501, -1), (-1_499, -1), (-1_500, -2), (-2_500, -2), (-2_501, -3),
      (Int64.max, 9_223_372_036_854_776), (Int64.min, -9_223_372_036_854_776),
    ] as [(Int64, Int64)])
  func nanosecondsAreRoundedHalfToEven(picoseconds: Int64, nanoseconds: Int64) {
    let duration = SimulatedDuration(picoseconds: picoseconds)
    #expect(duration.nanosecondsRoundedHalfToEven == nanoseconds)
    let instant = SimulatedTime(picoseconds: picoseconds)
    #expect(instant.nanosecondsRoundedHalfToEven == nanoseconds)
  }

  /// 1 B at 3 B/s takes 333,333,333,333.33 ps; 2 B take 666,666,666,666.67 ps;
  /// 3 B take a second. 25.6 bytes a nanosecond are 39.0625 ps a byte.
  @Test(
    arguments: [
      (0, 3, 0), (1, 3, 333_333_333_334), (2, 3, 666_666_666_667), (3, 3, 1_000_000_000_000),
      (1, 25_600_000_000, 40), (16, 25_600_000_000, 625), (4_096, 25_600_000_000, 160_000),
      (1, 1_000_000_000_000, 1), (1, Int64.max, 1),
      (Int64.max, Int64.max, 1_000_000_000_000), (Int64.max, 1_000_000_000_000, Int64.max),
    ] as [(Int64, Int64, Int64)])
  func bytesOverBandwidthRoundUpToAPicosecond(bytes: Int64, rate: Int64, picoseconds: Int64) {
    let duration = ByteCount(bytes: bytes) / Bandwidth(bytesPerSecond: rate)
    #expect(duration.picoseconds == picoseconds)
  }

  /// At 2.4 GHz a cycle is 416.67 ps: 1 rounds up to 417, and so 3 cycles are
  /// 1250 ps together, although 3 times 417 is 1251.
  @Test func cyclesRoundOnceAndNotOncePerCycle() {
    let clock = Frequency(hertz: 2_400_000_000)
    #expect(CycleCount(1) / clock == SimulatedDuration(picoseconds: 417))
    #expect(CycleCount(3) / clock == SimulatedDuration(picoseconds: 1_250))
    #expect(CycleCount(1_000_000_000) / Frequency(hertz: 1_000_000_000) == .seconds(1))
  }

  /// 29.7 GMAC/s are 33.67 ps each; 297 take exactly 10 ns.
  @Test func operationsOverARateRoundUp() {
    let rate = OperationRate(perSecond: 29_700_000_000)
    #expect(1 / rate == SimulatedDuration(picoseconds: 34))
    #expect(Int64(297) / rate == .nanoseconds(10))
    #expect(0 / rate == .zero)
  }

  @Test func aPartlyUsedPageCounts() {
    let page = ByteCount.kibibytes(4)
    #expect(ByteCount.zero.pages(of: page) == 0)
    #expect(ByteCount(bytes: 1).pages(of: page) == 1)
    #expect(ByteCount(bytes: 4_096).pages(of: page) == 1)
    #expect(ByteCount(bytes: 4_097).pages(of: page) == 2)
    #expect(ByteCount.gibibytes(8).pages(of: page) == 2_097_152)
    #expect(ByteCount(bytes: .max).pages(of: ByteCount(bytes: 2)) == 1 << 62)
  }

  @Test(
    arguments: [
      (0.0, 0), (-0.0, 0), (1e-12, 1), (1.5e-12, 2), (1e-13, 1), (.leastNonzeroMagnitude, 1),
      // Each of these lies a little off its decimal value, on one side or the other.
      (0.001, 1_000_000_000), (0.1, 100_000_000_000), (0.21e-3, 210_000_000),
      (0.07, 70_000_000_000),
      (30.06, 30_060_000_000_000), (1, 1_000_000_000_000),
      // The next Double after 1 is 2 to the power of -52 above: 0.0002 ps.
      (1.0.nextUp, 1_000_000_000_001), (1.0.nextDown, 1_000_000_000_000),
      // The product with 10 to the power of 12 is whole as a Double, but not
      // exactly. (Python: math.ceil(fractions.Fraction(seconds) * 10**12).)
      (0.0007786641720000001, 778_664_173), (0.0009392100139999999, 939_210_014),
      (0.00023163567500000001, 231_635_676), (1_695_517.632472859, 1_695_517_632_472_858_998),
      (1_026_013.4444839142, 1_026_013_444_483_914_180),
    ] as [(Double, Int64)])
  func secondsRoundUpToAPicosecond(seconds: Double, picoseconds: Int64) throws {
    #expect(try SimulatedDuration(roundingUp: seconds).picoseconds == picoseconds)
  }

  @Test(
    arguments: [
      (Double.nan, "nan", "it is not a number"),
      (-1, "-1.0", "it is negative"),
      (-.infinity, "-inf", "it is negative"),
      (.infinity, "inf", "it is not finite"),
      (1e7, "10000000.0", "it is more than 9223372036854775807 picoseconds"),
      (1e300, "1e+300", "it is more than 9223372036854775807 picoseconds"),
    ] as [(Double, String, String)])
  func secondsThatAreNoDurationAreRefused(seconds: Double, found: String, reason: String) {
    let error = #expect(throws: QuantityError.self) { try SimulatedDuration(roundingUp: seconds) }
    let expected =
      #"expected a duration in seconds, such as 0.00021, found "\#(found)" (\#(reason))"#
    #expect(error?.description == expected)
  }

  /// A third of 10 is 3.33: up to 4 for what is counted as a cost, down to 3
  /// for a rate.
  @Test func aScaledQuantityRoundsTowardsTheLongerTime() {
    let third = Ratio(1, over: 3)
    #expect(ByteCount(bytes: 10).scaledRoundingUp(by: third) == ByteCount(bytes: 4))
    #expect(
      SimulatedDuration(picoseconds: 10).scaledRoundingUp(by: third)
        == SimulatedDuration(picoseconds: 4))
    #expect(
      SimulatedDuration(picoseconds: -10).scaledRoundingUp(by: third)
        == SimulatedDuration(picoseconds: -3))
    #expect(
      Bandwidth(bytesPerSecond: 10).scaledRoundingDown(by: third) == Bandwidth(bytesPerSecond: 3))
    #expect(
      OperationRate(perSecond: 10, of: .element).scaledRoundingDown(by: third)
        == OperationRate(perSecond: 3, of: .element))
    #expect(ByteCount(bytes: .max).scaledRoundingUp(by: .one) == ByteCount(bytes: .max))
  }

  /// In billionths: 1/3 is 333,333,333.3 and 2/3 is 666,666,666.7; 1 and 3
  /// over 2 × 10⁹ are the halves 0.5 and 1.5, 5 over it is 2.5.
  @Test func aRatioIsRoundedHalfToEven() {
    #expect(Ratio(1, over: 3) == Ratio(partsPerBillion: 333_333_333))
    #expect(Ratio(2, over: 3) == Ratio(partsPerBillion: 666_666_667))
    #expect(Ratio(1, over: 2_000_000_000) == Ratio(partsPerBillion: 0))
    #expect(Ratio(3, over: 2_000_000_000) == Ratio(partsPerBillion: 2))
    #expect(Ratio(5, over: 2_000_000_000) == Ratio(partsPerBillion: 2))
    #expect(Ratio(.max, over: .max) == .one)
  }
}
