import Quantities
import Testing

/// A text and what is said to be wrong with it.
struct RefusedText: Sendable, CustomTestStringConvertible {
  let text: String
  let reason: String

  init(_ text: String, _ reason: String) { (self.text, self.reason) = (text, reason) }

  var testDescription: String { text }
}

@Suite struct RefusedTextTests {
  @Test(arguments: [
    RefusedText("", "it is empty"),
    RefusedText("0.21", "the unit is missing"),
    RefusedText("0.21 ", "the unit is missing"),
    RefusedText(" 0.21 ms", "there is a space before the number"),
    RefusedText("0.21 ms ", "there is a space after the unit"),
    RefusedText("0.21  ms", "there is more than one space between the number and the unit"),
    RefusedText("0.21ms", "the space between the number and the unit is missing"),
    RefusedText("0.21\tms", "the space between the number and the unit is missing"),
    RefusedText("ms", "the number is missing"),
    RefusedText("fast", "the number is missing"),
    RefusedText("very fast", "the number is missing"),
    RefusedText("-5 ms", "the number has a sign"),
    RefusedText("+5 ms", "the number has a sign"),
    RefusedText("-5ms", "the number has a sign"),
    RefusedText("1e3 ms", "the number has an exponent"),
    RefusedText("0x10 ms", "the number is not decimal"),
    RefusedText("007 ms", "the number has leading zeros"),
    RefusedText("00 ms", "the number has leading zeros"),
    RefusedText("00.5 ms", "the number has leading zeros"),
    RefusedText(".5 ms", "a digit is missing before the point"),
    RefusedText("5. ms", "a digit is missing after the point"),
    RefusedText("1.2.3 ms", "the number has more than one point"),
    RefusedText("1_000 ms", "the number has an underscore"),
    RefusedText("1,000 ms", "the number has a comma"),
    RefusedText("12ab ms", "the number has something other than digits and a point"),
    RefusedText("٣ ms", "the number is missing"),
    RefusedText("0.0001 ns", "it is not a whole number of picoseconds"),
    RefusedText("1.5 ps", "it is not a whole number of picoseconds"),
    RefusedText("9223372036854775808 ps", "it is more than 9223372036854775807 picoseconds"),
    RefusedText("2563 h", "it is more than 9223372036854775807 picoseconds"),
    RefusedText(
      "99999999999999999999999999999999999999999999 s",
      "it is more than 9223372036854775807 picoseconds"),
    RefusedText("5 MS", #"the unit "MS" is not known; did you mean "ms"?"#),
    RefusedText("5 m", #"the unit "m" is not known; did you mean "ms"?"#),
    RefusedText("5 µs", #"the unit "µs" is not known; did you mean "us"?"#),
    RefusedText("5 μs", #"the unit "μs" is not known; did you mean "us"?"#),
    RefusedText("5 mins", #"the unit "mins" is not known; did you mean "min"?"#),
    RefusedText("5 days", #"the unit "days" is not one of ps, ns, us, ms, s, min, h"#),
    RefusedText("5 d", #"the unit "d" is not one of ps, ns, us, ms, s, min, h"#),
    RefusedText("5 ms ms", #"the unit "ms ms" is not one of ps, ns, us, ms, s, min, h"#),
  ])
  func aDurationIsRefused(row: RefusedText) {
    expectRefusal(
      of: SimulatedDuration.self, row,
      expecting: #"a duration with a unit, such as "0.21 ms""#)
  }

  @Test(arguments: [
    RefusedText("1.5", "the unit is missing"),
    RefusedText("-1 s", "the number has a sign"),
  ])
  func anInstantIsRefused(row: RefusedText) {
    expectRefusal(
      of: SimulatedTime.self, row,
      expecting: #"an instant with a unit, such as "1.5 s""#)
  }

  @Test(arguments: [
    RefusedText("8", "the unit is missing"),
    RefusedText("8 gb", #"the unit "gb" is not known; did you mean "GB"?"#),
    RefusedText("8 KB", #"the unit "KB" is not known; did you mean "kB"?"#),
    RefusedText("8 gib", #"the unit "gib" is not known; did you mean "GiB"?"#),
    RefusedText("8 Gi", #"the unit "Gi" is not known; did you mean "GiB"?"#),
    RefusedText("8 G", #"the unit "G" is not known; did you mean "GB"?"#),
    RefusedText("8 \u{212A}iB", #"the unit "KiB" is not known; did you mean "KiB"?"#),
    RefusedText(
      "8 pages",
      #"the unit "pages" is not one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB"#),
    RefusedText("0.5 B", "it is not a whole number of bytes"),
    RefusedText("0.0001 KiB", "it is not a whole number of bytes"),
    RefusedText("8388608 TiB", "it is more than 9223372036854775807 bytes"),
  ])
  func aByteCountIsRefused(row: RefusedText) {
    expectRefusal(
      of: ByteCount.self, row,
      expecting: #"a size with a unit, such as "8 GiB""#)
  }

  @Test(arguments: [
    RefusedText("25.6", "the unit is missing"),
    RefusedText("25.6GB/s", "the space between the number and the unit is missing"),
    RefusedText("25.6 GB", #"the unit "GB" is not known; did you mean "GB/s"?"#),
    RefusedText("25.6 Gb/s", #"the unit "Gb/s" is not known; did you mean "GB/s"?"#),
    RefusedText("25.6 GBs", #"the unit "GBs" is not known; did you mean "GB/s"?"#),
    RefusedText("25.6 G/Bs", #"the unit "G/Bs" is not known; did you mean "GB/s"?"#),
    RefusedText("0.5 B/s", "it is not a whole number of bytes a second"),
    RefusedText(
      "25.6 Gbps",
      #"the unit "Gbps" is not one of B/s, KiB/s, MiB/s, GiB/s, TiB/s, kB/s, MB/s, GB/s, TB/s"#),
  ])
  func aBandwidthIsRefused(row: RefusedText) {
    expectRefusal(
      of: Bandwidth.self, row,
      expecting: #"a rate with a unit, such as "25.6 GB/s""#)
  }

  @Test(arguments: [
    RefusedText("2.4 Ghz", #"the unit "Ghz" is not known; did you mean "GHz"?"#),
    RefusedText("0.1 Hz", "it is not a whole number of hertz"),
    RefusedText("0 Hz", "a clock at zero never ticks"),
    RefusedText("2.4 rpm", #"the unit "rpm" is not one of Hz, kHz, MHz, GHz"#),
  ])
  func aFrequencyIsRefused(row: RefusedText) {
    expectRefusal(
      of: Frequency.self, row,
      expecting: #"a frequency with a unit, such as "2.4 GHz""#)
  }

  @Test(arguments: [
    RefusedText("1200", "the unit is missing"),
    RefusedText("1 cycle", #"the unit "cycle" is not known; did you mean "cycles"?"#),
    RefusedText("1200 ticks", #"the unit "ticks" is not "cycles""#),
    RefusedText("0.5 cycles", "it is not a whole number of cycles"),
  ])
  func aCycleCountIsRefused(row: RefusedText) {
    expectRefusal(
      of: CycleCount.self, row,
      expecting: #"a number of cycles, such as "1200 cycles""#)
  }

  @Test(arguments: [
    RefusedText("29.7", "the unit is missing"),
    RefusedText("29.7 GMac/s", #"the unit "GMac/s" is not known; did you mean "GMAC/s"?"#),
    RefusedText("29.7 GMAC", #"the unit "GMAC" is not known; did you mean "GMAC/s"?"#),
    RefusedText(
      "29.7 element/s",
      #"the unit "element/s" is not known; did you mean "elements/s"?"#),
    RefusedText("0.5 MAC/s", "it is not a whole number of operations a second"),
    RefusedText(
      "6 TOPS",
      #"the unit "TOPS" is not one of MAC/s, kMAC/s, MMAC/s, GMAC/s, TMAC/s, elements/s, kelements/s, Melements/s, Gelements/s, Telements/s"#
    ),
  ])
  func anOperationRateIsRefused(row: RefusedText) {
    expectRefusal(
      of: OperationRate.self, row,
      expecting: #"a rate with a unit, such as "29.7 GMAC/s""#)
  }

  @Test(arguments: [
    RefusedText("", "it is empty"),
    RefusedText("%", "the number is missing"),
    RefusedText("17.9%", "the space between the number and the unit is missing"),
    RefusedText("0.42 ", "there is a space after the number"),
    RefusedText("-0.42", "the number has a sign"),
    RefusedText("00.42", "the number has leading zeros"),
    RefusedText("17.9 percent", #"the unit "percent" is not "%""#),
    RefusedText("0.1234567891", "it is not a whole number of billionths"),
    RefusedText("9223372037", "it is more than 9223372036854775807 billionths"),
  ])
  func aRatioIsRefused(row: RefusedText) {
    expectRefusal(
      of: Ratio.self, row,
      expecting: #"a ratio or a percentage, such as "0.42" or "17.9 %""#)
  }

  @Test func theTextFoundStaysOnOneLine() {
    #expect(throws: QuantityError.self) { try ByteCount(parsing: "8\n\"GiB\"") }
    let error = QuantityError(expectation: "a size", found: "8\n\"GiB\"", reason: "it is odd")
    #expect(error.description == #"expected a size, found "8\n\"GiB\"" (it is odd)"#)
  }
}

/// The whole message is compared, spelled out from its three parts.
private func expectRefusal<Quantity: QuantityText>(
  of type: Quantity.Type, _ row: RefusedText, expecting expectation: String
) {
  let error = #expect(throws: QuantityError.self) { try Quantity(parsing: row.text) }
  let found = row.text.replacing("\t", with: #"\t"#)
  #expect(error?.description == "expected \(expectation), found \"\(found)\" (\(row.reason))")
}
