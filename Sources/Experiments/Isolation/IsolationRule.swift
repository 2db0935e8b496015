import Quantities

/// What every run must keep to.
public enum IsolationRule: String, CaseIterable, Sendable {
  case plaintextReachable = "plaintext-reachable"
  case staleEntry = "stale-entry"
  case npuAccess = "npu-access"
  case dirtyReturn = "dirty-return"
  case plaintextOrigin = "plaintext-origin"
  case regionLimits = "region-limits"
  case frameOwnership = "frame-ownership"

  public var meaning: String {
    switch self {
    case .plaintextReachable:
      "a secret page with plaintext is never reachable by the normal world, or by the NPU in normal mode"
    case .staleEntry:
      "no translation or SMMU entry outlives the permission it was made under"
    case .npuAccess:
      "in protected mode the NPU reads and writes protected pages that its protected table has, in normal"
        + " mode others"
    case .dirtyReturn: "a secret page returns to the normal world zeroed or encrypted"
    case .plaintextOrigin:
      "plaintext appears only by decryption, or by computing, in protected pages"
    case .regionLimits:
      "a region of the address-space controller never exceeds its number and granule"
    case .frameOwnership: "a page has one owner at a time, and lies in DRAM"
    }
  }
}

/// A rule that a run broke.
public struct IsolationViolation: Error, Sendable, CustomStringConvertible {
  public var rule: IsolationRule
  public var point: String
  public var time: SimulatedTime
  /// The operation's number in the session and what kind it is; nil for the operating system's own doing.
  public var operation: (number: Int, kind: String, start: SimulatedTime, end: SimulatedTime)?
  /// Frames, first and last.
  public var pages: ClosedRange<Int64>?
  /// Who does it, or could, and whose it is.
  public var actor: String
  public var owner: String

  public var description: String {
    let span = operation.map {
      "\($0.kind) (operation \($0.number), \($0.start.picoseconds) to \($0.end.picoseconds) ps)"
    }
    let place = pages.map { "pages \($0.lowerBound) to \($0.upperBound) of \(owner)" } ?? "the NPU"
    return "point \(point): isolation violated, rule \(rule.rawValue) (\(rule.meaning)):"
      + " at \(time.picoseconds) ps, \(span ?? "no operation"): \(actor), \(place)"
  }
}
