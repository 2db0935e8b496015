import DeviceModel
import Quantities
import ServingDesigns

/// Values that take turns under one key: an axis of a sweep, or one changed value.
public struct SettingAxis: Hashable, Sendable {
  /// `device.npu.modeSwitch`, `model.layers`, `model.NAME.layers`, `design.NAME.allocation`.
  public var key: String
  public var texts: [String]
  public var origin: Origin

  /// Where a setting was written.
  public enum Origin: Hashable, Sendable {
    case commandLine
    case file(String, line: Int, column: Int)
  }

  public init(key: String, texts: [String], origin: Origin) {
    self.key = key
    self.texts = texts
    self.origin = origin
  }
}

/// An experiment as its file describes it: lists are axes, and every combination is a point.
public struct Scenario: Sendable {
  public var name: String
  public var title: String
  /// What the source of the experiment leaves open or contradicts itself in, and what is assumed.
  public var notes: [String]
  /// The file, as it was named.
  public var file: String
  /// The file's text; results carry it.
  public var text: String
  public var device: String
  /// What its points are; every other axis of a kind that has none of it is empty.
  public var subject: ScenarioSubject
  public var designs: [String]
  public var models: [String]
  public var promptTokens: [Int]
  public var outputTokens: [Int]
  public var backgroundMemory: [ByteCount]
  /// The load beside each model, by its name, where every model has one of its own; `backgroundMemory`
  /// is empty then.
  public var backgroundByModel: [String: ByteCount]
  public var precisions: [Precision]
  public var fidelities: [GEMMFidelity]
  public var operatingSystem: OperatingSystem
  /// Requests that are served, one after the other, before the one that is measured.
  public var earlierRequests: Int
  /// What each step of an ablation sets of the designs' parameters, in order; `settings` has an axis
  /// `step` with their names.
  public var steps: [(name: String, parameters: [(name: String, text: String)])]
  public var seeds: [Int64]
  /// Values of the device, the models or the designs that the scenario changes.
  public var settings: [SettingAxis]
  /// What it is about: what reports and figures show unless told otherwise.
  public var metric: Metric
  /// File of reported values in the library's `reference` folder.
  public var reference: String?

  /// Keys of a scenario of requests that `--set` can replace.
  public static let axisKeys = [
    "designs", "models", "promptTokens", "outputTokens", "backgroundMemory", "precision",
    "gemmFidelity", "seed",
  ]
}
