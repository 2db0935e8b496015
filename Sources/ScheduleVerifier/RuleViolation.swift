import Quantities

/// A rule that a certificate breaks, and where.
public struct RuleViolation: Hashable, Sendable, CustomStringConvertible {
  /// The operation that broke it.
  public struct Operation: Hashable, Sendable {
    public var index: Int
    public var kind: String
    /// When it began and ended; nil if it never ran.
    public var start: SimulatedTime?
    public var end: SimulatedTime?
  }

  public var rule: Rule
  public var file: String
  /// The line of the certificate, from 1.
  public var line: Int
  /// Nil for a memory line that names none.
  public var operation: Operation?
  /// The first range of pages for which the rule is broken; nil where it is not about pages.
  public var pages: Range<Int64>?
  /// All pages for which it is broken, of this and other ranges; no more than 64 bits hold.
  public var pageCount: Int64 = 0
  /// Who broke it, and whose it was.
  public var party: String
  public var otherParty: String
  public var reason: String

  public var description: String {
    var places: [String] = []
    if let operation { places.append("\(operation)") }
    if let pages {
      let more = pageCount - Int64(pages.count)
      places.append(
        pages.count == 1
          ? "page \(pages.lowerBound)" : "pages \(pages.lowerBound) to \(pages.upperBound - 1)")
      if more > 0 { places[places.count - 1] += " (and \(more) more)" }
    }
    places.append("\(party) and \(otherParty)")
    return "\(file):\(line): \(rule.rawValue): \(places.joined(separator: ", ")): \(reason)"
  }
}

extension RuleViolation.Operation: CustomStringConvertible {
  public var description: String {
    guard let start, let end else { return "operation \(index) (\(kind)), which never ran" }
    return "operation \(index) (\(kind)) from \(start.text) to \(end.text)"
  }
}
