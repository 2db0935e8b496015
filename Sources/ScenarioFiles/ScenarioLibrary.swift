import ConfigurationReader
import DeviceModel
import FoundationEssentials
import ModelArchitecture
import Quantities
import ServingDesigns

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
  public var scenarioNames: [String] {
    names(in: "paper", ending: ".yaml").filter { $0 != "claims" }
  }
  /// Scenarios as paths below the library.
  public var scenarioPaths: [String] { scenarioNames.map { "paper/\($0).yaml" } }

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

  /// The text of a file.
  /// - Throws: `MissingFileError`.
  public static func read(_ path: String) throws(MissingFileError) -> String {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw MissingFileError(file: path, reason: "no such file")
    }
    guard !isFolder else { throw MissingFileError(file: path, reason: "it is a folder") }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw MissingFileError(file: path, reason: "it cannot be read")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw MissingFileError(file: path, reason: "it is not UTF-8 text")
    }
    return text
  }

  /// A device with everything it inherits.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func device(named name: String) throws -> DeviceProfile {
    var chain: [DeviceFile] = []
    var next: String? = name
    while let current = next {
      let path = "\(root)/devices/\(current).yaml"
      if let index = chain.firstIndex(where: { $0.name == current }) {
        throw problem(
          path, "extends: expected no circle, found \(chain[index...].map(\.name) + [current])")
      }
      let file = try DeviceFile(text: try Self.read(path), file: path)
      guard file.name == current else {
        throw problem(path, "device: expected the file's name \(current), found \(file.name)")
      }
      chain.append(file)
      next = file.extends
    }
    var values: [ProfileKey: SourcedValue] = [:]
    for file in chain.reversed() { values.merge(file.values) { $1 } }
    let missing = ProfileKey.all.filter { values[$0] == nil }
    guard missing.isEmpty else {
      let path = "\(root)/devices/\(name).yaml"
      throw problem(
        path,
        "missing \(missing.map(\.path).joined(separator: ", ")): neither this profile nor"
          + " what it extends gives them")
    }
    return DeviceProfile(name: name, summary: chain[0].summary, values: values)
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func model(named name: String) throws -> ModelFile {
    let path = "\(root)/models/\(name).yaml"
    let file = try ModelFile(text: try Self.read(path), file: path)
    guard file.model.name == name else {
      throw problem(path, "model: expected the file's name \(name), found \(file.model.name)")
    }
    return file
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func design(named name: String) throws -> DesignFile {
    let path = "\(root)/designs/\(name).yaml"
    let file = try DesignFile(text: try Self.read(path), file: path, catalog: catalog)
    guard file.design == name else {
      throw problem(path, "design: expected the file's name \(name), found \(file.design)")
    }
    return file
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func scenario(_ path: String) throws -> Scenario {
    try Scenario(text: try Self.read(path), file: path, known: knownNames)
  }

  /// A table of reported values with exactly these columns.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func reference(_ name: String, columns: [String]) throws -> ReferenceTable {
    let path = "\(root)/reference/\(name)"
    return try ReferenceTable(text: try Self.read(path), file: path, columns: columns)
  }

  private func problem(_ file: String, _ message: String) -> ConfigurationError {
    ConfigurationError(problems: [
      Problem(file: file, line: 1, column: 1, path: "", message: message)
    ])
  }
}
