import ConfigurationReader
import FoundationEssentials
import ScenarioFiles
import ServingDesigns
import Testing
import Workloads

/// The project's `Scenarios` folder.
let shippedLibrary = ScenarioLibrary(
  root: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Scenarios").path,
  catalog: .standard)

/// Paths of all shipped files, below the library.
let shippedPaths: [String] = {
  let root = shippedLibrary.root
  let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
  return paths.filter { path in
    var isFolder = false
    _ = FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isFolder)
    return !isFolder
  }.sorted()
}()

/// A copy of the `Scenarios` folder that a test may change; it goes away with its owner.
final class TemporaryLibrary {
  let library: ScenarioLibrary

  init() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.copyItem(atPath: shippedLibrary.root, toPath: root)
    library = ScenarioLibrary(root: root, catalog: .standard)
  }

  deinit { try? FileManager.default.removeItem(atPath: library.root) }

  func bytes(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: library.path(path))))
  }

  func write(_ bytes: [UInt8], to path: String) throws {
    try Data(bytes).write(to: URL(filePath: library.path(path)))
  }

  func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }
}

/// A file in a folder that no test knows a reader for.
struct UnknownFileError: Error {
  var path: String
}

extension ScenarioLibrary {
  func path(_ path: String) -> String { "\(root)/\(path)" }

  func text(of path: String) throws -> String { try Self.read(self.path(path)) }

  /// Reads a file, given by its path below the library, with the reader of its kind.
  func readFile(_ path: String) throws {
    let parts = path.split(separator: "/")
    let folder = String(parts[0])
    let file = String(parts[parts.count - 1])
    let name = String(file.prefix(upTo: file.lastIndex(of: ".") ?? file.endIndex))
    switch (folder, file.hasSuffix(".csv")) {
    case ("devices", false): _ = try device(named: name)
    case ("models", false): _ = try model(named: name)
    case ("designs", false): _ = try design(named: name)
    case ("calibration", false):
      _ = try CalibrationFile(
        text: text(of: path), file: self.path(path), known: knownNames,
        operations: operationNames())
    case ("reference", true):
      let table = parts.dropFirst().joined(separator: "/")
      guard let columns = referenceColumns[table] else { throw UnknownFileError(path: path) }
      _ = try reference(table, columns: columns)
    case ("paper", true):
      _ = try ReferenceTable(
        text: text(of: path), file: self.path(path), columns: ["point_id", "value"])
    case ("paper", false) where name == "claims":
      _ = try ClaimFile(
        text: text(of: path), file: self.path(path), estimators: estimatorNames,
        metrics: metricNames, designs: catalog.names)
    case ("workloads", true), ("memory", true):
      _ = try Trace(text: text(of: path), file: self.path(path), models: modelNames)
    case ("paper", false), ("tz-llm", false), ("isolation", false), ("workloads", false),
      ("memory", false):
      _ = try scenario(self.path(path))
    default: throw UnknownFileError(path: path)
    }
  }

  private func operationNames() throws -> [String] {
    let file = "device-operations.csv"
    return try reference(file, columns: referenceColumns[file] ?? []).rows.map {
      $0.text("operation")
    }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

private let pointColumns = [
  "model", "prompt_tokens", "output_tokens", "background_gib", "design", "metric", "value", "error",
  "role",
]

/// The columns that the readers of each table ask for.
private let referenceColumns = [
  "allocation.csv": [
    "device", "size_gib", "background_gib", "contiguous_s", "pages_s", "role",
  ],
  "cold-ttft.csv": pointColumns, "decode.csv": pointColumns, "memory-pressure.csv": pointColumns,
  "ablation.csv": [
    "model", "prompt_tokens", "output_tokens", "background_gib", "design", "step", "metric",
    "value", "error", "role",
  ],
  "multi-model.csv": ["model_group", "dataset", "design", "ttft_s", "error", "role"],
  "workflows.csv": ["workflow", "design", "response_s", "error", "role"],
  "extremes.csv": ["experiment", "quantity", "from", "to", "extreme", "percent", "role"],
  "interference.csv": [
    "device", "quantity", "size_gib", "background_gib", "working_set_gib", "slowdown", "role",
    "source",
  ],
  "reclaim.csv": ["operation", "size", "time_ms", "role", "source"],
  "normal-world.csv": ["policy", "application", "relative_performance_percent", "ttft_s", "role"],
  "device-operations.csv": ["device", "operation", "amount", "time_ms", "role", "source"],
  "speedups.csv": ["experiment", "baseline", "design", "estimator", "speedup", "role"],
  "npu-products.csv": [
    "device", "format", "rows", "inner", "columns", "cores", "time_ms", "role", "source",
  ],
  "decode-rates.csv": ["device", "model", "tokens_per_s", "role", "source"],
  "simulators/scalesim.csv": [
    "model", "op", "M", "K", "N", "array_rows", "array_cols", "dataflow", "method", "total_cycles",
  ],
  "simulators/zigzag.csv": [
    "model", "op", "M", "K", "N", "dram_bytes_per_cycle", "latency_cycles", "roofline_cycles",
  ],
  "simulators/roofline.csv": [
    "tool", "device", "peak_tops", "bandwidth_gb_s", "model", "dtype", "phase", "tokens",
    "total_ms", "layer_linear_ms", "attention_ms", "embed_and_lm_head_ms",
  ],
]

private let metricNames = [
  "time_to_first_token", "end_to_end_latency", "decode_tokens_per_second", "response_latency",
]

private let estimatorNames = [
  "mean_of_ratios", "geomean", "ratio_of_means", "max_of_ratios", "min_of_ratios",
  "mean_of_section_means",
]

/// What is wrong with one of the project's files when a text in it is replaced, its path being `FILE`.
func problems(_ path: String, _ old: String, _ new: String) throws -> [String] {
  let copy = try TemporaryLibrary()
  let text = try copy.library.text(of: path)
  #expect(text.ranges(of: old).count == 1, "what is replaced must be there once")
  try copy.write(text.replacing(old, with: new), to: path)
  let error = #expect(throws: ConfigurationError.self) { try copy.library.readFile(path) }
  return (error?.problems ?? []).map {
    "\($0)".replacing(copy.library.path(path), with: "FILE")
  }
}
