import DeviceModel
import ModelArchitecture
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns
import SimulationKernel

/// Many requests under one policy beside one application: every value that decides the result.
public struct PolicyPoint: Sendable {
  public var policy: RetentionPolicy
  public var application: NormalApplication
  /// What serves the requests, at the application's load.
  public var point: ExperimentPoint
  public var study: PolicyStudy
  public var cost: ApplicationCost
  /// The timeout of policies that have one, as a share of the period.
  public var timeoutShare: Double

  /// How memory was held and requests were served between the first request, which is not counted,
  /// and the last one.
  struct Tally: Hashable {
    var gaps = SimulatedDuration.zero
    var held = SimulatedDuration.zero
    var coldCount = 0
    var warmCount = 0

    var heldShare: Double { held.seconds / gaps.seconds }
    var coldShare: Double { Double(coldCount) / Double(coldCount + warmCount) }
  }

  /// Follows the requests one by one: each comes a gap after the one before has ended, and gaps are
  /// spread evenly from half a period to one and a half, the same for every policy.
  func tally() -> Tally {
    var tally = Tally()
    let period = study.period
    let timeout = SimulatedDuration(
      picoseconds: Int64((Double(period.picoseconds) * timeoutShare).rounded()))
    var stream = RandomStream(seed: point.seed, purpose: "gaps between secure requests")
    for _ in 0..<study.requestCount {
      let gap =
        SimulatedDuration(picoseconds: period.picoseconds / 2)
        + SimulatedDuration(picoseconds: stream.next(below: period.picoseconds))
      let held: SimulatedDuration =
        switch policy.holding {
        case .never: .zero
        case .always, .recalled: gap
        case .untilTimeout: min(gap, timeout)
        }
      tally.gaps = tally.gaps + gap
      tally.held = tally.held + held
      if held == gap { tally.warmCount += 1 } else { tally.coldCount += 1 }
    }
    return tally
  }

  /// - Throws: `PointFailure`.
  public func run(designs: DesignCatalog = .standard) throws(PointFailure) -> PolicyRecord {
    do {
      let tally = tally()
      let cold = tally.coldCount > 0 ? try point.serve(1, designs: designs) : nil
      let cache = policy.holding == .recalled ? study.cacheSize : nil
      let warm =
        tally.warmCount > 0 ? try point.serve(2, keeping: cache, designs: designs) : nil
      return PolicyRecord(
        point: self, record: mean(cold, tally.coldCount, warm, tally.warmCount),
        relativePerformance: application.speed(atLoss: try loss(tally, warm)))
    } catch let failure as PointFailure {
      throw failure
    } catch {
      throw PointFailure(pointID: point.id, reason: "\(error)")
    }
  }

  /// What the application loses between requests, in what it is measured by.
  /// - Throws: `PointFailure` where giving memory back takes as long as the period.
  private func loss(_ tally: Tally, _ warm: ServedRequest?) throws(PointFailure) -> Double {
    let pricing = point.pricing
    let slowdown = application.loss(atSpeed: 1 - pricing.stage2Slowdown.value)
    guard policy.holding != .recalled else {
      // What was held is taken back at once. The application waits for the choice of pages; the core
      // that cleans them is missing among all cores.
      let recall = warm?.recall ?? .zero
      let cores = Double(pricing.capacity(of: .processorCores)) / 1e6
      let cleaning = (warm?.cleaning ?? .zero).seconds / cores
      let missing = (recall.seconds + cleaning) / study.period.seconds
      guard missing < 1 else {
        throw PointFailure(
          pointID: point.id,
          reason: "giving memory back takes \(recall.seconds + cleaning) s of a period of"
            + " \(study.period.text)")
      }
      return slowdown + application.loss(atSpeed: 1 - missing)
    }
    let allocating = cost.lossByAllocation[point.design, default: 0] * tally.coldShare
    // Its pages are ordinary ones that stage 2 keeps from others, for as long as they are held.
    let protecting = policy.design == FlexServe.name ? slowdown * tally.heldShare : 0
    return cost.lossWhileHeld * tally.heldShare + allocating + protecting
  }

  /// The mean over all requests, each as much longer as the application makes it; kinds of the breakdown
  /// sum to the time to first token.
  private func mean(
    _ cold: ServedRequest?, _ coldCount: Int, _ warm: ServedRequest?, _ warmCount: Int
  ) -> PointRecord {
    let served = [(cold, coldCount), (warm, warmCount)].compactMap { request, count in
      request.map { ($0, Int128(count)) }
    }
    func mean(_ value: (ServedRequest) -> SimulatedDuration) -> SimulatedDuration {
      let sum = served.reduce(Int128(0)) { $0 + Int128(value($1.0).picoseconds) * $1.1 }
      let mean = Double(sum) / Double(coldCount + warmCount) * cost.requestSlowdown
      return SimulatedDuration(picoseconds: Int64(mean.rounded()))
    }
    return PointRecord(
      point: point, timeToFirstToken: mean(\.timeToFirstToken),
      endToEndLatency: mean(\.endToEndLatency),
      breakdown: meanBreakdown { kinds in mean { $0.breakdown.total(kinds) } },
      eventCount: served.reduce(0) { $0 + $1.0.eventCount })
  }
}

/// The last request of a session.
struct ServedRequest: Sendable {
  var timeToFirstToken: SimulatedDuration
  var endToEndLatency: SimulatedDuration
  var breakdown: [OperationKind: SimulatedDuration]
  /// Of the whole session.
  var eventCount: Int
  /// How long the operating system waited for what it took back before the request, and how long it
  /// was cleaned after that.
  var recall = SimulatedDuration.zero
  var cleaning = SimulatedDuration.zero
}

extension ExperimentPoint {
  /// Serves requests of this point one after the other in one session, each when the one before has
  /// left nothing to do, and returns the last.
  ///
  /// - Parameters:
  ///   - count: 1 or 2; the second finds what the design keeps.
  ///   - cache: what the operating system leaves of the weights before the last request; nil if it
  ///     takes nothing.
  /// - Throws: `PointFailure`, `DeviceModelError`, `DesignParameterError`.
  func serve(
    _ count: Int, keeping cache: ByteCount? = nil, designs: DesignCatalog = .standard
  ) throws -> ServedRequest {
    let pricing = pricing
    var session = ServingSession(try design(from: designs), pricing: pricing)
    var arrival = SimulatedTime.zero
    for number in 0..<count {
      let weights = model.weightBytes(precision)
      if number > 0, let cache, cache < weights {
        let recall = ServingEvent.memoryWanted(weights - cache, urgency: .direct)
        try session.run([OutsideEvent(time: session.end, event: recall)])
      }
      arrival = session.end
      try session.run([OutsideEvent(time: arrival, event: .requestArrived(request))])
    }
    try session.checkIsolation(point: id, geometry: pricing.memoryGeometry)
    return try served(session, arrival: arrival)
  }

  private func served(
    _ session: borrowing ServingSession, arrival: SimulatedTime
  ) throws -> ServedRequest {
    let executed = session.executed.last { !$0.plan.tokens.isEmpty }
    guard let executed, let first = executed.plan.tokens.first, let last = executed.plan.tokens.last
    else { throw PointFailure(pointID: id, reason: "the design plans no token for a request") }
    var request = ServedRequest(
      timeToFirstToken: session.span(of: first, in: executed).end - arrival,
      endToEndLatency: session.span(of: last, in: executed).end - arrival,
      breakdown: session.breakdown(to: first, in: executed), eventCount: session.eventCount)
    for plan in session.executed {
      let operations = plan.plan.operations
      guard let first = operations.first, case .chooseForRecall = first.operation else { continue }
      let spans = operations.indices.map { session.span(of: Plan.Step(index: $0), in: plan) }
      request.recall =
        (plan.plan.awaited.map { spans[$0.index].end }.max() ?? plan.submitted) - plan.submitted
      request.cleaning = spans[1...].reduce(.zero) { $0 + ($1.end - $1.start) }
    }
    return request
  }
}

/// What one run under a policy gave.
public struct PolicyRecord: Sendable {
  public var point: PolicyPoint
  /// Means over the run's requests.
  public var record: PointRecord
  /// The application's speed between requests; 1 without inference.
  public var relativePerformance: Double
}

extension ResolvedScenario {
  /// Every combination of model, prompt, precision, seed, settings, application and policy, the
  /// policy turning fastest; none unless it is a scenario of policies.
  /// - Parameter inference: nil where points are only to be named.
  /// - Throws: `SettingError`, `ConfigurationError` as `points` does.
  public func policyPoints(_ inference: PolicyInference?) throws -> [PolicyPoint] {
    guard case .policies(let study) = scenario.subject else { return [] }
    var points: [PolicyPoint] = []
    do throws(SettingError) {
      if let key = scenario.settings.map(\.key).first(where: {
        $0.hasPrefix("design.") && $0.hasSuffix(".retention") || $0 == "design.retention"
      }) {
        throw SettingError(
          key: key, text: "", reason: "expected no retention beside policies, which decide it")
      }
      for model in scenario.models {
        for prompt in scenario.promptTokens {
          for output in scenario.outputTokens {
            for conditions in conditions {
              for application in study.applications {
                for policy in study.policies {
                  let cost =
                    inference?.applications[application]
                    ?? ApplicationCost(
                      lossWhileHeld: 0, lossByAllocation: [:], requestSlowdown: 1, load: .zero)
                  let point = try policyPoint(
                    policy, application, load: cost.load, model: model, prompt: prompt,
                    output: output, conditions)
                  points.append(
                    PolicyPoint(
                      policy: policy, application: application, point: point, study: study,
                      cost: cost, timeoutShare: inference?.timeoutShare ?? 0))
                }
              }
            }
          }
        }
      }
      try checkNames(points.map(\.point.id))
    } catch {
      throw located(error)
    }
    return points
  }

  /// What serves the requests of a policy.
  func policyPoint(
    _ policy: RetentionPolicy, _ application: NormalApplication, load: ByteCount, model: String,
    prompt: Int, output: Int, _ conditions: PointConditions
  ) throws(SettingError) -> ExperimentPoint {
    let isChosen =
      catalog[policy.design]?.parameters.contains { $0.name == "retention" } ?? false
    let retention = policy.holding == .never ? "release" : "keep"
    var chosen = conditions
    if isChosen { chosen.settings.append(("design.\(policy.design).retention", retention)) }
    var point = try point(
      design: policy.design, model: model, prompt: prompt, output: output, background: load, chosen)
    point.settings = conditions.settings
    let parts =
      [model, "\(prompt)+\(output)", application.rawValue] + names(of: conditions)
      + [policy.rawValue]
    point.id = parts.joined(separator: "/")
    return point
  }

  /// What a scenario of policies takes from reported rows; nil for any other.
  /// - Throws: `MissingFileError`, `ConfigurationError`, `PointFailure`.
  public func inference() throws -> PolicyInference? {
    guard case .policies = scenario.subject else { return nil }
    return try PolicyInference(self)
  }
}

/// Runs points under policies, several at once, and returns what each gave, in the points' order.
/// - Parameter progress: called after each point with how many are done.
public func runPolicyPoints(
  _ points: [PolicyPoint], designs: DesignCatalog = .standard, jobs: Int,
  progress: @Sendable (Int) -> Void = { _ in }
) async -> [Result<PolicyRecord, PointFailure>] {
  await mapConcurrently(points, jobs: jobs, progress: progress) { point in
    do throws(PointFailure) {
      return .success(try point.run(designs: designs))
    } catch {
      return .failure(error)
    }
  }
}

extension RunColumn {
  public static let policy = "policy"
  public static let application = "application"
  public static let relativePerformance = "relative_performance"
}

extension ResultFile {
  /// The results of a scenario of policies, a row a point.
  public init(
    _ records: [PolicyRecord], of resolved: ResolvedScenario, inference: PolicyInference
  ) {
    func label(_ name: String, _ meaning: String, _ text: (PolicyRecord) -> String) -> ResultColumn
    {
      ResultColumn(name: name, units: "", longName: meaning, values: .strings(records.map(text)))
    }
    let own = [
      label(RunColumn.policy, "how long a model's memory is held, by which design") {
        $0.point.policy.rawValue
      },
      label(RunColumn.application, "program of the normal world") { $0.point.application.rawValue },
      ResultColumn(
        name: RunColumn.relativePerformance, units: "1",
        longName: "the program's speed between requests over its speed without inference",
        values: .reals(records.map(\.relativePerformance))),
    ]
    self.init(
      title: resolved.scenario.title,
      provenance: Self.provenance(of: resolved)
        + [("inferred", inference.listing.joined(separator: "\n"))],
      runs: ResultTable(
        dimension: "run",
        columns: Self.columns(records.map(\.record), resolved.scenario) + own))
  }
}
