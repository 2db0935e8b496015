import DeviceModel
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Statistics

/// A value that was reported, beside the model's.
public struct ComparedValue: Sendable {
  public var name: String
  public var reported: Double
  public var predicted: Double
  public var role: ReferenceRole

  public init(name: String, reported: Double, predicted: Double, role: ReferenceRole) {
    self.name = name
    self.reported = reported
    self.predicted = predicted
    self.role = role
  }

  public var error: Double { predicted / reported - 1 }
}

/// A reported point, beside the model's.
public struct ComparedPoint: Sendable {
  public var reference: ReferencePoint
  /// In the reference's unit.
  public var predicted: Double

  public var error: Double { predicted / reference.value - 1 }
}

/// A speed-up that the paper states, beside the model's.
public struct ComparedSpeedup: Sendable {
  public var baseline: String
  public var design: String
  public var estimator: Estimator
  public var stated: Double
  public var predicted: Double
  public var role: ReferenceRole

  public var error: Double { predicted / stated - 1 }
}

/// How a scenario's results compare with what was reported.
public struct ScenarioValidation: Sendable {
  public var name: String
  public var title: String
  public var device: String
  /// What the paper leaves open, and what is assumed instead.
  public var notes: [String]
  /// What the scenario is about, and its speed-ups are of.
  public var metric: Metric
  public var points: [ComparedPoint]
  public var speedups: [ComparedSpeedup]
  /// The least and the largest values that are stated over all points.
  public var extremes: [ComparedExtreme] = []
  /// Ratios setting by setting: the model's, and the reported one where both times were reported.
  public var ratios: [ComparedRatio]

  /// What each step of an ablation cuts off the one before it, by model; none without steps.
  public var cuts: [ComparedCut] {
    zip(points, points.dropFirst()).compactMap { before, point in
      guard let step = point.reference.step, before.reference.model == point.reference.model else {
        return nil
      }
      return ComparedCut(
        model: point.reference.model, step: step,
        reported: 1 - point.reference.value / before.reference.value,
        predicted: 1 - point.predicted / before.predicted)
    }
  }

  /// Shares of the time that a step cuts.
  public struct ComparedCut: Sendable {
    public var model: String
    public var step: String
    public var reported: Double
    public var predicted: Double

    public var error: Double { predicted - reported }
  }

  public struct ComparedRatio: Sendable {
    public var baseline: String
    public var design: String
    /// What was run, the baseline's.
    public var point: ExperimentPoint
    public var predicted: Double
    public var reported: Double?
  }
}

/// Everything reported that the model can be compared with.
public struct Validation: Sendable {
  /// Operations measured alone, in seconds.
  public var operations: [ComparedValue]
  /// Allocation latencies, in seconds.
  public var allocations: [ComparedValue]
  /// How much slower programs are beside contiguous allocations.
  public var interference: [ComparedInterference]
  public var scenarios: [ScenarioValidation]
  public var operationScenarios: [OperationValidation]
  public var policyScenarios: [PolicyValidation]
  public var workloadScenarios: [WorkloadValidation]
  public var simulators: SimulatorComparison
  /// Fits to measurements of the NPU, each point also predicted by a fit without it.
  public var measurements: [FitResult]

  /// Runs the model for every reference of a library.
  ///
  /// - Parameters:
  ///   - resultsFolder: where results of mixes and workflows may lie; those that were made from what the
  ///     library holds are taken, and not made again.
  ///   - skipped: names of scenarios that are left out.
  /// - Throws: what reading the library and running its scenarios throws.
  public init(
    _ library: ScenarioLibrary, jobs: Int, resultsFolder: String? = nil, skipped: [String] = []
  ) async throws {
    // Everything is read before anything runs: a mistake in the last file costs no waiting.
    let stated = try library.statedSpeedups()
    let extremes = try library.statedExtremes()
    let referenceOperations = try library.referenceOperations()
    let referenceAllocations = try library.referenceAllocations()
    let referenceInterference = try library.referenceInterference()
    let devices = Dictionary(
      uniqueKeysWithValues: try library.deviceNames.map { ($0, try library.device(named: $0)) })
    let all = try library.scenarioPaths.map { try library.scenario("\(library.root)/\($0)") }
      .filter { !skipped.contains($0.name) }
    let others = try all.filter { $0.subject != .requests && $0.reference != nil }.map {
      try ResolvedScenario($0, library: library)
    }
    let compared = try all.compactMap {
      scenario -> (resolved: ResolvedScenario, reported: [ReferencePoint])? in
      guard scenario.subject == .requests,
        scenario.reference != nil || extremes.contains(where: { $0.experiment == scenario.name })
      else { return nil }
      return (
        try ResolvedScenario(scenario, library: library),
        try library.referencePoints(of: scenario)
      )
    }
    for resolved in others where !resolved.scenario.workloadColumns.isEmpty {
      _ = try library.referenceWorkloads(of: resolved.scenario)
    }
    let calibrations = try library.calibrationNames.map { name in
      let file = try library.calibration("\(library.root)/calibration/\(name).yaml")
      return (file: file, calibration: try Calibration(file, library: library))
    }

    scenarios = []
    for (resolved, reported) in compared {
      let records = try await runPoints(
        try resolved.points(), designs: library.catalog, jobs: jobs)
      var scenario = try ScenarioValidation(
        resolved, records: records, reported: reported,
        stated: stated.filter { $0.experiment == resolved.scenario.name })
      scenario.extremes = try extremes.filter { $0.experiment == scenario.name }.map {
        try ComparedExtreme($0, records: records, designs: library.catalog)
      }
      scenarios.append(scenario)
    }
    operationScenarios = []
    policyScenarios = []
    workloadScenarios = []
    for resolved in others {
      switch resolved.scenario.subject {
      case .requests, .trace, .sections: break
      case .operations:
        operationScenarios.append(try OperationValidation(resolved, library: library))
      case .policies:
        if let policies = try await PolicyValidation(resolved, library: library, jobs: jobs) {
          policyScenarios.append(policies)
        }
      case .mix, .workflows:
        let known = resultsFolder.flatMap { resolved.results(in: $0) }
        let file: ResultFile
        if let known {
          file = known
        } else {
          file = ResultFile(
            try await runPoints(
              try resolved.workloadPoints(), designs: library.catalog, jobs: jobs
            ), of: resolved)
        }
        workloadScenarios.append(
          try WorkloadValidation(
            resolved, results: file, library: library,
            stated: stated.filter { $0.experiment == resolved.scenario.name }))
      }
    }
    // Names of devices in reference tables are checked when those are read.
    operations = try referenceOperations.map {
      ComparedValue(
        name: $0.amount.isEmpty ? $0.name : "\($0.name) \($0.amount)", reported: $0.seconds,
        predicted: try $0.time(on: devices[$0.device]!, library: library).seconds, role: $0.role)
    }
    allocations = try referenceAllocations.flatMap {
      try $0.compared(on: devices[$0.device]!)
    }
    interference = try referenceInterference.map {
      try ComparedInterference($0, on: devices[$0.device]!)
    }
    // Fits to whole requests take minutes to leave points out of; `flexbench calibrate` does.
    measurements =
      try calibrations.filter { $0.file.fits.allSatisfy { !$0.measurements.isEmpty } }
      .flatMap { try $0.calibration.run(leaveOneOut: true) }
    simulators = try SimulatorComparison(library)
  }
}

extension ResolvedScenario {
  /// The scenario's results in a folder; nil where there are none that were made from what the scenario,
  /// its device, its models and its designs are now, by this version of the program.
  fileprivate func results(in folder: String) -> ResultFile? {
    guard let file = try? ResultFile(reading: "\(folder)/\(scenario.name).h5") else { return nil }
    return (try? file.isOf(self)) ?? false ? file : nil
  }
}

extension ScenarioValidation {
  /// - Parameter records: all runs of the scenario.
  /// - Throws: `StatisticsError`, `ResultContentError`.
  init(
    _ resolved: ResolvedScenario, records: [PointRecord], reported: [ReferencePoint],
    stated: [StatedSpeedup]
  ) throws {
    name = resolved.scenario.name
    title = resolved.scenario.title
    device = resolved.device.name
    notes = resolved.scenario.notes
    points = reported.compactMap { reference in
      records.first { reference.matches($0.point) }?.value(of: reference.metric).map {
        ComparedPoint(reference: reference, predicted: $0)
      }
    }
    let metric = resolved.scenario.metric
    self.metric = metric
    let index = try RunIndex(ResultFile(records, of: resolved), path: name)
    speedups = try stated.map { stated in
      let pairs = try index.pairs(
        baseline: stated.baseline, design: stated.design,
        metric: metric.rawValue)
      return ComparedSpeedup(
        baseline: stated.baseline, design: stated.design, estimator: stated.estimator,
        stated: stated.speedup,
        predicted: try stated.estimator.estimate(pairs[0], axes: index.axes, section: nil),
        role: stated.role)
    }
    ratios = []
    var compared: Set<[String]> = []
    for speedup in stated where compared.insert([speedup.baseline, speedup.design]).inserted {
      ratios += Self.ratios(metric, speedup.baseline, speedup.design, records, reported)
    }
  }

  private static func ratios(
    _ metric: Metric, _ baseline: String, _ design: String, _ records: [PointRecord],
    _ reported: [ReferencePoint]
  ) -> [ComparedRatio] {
    func speedup(_ baseline: Double?, _ design: Double?) -> Double? {
      guard let baseline, let design else { return nil }
      return metric.isRate ? design / baseline : baseline / design
    }
    let reported = reported.filter { $0.metric == metric }
    return records.filter { $0.point.design == baseline }.compactMap { slow -> ComparedRatio? in
      guard
        let fast = records.first(where: {
          $0.point.design == design && $0.point.isSameSetting(as: slow.point)
        }), let predicted = speedup(slow.value(of: metric), fast.value(of: metric))
      else { return nil }
      return ComparedRatio(
        baseline: baseline, design: design, point: slow.point, predicted: predicted,
        reported: speedup(
          reported.first { $0.matches(slow.point) }?.value,
          reported.first { $0.matches(fast.point) }?.value))
    }
  }
}

extension ExperimentPoint {
  /// Whether another point differs in the design alone.
  public func isSameSetting(as other: ExperimentPoint) -> Bool {
    id.dropLast(design.count) == other.id.dropLast(other.design.count)
  }
}

extension ReferenceAllocation {
  fileprivate func compared(on device: DeviceProfile) throws -> [ComparedValue] {
    func value(
      _ name: String, _ operation: MeasuredOperation, _ reported: Double
    ) throws -> ComparedValue {
      let time = try operation.time(
        on: device, backgroundMemory: backgroundMemory, blockWindow: 1)
      return ComparedValue(
        name: "\(name) \(size.text) at \(backgroundMemory.text)", reported: reported,
        predicted: time.seconds, role: role)
    }
    return [
      try value("contiguous", .allocateContiguous(size), contiguousSeconds),
      try value("pages", .allocatePages(size), pagesSeconds),
    ]
  }
}
