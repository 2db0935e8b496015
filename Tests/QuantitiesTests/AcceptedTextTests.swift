import Quantities
import Testing

/// A text, its value in base units, and how that value is printed.
struct AcceptedText: Sendable, CustomTestStringConvertible {
  let text: String
  let baseUnits: Int64
  let canonical: String

  init(_ text: String, _ baseUnits: Int64, _ canonical: String) {
    (self.text, self.baseUnits, self.canonical) = (text, baseUnits, canonical)
  }

  var testDescription: String { text }
}

@Suite struct AcceptedTextTests {
  @Test(arguments: [
    AcceptedText("0 ps", 0, "0 s"),
    AcceptedText("1 ps", 1, "1 ps"),
    AcceptedText("999 ps", 999, "999 ps"),
    AcceptedText("1000 ps", 1_000, "1 ns"),
    AcceptedText("0.5 ns", 500, "500 ps"),
    AcceptedText("0.21 ms", 210_000_000, "210 us"),
    AcceptedText("2.96 ms", 2_960_000_000, "2.96 ms"),
    AcceptedText("2960 us", 2_960_000_000, "2.96 ms"),
    AcceptedText("30.06 s", 30_060_000_000_000, "30.06 s"),
    AcceptedText("4.570 s", 4_570_000_000_000, "4.57 s"),
    // Twelve digits after the point are too many: the next smaller unit.
    AcceptedText("1.000000000001 s", 1_000_000_000_001, "1000.000000001 ms"),
    AcceptedText("90 s", 90_000_000_000_000, "90 s"),
    AcceptedText("0.5 min", 30_000_000_000_000, "30 s"),
    AcceptedText("2 min", 120_000_000_000_000, "2 min"),
    AcceptedText("1.5 h", 5_400_000_000_000_000, "90 min"),
    AcceptedText("2 h", 7_200_000_000_000_000, "2 h"),
    AcceptedText("9223372036854775807 ps", .max, "9223372036.854775807 ms"),
  ])
  func aDurationIsReadAndPrinted(row: AcceptedText) throws {
    let duration = try SimulatedDuration(parsing: row.text)
    #expect(duration.picoseconds == row.baseUnits)
    #expect(duration.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0 s", 0, "0 s"),
    AcceptedText("1.5 s", 1_500_000_000_000, "1.5 s"),
    AcceptedText("17 us", 17_000_000, "17 us"),
  ])
  func anInstantIsReadAndPrinted(row: AcceptedText) throws {
    let instant = try SimulatedTime(parsing: row.text)
    #expect(instant.picoseconds == row.baseUnits)
    #expect(instant.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0 GiB", 0, "0 B"),
    AcceptedText("1 B", 1, "1 B"),
    AcceptedText("512 B", 512, "512 B"),
    AcceptedText("1536 B", 1_536, "1.5 KiB"),
    AcceptedText("4 KiB", 4_096, "4 KiB"),
    AcceptedText("4096 B", 4_096, "4 KiB"),
    AcceptedText("128 MiB", 134_217_728, "128 MiB"),
    AcceptedText("8 GiB", 8_589_934_592, "8 GiB"),
    AcceptedText("7.5 GiB", 8_053_063_680, "7.5 GiB"),
    AcceptedText("1 TiB", 1_099_511_627_776, "1 TiB"),
    AcceptedText("8 GB", 8_000_000_000, "8 GB"),
    AcceptedText("1 TB", 1_000_000_000_000, "1 TB"),
    AcceptedText("1 kB", 1_000, "1 kB"),
    AcceptedText("1 MB", 1_000_000, "1 MB"),
    // A byte is 2 to the power of -40 TiB, which has forty digits.
    AcceptedText("0.0000000000009094947017729282379150390625 TiB", 1, "1 B"),
    AcceptedText("9223372036854775807 B", .max, "9223372036.854775807 GB"),
  ])
  func aByteCountIsReadAndPrinted(row: AcceptedText) throws {
    let size = try ByteCount(parsing: row.text)
    #expect(size.bytes == row.baseUnits)
    #expect(size.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0 B/s", 0, "0 B/s"),
    // A whole number of KiB/s too, but "24414.0625 MiB/s" is longer.
    AcceptedText("25.6 GB/s", 25_600_000_000, "25.6 GB/s"),
    AcceptedText("1600 MB/s", 1_600_000_000, "1.6 GB/s"),
    AcceptedText("2 GiB/s", 2_147_483_648, "2 GiB/s"),
    AcceptedText("34.128 GB/s", 34_128_000_000, "34.128 GB/s"),
    AcceptedText("12 kB/s", 12_000, "12 kB/s"),
  ])
  func aBandwidthIsReadAndPrinted(row: AcceptedText) throws {
    let bandwidth = try Bandwidth(parsing: row.text)
    #expect(bandwidth.bytesPerSecond == row.baseUnits)
    #expect(bandwidth.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("1 Hz", 1, "1 Hz"),
    AcceptedText("32.768 kHz", 32_768, "32.768 kHz"),
    AcceptedText("1000 MHz", 1_000_000_000, "1 GHz"),
    AcceptedText("2.256 GHz", 2_256_000_000, "2.256 GHz"),
  ])
  func aFrequencyIsReadAndPrinted(row: AcceptedText) throws {
    let frequency = try Frequency(parsing: row.text)
    #expect(frequency.hertz == row.baseUnits)
    #expect(frequency.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0 cycles", 0, "0 cycles"),
    AcceptedText("1 cycles", 1, "1 cycles"),
    AcceptedText("1200 cycles", 1_200, "1200 cycles"),
    AcceptedText("12.0 cycles", 12, "12 cycles"),
  ])
  func aCycleCountIsReadAndPrinted(row: AcceptedText) throws {
    let count = try CycleCount(parsing: row.text)
    #expect(count.cycles == row.baseUnits)
    #expect(count.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0 MAC/s", 0, "0 MAC/s"),
    AcceptedText("29.7 GMAC/s", 29_700_000_000, "29.7 GMAC/s"),
    AcceptedText("3 TMAC/s", 3_000_000_000_000, "3 TMAC/s"),
    AcceptedText("1500 kMAC/s", 1_500_000, "1.5 MMAC/s"),
  ])
  func aRateOfMultiplyAccumulatesIsReadAndPrinted(row: AcceptedText) throws {
    let rate = try OperationRate(parsing: row.text)
    #expect(rate == OperationRate(perSecond: row.baseUnits, of: .multiplyAccumulate))
    #expect(rate.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0 Gelements/s", 0, "0 elements/s"),
    AcceptedText("7 elements/s", 7, "7 elements/s"),
    AcceptedText("0.25 Gelements/s", 250_000_000, "250 Melements/s"),
  ])
  func aRateOfElementsIsReadAndPrinted(row: AcceptedText) throws {
    let rate = try OperationRate(parsing: row.text)
    #expect(rate == OperationRate(perSecond: row.baseUnits, of: .element))
    #expect(rate.text == row.canonical)
  }

  @Test(arguments: [
    AcceptedText("0", 0, "0"),
    AcceptedText("0.42", 420_000_000, "42 %"),
    AcceptedText("17.9 %", 179_000_000, "17.9 %"),
    AcceptedText("0.000000001", 1, "0.0000001 %"),
    AcceptedText("0.0000001 %", 1, "0.0000001 %"),
    AcceptedText("1", 1_000_000_000, "1"),
    AcceptedText("100 %", 1_000_000_000, "1"),
    AcceptedText("10.05", 10_050_000_000, "10.05"),
    AcceptedText("715 %", 7_150_000_000, "7.15"),
  ])
  func aRatioIsReadAndPrinted(row: AcceptedText) throws {
    let ratio = try Ratio(parsing: row.text)
    #expect(ratio.partsPerBillion == row.baseUnits)
    #expect(ratio.text == row.canonical)
  }

  @Test func aNegativeDurationPrintsItsSign() {
    #expect(SimulatedDuration(picoseconds: -2_960_000_000).text == "-2.96 ms")
    #expect(SimulatedDuration(picoseconds: .min).text == "-9223372036.854775808 ms")
  }

  @Test func aDescriptionIsTheText() {
    #expect("\(ByteCount.gibibytes(8)) in \(SimulatedDuration.seconds(2))" == "8 GiB in 2 s")
  }
}
