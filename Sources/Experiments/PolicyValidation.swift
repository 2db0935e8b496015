import ScenarioFiles
import ServingDesigns
import Statistics

/// A reported row of a scenario of policies, beside the model's.
public struct ComparedPolicy: Sendable {
  public var reference: ReferencePolicy
  public var relativePerformance: Double
  /// In seconds.
  public var timeToFirstToken: Double

  public init(
    reference: ReferencePolicy, relativePerformance: Double, timeToFirstToken: Double
  ) {
    self.reference = reference
    self.relativePerformance = relativePerformance
    self.timeToFirstToken = timeToFirstToken
  }

  /// Of the performance, where 1 is the speed without inference.
  public var performanceError: Double { relativePerformance - reference.relativePerformance }
  public var timeError: Double { timeToFirstToken / reference.timeToFirstToken - 1 }
}

/// How a scenario of policies compares with what was reported.
public struct PolicyValidation: Sendable {
  public var name: String
  public var title: String
  public var device: String
  public var notes: [String]
  /// What was taken from reported rows.
  public var inferred: [String]
  public var rows: [ComparedPolicy]

  /// - Throws: `MissingFileError`, `ConfigurationError`, `PointFailure`.
  public init?(_ resolved: ResolvedScenario, library: ScenarioLibrary, jobs: Int) async throws {
    guard let inference = try resolved.inference(), let reference = resolved.scenario.reference
    else { return nil }
    let reported = try library.referencePolicies(reference)
    let records = try await runPolicyPoints(
      try resolved.policyPoints(inference), designs: library.catalog, jobs: jobs
    ).map { try $0.get() }
    name = resolved.scenario.name
    title = resolved.scenario.title
    device = resolved.device.name
    notes = resolved.scenario.notes
    inferred = inference.listing
    rows = reported.compactMap { reference in
      records.first {
        $0.point.policy == reference.policy && $0.point.application == reference.application
      }.map {
        ComparedPolicy(
          reference: reference, relativePerformance: $0.relativePerformance,
          timeToFirstToken: $0.record.timeToFirstToken.seconds)
      }
    }
  }
}
