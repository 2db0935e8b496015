/// A table for a terminal: columns as wide as their widest cell.
struct TextTable {
  enum Alignment {
    case left
    case right
  }

  private var headers: [String]
  private var alignments: [Alignment]
  private var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) {
    headers = columns.map { $0.0 }
    alignments = columns.map { $0.1 }
  }

  mutating func add(_ cells: [String]) {
    precondition(cells.count == headers.count, "\(cells.count) cells, \(headers.count) columns")
    rows.append(cells)
  }

  var text: String {
    let widths = headers.indices.map { column in
      ([headers] + rows).map { $0[column].count }.max() ?? 0
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([headers, rule] + rows).map { line($0, widths) }.joined(separator: "\n")
  }

  /// With a comma between cells; a cell that holds a comma or a quote is quoted (RFC 4180).
  var csv: String {
    ([headers] + rows).map { cells in
      cells.map { cell in
        let isPlain = !cell.contains { ",\"\n".contains($0) }
        return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
      }.joined(separator: ",")
    }.joined(separator: "\n")
  }

  /// As Markdown shows tables.
  var markdown: String {
    let rule = alignments.map { $0 == .left ? "---" : "---:" }
    return ([headers, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = cells.indices.map { column in
      let blanks = String(repeating: " ", count: widths[column] - cells[column].count)
      return alignments[column] == .left ? cells[column] + blanks : blanks + cells[column]
    }.joined(separator: "  ")
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}

/// A number with so many digits after the point, rounded half to even; `printf` without a locale.
func fixed(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite else { return "\(number)" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = (number * scale).rounded(.toNearestOrEven)
  guard scaled.magnitude < 9e15 else { return "\(number)" }
  let whole = Int64(scaled)
  let sign = whole < 0 ? "-" : ""
  var text = String(whole.magnitude)
  if digits == 0 { return sign + text }
  if text.count <= digits {
    text = String(repeating: "0", count: digits + 1 - text.count) + text
  }
  let point = text.index(text.endIndex, offsetBy: -digits)
  return sign + text[..<point] + "." + text[point...]
}

/// A relative difference as a signed percentage, such as `-3.4 %`.
func signedPercent(_ ratio: Double) -> String {
  let text = fixed(ratio * 100, 1)
  return (text.hasPrefix("-") ? text : "+" + text) + " %"
}

/// A share as a percentage, such as `3.4 %`.
func percent(_ ratio: Double) -> String { fixed(ratio * 100, 1) + " %" }

/// A difference of shares in hundredths.
func signedPoints(_ difference: Double) -> String {
  let text = fixed(difference * 100, 1)
  return text.hasPrefix("-") ? text : "+" + text
}
