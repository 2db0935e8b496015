/// A unit by its name and its size in base units.
struct Unit: Hashable, Sendable {
  let name: String
  let scale: Int64
  /// How many digits after the point the canonical text may have in this unit.
  let fractionDigits: Int
  let isBinary: Bool

  init(_ name: String, _ scale: Int64, fractionDigits: Int = 9, isBinary: Bool = false) {
    self.name = name
    self.scale = scale
    self.fractionDigits = scale == 1 ? 0 : fractionDigits
    self.isBinary = isBinary
  }
}

/// The units of one kind of quantity, each family from small to large.
struct UnitSystem: Sendable {
  let expectation: String
  /// The plural words for what is counted: `picoseconds`.
  let baseUnits: String
  let units: [Unit]
  /// The unit that zero is printed with.
  let zeroUnit: String

  func expecting(_ expectation: String) -> Self {
    Self(expectation: expectation, baseUnits: baseUnits, units: units, zeroUnit: zeroUnit)
  }

  func keeping(_ isKept: (Unit) -> Bool) -> Self {
    Self(
      expectation: expectation, baseUnits: baseUnits, units: units.filter(isKept),
      zeroUnit: zeroUnit)
  }
}
