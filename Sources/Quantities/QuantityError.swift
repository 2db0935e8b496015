/// Why a text, or a number from outside, is not the quantity wanted.
public struct QuantityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was wanted: `a rate with a unit, such as "25.6 GB/s"`.
  public let expectation: String
  /// What stood there instead, as it was written.
  public let found: String
  /// What is wrong with it: `the unit is missing`.
  public let reason: String

  public init(expectation: String, found: String, reason: String) {
    self.expectation = expectation
    self.found = found
    self.reason = reason
  }

  /// `expected ..., found "..." (...)`, on one line: line breaks and quotes in
  /// the text found are escaped.
  public var description: String {
    "expected \(expectation), found \(found.debugDescription) (\(reason))"
  }
}
