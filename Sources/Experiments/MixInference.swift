import ConfigurationReader
import DeviceModel
import Glibc
import Quantities
import ScenarioFiles
import ServingDesigns
import Workloads

/// Why a scenario's requests cannot be inferred.
public struct InferenceError: Error, CustomStringConvertible {
  public var description: String
}

/// The prompts' medians of a scenario of mixes, one a data set and the same for all groups of models,
/// as the strawman's reported times have it. No other design's times are looked at.
public struct MixInference: Sendable {
  /// A bar that a median was fitted to.
  public struct Bar: Sendable {
    public var group: String
    /// In seconds.
    public var reported: Double
    public var predicted: Double
    public var error: Double { predicted / reported - 1 }
  }

  public struct Fit: Sendable {
    public var dataset: Dataset
    public var written: Int
    public var inferred: Int
    public var bars: [Bar]
  }

  public var fits: [Fit]

  /// The whole median at which the squares of the logarithms of predicted over reported add up to least;
  /// of two that are as good, the smaller one.
  ///
  /// - Throws: `InferenceError`; what reading the reference and running the strawman throws.
  public init(_ resolved: ResolvedScenario, jobs: Int) async throws {
    try await self.init(resolved, bars: try resolved.strawmanBars(), jobs: jobs)
  }

  /// - Parameter bars: the strawman's reported times.
  init(_ resolved: ResolvedScenario, bars: [ReferenceWorkload], jobs: Int) async throws {
    guard case .mix(let study) = resolved.scenario.subject else {
      preconditionFailure("\(resolved.scenario.name) is no scenario of mixes")
    }
    fits = []
    for dataset in study.datasets {
      guard case .median(let written) = dataset.promptTokens else {
        throw InferenceError(
          description: "\(dataset.name): expected prompts around a median, which is what is"
            + " inferred, found \(dataset.promptTokens.text)")
      }
      let rows = bars.filter { $0.labels[1] == dataset.name }
      let groups = study.groups.filter { group in rows.contains { $0.labels[0] == group.name } }
      guard !groups.isEmpty else {
        throw InferenceError(
          description: "\(dataset.name): the reference has no row of the strawman with the role fit"
        )
      }
      let reported = groups.map { group in rows.first { $0.labels[0] == group.name }!.value }
      var known: [Int: [Double]] = [:]
      func predicted(_ median: Int) async throws -> [Double] {
        if let times = known[median] { return times }
        var dataset = dataset
        dataset.promptTokens = .median(median)
        var points: [WorkloadPoint] = []
        for group in groups {
          points.append(
            try resolved.firstPoint(
              ResolvedScenario.variant(study, group, dataset), design: Strawman.name))
        }
        let times = try await runPoints(points, designs: resolved.catalog, jobs: jobs)
          .map { $0.record.timeToFirstToken.seconds }
        known[median] = times
        return times
      }
      /// How much longer than reported the predictions are, as the mean of logarithms: it grows with
      /// the median, and where it is zero the squares' sum is close to least.
      func excess(_ median: Int) async throws -> Double {
        zip(try await predicted(median), reported).reduce(0) { $0 + log($1.0 / $1.1) }
      }
      func cost(_ median: Int) async throws -> Double {
        zip(try await predicted(median), reported).reduce(0) {
          let error = log($1.0 / $1.1)
          return $0 + error * error
        }
      }
      var low = 1
      var high = Self.largestMedian
      while high - low > 1 {
        let middle = (low + high) / 2
        if try await excess(middle) < 0 { low = middle } else { high = middle }
      }
      // From there downhill, one by one.
      var best = (median: low, cost: try await cost(low))
      for step in [-1, 1] {
        while (1...Self.largestMedian).contains(best.median + step) {
          let next = try await cost(best.median + step)
          guard next < best.cost else { break }
          best = (best.median + step, next)
        }
      }
      fits.append(
        Fit(
          dataset: dataset, written: written, inferred: best.median,
          bars: zip(groups, zip(reported, try await predicted(best.median))).map {
            Bar(group: $0.name, reported: $1.0, predicted: $1.1)
          }))
    }
  }

  private static let largestMedian = 1024
}

extension ResolvedScenario {
  /// The strawman's reported rows that may be fitted to.
  /// - Throws: `InferenceError` where there are none; what reading the reference throws.
  func strawmanBars() throws -> [ReferenceWorkload] {
    let bars = try library.referenceWorkloads(of: scenario).filter {
      $0.design == Strawman.name && $0.role == .fit
    }
    guard !bars.isEmpty else {
      throw InferenceError(
        description: "\(scenario.name): expected a reference with rows of \(Strawman.name) and"
          + " the role fit, found none")
    }
    return bars
  }

  /// A workload under the first value of every axis that is not the workload's.
  func firstPoint(
    _ variant: WorkloadVariant, design: String
  ) throws(SettingError) -> WorkloadPoint {
    try workloadPoint(
      variant, design: design, background: scenario.backgroundMemory[0], firstConditions)
  }
}
