import Quantities
import Testing

/// A value in base units, how many digits count, and what a table shows.
struct DisplayedText: Sendable, CustomTestStringConvertible {
  let value: Int64
  let significantDigits: Int
  let shown: String

  init(_ value: Int64, _ significantDigits: Int, _ shown: String) {
    (self.value, self.significantDigits, self.shown) = (value, significantDigits, shown)
  }

  var testDescription: String { "\(value) to \(significantDigits) digits" }
}

@Suite struct DisplayTextTests {
  @Test(arguments: [
    DisplayedText(4_571_234_567_890, 3, "4.57 s"),
    DisplayedText(12_234_567_890, 3, "12.2 ms"),
    DisplayedText(4_500_000_000_000, 3, "4.50 s"),
    DisplayedText(0, 3, "0 s"),
    DisplayedText(5, 3, "5 ps"),
    // Half to even: 1.25 stays 1.2, 1.35 becomes 1.4.
    DisplayedText(1_250, 2, "1.2 ns"),
    DisplayedText(1_350, 2, "1.4 ns"),
    DisplayedText(9_996, 3, "10.0 ns"),
    DisplayedText(99_960, 3, "100 ns"),
    DisplayedText(999_600, 3, "1.00 us"),
    DisplayedText(999_600, 4, "999.6 ns"),
    DisplayedText(999_400, 3, "999 ns"),
    DisplayedText(7_200_000_000_000_000, 3, "7200 s"),
    DisplayedText(7_245_000_000_000_000, 3, "7240 s"),
    DisplayedText(7_255_000_000_000_000, 3, "7260 s"),
    DisplayedText(-12_234_567_890, 3, "-12.2 ms"),
    DisplayedText(.max, 15, "9223372.03685478 s"),
  ])
  func aDurationIsShownWithItsSignificantDigits(row: DisplayedText) {
    let digits = row.significantDigits
    let duration = SimulatedDuration(picoseconds: row.value)
    #expect(duration.displayText(significantDigits: digits) == row.shown)
    let instant = SimulatedTime(picoseconds: row.value)
    #expect(instant.displayText(significantDigits: digits) == row.shown)
  }

  @Test(arguments: [
    DisplayedText(8_589_934_592, 3, "8.00 GiB"),
    DisplayedText(8_030_261_248, 3, "7.48 GiB"),
    DisplayedText(512, 3, "512 B"),
    DisplayedText(134_217_728, 3, "128 MiB"),
    // 1023.6 MiB is 0.99961 GiB: it becomes 1.00 with three digits, not with four.
    DisplayedText(1_073_322_394, 3, "1.00 GiB"),
    DisplayedText(1_073_322_394, 4, "1024 MiB"),
  ])
  func aByteCountIsShownInBinaryUnits(row: DisplayedText) {
    let shown = ByteCount(bytes: row.value).displayText(significantDigits: row.significantDigits)
    #expect(shown == row.shown)
  }

  @Test(arguments: [
    DisplayedText(179_000_000, 3, "17.9 %"),
    DisplayedText(1, 2, "0.00000010 %"),
    DisplayedText(999_600_000, 3, "1.00"),
    DisplayedText(7_150_000_000, 3, "7.15"),
  ])
  func aRatioBelowOneIsShownAsAPercentage(row: DisplayedText) {
    let ratio = Ratio(partsPerBillion: row.value)
    #expect(ratio.displayText(significantDigits: row.significantDigits) == row.shown)
  }

  @Test func ratesAreShownInDecimalUnits() {
    let dram = Bandwidth(bytesPerSecond: 2_147_483_648)
    #expect(dram.displayText(significantDigits: 3) == "2.15 GB/s")
    let clock = Frequency(hertz: 2_256_000_000)
    #expect(clock.displayText(significantDigits: 2) == "2.3 GHz")
    let array = OperationRate(perSecond: 29_700_000_000)
    #expect(array.displayText(significantDigits: 2) == "30 GMAC/s")
    let decoder = OperationRate(perSecond: 250_000_000, of: .element)
    #expect(decoder.displayText(significantDigits: 2) == "250 Melements/s")
    #expect(CycleCount(123_456).displayText(significantDigits: 3) == "123000 cycles")
  }
}
