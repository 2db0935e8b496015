import Quantities

/// A text that is no value for a profile key.
public struct ProfileValueError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
}

extension ProfileQuantity {
  /// Reads a value for a key, as profiles and `--set` write it.
  ///
  /// Rates and counts that things are divided by must be above zero; ratios must not exceed one.
  /// - Throws: `ProfileValueError` saying what was expected and what was found.
  public init(parsing text: String, for key: ProfileKey) throws(ProfileValueError) {
    do throws(QuantityError) {
      switch key.kind {
      case .duration: self = .duration(try SimulatedDuration(parsing: text))
      case .bytes: self = .bytes(try ByteCount(parsing: text))
      case .bandwidth: self = .bandwidth(try Bandwidth(parsing: text))
      case .frequency: self = .frequency(try Frequency(parsing: text))
      case .macRate, .elementRate:
        self = .rate(try OperationRate(parsing: text))
        if kind != key.kind {
          throw QuantityError(
            expectation: key.kind.expectation, found: text,
            reason: "the unit counts something else")
        }
      case .ratio: self = .ratio(try Ratio(parsing: text))
      case .count: self = .count(try parseWholeNumber(text))
      case .curve:
        throw QuantityError(
          expectation: "a factor for the curve, such as \"x1.15\"", found: text,
          reason: "a curve's points stand in the profile")
      }
    } catch {
      throw ProfileValueError(description: "\(error)")
    }
    try check(key, found: text)
  }

  /// Refuses what would make a price meaningless: a rate, size or count of zero, a ratio above one.
  private func check(_ key: ProfileKey, found text: String) throws(ProfileValueError) {
    let number: Int64 =
      switch self {
      case .bytes(let value): value.bytes
      case .bandwidth(let value): value.bytesPerSecond
      case .frequency(let value): value.hertz
      case .rate(let value): value.perSecond
      case .count(let value): key.mayBeZero ? 1 : value
      case .ratio(let value): value.partsPerBillion
      case .duration, .curve: 1
      }
    if number <= 0 {
      throw ProfileValueError(description: "expected more than zero, found \"\(text)\"")
    }
    if case .ratio(let value) = self, value > .one {
      throw ProfileValueError(description: "expected at most 100 %, found \"\(text)\"")
    }
    if case .count(let value) = self, value > 1 << 30 {
      throw ProfileValueError(description: "expected at most \(1 << 30), found \"\(text)\"")
    }
  }

  /// Reads a value that replaces this one: a value as in a profile, or `x1.15`, a multiple of it.
  /// - Throws: `ProfileValueError` saying what was expected and what was found.
  public func replaced(
    by text: String, for key: ProfileKey
  ) throws(ProfileValueError) -> ProfileQuantity {
    guard text.hasPrefix("x") else { return try ProfileQuantity(parsing: text, for: key) }
    let factor: Ratio
    do throws(QuantityError) {
      factor = try Ratio(parsing: String(text.dropFirst()))
    } catch {
      throw ProfileValueError(
        description: "expected a factor such as \"x1.15\", found \"\(text)\"")
    }
    // Far beyond any device, and products with it still fit 64 bits.
    guard factor <= Self.largestFactor else {
      throw ProfileValueError(
        description: "expected a factor of at most \(Self.largestFactor.text), found \"\(text)\"")
    }
    // There is no clock at zero to check afterwards.
    if case .frequency(let value) = self, factor.of(value.hertz) == 0 {
      throw ProfileValueError(description: "expected more than zero, found \"\(text)\"")
    }
    let result = scaled(by: factor)
    try result.check(key, found: text)
    return result
  }

  private static let largestFactor = Ratio(1000, over: 1)

  /// Whether this lies between two values of its own kind.
  public func isWithin(_ low: ProfileQuantity, _ high: ProfileQuantity) -> Bool {
    switch (low, self, high) {
    case (.duration(let a), .duration(let b), .duration(let c)): a <= b && b <= c
    case (.bytes(let a), .bytes(let b), .bytes(let c)): a <= b && b <= c
    case (.bandwidth(let a), .bandwidth(let b), .bandwidth(let c)): a <= b && b <= c
    case (.frequency(let a), .frequency(let b), .frequency(let c)): a <= b && b <= c
    case (.rate(let a), .rate(let b), .rate(let c)): a <= b && b <= c
    case (.ratio(let a), .ratio(let b), .ratio(let c)): a <= b && b <= c
    case (.count(let a), .count(let b), .count(let c)): a <= b && b <= c
    default: false
    }
  }
}

extension ProfileValueKind {
  /// What a value must look like, for messages.
  public var expectation: String {
    switch self {
    case .duration: SimulatedDuration.expectation
    case .bytes: ByteCount.expectation
    case .bandwidth: Bandwidth.expectation
    case .frequency: Frequency.expectation
    case .macRate: OperationRate.expectation
    case .elementRate: #"a rate with a unit, such as "153 Melements/s""#
    case .ratio: Ratio.expectation
    case .count: "a whole number"
    case .curve: "a list of points"
    }
  }
}

extension SourcedValue {
  /// A value moved to the nearer end of the plausible range, if it lies outside one.
  /// - Precondition: the range, which its reader has checked, is of the value's kind.
  public func plausible(_ value: ProfileQuantity, for key: ProfileKey) -> ProfileQuantity {
    let ends = range.compactMap { try? ProfileQuantity(parsing: $0, for: key) }
    guard ends.count == 2, !value.isWithin(ends[0], ends[1]) else { return value }
    return ends[0].isWithin(value, ends[1]) ? ends[0] : ends[1]
  }
}

extension ProfileKey {
  /// Counts that are prices rather than sizes; zero makes the operation free.
  var mayBeZero: Bool { self == .worldSwitchCycles || self == .accessesPerUpdate }
}
