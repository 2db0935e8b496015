/// Bars in groups, in panels side by side: a predicted value a bar, and a reported one over it
/// where there is one.
public struct GroupedBars: Hashable, Sendable {
  public struct Bar: Hashable, Sendable {
    public var predicted: Double
    public var reported: Double?
    /// The reported value's own uncertainty.
    public var reportedError: Double?

    public init(predicted: Double, reported: Double?, reportedError: Double?) {
      self.predicted = predicted
      self.reported = reported
      self.reportedError = reportedError
    }
  }

  public struct Panel: Hashable, Sendable {
    public var name: String
    /// The groups' labels, each with one bar a series.
    public var groups: [(label: String, bars: [Bar])]

    public init(name: String, groups: [(label: String, bars: [Bar])]) {
      self.name = name
      self.groups = groups
    }

    public static func == (a: Self, b: Self) -> Bool {
      a.name == b.name && a.groups.elementsEqual(b.groups) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      for group in groups {
        hasher.combine(group.label)
        hasher.combine(group.bars)
      }
    }
  }

  public var series: [String]
  public var panels: [Panel]

  /// - Precondition: every group has one bar a series.
  public init(series: [String], panels: [Panel]) {
    for panel in panels {
      for group in panel.groups {
        precondition(
          group.bars.count == series.count,
          "\(panel.name) \(group.label): \(group.bars.count) bars, \(series.count) series")
      }
    }
    self.series = series
    self.panels = panels
  }

  /// The data as gnuplot reads it: a block a panel (two empty lines between blocks, so that
  /// `index` finds them), a row a group, and three columns a series: predicted, reported, error.
  /// What was not reported is `NaN`.
  public var text: String {
    let names = series.flatMap { ["\($0)", "\($0)_reported", "\($0)_reported_error"] }
    let header = "# " + (["panel", "group"] + names).joined(separator: "\t")
    let blocks = panels.map { panel in
      panel.groups.map { group in
        let cells = group.bars.flatMap { bar in
          [bar.predicted, bar.reported ?? .nan, bar.reportedError ?? .nan].map(Self.cell)
        }
        return ([panel.name, group.label] + cells).joined(separator: "\t")
      }.joined(separator: "\n")
    }
    return header + "\n" + blocks.joined(separator: "\n\n\n") + "\n"
  }

  /// Swift prints the shortest text that reads back as the same number, in every locale.
  private static func cell(_ number: Double) -> String { number.isNaN ? "NaN" : "\(number)" }
}
