import Foundation

/// A table of another simulator's numbers in `Scenarios/reference/simulators`, where its source
/// stands at its top. No field of theirs holds a comma.
struct SimulatorTable {
  struct Row {
    fileprivate var fields: [String: String]

    func text(_ column: String) -> String {
      guard let text = fields[column] else { preconditionFailure("no column \(column)") }
      return text
    }

    func integer(_ column: String) -> Int {
      guard let number = Int(text(column)) else { preconditionFailure("\(fields)") }
      return number
    }

    func number(_ column: String) -> Double {
      guard let number = Double(text(column)) else { preconditionFailure("\(fields)") }
      return number
    }
  }

  let rows: [Row]

  init(_ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Scenarios/reference/simulators/\(name)")
    let lines = try String(contentsOf: file, encoding: .utf8)
      .split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    rows = lines.dropFirst().map { fields in
      Row(fields: Dictionary(uniqueKeysWithValues: zip(lines[0], fields)))
    }
  }
}
