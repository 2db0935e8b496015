/// An amount of memory, storage or traffic, in bytes; never negative.
///
/// Taking away more than there is traps, and so does leaving 64 bits.
@frozen
public struct ByteCount: Hashable, Sendable, Comparable, AdditiveArithmetic {
  public let bytes: Int64

  @inlinable
  public init(bytes: Int64) { self.bytes = checkedNotNegative(bytes, of: "bytes") }

  public static let zero = ByteCount(bytes: 0)

  /// Units of 2¹⁰ bytes.
  @inlinable
  public static func kibibytes(_ count: Int64) -> Self {
    Self(bytes: checkedProduct(count, 1 << 10, of: "bytes"))
  }

  /// Units of 2²⁰ bytes.
  @inlinable
  public static func mebibytes(_ count: Int64) -> Self {
    Self(bytes: checkedProduct(count, 1 << 20, of: "bytes"))
  }

  /// Units of 2³⁰ bytes.
  @inlinable
  public static func gibibytes(_ count: Int64) -> Self {
    Self(bytes: checkedProduct(count, 1 << 30, of: "bytes"))
  }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }

  @inlinable
  public static func + (left: Self, right: Self) -> Self {
    Self(bytes: checkedSum(left.bytes, right.bytes, of: "bytes"))
  }

  @inlinable
  public static func - (left: Self, right: Self) -> Self {
    Self(bytes: checkedRemainder(left.bytes, right.bytes, of: "bytes"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(size: Self, factor: Factor) -> Self {
    Self(bytes: checkedProduct(size.bytes, factor, of: "bytes"))
  }

  @inlinable
  public static func * <Factor: BinaryInteger>(factor: Factor, size: Self) -> Self {
    size * factor
  }
}

extension ByteCount {
  /// The size in units of 2³⁰ bytes, rounded to the nearest `Double`.
  @inlinable
  public var gibibytes: Double { Double(bytes) / 1_073_741_824 }

  /// How many pages of `size` hold these bytes; the last may be partly used.
  ///
  /// - Precondition: a page is not empty.
  @inlinable
  public func pages(of size: ByteCount) -> Int64 {
    if size.bytes == 0 { trapEmptyPage() }
    let (quotient, rest) = bytes.quotientAndRemainder(dividingBy: size.bytes)
    return rest > 0 ? quotient + 1 : quotient
  }

  /// This size times a ratio, rounded up to a byte.
  @inlinable
  public func scaledRoundingUp(by ratio: Ratio) -> Self {
    Self(bytes: ratio.scaledUp(bytes, of: "bytes"))
  }
}

extension ByteCount: QuantityText {
  /// Decimal prefixes from the SI, binary ones from IEC 80000-13.
  static let units = UnitSystem(
    expectation: #"a size with a unit, such as "8 GiB""#,
    baseUnits: "bytes",
    units: byteUnits(suffix: ""),
    zeroUnit: "B")

  static func byteUnits(suffix: String) -> [Unit] {
    // Binary before decimal, so that "Gi" is taken for GiB and not for GB.
    [
      Unit("B" + suffix, 1),
      Unit("KiB" + suffix, 1 << 10, isBinary: true),
      Unit("MiB" + suffix, 1 << 20, isBinary: true),
      Unit("GiB" + suffix, 1 << 30, isBinary: true),
      Unit("TiB" + suffix, 1 << 40, isBinary: true),
      Unit("kB" + suffix, 1_000),
      Unit("MB" + suffix, 1_000_000),
      Unit("GB" + suffix, 1_000_000_000),
      Unit("TB" + suffix, 1_000_000_000_000),
    ]
  }

  public static var expectation: String { units.expectation }

  public init(parsing text: String) throws(QuantityError) {
    self.init(bytes: try Self.units.parse(text).value)
  }

  /// Binary or decimal, whichever is shorter; binary if they are as long.
  public var text: String { Self.units.text(of: bytes) }

  /// For tables: the largest of B, KiB, MiB, GiB, TiB that leaves at least 1.
  public func displayText(significantDigits: Int) -> String {
    Self.displayUnits.displayText(of: bytes, significantDigits: significantDigits)
  }

  static let displayUnits = units.keeping { $0.isBinary || $0.scale == 1 }
}
