import ResultFiles
import ScenarioFiles
import Statistics

/// What a result file lacks for what is asked of it.
public struct ResultContentError: Error, Hashable, Sendable, CustomStringConvertible {
  public var path: String
  public var reason: String

  public var description: String { "\(path): \(reason)" }
}

/// One setting in which two designs were run: every axis but the design and the seed.
///
/// Of a metric that is a rate, these are times for one of what it counts: a ratio is a speed-up then,
/// whatever the metric.
public struct SettingPair: Hashable, Sendable {
  /// The axes' values, in the columns' order.
  public var setting: [String]
  public var baseline: Double
  public var design: Double
}

/// The runs of a result file, found by design and setting.
public struct RunIndex: Sendable {
  public let path: String
  private let table: ResultTable
  /// Names of the columns whose values make a setting.
  public let axes: [String]

  /// - Throws: `ResultContentError` when a column that every result file has is missing.
  public init(_ file: ResultFile, path: String) throws(ResultContentError) {
    self.path = path
    table = file.runs
    let labels = file.runs.columns.filter { column in
      if case .strings = column.values { true } else { false }
    }.map(\.name)
    let others = labels.filter { name in
      ![RunColumn.design, RunColumn.pointID].contains(name) && !RunColumn.axes.contains(name)
    }
    axes = RunColumn.axes.filter { $0 != RunColumn.seed } + others
    for name in RunColumn.axes + [RunColumn.design, RunColumn.pointID] where table[name] == nil {
      throw ResultContentError(path: path, reason: "it has no column \(name)")
    }
  }

  public var rowCount: Int { table.rowCount }

  /// Whether there is a column of this name.
  public func has(_ column: String) -> Bool { table[column] != nil }

  /// Axes with several values, without what a workload's name says already.
  public var shownAxes: [String] {
    let isWorkload = axes.contains(RunColumn.modelGroup) || axes.contains(RunColumn.workflow)
    let implied =
      isWorkload ? [RunColumn.model, RunColumn.promptTokens, RunColumn.outputTokens] : []
    return axes.filter { !implied.contains($0) && distinct($0).count > 1 }
  }

  /// Designs in the order of their first rows.
  public var designs: [String] { distinct(RunColumn.design) }

  /// Values of a column in the order of their first rows.
  public func distinct(_ column: String) -> [String] {
    var seen: Set<String> = []
    return texts(column).filter { seen.insert($0).inserted }
  }

  /// A column that the file is known to have, as texts.
  public func texts(_ column: String) -> [String] {
    switch table[column]?.values {
    case .strings(let values): values
    case .integers(let values): values.map(String.init)
    case .reals(let values): values.map { "\($0)" }
    case nil: []
    }
  }

  /// A metric's values, one a row.
  /// - Throws: `ResultContentError` when there is no such column of numbers.
  public func numbers(_ column: String) throws(ResultContentError) -> [Double] {
    switch table[column]?.values {
    case .integers(let values): return values.map(Double.init)
    case .reals(let values): return values
    case .strings: throw ResultContentError(path: path, reason: "\(column) holds no numbers")
    case nil: throw ResultContentError(path: path, reason: "it has no column \(column)")
    }
  }

  /// The setting of each row.
  public var settings: [[String]] {
    let columns = axes.map(texts)
    return (0..<rowCount).map { row in columns.map { $0[row] } }
  }

  /// Two designs setting by setting, for each seed: the same settings in the same order.
  /// - Throws: `ResultContentError` when one of the designs lacks a setting of the other, or both
  ///   were not run at all.
  public func pairs(
    baseline: String, design: String, metric: String
  ) throws(ResultContentError) -> [[SettingPair]] {
    let isRate = Metric(rawValue: metric)?.isRate ?? false
    let values = try numbers(metric).map { isRate ? 1 / $0 : $0 }
    let designs = texts(RunColumn.design)
    let seeds = texts(RunColumn.seed)
    let settings = settings
    var rows: [Run: Int] = [:]
    for row in 0..<rowCount {
      rows[Run(design: designs[row], seed: seeds[row], setting: settings[row])] = row
    }
    var result: [[SettingPair]] = []
    for seed in distinct(RunColumn.seed) {
      var pairs: [SettingPair] = []
      for row in 0..<rowCount where seeds[row] == seed {
        let isBaseline = designs[row] == baseline
        guard isBaseline || designs[row] == design else { continue }
        let other = isBaseline ? design : baseline
        guard let match = rows[Run(design: other, seed: seed, setting: settings[row])] else {
          throw ResultContentError(
            path: path,
            reason: "it has \(designs[row]) at \(settings[row].joined(separator: ", ")),"
              + " and not \(other)")
        }
        if isBaseline {
          pairs.append(
            SettingPair(setting: settings[row], baseline: values[row], design: values[match]))
        }
      }
      if !pairs.isEmpty { result.append(pairs) }
    }
    guard !result.isEmpty else {
      throw ResultContentError(
        path: path, reason: "it has no runs of \(baseline) and \(design)")
    }
    return result
  }

  private struct Run: Hashable {
    var design: String
    var seed: String
    var setting: [String]
  }
}

extension Estimator {
  /// The estimate from one seed's pairs.
  /// - Parameter section: the axis whose values are the sections of `meanOfSectionMeans`.
  /// - Throws: `StatisticsError`.
  public func estimate(
    _ pairs: [SettingPair], axes: [String], section: String?
  ) throws(StatisticsError) -> Double {
    let place = section.flatMap { axes.firstIndex(of: $0) }
    let names = place.map { place in pairs.map { $0.setting[place] } }
    // Numbered in order of appearance: a number is all that the estimator needs.
    let sections = names.map { names in names.map { name in names.firstIndex(of: name)! } }
    return try estimate(
      baseline: pairs.map(\.baseline), design: pairs.map(\.design), sections: sections)
  }
}
