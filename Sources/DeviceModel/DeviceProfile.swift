import Quantities

/// A value of one of the kinds that a profile holds.
public enum ProfileQuantity: Hashable, Sendable {
  case duration(SimulatedDuration)
  case bytes(ByteCount)
  case bandwidth(Bandwidth)
  case frequency(Frequency)
  case rate(OperationRate)
  case ratio(Ratio)
  case count(Int64)
  case curve(Curve)

  /// As a person would write it in a profile. A curve is shown by its ends.
  public var text: String {
    switch self {
    case .duration(let value): value.text
    case .bytes(let value): value.text
    case .bandwidth(let value): value.text
    case .frequency(let value): value.text
    case .rate(let value): value.text
    case .ratio(let value): value.text
    case .count(let value): String(value)
    case .curve(let curve):
      "\(curve.points[0].duration.text) at \(curve.points[0].amount.text)"
        + " to \(curve.points[curve.points.count - 1].duration.text)"
        + " at \(curve.last.text), \(curve.points.count) points"
    }
  }

  /// The value multiplied by a factor: spans and sizes rounded up to their base unit, rates and
  /// counts rounded down.
  public func scaled(by factor: Ratio) -> ProfileQuantity {
    switch self {
    case .duration(let value): .duration(value.scaledRoundingUp(by: factor))
    case .bytes(let value): .bytes(value.scaledRoundingUp(by: factor))
    case .bandwidth(let value): .bandwidth(value.scaledRoundingDown(by: factor))
    case .frequency(let value): .frequency(Frequency(hertz: factor.of(value.hertz)))
    case .rate(let value): .rate(value.scaledRoundingDown(by: factor))
    case .ratio(let value): .ratio(Ratio(partsPerBillion: factor.of(value.partsPerBillion)))
    case .count(let value): .count(factor.of(value))
    case .curve(let curve): .curve(curve.scaled(by: factor))
    }
  }
}

extension Ratio {
  /// This part of a number, rounded down.
  func of(_ number: Int64) -> Int64 {
    Int64(Int128(number) * Int128(partsPerBillion) / 1_000_000_000)
  }
}

/// How well a value is known; the names are those of the profile files.
public enum Confidence: String, CaseIterable, Sendable {
  /// Read in the primary source.
  case measured
  /// Read in notes about it, a forum or a vendor's claim.
  case reported
  /// Computed from other values, or fitted to points that the source names.
  case derived
  /// Nobody measured it; the source holds the reason.
  case assumed
}

/// A value with where it comes from.
public struct SourcedValue: Hashable, Sendable {
  public var value: ProfileQuantity
  public var source: String
  public var confidence: Confidence
  /// Lowest and highest plausible value, as written; empty where unknown.
  public var range: [String]
  /// The profile that gave it, where profiles inherit.
  public var givenBy: String

  public init(
    value: ProfileQuantity, source: String, confidence: Confidence, range: [String],
    givenBy: String
  ) {
    self.value = value
    self.source = source
    self.confidence = confidence
    self.range = range
    self.givenBy = givenBy
  }
}

/// A device: what each operation costs there.
///
/// Complete by construction: the reader of profile files refuses one that lacks a key.
public struct DeviceProfile: Sendable {
  public var name: String
  public var summary: String
  private var values: [ProfileKey: SourcedValue]

  /// - Precondition: `values` holds every key of the catalogue, each with a value of its kind.
  public init(name: String, summary: String, values: [ProfileKey: SourcedValue]) {
    for key in ProfileKey.all {
      guard let value = values[key] else {
        preconditionFailure("the profile \(name) has no \(key.path)")
      }
      precondition(value.value.kind == key.kind, "\(name): \(key.path) is no \(key.kind)")
    }
    self.name = name
    self.summary = summary
    self.values = values
  }

  public subscript(key: ProfileKey) -> SourcedValue {
    // Complete since `init`, and nothing removes a key.
    get { values[key]! }
    set {
      precondition(newValue.value.kind == key.kind, "\(name): \(key.path) is no \(key.kind)")
      values[key] = newValue
    }
  }

  /// The same profile with one value replaced; its source says by whom.
  public func replacing(
    _ key: ProfileKey, with value: ProfileQuantity, source: String
  ) -> DeviceProfile {
    var copy = self
    copy[key].value = value
    copy[key].source = source
    copy[key].confidence = .assumed
    return copy
  }
}

extension ProfileQuantity {
  public var kind: ProfileValueKind {
    switch self {
    case .duration: .duration
    case .bytes: .bytes
    case .bandwidth: .bandwidth
    case .frequency: .frequency
    case .rate(let value): value.operation == .element ? .elementRate : .macRate
    case .ratio: .ratio
    case .count: .count
    case .curve: .curve
    }
  }
}

// Typed access for the code that prices; the kinds were checked when the profile was made.
extension DeviceProfile {
  func duration(_ key: ProfileKey) -> SimulatedDuration {
    guard case .duration(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func bytes(_ key: ProfileKey) -> ByteCount {
    guard case .bytes(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func bandwidth(_ key: ProfileKey) -> Bandwidth {
    guard case .bandwidth(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func frequency(_ key: ProfileKey) -> Frequency {
    guard case .frequency(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func rate(_ key: ProfileKey) -> OperationRate {
    guard case .rate(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func ratio(_ key: ProfileKey) -> Ratio {
    guard case .ratio(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func count(_ key: ProfileKey) -> Int64 {
    guard case .count(let value) = self[key].value else { wrongKind(key) }
    return value
  }
  func curve(_ key: ProfileKey) -> Curve {
    guard case .curve(let value) = self[key].value else { wrongKind(key) }
    return value
  }

  private func wrongKind(_ key: ProfileKey) -> Never {
    preconditionFailure("\(name): \(key.path) is no \(key.kind)")
  }
}
