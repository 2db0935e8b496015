import Experiments

/// What `report` says of the mean speed-ups of several experiments.
struct SectionReport: Encodable {
  struct Row: Encodable {
    var section: String
    var baseline: String
    var design: String
    var speedup: Double
    var settings: Int
  }

  var file: String
  var title: String
  var rows: [Row]

  init(_ means: SectionMeans, title: String, path: String) {
    file = path
    self.title = title
    rows = means.rows.map {
      Row(
        section: $0.section, baseline: $0.baseline, design: $0.design, speedup: $0.speedup,
        settings: $0.count)
    }
  }

  var table: TextTable {
    let baselines = rows.map(\.baseline).uniqued
    var table = TextTable(
      [("mean speed-up of \(rows.first?.design ?? "-") over", .left)]
        + baselines.map { ($0, .right) })
    for section in rows.map(\.section).uniqued {
      table.add(
        [section]
          + baselines.map { baseline in
            rows.first { $0.section == section && $0.baseline == baseline }
              .map { fixed($0.speedup, 2) + "x" } ?? "-"
          })
    }
    return table
  }

  func printText() {
    print(title)
    print(file)
    print()
    print(table.text)
  }
}
