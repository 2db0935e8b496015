import Quantities
import ScenarioFiles
import ServingDesigns

/// The least or the largest value over all points of an experiment, as a paper states it.
public struct StatedExtreme: Sendable {
  public enum Quantity: String, CaseIterable, Sendable {
    /// The share of the time to first token that is saved from one design, or step, to another.
    case cut
    /// How far the time to first token of a design lies above its lower bound.
    case aboveBound = "above-bound"
  }

  public enum Extreme: String, CaseIterable, Sendable {
    case least
    case most
  }

  public var experiment: String
  public var quantity: Quantity
  /// A design or a step; nil where a quantity is about one alone.
  public var from: String?
  public var to: String
  public var extreme: Extreme
  /// A share, not a percentage.
  public var value: Double
  public var role: ReferenceRole
}

/// A stated extreme beside the model's.
public struct ComparedExtreme: Sendable {
  public var stated: StatedExtreme
  public var predicted: Double
  /// The point that has it.
  public var point: ExperimentPoint

  /// In shares: a difference, not a ratio.
  public var error: Double { predicted - stated.value }
}

extension ScenarioLibrary {
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func statedExtremes() throws -> [StatedExtreme] {
    let table = try reference(
      "extremes.csv",
      columns: ["experiment", "quantity", "from", "to", "extreme", "percent", "role"])
    var reader = FieldReader(table)
    let extremes = table.rows.map { row in
      StatedExtreme(
        experiment: reader.word(row, "experiment", among: scenarioNames),
        quantity: reader.value(row, "quantity"),
        from: row.text("from").isEmpty ? nil : row.text("from"), to: row.text("to"),
        extreme: reader.value(row, "extreme"), value: reader.number(row, "percent") / 100,
        role: reader.value(row, "role"))
    }
    for (row, extreme) in zip(table.rows, extremes) where extreme.quantity == .cut {
      if extreme.from == nil { reader.refuse(row, "from", "expected a design or a step") }
    }
    try reader.finish()
    return extremes
  }
}

extension ComparedExtreme {
  /// - Parameter records: all runs of the extreme's experiment.
  /// - Throws: `ResultContentError` when no run has what it is about; what pricing a plan throws.
  init(_ stated: StatedExtreme, records: [PointRecord], designs: DesignCatalog) throws {
    let values = try records.filter { $0.point.isOf(stated.to) }.compactMap {
      record -> (value: Double, point: ExperimentPoint)? in
      let time = record.timeToFirstToken.seconds
      switch stated.quantity {
      case .aboveBound:
        return (time / (try record.point.lowerBound(designs: designs)).seconds - 1, record.point)
      case .cut:
        let before = records.first {
          $0.point.isOf(stated.from ?? "") && $0.point.isServingTheSame(as: record.point)
        }
        return before.map { (1 - time / $0.timeToFirstToken.seconds, record.point) }
      }
    }
    guard
      let found = stated.extreme == .least
        ? values.min(by: { $0.value < $1.value }) : values.max(by: { $0.value < $1.value })
    else {
      throw ResultContentError(
        path: stated.experiment,
        reason: "no run is of \(stated.to) and one of \(stated.from ?? "it")")
    }
    self.stated = stated
    predicted = found.value
    point = found.point
  }
}

extension ExperimentPoint {
  /// Whether a name is that of its design, or of its step.
  fileprivate func isOf(_ name: String) -> Bool {
    let step = settings.first { $0.key == Scenario.stepKey }?.text
    return (step ?? design) == name
  }

  fileprivate func isServingTheSame(as other: ExperimentPoint) -> Bool {
    model == other.model && promptTokenCount == other.promptTokenCount
      && outputTokenCount == other.outputTokenCount && backgroundMemory == other.backgroundMemory
      && seed == other.seed
  }
}
