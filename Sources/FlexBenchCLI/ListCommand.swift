import ArgumentParser
import DeviceModel
import Experiments
import FoundationEssentials
import ScenarioFiles
import ServingDesigns
import Statistics

struct ListCommand: AsyncParsableCommand {
  enum Category: String, CaseIterable, ExpressibleByArgument {
    case designs
    case devices
    case models
    case scenarios
    case operations
    case metrics
    case estimators
    case rules
    case sabotages
  }

  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List designs, devices, models, scenarios, operations, metrics and other names.",
    discussion: "`flexbench describe NAME` says more about one of them.")

  @Argument(help: ArgumentHelp("What to list. Default: everything.", valueName: "category"))
  var categories: [Category] = []

  @OptionGroup var libraryOptions: LibraryOptions
  @OptionGroup var format: FormatOptions

  func run() async throws {
    let library = try libraryOptions.open()
    let wanted = categories.isEmpty ? Category.allCases : categories
    let entries = try wanted.map { ($0, try Self.entries($0, library)) }
    if format.json {
      try printJSON(
        Dictionary(
          uniqueKeysWithValues: entries.map { category, entries in
            (category.rawValue, entries.map { Entry(name: $0.0, summary: $0.1) })
          }))
      return
    }
    for (index, (category, entries)) in entries.enumerated() {
      if index > 0 { print() }
      print(category.rawValue)
      let width = entries.map(\.0.count).max() ?? 0
      for (name, summary) in entries {
        // Wrapped alone: the blanks between name and summary are the column's.
        let label = "  " + name + String(repeating: " ", count: width - name.count) + "  "
        let indent = String(repeating: " ", count: label.count)
        print(label + wrapped(indent + summary, indent: indent).dropFirst(label.count))
      }
    }
  }

  private struct Entry: Encodable {
    var name: String
    var summary: String
  }

  private static func entries(
    _ category: Category, _ library: ScenarioLibrary
  ) throws -> [(String, String)] {
    switch category {
    case .designs: library.catalog.designs.map { ($0.name, $0.summary) }
    case .devices:
      try library.deviceNames.map { ($0, try library.device(named: $0).summary) }
    case .models:
      try library.modelNames.map { name in
        let model = try library.model(named: name).model
        return (
          name,
          "\(fixed(Double(model.parameterCount) / 1e9, 3))e9 parameters,"
            + " \(model.layerCount) layers"
        )
      }
    case .scenarios:
      try library.scenarioPaths.map { path in
        let scenario = try library.scenario("\(library.root)/\(path)")
        return (scenario.name, "\(scenario.title) (\(library.root)/\(path))")
      }
    case .operations: OperationKind.allCases.map { ($0.rawValue, $0.meaning) }
    case .metrics: Metric.allCases.map { ($0.rawValue, "\($0.meaning), \($0.units)") }
    case .rules: IsolationRule.allCases.map { ($0.rawValue, $0.meaning) }
    case .sabotages:
      Sabotage.allCases.map { ($0.rawValue, "\($0.meaning); breaks \($0.rule.rawValue)") }
    case .estimators: Estimator.allCases.map { ($0.rawValue, $0.meaning) }
    }
  }
}
