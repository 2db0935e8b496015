/// How much a unit computes, in operations a second; never negative.
///
/// What counts as an operation belongs to the value: a rate of
/// multiply-accumulates is not equal to one of elements.
@frozen
public struct OperationRate: Hashable, Sendable, Comparable {
  /// What is counted.
  @frozen
  public enum Operation: Hashable, Sendable, CaseIterable {
    /// One multiplication and one addition together.
    case multiplyAccumulate
    /// One element of a tensor, whatever is done to it.
    case element
  }

  public let perSecond: Int64
  public let operation: Operation

  @inlinable
  public init(perSecond: Int64, of operation: Operation = .multiplyAccumulate) {
    self.perSecond = checkedNotNegative(perSecond, of: "operations a second")
    self.operation = operation
  }

  /// Orders by the number alone; of equal numbers, multiply-accumulates come
  /// before elements.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool {
    if left.perSecond != right.perSecond { return left.perSecond < right.perSecond }
    return left.operation == .multiplyAccumulate && right.operation == .element
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(rate: Self, factor: Factor) -> Self {
    Self(
      perSecond: checkedProduct(rate.perSecond, factor, of: "operations a second"),
      of: rate.operation)
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(factor: Factor, rate: Self) -> Self {
    rate * factor
  }

  /// The time `count` operations take, exact and rounded up once, to a
  /// picosecond.
  ///
  /// - Precondition: the count is not negative, the rate is above zero, and
  ///   the time fits 64 bits.
  @inlinable
  public static func / <Count: BinaryInteger>(count: Count, rate: Self) -> SimulatedDuration {
    let operations = checkedNotNegative(
      checkedWidth(count, of: "operations"), of: "operations")
    return SimulatedDuration(
      picoseconds: picoseconds(for: operations, at: rate.perSecond, of: "operations"))
  }

  /// This rate times a ratio, rounded down to one operation a second, so that
  /// what is computed at it never takes less than its exact time.
  @inlinable
  public func scaledRoundingDown(by ratio: Ratio) -> Self {
    Self(perSecond: ratio.scaledDown(perSecond, of: "operations a second"), of: operation)
  }
}

extension OperationRate: QuantityText {
  static let units = UnitSystem(
    expectation: expectation,
    baseUnits: "operations a second",
    units: Operation.multiplyAccumulate.units.units + Operation.element.units.units,
    zeroUnit: "MAC/s")

  public static var expectation: String { #"a rate with a unit, such as "29.7 GMAC/s""# }

  public init(parsing text: String) throws(QuantityError) {
    let (value, unit) = try Self.units.parse(text)
    let countsElements = Operation.element.units.units.contains(unit)
    self.init(perSecond: value, of: countsElements ? .element : .multiplyAccumulate)
  }

  public var text: String { operation.units.text(of: perSecond) }

  /// For tables: the largest SI prefix that leaves at least 1.
  public func displayText(significantDigits: Int) -> String {
    operation.units.displayText(of: perSecond, significantDigits: significantDigits)
  }
}

extension OperationRate.Operation {
  var units: UnitSystem {
    switch self {
    case .multiplyAccumulate: Self.multiplyAccumulateUnits
    case .element: Self.elementUnits
    }
  }

  private static let multiplyAccumulateUnits = rateUnits("MAC/s")
  private static let elementUnits = rateUnits("elements/s")

  private static func rateUnits(_ name: String) -> UnitSystem {
    UnitSystem(
      expectation: OperationRate.expectation,
      baseUnits: "operations a second",
      units: [
        Unit(name, 1),
        Unit("k" + name, 1_000),
        Unit("M" + name, 1_000_000),
        Unit("G" + name, 1_000_000_000),
        Unit("T" + name, 1_000_000_000_000),
      ],
      zeroUnit: name)
  }
}
