import DeviceModel
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns

/// One operation measured alone: every value that decides its time.
public struct OperationPoint: Sendable {
  /// The values of the axes.
  public var id: String
  public var operation: NamedOperation
  /// Memory that other programs hold.
  public var backgroundMemory: ByteCount
  public var seed: Int64
  public var device: DeviceProfile
  /// Values that the scenario or the command line changed, as written, by key.
  public var settings: [(key: String, text: String)]

  /// The design whose memory goes back so.
  public var design: String {
    switch operation.way {
    case .recall, .recallTwoStage, .recallNeither, .recallEarlyTouch: "flexserve"
    case .contiguous: "strawman"
    }
  }

  /// - Throws: `PointFailure` when the device cannot do or price the operation.
  public func run() throws(PointFailure) -> OperationRecord {
    do {
      let timing = try operation.operation.timing(
        on: device, backgroundMemory: backgroundMemory, blockWindow: 1)
      return OperationRecord(
        point: self, duration: timing.duration, eventCount: timing.eventCount)
    } catch {
      throw PointFailure(pointID: id, reason: "\(error)")
    }
  }
}

/// What one operation took.
public struct OperationRecord: Sendable {
  public var point: OperationPoint
  /// From its start to the end of what was measured.
  public var duration: SimulatedDuration
  public var eventCount: Int
}

extension ResolvedScenario {
  /// Every combination of operation, load, seed and settings; none unless it is a scenario of
  /// operations.
  /// - Throws: `SettingError`, `ConfigurationError` as `points` does.
  public func operationPoints() throws -> [OperationPoint] {
    guard case .operations(let operations) = scenario.subject else { return [] }
    var points: [OperationPoint] = []
    do throws(SettingError) {
      for operation in operations {
        for background in scenario.backgroundMemory {
          for seed in scenario.seeds {
            for settings in combinations {
              points.append(try point(operation, background, seed, settings))
            }
          }
        }
      }
      try checkNames(points.map(\.id))
    } catch {
      throw located(error)
    }
    return points
  }

  private func point(
    _ operation: NamedOperation, _ background: ByteCount, _ seed: Int64,
    _ settings: [(key: String, text: String)]
  ) throws(SettingError) -> OperationPoint {
    var device = device
    for setting in settings where try !Self.apply(setting, to: &device) {
      throw SettingError(
        key: setting.key, text: setting.text, reason: unknownKey(setting.key))
    }
    var parts = [operation.text, background.text]
    if scenario.seeds.count > 1 { parts.append("seed \(seed)") }
    parts += settings.map { "\($0.key)=\($0.text)" }
    return OperationPoint(
      id: parts.joined(separator: "/"), operation: operation, backgroundMemory: background,
      seed: seed, device: device, settings: settings)
  }

  /// The names of all points, in order, whatever the scenario is about.
  /// - Throws: `SettingError`, `ConfigurationError` as `points` does.
  public func pointNames() throws -> [String] {
    switch scenario.subject {
    case .requests: try points().map(\.id)
    case .operations: try operationPoints().map(\.id)
    case .policies: try policyPoints(nil).map(\.point.id)
    case .mix, .workflows, .trace: try workloadPoints().map(\.point.id)
    case .sections(let names): names
    }
  }

  /// Two spellings of one value, such as 8 GiB and 8192 MiB, would be two rows of one name.
  func checkNames(_ names: [String]) throws(SettingError) {
    var seen: Set<String> = []
    if let twice = names.first(where: { !seen.insert($0).inserted }) {
      throw SettingError(key: "point", text: twice, reason: "two values of an axis are equal")
    }
  }
}

extension RunColumn {
  public static let operation = "operation"
  public static let duration = "duration"
}

extension ResultFile {
  /// The results of a scenario of operations, a row a point; columns that are about requests are
  /// empty, or zero.
  public init(_ records: [OperationRecord], of resolved: ResolvedScenario) {
    let common = Self.columns([], resolved.scenario).filter {
      $0.name != Metric.decodeRate.rawValue
    }
    let columns = common.map { column in
      var column = column
      switch column.values {
      case .strings:
        column.values = .strings(records.map { $0.label(column.name) })
      case .integers: column.values = .integers(records.map { $0.number(column.name) })
      case .reals: preconditionFailure("\(column.name) is about requests")
      }
      return column
    }
    let own = [
      ResultColumn(
        name: RunColumn.operation, units: "", longName: "what gives back how much memory",
        values: .strings(records.map(\.point.operation.text))),
      ResultColumn(
        name: RunColumn.duration, units: "ns",
        longName: "end of what the operating system waits for - start of the operation",
        values: .integers(records.map { $0.duration.nanosecondsRoundedHalfToEven })),
    ]
    self.init(
      title: resolved.scenario.title, provenance: Self.provenance(of: resolved),
      runs: ResultTable(dimension: "run", columns: common.isEmpty ? own : columns + own))
  }
}

extension OperationRecord {
  fileprivate func label(_ column: String) -> String {
    switch column {
    case RunColumn.design: point.design
    case RunColumn.pointID: point.id
    default: point.settings.first { $0.key == column }?.text ?? ""
    }
  }

  fileprivate func number(_ column: String) -> Int64 {
    switch column {
    case RunColumn.background: point.backgroundMemory.bytes
    case RunColumn.seed: point.seed
    case RunColumn.events: Int64(eventCount)
    default: 0
    }
  }
}

/// A time that the paper reports for an operation that gives memory back.
public struct ReferenceGiveBack: Sendable {
  public var operation: NamedOperation
  public var seconds: Double
  public var role: ReferenceRole
  public var source: String
}

extension ScenarioLibrary {
  /// The reported times of a scenario of operations.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceGiveBacks(_ name: String) throws -> [ReferenceGiveBack] {
    let table = try reference(
      name, columns: ["operation", "size", "time_ms", "role", "source"])
    var reader = FieldReader(table)
    let values = table.rows.map { row in
      ReferenceGiveBack(
        operation: NamedOperation(
          way: reader.value(row, "operation"), size: reader.bytes(row, "size")),
        seconds: reader.number(row, "time_ms") / 1000, role: reader.value(row, "role"),
        source: row.text("source"))
    }
    try reader.finish()
    return values
  }
}

/// How a scenario of operations compares with what was reported.
public struct OperationValidation: Sendable {
  public var name: String
  public var title: String
  public var device: String
  public var notes: [String]
  /// In seconds.
  public var values: [ComparedValue]

  /// - Throws: `MissingFileError`, `ConfigurationError`, `PointFailure`.
  public init(_ resolved: ResolvedScenario, library: ScenarioLibrary) throws {
    name = resolved.scenario.name
    title = resolved.scenario.title
    device = resolved.device.name
    notes = resolved.scenario.notes
    let reported = try resolved.scenario.reference.map(library.referenceGiveBacks) ?? []
    let records = try resolved.operationPoints().map { point in try point.run() }
    values = reported.compactMap { reference in
      records.first { $0.point.operation == reference.operation }.map {
        ComparedValue(
          name: reference.operation.text, reported: reference.seconds,
          predicted: $0.duration.seconds, role: reference.role)
      }
    }
  }
}
