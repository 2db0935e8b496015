import ConfigurationReader
import DeviceModel
import Quantities
import ScenarioFiles
import ServingDesigns

/// What the paper reports for one policy beside one application.
public struct ReferencePolicy: Sendable {
  public var policy: RetentionPolicy
  public var application: NormalApplication
  /// Of the application's speed without inference, 1.
  public var relativePerformance: Double
  public var timeToFirstToken: Double
  public var role: ReferenceRole
}

extension ScenarioLibrary {
  /// The reported values of a scenario of policies.
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referencePolicies(_ name: String) throws -> [ReferencePolicy] {
    let table = try reference(
      name,
      columns: ["policy", "application", "relative_performance_percent", "ttft_s", "role"])
    var reader = FieldReader(table)
    var seen: Set<[String]> = []
    let rows = table.rows.map { row in
      if !seen.insert([row.text("policy"), row.text("application")]).inserted {
        reader.refuse(row, "application", "expected each policy and application once")
      }
      return ReferencePolicy(
        policy: reader.value(row, "policy"), application: reader.value(row, "application"),
        relativePerformance: reader.number(row, "relative_performance_percent") / 100,
        timeToFirstToken: reader.number(row, "ttft_s"), role: reader.value(row, "role"))
    }
    try reader.finish()
    return rows
  }
}

/// What policies cost an application, and how loaded its system is: given by what is reported of
/// the policies that keep nothing, or everything.
public struct ApplicationCost: Hashable, Sendable {
  /// What it loses while a model's memory is held, in what it is measured by.
  public var lossWhileHeld: Double
  /// What it loses where every request allocates and releases, by design.
  public var lossByAllocation: [String: Double]
  /// What a request takes beside it while one beside the program that disturbs least takes 1.
  public var requestSlowdown: Double
  /// Memory that other programs hold.
  public var load: ByteCount
}

/// The numbers that a scenario of policies takes from reported rows.
///
/// They are made from the scenario as its file has it, so that a changed device or model is
/// compared under the same conditions.
public struct PolicyInference: Sendable {
  public var applications: [NormalApplication: ApplicationCost]
  /// The timeout of the policies that have one, as a share of the requests' period.
  public var timeoutShare: Double

  /// Steps in which a load is looked for.
  static let loadStep = ByteCount.mebibytes(64)

  /// - Throws: `MissingFileError`; `ConfigurationError` when the reference lacks a row;
  ///   `PointFailure`.
  init(_ resolved: ResolvedScenario) throws {
    let written = try ResolvedScenario(resolved.written, library: resolved.library)
    guard case .policies(let study) = written.scenario.subject,
      let name = written.scenario.reference
    else { preconditionFailure("\(resolved.scenario.name) is no scenario of policies") }
    let reported = try resolved.library.referencePolicies(name)
    func row(
      _ policy: RetentionPolicy, _ application: NormalApplication
    ) throws -> ReferencePolicy {
      if let row = reported.first(where: { $0.policy == policy && $0.application == application }) {
        return row
      }
      throw ConfigurationError(problems: [
        Problem(
          file: "\(resolved.library.root)/reference/\(name)", line: 1, column: 1, path: "",
          message: "missing the row of \(policy.rawValue) and \(application.rawValue)")
      ])
    }

    // Where everything is kept nothing is allocated, so load does not matter, and yet requests take
    // longer beside some programs than beside others: on the CPU and on the NPU by the same factor.
    var warmTimes: [NormalApplication: Double] = [:]
    for application in NormalApplication.allCases {
      warmTimes[application] = try [.strawmanAlwaysCache, .optimizedAlwaysCache].reduce(0) {
        $0 + (try row($1, application).timeToFirstToken)
      }
    }
    let leastTime = warmTimes.values.min() ?? 1

    applications = [:]
    for application in NormalApplication.allCases {
      let slowdown = warmTimes[application, default: leastTime] / leastTime
      let always = try [.strawmanAlwaysCache, .optimizedAlwaysCache].map {
        try row($0, application).relativePerformance
      }
      let cold = try row(.optimizedNoCache, application)
      applications[application] = ApplicationCost(
        lossWhileHeld: application.loss(atSpeed: (always[0] + always[1]) / 2),
        lossByAllocation: [
          "strawman": application.loss(
            atSpeed: try row(.strawmanNoCache, application).relativePerformance),
          "strawman-opt": application.loss(atSpeed: cold.relativePerformance),
        ],
        requestSlowdown: slowdown,
        load: try written.load(atWhich: cold.timeToFirstToken / slowdown, study))
    }
    let costs = applications
    let held = try reported.filter { $0.role == .fit }.map { row in
      guard row.policy == .strawmanCacheTimeout else {
        throw ConfigurationError(problems: [
          Problem(
            file: "\(resolved.library.root)/reference/\(name)", line: 1, column: 1, path: "role",
            message: "expected fit for rows of \(RetentionPolicy.strawmanCacheTimeout.rawValue)"
              + " alone, found it for \(row.policy.rawValue)")
        ])
      }
      // Every application is in the table.
      let cost = costs[row.application]!
      return (
        lost: row.application.loss(atSpeed: row.relativePerformance) / cost.lossWhileHeld,
        allocating: cost.lossByAllocation[row.policy.design, default: 0] / cost.lossWhileHeld
      )
    }
    let count = Double(max(1, held.count))
    timeoutShare = Self.timeoutShare(
      lost: held.reduce(0) { $0 + $1.lost } / count,
      allocating: held.reduce(0) { $0 + $1.allocating } / count)
  }

  /// The timeout, as a share of the period, at which an application loses `lost` of what it loses
  /// while memory is held all the time, `allocating` of it where every request allocates.
  ///
  /// With gaps g spread evenly over [1/2, 3/2] periods and a timeout of r periods, memory is held
  /// E[min(g, r)] of the time, and a share P(g > r) of the requests allocates.
  static func timeoutShare(lost: Double, allocating: Double) -> Double {
    func loss(_ share: Double) -> Double {
      let inside = min(max(share, 0.5), 1.5)
      let cold = 1.5 - inside
      let held = share < 0.5 ? share : (inside * inside - 0.25) / 2 + inside * cold
      return held + allocating * cold
    }
    var (low, high) = (0.0, 1.5)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if loss(middle) < lost { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// As notes of a run, in words.
  public var listing: [String] {
    let names = NormalApplication.allCases.compactMap { application -> String? in
      guard let cost = applications[application] else { return nil }
      func lost(_ loss: Double) -> String { Self.percent(1 - application.speed(atLoss: loss)) }
      let allocating = cost.lossByAllocation.sorted { $0.key < $1.key }.map {
        "\(lost($0.value)) where every request of \($0.key) allocates"
      }
      return "\(application.rawValue): loses \(lost(cost.lossWhileHeld)) while memory is"
        + " held, \(allocating.joined(separator: ", ")); requests beside it take"
        + " \(Self.percent(cost.requestSlowdown - 1)) longer; load \(cost.load.text)"
    }
    let permille = Int((timeoutShare * 1000).rounded())
    return names + [
      "timeout: 0.\(permille) of the period, inferred from the strawman's timeout row"
    ]
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

extension ResolvedScenario {
  /// The load at which the optimised strawman's cold request takes so many seconds, to the nearest
  /// step of those at which contiguous allocation was measured.
  ///
  /// Its time grows with the load.
  fileprivate func load(atWhich seconds: Double, _ study: PolicyStudy) throws -> ByteCount {
    let step = PolicyInference.loadStep
    func time(_ steps: Int64) throws -> Double {
      try policyPoint(
        .optimizedNoCache, study.applications[0], load: step * steps, model: scenario.models[0],
        prompt: scenario.promptTokens[0], output: scenario.outputTokens[0], firstConditions
      ).serve(1).timeToFirstToken.seconds
    }
    var low: Int64 = 0
    var high =
      DevicePricing(
        profile: device, backgroundMemory: .zero, precision: scenario.precisions[0],
        fidelity: scenario.fidelities[0]
      ).largestLoad.bytes / step.bytes
    guard try time(low) < seconds else { return .zero }
    guard try time(high) >= seconds else {
      throw PointFailure(
        pointID: scenario.name,
        reason: "a cold request of strawman-opt takes less than \(seconds) s even at"
          + " \((step * high).text) of load, the last measured")
    }
    while high - low > 1 {
      let middle = (low + high) / 2
      if try time(middle) < seconds { low = middle } else { high = middle }
    }
    return try step * (seconds - time(low) < time(high) - seconds ? low : high)
  }
}
