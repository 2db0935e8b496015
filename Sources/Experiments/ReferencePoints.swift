import ConfigurationReader
import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import Statistics

/// A metric's value that the paper reports for one point.
public struct ReferencePoint: Hashable, Sendable {
  public var model: String
  public var promptTokenCount: Int
  public var outputTokenCount: Int
  public var backgroundMemory: ByteCount
  public var design: String
  /// The step of an ablation; nil where there are none.
  public var step: String?
  public var metric: Metric
  /// In seconds, or per second.
  public var value: Double
  /// The reading's own uncertainty.
  public var uncertainty: Double
  public var role: ReferenceRole

  /// The precision of everything that is reported: the paper quantises to INT8 throughout.
  public static let precision = Precision.int8

  /// Whether it was reported for what a point runs.
  public func matches(_ point: ExperimentPoint) -> Bool {
    point.settings.allSatisfy { $0.key == Scenario.stepKey }
      && point.settings.first?.text == step && point.precision == Self.precision
      && design == point.design && model == point.model.name
      && promptTokenCount == point.promptTokenCount
      && outputTokenCount == point.outputTokenCount
      && backgroundMemory == point.backgroundMemory
  }
}

/// An operation that the paper measured alone.
public struct ReferenceOperation: Sendable {
  /// The device it was measured on.
  public var device: String
  /// As in the file, such as `prefill.npu`.
  public var name: String
  public var amount: String
  public var operation: MeasuredOperation
  public var seconds: Double
  public var role: ReferenceRole
  public var source: String
}

/// A speed-up that the paper states.
public struct StatedSpeedup: Sendable {
  public var experiment: String
  public var baseline: String
  public var design: String
  public var estimator: Estimator
  public var speedup: Double
  public var role: ReferenceRole
}

/// An allocation latency of the paper's Figure 1.
public struct ReferenceAllocation: Sendable {
  /// The device it was measured on.
  public var device: String
  public var size: ByteCount
  public var backgroundMemory: ByteCount
  public var contiguousSeconds: Double
  public var pagesSeconds: Double
  public var role: ReferenceRole
}

/// A product that the vendor's matrix library was measured with.
public struct ReferenceProduct: Sendable {
  public var device: String
  public var product: MatrixMultiply
  public var format: OperandFormat
  public var coreCount: Int
  public var seconds: Double
  public var role: ReferenceRole

  /// Such as `int8 128x1024x8192, 1 core`.
  public var name: String {
    "\(format.rawValue) \(product.rows)x\(product.inner)x\(product.columns),"
      + " \(coreCount) core\(coreCount == 1 ? "" : "s")"
  }

  public func predictedSeconds(on device: DeviceProfile) -> Double {
    device.libraryProduct(product, format: format, coreCount: coreCount).seconds
  }
}

/// A decode rate of the vendor's runtime, weights of one byte.
public struct ReferenceDecodeRate: Sendable {
  public var device: String
  public var model: ModelArchitecture
  public var tokensPerSecond: Double
  public var role: ReferenceRole

  public var name: String { "\(model.name), tokens/s" }

  /// In tokens per second. Every token streams all layers and the output head.
  public func predictedRate(on device: DeviceProfile) -> Double {
    let weights =
      Int64(model.layerCount) * model.layerParameterCount + model.embeddingParameterCount
    return 1
      / device.libraryDecode(
        weights: ByteCount(bytes: weights), layerCount: model.layerCount
      ).seconds
  }
}

extension ScenarioLibrary {
  /// The reported values of a scenario's reference file; none where it has no such file.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referencePoints(of scenario: Scenario) throws -> [ReferencePoint] {
    guard let name = scenario.reference else { return [] }
    let hasSteps = !scenario.steps.isEmpty
    let table = try reference(
      name,
      columns: [
        "model", "prompt_tokens", "output_tokens", "background_gib", "design",
      ] + (hasSteps ? [Scenario.stepKey] : []) + ["metric", "value", "error", "role"])
    var reader = FieldReader(table)
    let points = table.rows.map { row in
      ReferencePoint(
        model: reader.word(row, "model", among: modelNames),
        promptTokenCount: Int(reader.whole(row, "prompt_tokens")),
        outputTokenCount: Int(reader.whole(row, "output_tokens")),
        backgroundMemory: reader.gibibytes(row, "background_gib"),
        design: reader.word(row, "design", among: catalog.names),
        step: hasSteps
          ? reader.word(row, Scenario.stepKey, among: scenario.steps.map(\.name)) : nil,
        metric: reader.value(row, "metric"), value: reader.number(row, "value"),
        uncertainty: reader.number(row, "error"), role: reader.value(row, "role"))
    }
    try reader.finish()
    return points
  }

  /// The operations measured alone.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceOperations() throws -> [ReferenceOperation] {
    let table = try reference(
      "device-operations.csv",
      columns: ["device", "operation", "amount", "time_ms", "role", "source"])
    var reader = FieldReader(table)
    var operations: [ReferenceOperation] = []
    for row in table.rows {
      guard let operation = try measured(row, &reader) else { continue }
      operations.append(
        ReferenceOperation(
          device: reader.word(row, "device", among: deviceNames), name: row.text("operation"),
          amount: row.text("amount"), operation: operation,
          seconds: reader.number(row, "time_ms") / 1000, role: reader.value(row, "role"),
          source: row.text("source")))
    }
    try reader.finish()
    return operations
  }

  private func measured(
    _ row: ReferenceTable.Row, _ reader: inout FieldReader
  ) throws -> MeasuredOperation? {
    switch row.text("operation") {
    case "allocate.flex-mem": return .allocateProtectedPages(reader.bytes(row, "amount"))
    case "allocate.contiguous": return .allocateContiguous(reader.bytes(row, "amount"))
    case "npu-mapping.protected":
      return .mapForNPU(reader.bytes(row, "amount"), protected: true)
    case "npu-mapping.unprotected":
      return .mapForNPU(reader.bytes(row, "amount"), protected: false)
    case "npu-launch.protected": return .launchNPUTask(protected: true)
    case "npu-launch.unprotected": return .launchNPUTask(protected: false)
    case "npu-mode-switch": return .switchNPUMode
    case "protection-enable": return .enableProtection
    case "storage-read": return .readStorage(reader.bytes(row, "amount"))
    case "decrypt": return .decrypt(reader.bytes(row, "amount"))
    case "prefill.npu", "prefill.npu.decrypting", "prefill.cpu":
      let parts = row.text("amount").split(separator: " ").map(String.init)
      guard parts.count == 2, modelNames.contains(parts[0]), let tokens = Int(parts[1]), tokens > 0
      else {
        reader.refuse(row, "amount", "expected a model and a number of tokens")
        return nil
      }
      let model = try self.model(named: parts[0]).model
      switch row.text("operation") {
      case "prefill.npu": return .prefillOnNPU(model, promptTokens: tokens)
      case "prefill.cpu": return .prefillOnCPU(model, promptTokens: tokens)
      default: return .prefillOnNPUWhileDecrypting(model, promptTokens: tokens)
      }
    case let name:
      reader.refuse(row, "operation", "unknown operation \"\(name)\"")
      return nil
    }
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func calibration(_ path: String) throws -> CalibrationFile {
    // One that was measured on several devices is one name.
    let names = try referenceOperations().map(\.name).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    return try CalibrationFile(
      text: try Self.read(path), file: path, known: knownNames, operations: names)
  }

  /// The speed-ups that the paper states.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func statedSpeedups() throws -> [StatedSpeedup] {
    let table = try reference(
      "speedups.csv",
      columns: ["experiment", "baseline", "design", "estimator", "speedup", "role"])
    var reader = FieldReader(table)
    let speedups = table.rows.map { row in
      StatedSpeedup(
        experiment: row.text("experiment"),
        baseline: reader.word(row, "baseline", among: catalog.names),
        design: reader.word(row, "design", among: catalog.names),
        estimator: reader.value(row, "estimator"), speedup: reader.number(row, "speedup"),
        role: reader.value(row, "role"))
    }
    try reader.finish()
    return speedups
  }

  /// Products that the vendor's matrix library was measured with.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceProducts() throws -> [ReferenceProduct] {
    let table = try reference(
      "npu-products.csv",
      columns: [
        "device", "format", "rows", "inner", "columns", "cores", "time_ms", "role", "source",
      ])
    var reader = FieldReader(table)
    let products = table.rows.map { row in
      ReferenceProduct(
        device: reader.word(row, "device", among: deviceNames),
        product: MatrixMultiply(
          rows: Int(reader.whole(row, "rows")), inner: Int(reader.whole(row, "inner")),
          columns: Int(reader.whole(row, "columns"))),
        format: reader.value(row, "format"), coreCount: Int(reader.whole(row, "cores")),
        seconds: reader.number(row, "time_ms") / 1000, role: reader.value(row, "role"))
    }
    try reader.finish()
    return products
  }

  /// Decode rates of the vendor's runtime.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceDecodeRates() throws -> [ReferenceDecodeRate] {
    let table = try reference(
      "decode-rates.csv", columns: ["device", "model", "tokens_per_s", "role", "source"])
    var reader = FieldReader(table)
    var rates: [ReferenceDecodeRate] = []
    for row in table.rows {
      let name = reader.word(row, "model", among: modelNames)
      let device = reader.word(row, "device", among: deviceNames)
      // A wrong name was noted.
      guard modelNames.contains(name) else { continue }
      rates.append(
        ReferenceDecodeRate(
          device: device, model: try model(named: name).model,
          tokensPerSecond: reader.number(row, "tokens_per_s"), role: reader.value(row, "role")))
    }
    try reader.finish()
    return rates
  }

  /// The allocation latencies of the paper's Figure 1.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceAllocations() throws -> [ReferenceAllocation] {
    let table = try reference(
      "allocation.csv",
      columns: ["device", "size_gib", "background_gib", "contiguous_s", "pages_s", "role"])
    var reader = FieldReader(table)
    let allocations = table.rows.map { row in
      ReferenceAllocation(
        device: reader.word(row, "device", among: deviceNames),
        size: reader.gibibytes(row, "size_gib"),
        backgroundMemory: reader.gibibytes(row, "background_gib"),
        contiguousSeconds: reader.number(row, "contiguous_s"),
        pagesSeconds: reader.number(row, "pages_s"), role: reader.value(row, "role"))
    }
    try reader.finish()
    return allocations
  }
}

/// Reads the fields of a table's rows and gathers what is wrong with them.
struct FieldReader {
  private var table: ReferenceTable
  private var problems: [Problem] = []

  init(_ table: ReferenceTable) { self.table = table }

  mutating func refuse(_ row: ReferenceTable.Row, _ column: String, _ message: String) {
    problems.append(table.problem(row, column, "\(message), found \"\(row.text(column))\""))
  }

  mutating func number(_ row: ReferenceTable.Row, _ column: String) -> Double {
    let text = row.text(column)
    if (try? Ratio(parsing: text)) != nil, let number = Double(text), number > 0 { return number }
    refuse(row, column, "expected a number above zero")
    return 1
  }

  mutating func whole(_ row: ReferenceTable.Row, _ column: String) -> Int64 {
    if let number = try? parseWholeNumber(row.text(column)), number > 0 { return number }
    refuse(row, column, "expected a whole number above zero")
    return 1
  }

  mutating func bytes(_ row: ReferenceTable.Row, _ column: String) -> ByteCount {
    if let bytes = try? ByteCount(parsing: row.text(column)) { return bytes }
    refuse(row, column, "expected \(ByteCount.expectation)")
    return .zero
  }

  /// A number of GiB without its unit, which the column's name has.
  mutating func gibibytes(_ row: ReferenceTable.Row, _ column: String) -> ByteCount {
    if let bytes = try? ByteCount(parsing: row.text(column) + " GiB") { return bytes }
    refuse(row, column, "expected a number of GiB")
    return .zero
  }

  mutating func word(
    _ row: ReferenceTable.Row, _ column: String, among words: [String]
  ) -> String {
    let text = row.text(column)
    if words.contains(text) { return text }
    let hint = suggestion(for: text, among: words)
    problems.append(
      table.problem(
        row, column,
        "expected one of \(words.joined(separator: ", ")), found \"\(text)\"\(hint)"))
    return text
  }

  /// One of the values of an enumeration, by its name in files.
  mutating func value<Value: RawRepresentable & CaseIterable>(
    _ row: ReferenceTable.Row, _ column: String
  ) -> Value where Value.RawValue == String {
    let cases = Array(Value.allCases)
    let text = word(row, column, among: cases.map(\.rawValue))
    // A wrong word was noted; what stands in for it is never used.
    return Value(rawValue: text) ?? cases[0]
  }

  func finish() throws(ConfigurationError) {
    if !problems.isEmpty { throw ConfigurationError(problems: problems) }
  }
}
