import ArgumentParser
import FoundationEssentials
import Quantities
import ScenarioFiles

struct LibraryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with devices, models, designs and references.",
      discussion: "Default: ./Scenarios, or else the installed one.", valueName: "folder"))
  var library: String?

  /// - Throws: `MissingFileError` when there is none.
  func open() throws(MissingFileError) -> ScenarioLibrary {
    if let library {
      guard Self.isLibrary(library) else {
        throw MissingFileError(
          file: library, reason: "it is no folder with devices, models, designs")
      }
      return ScenarioLibrary(root: library, catalog: FlexBench.catalog)
    }
    for root in ["Scenarios", installed("Scenarios")] where Self.isLibrary(root) {
      return ScenarioLibrary(root: root, catalog: FlexBench.catalog)
    }
    throw MissingFileError(
      file: "Scenarios", reason: "no such folder; say where it is with --library")
  }

  /// The library that a file belongs to, unless one was named.
  /// - Throws: `MissingFileError` when there is none.
  func open(for file: String) throws(MissingFileError) -> ScenarioLibrary {
    guard library == nil else { return try open() }
    guard FileManager.default.fileExists(atPath: file) else {
      throw MissingFileError(file: file, reason: "no such file")
    }
    guard let root = ScenarioLibrary.containing(file) else { return try open() }
    return ScenarioLibrary(root: root, catalog: FlexBench.catalog)
  }

  /// A scenario by its file, or by its name in the library.
  /// - Returns: the library it belongs to, and its file.
  /// - Throws: `MissingFileError` when there is neither.
  func scenario(_ argument: String) throws(MissingFileError) -> (ScenarioLibrary, path: String) {
    if !argument.contains("/"), !FileManager.default.fileExists(atPath: argument),
      let library = try? open(), let path = library.scenarioPath(named: argument)
    {
      return (library, path)
    }
    if !argument.contains("/"), !argument.contains("."),
      !FileManager.default.fileExists(atPath: argument), let library = try? open()
    {
      let hint = suggestion(for: argument, among: library.scenarioNames)
      throw MissingFileError(
        file: argument,
        reason: "no such file, and no scenario that `flexbench list scenarios` shows\(hint)")
    }
    return (try open(for: argument), argument)
  }

  private static func isLibrary(_ root: String) -> Bool {
    ["devices", "models", "designs"].allSatisfy {
      FileManager.default.fileExists(atPath: "\(root)/\($0)")
    }
  }
}

/// Where `make install` puts a folder, beside the program that runs.
func installed(_ folder: String) -> String {
  // Not the first argument: found through PATH, it is a name without a folder.
  let program =
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    ?? CommandLine.arguments[0]
  let bin = program.lastIndex(of: "/").map { String(program[..<$0]) } ?? "."
  return "\(bin)/../share/flexbench/\(folder)"
}
