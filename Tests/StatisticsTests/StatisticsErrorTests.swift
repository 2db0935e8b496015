import Testing

@testable import Statistics

@Suite struct StatisticsErrorTests {
  @Test(
    arguments: [
      (.noValues, "there are no values"),
      (.unequalCounts(2, 3), "2 values are compared with 3"),
      (.notPositive(index: 0, value: -1.5), "value 1 is -1.5; a ratio needs values above zero"),
      (.notFinite(index: 4, value: .infinity), "value 5 is inf"),
      (.missingSections, "a mean of section means needs the section of every value"),
      (.noFunctionValue(point: [1, 2], value: .infinity), "the function is inf at [1.0, 2.0]"),
      (.gsl(function: "gsl_f", reason: "singular"), "GSL gsl_f: singular"),
    ] as [(StatisticsError, String)])
  func everyErrorSaysWhatIsWrong(error: StatisticsError, description: String) {
    #expect(error.description == description)
  }

  /// GSL's number for a domain error is 1.
  @Test func aStatusIsTranslated() {
    #expect(throws: StatisticsError.gsl(function: "gsl_f", reason: "input domain error")) {
      try GSL.check("gsl_f") { 1 }
    }
    #expect(throws: Never.self) { try GSL.check("gsl_f") { 0 } }
  }

  @Test func whatIsNotMadeIsAnError() throws {
    #expect(throws: StatisticsError.gsl(function: "gsl_f", reason: "failure")) {
      try GSL.make("gsl_f") { Int?.none }
    }
    #expect(try GSL.make("gsl_f") { 5 } == 5)
  }

  @Test func aNumberThatIsNotFiniteIsAnError() throws {
    #expect(throws: StatisticsError.gsl(function: "gsl_f", reason: "input domain error")) {
      try GSL.number("gsl_f") { .nan }
    }
    #expect(try GSL.number("gsl_f") { 5 } == 5)
  }
}
