import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import Workloads

/// A workload on one design: every value that decides the result.
public struct WorkloadPoint: Sendable {
  /// What serves the requests. Its model stands for all of them, its lengths are means.
  public var point: ExperimentPoint
  /// The values of the axes that only workloads have, by column.
  public var labels: [(column: String, text: String)]
  public var workload: Workload
  /// What happens to other programs' memory meanwhile.
  public var growth: [MemoryGrowth] = []
}

extension WorkloadPoint: SessionPoint {
  public var id: String { point.id }

  /// Serves the workload in one session.
  public func examine(
    _ examination: Examination, designs: DesignCatalog = .standard
  ) -> ExaminedRun<WorkloadRecord> {
    ExaminedRun(of: id) { try examined(examination, designs: designs) }
  }

  /// - Throws: `PointFailure` when other programs would have more memory than there is.
  private func checkGrowth() throws(PointFailure) {
    let pricing = point.pricing
    let capacity = pricing.availableMemory + pricing.backgroundMemory
    var load = pricing.backgroundMemory
    for part in growth {
      load = part.gets ? load + part.size : load - part.size
      guard load < capacity else {
        throw PointFailure(
          pointID: point.id,
          reason: "memoryGrowth: other programs would have \(load.text) of \(capacity.text)"
            + " at \(part.at.text)")
      }
    }
  }

  private func examined(
    _ examination: Examination, designs: DesignCatalog
  ) throws -> ExaminedRun<WorkloadRecord> {
    let begin = threadTime()
    var session = ServingSession(
      try point.design(from: designs), pricing: point.pricing, mergesSteps: true)
    try checkGrowth()
    if !growth.isEmpty { session.addPressure(growth) }
    let outcomes = try session.serve(workload)
    let ran = threadTime()
    let log = MemoryLog(session, everyRead: examination.needsEveryRead)
    let logging = threadTime() - ran
    let counted = outcomes.filter(\.isCounted)
    guard let first = counted.first else {
      throw PointFailure(pointID: point.id, reason: "no request counts")
    }
    let record = WorkloadRecord(
      point: self, requests: counted,
      bytesRead: session.executed.filter { $0.submitted >= first.arrival }
        .reduce(.zero) { $0 + $1.plan.bytesRead },
      eventCount: session.eventCount, pressure: session.pressure?.history ?? [])
    return try ExaminedRun(
      record, of: session, point: point, log: log, examination: examination,
      requests: outcomes.map {
        CertifiedRequest(
          plan: $0.plan, arrival: $0.arrival, timeToFirstToken: $0.timeToFirstToken,
          endToEndLatency: $0.endToEndLatency)
      }, times: (begin, logging))
  }
}

/// What a workload on one design gave.
public struct WorkloadRecord: Sendable {
  public var point: WorkloadPoint
  /// Those that count, in the workload's order.
  public var requests: [RequestOutcome]
  /// All that was read from storage from the first of them on, by their plans and beside them.
  public var bytesRead: ByteCount
  public var eventCount: Int
  /// What other programs' memory did, in order of time; empty where it stays as it is.
  public var pressure: [PressureEvent] = []

  /// What it did between the arrival of a request and of the one before it; of those at one instant the
  /// first has all of it.
  func pressure(
    beforeRequest number: Int
  ) -> (load: ByteCount, recalled: ByteCount, waiting: SimulatedDuration) {
    let arrival = requests[number].arrival
    let begin = requests.indices.filter { (requests[$0].arrival, $0) < (arrival, number) }
      .map { requests[$0].arrival }.max()
    var load = point.point.backgroundMemory
    var recalled = ByteCount.zero
    var waiting = SimulatedDuration.zero
    for event in pressure where event.time < arrival {
      let isRecent = begin.map { event.time >= $0 } ?? true
      switch event.change {
      case .load(let size): load = size
      case .recalled(let size): if isRecent { recalled = recalled + size }
      case .waited(let duration): if isRecent { waiting = waiting + duration }
      case .asked: break
      }
    }
    return (load, recalled, waiting)
  }

  /// Means over the requests; kinds of the breakdown and the waiting sum to the time to first token.
  public var record: PointRecord {
    PointRecord(
      point: point.point, timeToFirstToken: mean(\.timeToFirstToken),
      endToEndLatency: mean(\.endToEndLatency),
      breakdown: meanBreakdown { kinds in mean { $0.breakdown.total(kinds) } },
      eventCount: eventCount,
      responseLatency: responseLatency)
  }

  /// One request as a run of its own; the events are the whole session's.
  func record(of number: Int) -> PointRecord {
    let outcome = requests[number]
    var point = point.point
    point.model = outcome.request.model
    point.promptTokenCount = outcome.request.promptTokenCount
    point.outputTokenCount = outcome.request.outputTokenCount
    point.id = "\(number + 1)/\(point.id)"
    return PointRecord(
      point: point, timeToFirstToken: outcome.timeToFirstToken,
      endToEndLatency: outcome.endToEndLatency, breakdown: outcome.breakdown,
      eventCount: eventCount)
  }

  /// Full generation of all steps but the last, and the last one's time to first token; nil unless
  /// the requests are a workflow's.
  public var responseLatency: SimulatedDuration? {
    guard point.labels.contains(where: { $0.column == RunColumn.workflow }),
      let last = requests.last
    else { return nil }
    return requests.dropLast().reduce(last.timeToFirstToken) { $0 + $1.endToEndLatency }
  }

  /// A mean over the requests, rounded down to a picosecond.
  func mean(_ value: (RequestOutcome) -> SimulatedDuration) -> SimulatedDuration {
    let sum = requests.reduce(Int128(0)) { $0 + Int128(value($1).picoseconds) }
    return SimulatedDuration(picoseconds: Int64(sum / Int128(requests.count)))
  }

  /// The smallest time to first token that at least so many percent of the requests do not exceed.
  func timeToFirstToken(percentile: Int) -> SimulatedDuration {
    let sorted = requests.map(\.timeToFirstToken).sorted()
    return sorted[max(1, (percentile * sorted.count + 99) / 100) - 1]
  }

  /// Requests that were done a second, from the first arrival to the last token.
  var throughput: Double {
    let first = requests.map(\.arrival).min() ?? .zero
    let last = requests.map(\.lastToken).max() ?? .zero
    return Double(requests.count) / (last - first).seconds
  }
}

extension ResolvedScenario {
  /// Every combination, the design turning fastest; none unless the scenario is about workloads.
  /// - Throws: `SettingError`, `ConfigurationError` as `points` does.
  public func workloadPoints() throws -> [WorkloadPoint] {
    do throws(SettingError) {
      var points: [WorkloadPoint] = []
      for variant in variants {
        for background in scenario.backgroundMemory {
          for conditions in conditions {
            for design in scenario.designs {
              points.append(
                try workloadPoint(variant, design: design, background: background, conditions))
            }
          }
        }
      }
      try checkNames(points.map(\.point.id))
      return points
    } catch {
      throw located(error)
    }
  }

  /// What a point's requests are, beside the values that all scenarios have.
  struct WorkloadVariant {
    var labels: [(column: String, text: String)]
    var models: [String]
    /// - Parameter models: as the point's settings have them.
    var workload: (_ models: [String: ModelArchitecture], _ seed: Int64) -> Workload
  }

  private var variants: [WorkloadVariant] {
    switch scenario.subject {
    case .requests, .operations, .policies, .sections: []
    case .mix(let study):
      study.groups.flatMap { group in
        study.datasets.map { Self.variant(study, group, $0) }
      }
    case .workflows(let study): study.workflows.map { Self.variant(study, $0) }
    case .trace:
      trace.map { trace in
        [
          WorkloadVariant(labels: [], models: scenario.models) { models, _ in
            trace.workload(models: models)
          }
        ]
      } ?? []
    }
  }

  static func variant(
    _ study: MixStudy, _ group: ModelGroup, _ dataset: Dataset
  ) -> WorkloadVariant {
    WorkloadVariant(
      labels: [(RunColumn.modelGroup, group.name), (RunColumn.dataset, dataset.name)],
      models: group.models
    ) { models, seed in
      RequestMix(
        models: group.models.map { models[$0]! }, dataset: dataset,
        requestCount: study.requestCount, warmUp: study.warmUp, arrivals: study.arrivals,
        seed: seed
      ).workload
    }
  }

  static func variant(_ study: WorkflowStudy, _ workflow: Workflow) -> WorkloadVariant {
    var names: [String] = []
    for step in workflow.steps where !names.contains(step.model) { names.append(step.model) }
    return WorkloadVariant(labels: [(RunColumn.workflow, workflow.name)], models: names) {
      models, _ in
      workflow.workload(
        rounds: study.rounds, pause: study.pause, prefixShare: study.prefixShare, models: models)
    }
  }

  func workloadPoint(
    _ variant: WorkloadVariant, design: String, background: ByteCount,
    _ conditions: PointConditions
  ) throws(SettingError) -> WorkloadPoint {
    var models: [String: ModelArchitecture] = [:]
    var first: ExperimentPoint?
    for name in variant.models {
      let point = try point(
        design: design, model: name, prompt: 1, output: 1, background: background, conditions)
      models[name] = point.model
      if first == nil { first = point }
    }
    guard var point = first else { preconditionFailure("a workload without a model") }
    let workload = variant.workload(models, conditions.seed)
    point.model.name = variant.models.joined(separator: "+")
    point.promptTokenCount = workload.mean(\.promptTokenCount)
    point.outputTokenCount = workload.mean(\.outputTokenCount)
    let parts =
      variant.labels.map(\.text) + [background.text] + names(of: conditions) + [design]
    point.id = parts.joined(separator: "/")
    var result = WorkloadPoint(point: point, labels: variant.labels, workload: workload)
    if case .trace(let study) = scenario.subject { result.growth = study.growth }
    return result
  }
}
