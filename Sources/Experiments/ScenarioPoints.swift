import ConfigurationReader
import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import Workloads

/// The values of the axes that the points of requests, policies and workloads have alike.
struct PointConditions {
  var precision: Precision
  var fidelity: GEMMFidelity
  var seed: Int64
  var settings: [(key: String, text: String)]
}

/// A scenario with everything it names read, ready to be spread into points.
public struct ResolvedScenario: Sendable {
  public var scenario: Scenario
  public var device: DeviceProfile
  /// The scenario as its file has it, without `--set`.
  var written: Scenario
  var library: ScenarioLibrary
  var models: [String: ModelArchitecture]
  var designs: [String: [String: String]]
  var catalog: DesignCatalog
  /// The requests of a scenario of a trace.
  var trace: Trace?

  /// Reads what the scenario names and applies `--set`.
  ///
  /// - Parameter overrides: in the order given; a key of the scenario replaces its axis, any
  ///   other key becomes an axis of its own or replaces the scenario's under `set:`.
  /// - Throws: `MissingFileError`, `ConfigurationError`, `SettingError`.
  public init(
    _ scenario: Scenario, library: ScenarioLibrary, overrides: [SettingAxis] = []
  ) throws {
    written = scenario
    self.library = library
    var scenario = scenario
    for override in overrides {
      if override.key == "device" {
        guard override.texts.count == 1, library.deviceNames.contains(override.texts[0]) else {
          throw SettingError(
            key: "device", text: override.texts.joined(separator: ","),
            reason: "expected one of \(library.deviceNames.joined(separator: ", "))")
        }
        scenario.device = override.texts[0]
      } else if override.key == "operatingSystem" {
        guard override.texts.count == 1,
          let system = OperatingSystem(rawValue: override.texts[0])
        else {
          let known = OperatingSystem.allCases.map(\.rawValue).joined(separator: ", ")
          throw SettingError(
            key: override.key, text: override.texts.joined(separator: ","),
            reason: "expected one of \(known)")
        }
        scenario.operatingSystem = system
      } else if scenario.settableKeys.contains(override.key) {
        try scenario.replaceAxis(override.key, with: override.texts, known: library.knownNames)
      } else {
        try Scenario.checkRepeats(override.key, override.texts)
        scenario.settings.removeAll { $0.key == override.key }
        scenario.settings.append(override)
      }
    }
    if case .trace(let study) = scenario.subject {
      let trace = try library.trace(study, of: scenario)
      self.trace = trace
      for entry in trace.entries where !scenario.models.contains(entry.model) {
        scenario.models.append(entry.model)
      }
    }
    self.scenario = scenario
    catalog = library.catalog
    device = try library.device(named: scenario.device)
    models = [:]
    for name in scenario.models { models[name] = try library.model(named: name).model }
    designs = [:]
    for name in scenario.designs {
      designs[name] = try library.design(named: name).values.mapValues(\.text)
    }
  }

  /// Every combination, the design turning fastest.
  /// - Throws: `SettingError` when the key or a value of a setting given with `--set` cannot be
  ///   used; `ConfigurationError` when it stands in the scenario.
  public func points() throws -> [ExperimentPoint] {
    do throws(SettingError) {
      let points = try combinedPoints()
      try checkNames(points.map(\.id))
      return points
    } catch {
      throw located(error)
    }
  }

  /// A wrong setting as an error of the scenario's file, if that is where it stands.
  func located(_ error: SettingError) -> any Error {
    guard
      case .file(let file, let line, let column)? =
        scenario.settings.first(where: { $0.key == error.key })?.origin
    else { return error }
    return ConfigurationError(problems: [
      Problem(
        file: file, line: line, column: column, path: "set.\(error.key)", message: error.reason)
    ])
  }

  /// All combinations of the settings' values.
  var combinations: [[(key: String, text: String)]] {
    scenario.settings.reduce([[(key: String, text: String)]]([[]])) { result, axis in
      result.flatMap { earlier in axis.texts.map { earlier + [(axis.key, $0)] } }
    }
  }

  /// All combinations of what every subject's points have, the settings turning fastest.
  var conditions: [PointConditions] {
    scenario.precisions.flatMap { precision in
      scenario.fidelities.flatMap { fidelity in
        scenario.seeds.flatMap { seed in
          combinations.map { settings in
            PointConditions(
              precision: precision, fidelity: fidelity, seed: seed, settings: settings)
          }
        }
      }
    }
  }

  /// The first of all.
  var firstConditions: PointConditions {
    PointConditions(
      precision: scenario.precisions[0], fidelity: scenario.fidelities[0],
      seed: scenario.seeds[0], settings: scenario.settings.map { ($0.key, $0.texts[0]) })
  }

  /// What a point's name says of its conditions: what is usual is not said.
  /// - Parameter others: what stands between precision and seed.
  func names(of conditions: PointConditions, with others: [String] = []) -> [String] {
    var parts: [String] = []
    if conditions.precision != .int8 { parts.append(conditions.precision.rawValue) }
    if conditions.fidelity != .tile { parts.append(conditions.fidelity.rawValue) }
    parts += others
    if scenario.seeds.count > 1 { parts.append("seed \(conditions.seed)") }
    return parts + conditions.settings.map { "\($0.key)=\($0.text)" }
  }

  private func combinedPoints() throws(SettingError) -> [ExperimentPoint] {
    var points: [ExperimentPoint] = []
    for model in scenario.models {
      for prompt in scenario.promptTokens {
        for output in scenario.outputTokens {
          for background in try loads(beside: model) {
            for conditions in conditions {
              for design in scenario.designs {
                points.append(
                  try point(
                    design: design, model: model, prompt: prompt, output: output,
                    background: background, conditions))
              }
            }
          }
        }
      }
    }
    return points
  }

  /// The loads under which a model is served.
  private func loads(beside model: String) throws(SettingError) -> [ByteCount] {
    if scenario.backgroundByModel.isEmpty { return scenario.backgroundMemory }
    guard let load = scenario.backgroundByModel[model] else {
      throw SettingError(
        key: "models", text: model,
        reason: "the scenario has no load for it; give backgroundMemory as well")
    }
    return [load]
  }

  func point(
    design: String, model name: String, prompt: Int, output: Int, background: ByteCount,
    _ conditions: PointConditions
  ) throws(SettingError) -> ExperimentPoint {
    // Read when the scenario was resolved.
    var model = models[name]!
    var parameters = designs[design]!
    var device = device
    for setting in conditions.settings {
      try apply(setting, &device, &model, design: design, &parameters)
    }
    let checked: DesignParameters
    do throws(DesignParameterError) {
      checked = try DesignParameters(parameters, for: catalog[design]?.parameters ?? [])
    } catch {
      throw SettingError(key: "design.\(design)", text: "", reason: "\(error)")
    }
    var others: [String] = []
    if scenario.earlierRequests > 0 { others.append("after \(scenario.earlierRequests)") }
    if scenario.operatingSystem != .benign { others.append(scenario.operatingSystem.rawValue) }
    let parts =
      [name, "\(prompt)+\(output)", background.text] + names(of: conditions, with: others)
      + [design]
    return ExperimentPoint(
      id: parts.joined(separator: "/"), design: design, designParameters: checked, model: model,
      promptTokenCount: prompt, outputTokenCount: output, backgroundMemory: background,
      precision: conditions.precision, gemmFidelity: conditions.fidelity,
      operatingSystem: scenario.operatingSystem, earlierRequests: scenario.earlierRequests,
      seed: conditions.seed, device: device, settings: conditions.settings)
  }

  private func apply(
    _ setting: (key: String, text: String), _ device: inout DeviceProfile,
    _ model: inout ModelArchitecture, design: String, _ parameters: inout [String: String]
  ) throws(SettingError) {
    let (key, text) = setting
    func refuse(_ reason: String) -> SettingError {
      SettingError(key: key, text: text, reason: reason)
    }
    if try Self.apply(setting, to: &device) {
    } else if key == Scenario.stepKey, let step = scenario.steps.first(where: { $0.name == text }) {
      for (name, text) in step.parameters {
        try setParameter(name, of: nil, to: text, in: design, &parameters) { reason in
          SettingError(key: key, text: step.name, reason: "\(name): \(reason)")
        }
      }
    } else if let (name, field) = named(key, prefix: "model.", among: scenario.models) {
      if name == nil || name == model.name { try model.set(field, to: text, named: key) }
    } else if let (name, field) = named(key, prefix: "design.", among: scenario.designs) {
      try setParameter(field, of: name, to: text, in: design, &parameters, refuse)
    } else {
      throw refuse(unknownKey(key))
    }
  }

  /// What is wrong with a key of a setting that is nothing's.
  func unknownKey(_ key: String) -> String {
    let owners = scenario.models.isEmpty ? "device." : "device., model. or design."
    let roots =
      scenario.settableKeys
      + (scenario.models.isEmpty ? ["device."] : ["device.", "model.", "design."])
    return "expected a key of the scenario, or one that begins with \(owners)"
      + suggestion(for: key, among: roots)
  }

  /// Changes a value of the device.
  /// - Returns: whether the setting is one of the device's.
  static func apply(
    _ setting: (key: String, text: String), to device: inout DeviceProfile
  ) throws(SettingError) -> Bool {
    let (key, text) = setting
    func refuse(_ reason: String) -> SettingError {
      SettingError(key: key, text: text, reason: reason)
    }
    guard key.hasPrefix("device.") else { return false }
    let path = String(key.dropFirst("device.".count))
    guard let profileKey = ProfileKey.named(path) else {
      let hint =
        nearest(to: path, among: ProfileKey.all.map(\.path)).map {
          "; did you mean \"device.\($0)\"?"
        } ?? "; `flexbench describe \(device.name)` lists them"
      throw refuse("a device has no value \"\(path)\"\(hint)")
    }
    do throws(ProfileValueError) {
      let value = try device[profileKey].value.replaced(by: text, for: profileKey)
      device = device.replacing(profileKey, with: value, source: "set to \(text)")
    } catch {
      throw refuse("\(error)")
    }
    return true
  }

  private func setParameter(
    _ field: String, of name: String?, to text: String, in design: String,
    _ parameters: inout [String: String], _ refuse: (String) -> SettingError
  ) throws(SettingError) {
    let owners = scenario.designs.filter { owner in
      (name == nil || name == owner)
        && (catalog[owner]?.parameters.contains { $0.name == field } ?? false)
    }
    guard !owners.isEmpty else {
      let known = Set(scenario.designs.flatMap { catalog[$0]?.parameters.map(\.name) ?? [] })
      throw refuse(
        "no design of this scenario has a parameter \"\(field)\"; known are "
          + known.sorted().joined(separator: ", "))
    }
    guard owners.contains(design),
      let parameter = catalog[design]?.parameters.first(where: { $0.name == field })
    else { return }
    guard parameter.accepts(text) else {
      throw refuse("expected \(parameter.expectation), found \"\(text)\"")
    }
    parameters[field] = text
  }

  /// Splits `PREFIX[NAME.]KEY`; names may hold dots, keys do not.
  private func named(
    _ key: String, prefix: String, among names: [String]
  ) -> (name: String?, field: String)? {
    guard key.hasPrefix(prefix) else { return nil }
    let rest = key.dropFirst(prefix.count)
    for name in names where rest.hasPrefix(name + ".") {
      return (name, String(rest.dropFirst(name.count + 1)))
    }
    return (nil, String(rest))
  }
}
