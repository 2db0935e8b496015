import Quantities
import Testing

@Suite struct WholeNumberTests {
  @Test(
    arguments: [
      ("0", 0), ("7", 7), ("128", 128), ("-5", -5),
      ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
    ] as [(String, Int64)])
  func decimalDigitsAreRead(text: String, value: Int64) throws {
    #expect(try parseWholeNumber(text) == value)
  }

  @Test(arguments: [
    RefusedText("", "it is empty"),
    RefusedText("010", "the number has leading zeros"),
    RefusedText("-01", "the number has leading zeros"),
    RefusedText("00", "the number has leading zeros"),
    RefusedText("-0", "zero has no sign"),
    RefusedText("+5", "the number has a sign"),
    RefusedText("--5", "the number has a sign"),
    RefusedText("-", "the number is missing"),
    RefusedText("1_000", "the number has an underscore"),
    RefusedText("1,000", "the number has a comma"),
    RefusedText("0x10", "the number is not decimal"),
    RefusedText("1e3", "the number has an exponent"),
    RefusedText(" 5", "it has a space"),
    RefusedText("5 ", "it has a space"),
    RefusedText("5.0", "it has a point"),
    RefusedText("many", "the number is missing"),
    RefusedText("5a", "the number has something other than digits and a point"),
    RefusedText("٣", "the number is missing"),
    RefusedText("9223372036854775808", "it does not fit 64 bits"),
    RefusedText("-9223372036854775809", "it does not fit 64 bits"),
  ])
  func anythingElseIsRefused(row: RefusedText) {
    let error = #expect(throws: QuantityError.self) { try parseWholeNumber(row.text) }
    let expected = #"expected a whole number, such as "128", found "\#(row.text)" (\#(row.reason))"#
    #expect(error?.description == expected)
  }
}
