import Quantities
import Testing

@Suite struct ArithmeticTests {
  @Test func anInstantPlusASpanIsAnInstant() {
    var now = SimulatedTime.zero + .microseconds(30)
    #expect(now == SimulatedTime(picoseconds: 30_000_000))
    now += .nanoseconds(5)
    #expect(now - .zero == SimulatedDuration(picoseconds: 30_005_000))
    #expect(SimulatedTime.zero - now == SimulatedDuration(picoseconds: -30_005_000))
    #expect(now > .zero)
    #expect((SimulatedTime.zero + .milliseconds(1_500)).seconds == 1.5)
  }

  @Test func theMakersAgreeWithTheTexts() throws {
    #expect(try SimulatedDuration(parsing: "7 ns") == .nanoseconds(7))
    #expect(try SimulatedDuration(parsing: "7 us") == .microseconds(7))
    #expect(try SimulatedDuration(parsing: "7 ms") == .milliseconds(7))
    #expect(try SimulatedDuration(parsing: "7 s") == .seconds(7))
    #expect(try ByteCount(parsing: "7 KiB") == .kibibytes(7))
    #expect(try ByteCount(parsing: "7 MiB") == .mebibytes(7))
    #expect(try ByteCount(parsing: "7 GiB") == .gibibytes(7))
    #expect(try Ratio(parsing: "7 %") == .percent(7))
  }

  @Test func quantitiesScaleAndAddUp() {
    #expect(3 * SimulatedDuration.seconds(2) == .seconds(6))
    #expect(SimulatedDuration.seconds(2) * Int64(-1) == .seconds(-2))
    #expect(ByteCount.mebibytes(4) * 256 == .gibibytes(1))
    #expect(2 * CycleCount(3) - CycleCount(5) == CycleCount(1))
    #expect(Bandwidth(bytesPerSecond: 5) * 4 == Bandwidth(bytesPerSecond: 20))
    #expect(
      4 * OperationRate(perSecond: 5, of: .element) == OperationRate(perSecond: 20, of: .element))
    #expect([SimulatedDuration.seconds(1), .seconds(2), .seconds(3)].sum() == .seconds(6))
    #expect([ByteCount]().sum() == .zero)
    #expect(Ratio.one - .percent(25) == .percent(75))
  }

  @Test func flowsShareABandwidth() {
    let memory = Bandwidth(bytesPerSecond: 30)
    let flows = [Bandwidth(bytesPerSecond: 10), Bandwidth(bytesPerSecond: 12)]
    #expect(memory - flows.sum() == Bandwidth(bytesPerSecond: 8))
    #expect(3 * flows[0] == memory)
  }

  @Test func quantitiesAreOrderedBySize() throws {
    #expect(ByteCount.gibibytes(1) > (try ByteCount(parsing: "1 GB")))
    #expect(Bandwidth(bytesPerSecond: 1) > .zero)
    #expect(Frequency(hertz: 1) < Frequency(hertz: 2))
    #expect(CycleCount(1) < CycleCount(2))
    #expect(Ratio.percent(99) < .one)
    #expect(max(SimulatedDuration.seconds(1), .milliseconds(999)) == .seconds(1))
  }

  @Test func theViewsAreTheNearestDouble() {
    #expect(SimulatedDuration.milliseconds(210).seconds == 0.21)
    #expect(ByteCount.mebibytes(7_680).gibibytes == 7.5)
    #expect(Ratio.percent(42).value == 0.42)
  }

  @Test func ratesOfDifferentOperationsDiffer() {
    let multiplying = OperationRate(perSecond: 5, of: .multiplyAccumulate)
    let counting = OperationRate(perSecond: 5, of: .element)
    #expect(multiplying != counting)
    #expect(multiplying < counting)
    #expect(!(counting < multiplying))
    #expect(counting < OperationRate(perSecond: 6))
  }
}
