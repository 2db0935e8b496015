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
  /// What a fit to all other points gives for it, if that was asked for.
  public var leftOut: Double?
}

/// A value that was fitted.
public struct FittedValue: Sendable {
  public var key: ProfileKey
  /// What the profile has.
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
/// its size. Values move on a logarithmic scale, so they stay above zero, and within the plausible
/// range that the profile gives for them. Only points with the role `fit`, and operations with the
/// role `input`, are used.
public struct Calibration {
  private let file: CalibrationFile
  /// What the fits' points are made with, by name, and what was reported for them.
  private let scenarios: [String: (resolved: ResolvedScenario, reported: [ReferencePoint])]
  private let library: ScenarioLibrary
  private let operations: [ReferenceOperation]
  private let products: [ReferenceProduct]
  private let decodeRates: [ReferenceDecodeRate]
  private let device: DeviceProfile

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public init(_ file: CalibrationFile, library: ScenarioLibrary) throws {
    self.file = file
    self.library = library
    let names = Set(file.fits.compactMap(\.scenario))
    scenarios = try Dictionary(
      uniqueKeysWithValues: names.map { name in
        // The reader accepts names that the library has.
        let scenario = try library.scenario(library.scenarioPath(named: name)!)
        return (
          name,
          (
            try ResolvedScenario(scenario, library: library),
            try library.referencePoints(of: scenario)
          )
        )
      })
    operations = try library.referenceOperations().filter { $0.device == file.device }
    products = try library.referenceProducts().filter { $0.device == file.device }
    decodeRates = try library.referenceDecodeRates().filter { $0.device == file.device }
    device = try library.device(named: file.device)
  }

  /// Runs all fits in order, again and again until nothing moves: what one fit finds is part of
  /// the next one's model.
  /// - Parameter leaveOneOut: whether to predict each point also by a fit without it, all other
  ///   fits staying as they are.
  /// - Throws: `StatisticsError`, and what running a point throws.
  public func run(leaveOneOut: Bool) throws -> [FitResult] {
    var fitted = device
    var costs: [[(text: String, cost: Double)]] = []
    for _ in 0..<Self.maximumPasses {
      let before = fitted
      costs = []
      for fit in file.fits {
        let solution = try solve(fit, from: fitted)
        fitted = solution.device
        costs.append(solution.candidateCosts)
      }
      let keys = file.fits.flatMap(\.parameters)
      if keys.allSatisfy({ before[$0].value.isNear(fitted[$0].value) }) { break }
    }
    return try zip(file.fits, costs).map { fit, costs in
      var points = try evaluate(fit, fitted)
      if leaveOneOut, points.count > 1 {
        for index in points.indices {
          let without = try solve(fit, from: fitted, leavingOut: points[index].name)
          points[index].leftOut = try evaluate(fit, without.device)[index].predicted
        }
      }
      let keys = [fit.candidates?.key].compactMap(\.self) + fit.parameters
      return FitResult(
        id: fit.id, why: fit.why,
        values: keys.map {
          FittedValue(key: $0, before: device[$0].value, after: fitted[$0].value)
        },
        points: points, candidateCosts: costs)
    }
  }

  private static let maximumPasses = 6

  private struct Solution {
    var device: DeviceProfile
    var cost: Double
    var candidateCosts: [(text: String, cost: Double)] = []
  }

  /// The best values of a fit: for each candidate the parameters are fitted, and the candidate
  /// with the least cost is taken.
  private func solve(
    _ fit: CalibrationFile.Fit, from start: DeviceProfile, leavingOut name: String? = nil
  ) throws -> Solution {
    guard let candidates = fit.candidates else {
      return try minimum(fit, from: start, leavingOut: name)
    }
    var best: Solution?
    var costs: [(text: String, cost: Double)] = []
    for text in candidates.texts {
      let value = try ProfileQuantity(parsing: text, for: candidates.key)
      let candidate = start.replacing(candidates.key, with: value, source: "candidate")
      let found = try minimum(fit, from: candidate, leavingOut: name)
      costs.append((text, found.cost))
      if best.map({ found.cost < $0.cost }) ?? true { best = found }
    }
    // The reader refuses an empty list of candidates.
    var result = best!
    result.candidateCosts = costs
    return result
  }

  private func minimum(
    _ fit: CalibrationFile.Fit, from start: DeviceProfile, leavingOut name: String?
  ) throws -> Solution {
    func device(_ logarithms: [Double]) -> DeviceProfile {
      zip(fit.parameters, logarithms).reduce(start) { device, pair in
        let value = start[pair.0].value.scaled(by: Self.ratio(exponential(pair.1)))
        return device.replacing(
          pair.0, with: start[pair.0].plausible(value, for: pair.0), source: "fitted")
      }
    }
    let minimum = try minimize(
      from: fit.parameters.map { _ in 0 }, step: Self.firstStep, tolerance: Self.tolerance
    ) { logarithms in
      try evaluate(fit, device(logarithms)).reduce(0) { sum, point in
        if point.name == name { return sum }
        let residual = naturalLogarithm(point.predicted / point.reported)
        return sum + residual * residual
      }
    }
    return Solution(device: device(minimum.point), cost: minimum.value)
  }

  /// Of a logarithm: the first simplex spans ten per cent.
  private static let firstStep = 0.1
  private static let tolerance = 1e-5

  private static func ratio(_ value: Double) -> Ratio {
    Ratio(partsPerBillion: Int64((min(max(value, 1e-3), 1e3) * 1e9).rounded()))
  }

  /// Every point of a fit, with what the model gives on `device`.
  private func evaluate(
    _ fit: CalibrationFile.Fit, _ device: DeviceProfile
  ) throws -> [FittedPoint] {
    var points: [FittedPoint] = []
    // The reader asks for a scenario where there are designs.
    if let scenario = fit.scenario.flatMap({ scenarios[$0] }) {
      var resolved = scenario.resolved
      resolved.device = device
      for point in try resolved.points() where fit.designs.contains(point.design) {
        guard
          let reported = scenario.reported.first(where: { $0.role == .fit && $0.matches(point) })
        else { continue }
        points.append(
          FittedPoint(
            name: "\(point.model.name) \(point.promptTokenCount) \(point.design)",
            reported: reported.value,
            predicted: try predicted(reported.metric, of: point)))
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
    for table in fit.measurements {
      switch table {
      case .npuProducts:
        points += products.filter { $0.role == .fit }.map {
          FittedPoint(
            name: $0.name, reported: $0.seconds * 1000,
            predicted: $0.predictedSeconds(on: device) * 1000)
        }
      case .decodeRates:
        points += decodeRates.filter { $0.role == .fit }.map {
          FittedPoint(
            name: $0.name, reported: $0.tokensPerSecond, predicted: $0.predictedRate(on: device))
        }
      }
    }
    return points
  }

  private func predicted(_ metric: Metric, of point: ExperimentPoint) throws -> Double {
    guard let value = try point.run(designs: library.catalog).value(of: metric) else {
      throw PointFailure(pointID: point.id, reason: "it has no \(metric.rawValue)")
    }
    return value
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
      blockWindow: parameters.blockWindow, rowTask: parameters.rowTask)
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
