import ConfigurationReader
import DeviceModel
import FoundationEssentials
import ModelArchitecture
import Quantities
import ServingDesigns
import Workloads

/// A file that is not there or cannot be read.
public struct MissingFileError: Error, Hashable, Sendable, CustomStringConvertible {
  public var file: String
  public var reason: String

  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  public var description: String { "\(file): \(reason)" }
}

/// The folder with the devices, models, designs, references and experiments of a project.
public struct ScenarioLibrary: Sendable {
  /// The folder that holds `devices`, `models`, `designs` and `reference`.
  public var root: String
  public var catalog: DesignCatalog

  public init(root: String, catalog: DesignCatalog) {
    self.root = root
    self.catalog = catalog
  }

  /// The library that a file belongs to: the nearest folder above it that holds `devices`.
  public static func containing(_ file: String) -> String? {
    var parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    while true {
      let folder = parts.isEmpty ? "." : parts.joined(separator: "/")
      let root = folder.isEmpty ? "/" : folder
      if FileManager.default.fileExists(atPath: root + "/devices") { return root }
      guard !parts.isEmpty else { return nil }
      parts = parts.dropLast()
    }
  }

  // MARK: Names

  public var deviceNames: [String] { names(in: "devices", ending: ".yaml") }
  public var modelNames: [String] { names(in: "models", ending: ".yaml") }
  public var referenceNames: [String] {
    names(in: "reference", ending: ".csv").map { $0 + ".csv" }
  }
  public var scenarioNames: [String] { scenarioPathsByName.keys.sorted() }
  /// Scenarios as paths below the library, by name.
  public var scenarioPaths: [String] {
    scenarioPathsByName.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The file of a scenario; nil where none has the name.
  public func scenarioPath(named name: String) -> String? {
    scenarioPathsByName[name].map { "\(root)/\($0)" }
  }

  private var scenarioPathsByName: [String: String] {
    var paths: [String: String] = [:]
    for folder in ["paper", "tz-llm", "isolation", "workloads", "memory"] {
      for name in names(in: folder, ending: ".yaml") where name != "claims" {
        paths[name] = "\(folder)/\(name).yaml"
      }
    }
    return paths
  }

  public var calibrationNames: [String] { names(in: "calibration", ending: ".yaml") }

  public var knownNames: Scenario.KnownNames {
    Scenario.KnownNames(
      devices: deviceNames, models: modelNames, designs: catalog.names,
      references: referenceNames,
      scenarios: scenarioNames)
  }

  private func names(in folder: String, ending: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
    return files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }.sorted()
  }

  // MARK: Reading

  /// How many missing values a message names.
  private static let shownNames = 8

  /// The text of a file.
  /// - Throws: `MissingFileError`; `ConfigurationError` when it is no UTF-8 text.
  public static func read(_ path: String) throws -> String {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MissingFileError(file: path, reason: "no such file")
    }
    guard !isFolder else { throw MissingFileError(file: path, reason: "it is a folder") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw MissingFileError(file: path, reason: "it cannot be read")
    }
    return try FileText.decode(data, file: path)
  }

  /// A device with everything it inherits.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func device(named name: String) throws -> DeviceProfile {
    let known = deviceNames
    var chain: [DeviceFile] = []
    var next: String? = name
    while let current = next {
      if let index = chain.firstIndex(where: { $0.name == current }) {
        let circle = chain[index...].map(\.name) + [current]
        throw problem(
          chain[chain.count - 1].extendsPlace, path: "extends",
          "expected no circle, found \(circle.joined(separator: " -> "))")
      }
      let path = "\(root)/devices/\(current).yaml"
      let file = try DeviceFile(
        text: try Self.read(path), file: path, fileName: current, known: known)
      chain.append(file)
      next = file.extends
    }
    var values: [ProfileKey: SourcedValue] = [:]
    for file in chain.reversed() { values.merge(file.values) { $1 } }
    let missing = ProfileKey.all.filter { values[$0] == nil }
    guard missing.isEmpty else {
      let names = missing.prefix(Self.shownNames).map(\.path).joined(separator: ", ")
      let more =
        missing.count > Self.shownNames ? " and \(missing.count - Self.shownNames) more" : ""
      throw problem(
        chain[0].place, path: "",
        "missing \(names)\(more): neither this profile nor what it extends gives"
          + " \(missing.count == 1 ? "it" : "them")")
    }
    return DeviceProfile(name: name, summary: chain[0].summary, values: values)
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func model(named name: String) throws -> ModelFile {
    let path = "\(root)/models/\(name).yaml"
    return try ModelFile(text: try Self.read(path), file: path, fileName: name)
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func design(named name: String) throws -> DesignFile {
    let path = "\(root)/designs/\(name).yaml"
    return try DesignFile(
      text: try Self.read(path), file: path, fileName: name, catalog: catalog)
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func scenario(_ path: String) throws -> Scenario {
    try Scenario(text: try Self.read(path), file: path, known: knownNames)
  }

  /// The trace that a scenario names.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func trace(_ study: TraceStudy, of scenario: Scenario) throws -> Trace {
    let parts = scenario.file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path =
      study.file.hasPrefix("/")
      ? study.file : (parts + [study.file[...]]).joined(separator: "/")
    return try Trace(text: try Self.read(path), file: path, models: modelNames)
  }

  /// A table of reported values with exactly these columns.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func reference(_ name: String, columns: [String]) throws -> ReferenceTable {
    let path = "\(root)/reference/\(name)"
    return try ReferenceTable(text: try Self.read(path), file: path, columns: columns)
  }

  private func problem(
    _ place: (file: String, line: Int, column: Int), path: String, _ message: String
  ) -> ConfigurationError {
    ConfigurationError(problems: [
      Problem(
        file: place.file, line: place.line, column: place.column, path: path, message: message)
    ])
  }
}
