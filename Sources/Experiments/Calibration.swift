import DeviceModel
import Quantities
import ScenarioFiles
import ServingDesigns
import Statistics

/// One point of a fit: what was reported and what the fitted model gives.
public struct FittedPoint: Sendable {
  public var name: String
  public var reported: Double
  public var predicted: Double
}

/// A value that was fitted.
public struct FittedValue: Sendable {
  public var key: ProfileKey
  public var before: ProfileQuantity
  public var after: ProfileQuantity
}

/// What one fit gave.
public struct FitResult: Sendable {
  public var id: String
  public var why: String
  public var values: [FittedValue]
  public var points: [FittedPoint]
  /// Sum of squared logarithms of predicted over reported, for each candidate that was tried.
  public var candidateCosts: [(text: String, cost: Double)]
}

/// Fits values of a device to reported times, as a calibration file says.
///
/// Residuals are logarithms of predicted over reported, so every point weighs the same whatever
/// its size. Values move on a logarithmic scale, so they stay above zero. Only points with the
/// role `fit`, and operations with the role `input`, are used.
public struct Calibration {
  private let file: CalibrationFile
  private let scenario: Scenario
  private let library: ScenarioLibrary
  private let reference: [ReferencePoint]
  private let operations: [ReferenceOperation]
  /// The device with what was found so far.
  public private(set) var device: DeviceProfile

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public init(_ file: CalibrationFile, scenario: Scenario, library: ScenarioLibrary) throws {
    self.file = file
    self.scenario = scenario
    self.library = library
    reference = try scenario.reference.map { try library.referencePoints($0) } ?? []
    operations = try library.referenceOperations()
    device = try library.device(named: file.device)
  }

  /// Runs all fits in order, again and again until nothing moves: what one fit finds is part of
  /// the next one's model.
  /// - Throws: `StatisticsError`, and what running a point throws.
  public mutating func run() throws -> [FitResult] {
    let original = device
    var results: [FitResult] = []
    for _ in 0..<Self.maximumPasses {
      let before = device
      results = try file.fits.map { try run($0) }
      if file.fits.flatMap(\.parameters).allSatisfy({ before[$0].value.isNear(device[$0].value) }) {
        break
      }
    }
    // What was found, against the profile as it was, and all points under the final values.
    for index in results.indices {
      for place in results[index].values.indices {
        let key = results[index].values[place].key
        results[index].values[place].before = original[key].value
        results[index].values[place].after = device[key].value
      }
      results[index].points = try evaluate(file.fits[index], device)
    }
    return results
  }

  private static let maximumPasses = 6

  private mutating func run(_ fit: CalibrationFile.Fit) throws -> FitResult {
    var values: [FittedValue] = []
    var costs: [(text: String, cost: Double)] = []
    var best: (device: DeviceProfile, cost: Double)?
    for text in fit.candidates?.texts ?? [""] {
      var candidate = device
      if let key = fit.candidates?.key {
        let value = try ProfileQuantity(parsing: text, for: key)
        candidate = candidate.replacing(key, with: value, source: "candidate")
      }
      let found = try solve(fit, from: candidate)
      costs.append((text, found.cost))
      if best.map({ found.cost < $0.cost }) ?? true { best = found }
    }
    // The list of candidates, or its stand-in, is not empty.
    let found = best!
    for key in [fit.candidates?.key].compactMap(\.self) + fit.parameters {
      values.append(
        FittedValue(key: key, before: device[key].value, after: found.device[key].value))
    }
    device = found.device
    return FitResult(
      id: fit.id, why: fit.why, values: values, points: [],
      candidateCosts: fit.candidates == nil ? [] : costs)
  }

  private func solve(
    _ fit: CalibrationFile.Fit, from start: DeviceProfile
  ) throws -> (device: DeviceProfile, cost: Double) {
    func device(_ logarithms: [Double]) -> DeviceProfile {
      zip(fit.parameters, logarithms).reduce(start) { device, pair in
        let value = start[pair.0].value.scaled(by: ratio(exponential(pair.1)))
        return device.replacing(pair.0, with: value, source: "fitted")
      }
    }
    var failure: (any Error)?
    let minimum = try minimize(
      from: fit.parameters.map { _ in 0 }, step: Self.firstStep, tolerance: Self.tolerance
    ) { logarithms in
      do {
        return try evaluate(fit, device(logarithms)).reduce(0) { sum, point in
          let residual = naturalLogarithm(point.predicted / point.reported)
          return sum + residual * residual
        }
      } catch {
        failure = error
        return .nan
      }
    }
    if let failure { throw failure }
    return (device(minimum.point), minimum.value)
  }

  /// Of a logarithm: the first simplex spans ten per cent.
  private static let firstStep = 0.1
  private static let tolerance = 1e-5

  private func ratio(_ value: Double) -> Ratio {
    Ratio(partsPerBillion: Int64((min(max(value, 1e-3), 1e3) * 1e9).rounded()))
  }

  /// Every point of a fit, with what the model gives on `device`.
  private func evaluate(
    _ fit: CalibrationFile.Fit, _ device: DeviceProfile
  ) throws -> [FittedPoint] {
    var points: [FittedPoint] = []
    if !fit.designs.isEmpty {
      var resolved = try ResolvedScenario(scenario, library: library)
      resolved.device = device
      for point in try resolved.points() where fit.designs.contains(point.design) {
        guard
          let reported = reference.first(where: {
            $0.role == .fit && $0.design == point.design && $0.model == point.model.name
              && $0.promptTokenCount == point.promptTokenCount
          })
        else { continue }
        points.append(
          FittedPoint(
            name: "\(point.model.name) \(point.promptTokenCount) \(point.design)",
            reported: reported.seconds, predicted: try point.run().timeToFirstToken.seconds))
      }
    }
    for name in fit.operations {
      guard let operation = input(name) else { continue }
      points.append(
        FittedPoint(
          name: "\(name) \(operation.amount)", reported: operation.seconds,
          predicted: try time(operation, device)))
    }
    for (over, under) in fit.ratios {
      guard let a = input(over), let b = input(under) else { continue }
      points.append(
        FittedPoint(
          name: "\(over) / \(under)", reported: a.seconds / b.seconds,
          predicted: try time(a, device) / time(b, device)))
    }
    return points
  }

  private func input(_ name: String) -> ReferenceOperation? {
    operations.first { $0.name == name && $0.role == .input }
  }

  private func time(_ operation: ReferenceOperation, _ device: DeviceProfile) throws -> Double {
    try operation.time(on: device, library: library).seconds
  }
}

extension ReferenceOperation {
  /// How long the operation takes on a device, at the load its table was measured under.
  /// - Throws: `DeviceModelError`, and what reading a design file throws.
  public func time(
    on device: DeviceProfile, library: ScenarioLibrary
  ) throws -> SimulatedDuration {
    // The window of FlexServe's pipelined products: the paper measured its own engine.
    let values = try library.design(named: FlexServe.name).values.mapValues(\.text)
    let parameters = try DesignParameters(values, for: FlexServe.parameters)
    return try operation.time(
      on: device, backgroundMemory: Self.backgroundMemory,
      blockWindow: parameters.count("blockWindow"))
  }

  /// "All at 8 GB background memory use", Table 1.
  static let backgroundMemory = ByteCount.gibibytes(8)
}

extension ProfileQuantity {
  /// Whether two values of one kind differ by less than a ten-thousandth.
  fileprivate func isNear(_ other: ProfileQuantity) -> Bool {
    let low = scaled(by: Ratio(partsPerBillion: 999_900_000))
    let high = scaled(by: Ratio(partsPerBillion: 1_000_100_000))
    return other.isWithin(low, high)
  }
}
