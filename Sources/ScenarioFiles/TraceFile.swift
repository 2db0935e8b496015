import ConfigurationReader
import Quantities
import ServingDesigns
import Workloads

extension Trace {
  /// Reads requests from comma-separated values: `arrival_s`, `model`, `prompt_tokens`,
  /// `output_tokens`, and, where wanted, `prefix`, `prefix_tokens` and `session`.
  ///
  /// - Parameter models: names that requests may have.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(text: String, file: String, models: [String]) throws(ConfigurationError) {
    let table = try ReferenceTable(
      text: text, file: file, columns: ["arrival_s", "model", "prompt_tokens", "output_tokens"],
      optional: ["prefix", "prefix_tokens", "session"])
    var problems: [Problem] = []
    var entries: [Entry] = []
    for row in table.rows {
      if let entry = Self.entry(row, of: table, models: models, &problems) { entries.append(entry) }
    }
    if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    self.init(entries: entries)
  }

  private static func entry(
    _ row: ReferenceTable.Row, of table: ReferenceTable, models: [String],
    _ problems: inout [Problem]
  ) -> Entry? {
    func refuse(_ column: String, _ message: String) {
      problems.append(
        table.problem(row, column, "\(message), found \(row.text(column).debugDescription)"))
    }
    func number(_ column: String, in range: ClosedRange<Int64>) -> Int? {
      if let number = try? parseWholeNumber(row.text(column)), range.contains(number) {
        return Int(number)
      }
      refuse(column, "expected \(range.expectation)")
      return nil
    }
    let seconds = row.text("arrival_s")
    // A number without its unit, which the column's name has.
    let arrival = try? SimulatedTime(parsing: seconds + " s")
    if arrival == nil {
      refuse("arrival_s", "expected seconds since the trace's begin, such as 1.5")
    }
    let model = row.text("model")
    if !models.contains(model) {
      let hint = suggestion(for: model, among: models)
      problems.append(
        table.problem(
          row, "model",
          "expected one of \(models.joined(separator: ", ")), found \(model.debugDescription)"
            + hint))
    }
    let prompt = number("prompt_tokens", in: Scenario.promptTokenRange)
    let output = number("output_tokens", in: Scenario.outputTokenRange)
    let session =
      row.optionalText("session") == nil
      ? nil : number("session", in: 0...Int64(Int32.max))
    var prefix: SharedPrefix?
    let name = row.optionalText("prefix")
    if row.optionalText("prefix_tokens") != nil {
      let count = number("prefix_tokens", in: 1...Scenario.promptTokenRange.upperBound)
      if name == nil {
        refuse("prefix_tokens", "expected a prefix's name beside its tokens")
      }
      if let count, let prompt, count >= prompt {
        refuse("prefix_tokens", "expected fewer than the prompt's \(prompt)")
      } else if let count, let name {
        prefix = SharedPrefix(name: name, tokenCount: count)
      }
    } else if name != nil {
      refuse("prefix", "expected a number of tokens beside a prefix's name")
    }
    guard let arrival, models.contains(model), let prompt, let output else { return nil }
    return Entry(
      arrival: arrival, model: model, promptTokens: prompt, outputTokens: output, prefix: prefix,
      session: session)
  }
}
