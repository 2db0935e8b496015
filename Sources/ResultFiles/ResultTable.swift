/// The values of a column, one a row.
public enum ColumnValues: Hashable, Sendable {
  case strings([String])
  case integers([Int64])
  case reals([Double])

  public var count: Int {
    switch self {
    case .strings(let values): values.count
    case .integers(let values): values.count
    case .reals(let values): values.count
    }
  }
}

/// One quantity of a table.
public struct ResultColumn: Hashable, Sendable {
  public var name: String
  /// In the spelling of UDUNITS (`ns`, `byte`, `s-1`, `1`); empty for labels.
  public var units: String
  public var longName: String
  public var values: ColumnValues

  public init(name: String, units: String, longName: String, values: ColumnValues) {
    self.name = name
    self.units = units
    self.longName = longName
    self.values = values
  }
}

/// Columns over one dimension, whose own numbers are the first column.
public struct ResultTable: Hashable, Sendable {
  /// The dimension, such as `run`.
  public var dimension: String
  /// Columns of equal length, in the order in which readers show them.
  public var columns: [ResultColumn]

  /// - Precondition: all columns have `rowCount` values, and no two have one name.
  public init(dimension: String, columns: [ResultColumn]) {
    for (index, column) in columns.enumerated() {
      precondition(
        column.values.count == columns[0].values.count,
        "\(column.name) has \(column.values.count) values, not \(columns[0].values.count)")
      precondition(
        column.name != dimension && !columns[..<index].contains { $0.name == column.name },
        "two columns are called \(column.name)")
    }
    self.dimension = dimension
    self.columns = columns
  }

  public var rowCount: Int { columns.first?.values.count ?? 0 }

  public subscript(name: String) -> ResultColumn? { columns.first { $0.name == name } }
}

/// Why a result file could not be written or read.
public enum ResultFileError: Error, Hashable, Sendable, CustomStringConvertible {
  case missing(path: String)
  /// It is there, and is no result file that this program understands.
  case malformed(path: String, reason: String)
  case cannotWrite(path: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such file"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    }
  }
}

/// The results of an experiment: a table in the group `/runs`, and attributes.
///
/// The layout is netCDF-4's, so xarray, ncdump, R and MATLAB read it; see `write(to:)`.
public struct ResultFile: Hashable, Sendable {
  /// The layout's version; a reader refuses a newer one.
  public static let schemaVersion: Int64 = 1

  public var title: String
  /// Texts about where the results come from, in order. Nothing that changes from run to run of
  /// the same scenario belongs here: equal runs give equal bytes.
  public var provenance: [(name: String, text: String)]
  public var runs: ResultTable

  public init(
    title: String, provenance: [(name: String, text: String)], runs: ResultTable
  ) {
    self.title = title
    self.provenance = provenance
    self.runs = runs
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.title == b.title && a.runs == b.runs
      && a.provenance.elementsEqual(b.provenance) { $0 == $1 }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(title)
    hasher.combine(runs)
  }
}
