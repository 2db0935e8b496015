import Quantities

@testable import SimulationKernel

/// Jobs for a simulator, as plain numbers: times in picoseconds, everything else by its place.
struct Workload: Sendable {
  struct Demand: Sendable {
    var resource: Int
    var amount: Int64
    var weight = 1
    init(_ resource: Int, _ amount: Int64, weight: Int = 1) {
      self.resource = resource
      self.amount = amount
      self.weight = weight
    }
  }

  struct Operation: Sendable {
    var resource: Int?
    var priority: UInt8 = 0
    var isPreemptible = false
    var segments: [StepSegment]
    var demands: [Demand] = []
    var dependencies: [Int] = []

    /// The work of all steps.
    var picoseconds: Int64 {
      segments.reduce(0) { $0 + Int64($1.count) * $1.duration.picoseconds }
    }
  }

  struct Submission: Sendable {
    var release: Int64 = 0
    var operations: [Operation]
  }

  /// Capacities.
  var exclusive: [Int] = []
  var shared: [Int64] = []
  var jobs: [Submission]
}

/// What came of a workload.
struct WorkloadRun {
  /// By job and operation.
  var spans: [[OperationSpan]] = []
  /// Of each operation.
  var pieces: [[[OperationSpan]]] = []
  /// To the end of each operation.
  var criticalPaths: [[[OperationSpan]]] = []
  /// What `next()` returned, and when; jobs by their place in the workload. Every operation is a
  /// milestone.
  var occurrences: [(time: SimulatedTime, occurrence: Occurrence)] = []
  var eventCount = 0

  var ends: [[Int64]] { spans.map { $0.map(\.end.picoseconds) } }
}

extension Workload {
  /// Runs on the kernel. What is released later is submitted by a timer.
  ///
  /// - Parameters:
  ///   - horizons: instants, ascending, at which the run stops and goes on.
  ///   - recordsSchedule: whether there will be pieces and critical paths.
  func run(stoppingAt horizons: [Int64] = [], recordsSchedule: Bool = true) -> WorkloadRun {
    var simulator = Simulator(recordsSchedule: recordsSchedule)
    let exclusive = exclusive.map { simulator.addResource("exclusive", capacity: $0) }
    let shared = shared.map { simulator.addSharedResource("shared", capacity: $0) }
    func job(_ submission: Submission) -> Job {
      var job = Job()
      for (number, operation) in submission.operations.enumerated() {
        job.add(
          kind: UInt32(number), on: operation.resource.map { exclusive[$0] },
          priority: operation.priority, segments: operation.segments,
          demands: operation.demands.map {
            ResourceDemand(
              resource: shared[$0.resource], amount: $0.amount, weight: $0.weight)
          },
          after: operation.dependencies.map { OperationIndex($0) }, isMilestone: true,
          isPreemptible: operation.isPreemptible)
      }
      return job
    }

    var run = WorkloadRun()
    var ids: [JobID?] = jobs.map { _ in nil }
    for (place, submission) in jobs.enumerated() {
      if submission.release == 0 {
        ids[place] = simulator.submit(job(submission))
      } else {
        simulator.setTimer(
          at: SimulatedTime(picoseconds: submission.release), payload: UInt32(place))
      }
    }
    var stops = horizons[...]
    while true {
      var next: Occurrence?
      if let stop = stops.first {
        next = simulator.next(until: SimulatedTime(picoseconds: stop))
        if next == nil {
          stops.removeFirst()
          continue
        }
      } else {
        next = simulator.next()
      }
      guard let occurrence = next else { break }
      if case .timer(let place) = occurrence {
        ids[Int(place)] = simulator.submit(job(jobs[Int(place)]))
      }
      func place(_ id: JobID) -> JobID { JobID(index: ids.firstIndex(of: id)!) }
      let named: Occurrence =
        switch occurrence {
        case .jobFinished(let id): .jobFinished(place(id))
        case .milestone(let id, let operation): .milestone(place(id), operation)
        case .timer: occurrence
        }
      run.occurrences.append((simulator.now, named))
    }
    for (place, submission) in jobs.enumerated() {
      var spans: [OperationSpan] = []
      var pieces: [[OperationSpan]] = []
      var paths: [[OperationSpan]] = []
      for number in submission.operations.indices {
        spans.append(simulator.span(of: OperationIndex(number), in: ids[place]!))
        guard recordsSchedule else { continue }
        pieces.append(simulator.pieces(of: OperationIndex(number), in: ids[place]!))
        paths.append(simulator.criticalPath(to: OperationIndex(number), in: ids[place]!))
      }
      run.spans.append(spans)
      run.pieces.append(pieces)
      run.criticalPaths.append(paths)
    }
    run.eventCount = simulator.eventCount
    return run
  }
}

extension StepSegment {
  init(_ count: Int, _ picoseconds: Int64) {
    self.init(count: count, duration: SimulatedDuration(picoseconds: picoseconds))
  }
}

extension Workload {
  /// Random jobs of up to `operationCount` operations with random dependencies.
  ///
  /// - Parameter longest: the longest step. With few picoseconds much happens at one instant, and
  ///   steps may take none; with many, hardly anything does.
  /// - Parameter heaviest: the greatest weight of a demand.
  /// - Parameter isPreemptive: whether most operations are preemptible, and have more steps.
  static func random(
    seed: UInt64, exclusive exclusiveCount: Int, shared sharedCount: Int, jobs jobCount: Int,
    operations operationCount: Int, longest: Int64, heaviest: Int = 1,
    isPreemptive: Bool = false
  ) -> Self {
    var generator = SplitMix64(seed: seed)
    let exclusive = (0..<exclusiveCount).map { _ in Int.random(in: 1...3, using: &generator) }
    let shared = (0..<sharedCount).map { _ in Int64.random(in: 100...1_000, using: &generator) }
    let jobs = (0..<jobCount).map { _ in
      var operations: [Operation] = []
      for number in 0..<Int.random(in: 1...operationCount, using: &generator) {
        var operation = Operation(
          resource: (0..<exclusiveCount).randomElement(using: &generator),
          priority: UInt8.random(in: 0..<4, using: &generator),
          segments: (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            StepSegment(
              Int.random(in: 1...3, using: &generator),
              Int64.random(in: 0...longest, using: &generator))
          })
        if Int.random(in: 0..<6, using: &generator) == 0 { operation.resource = nil }
        for resource in 0..<sharedCount where Bool.random(using: &generator) {
          operation.demands.append(
            Demand(resource, Int64.random(in: 1...(2 * shared[resource]), using: &generator)))
        }
        operation.demands.shuffle(using: &generator)
        if heaviest > 1 {
          for place in operation.demands.indices {
            operation.demands[place].weight = Int.random(in: 1...heaviest, using: &generator)
          }
        }
        if isPreemptive {
          operation.isPreemptible = Int.random(in: 0..<4, using: &generator) > 0
          for place in operation.segments.indices { operation.segments[place].count *= 2 }
        }
        for earlier in 0..<number where Int.random(in: 0..<number, using: &generator) < 2 {
          operation.dependencies.append(earlier)
        }
        operations.append(operation)
      }
      let isReleasedLater = Bool.random(using: &generator)
      return Submission(
        release: isReleasedLater ? Int64.random(in: 0...(5 * longest), using: &generator) : 0,
        operations: operations)
    }
    return Workload(exclusive: exclusive, shared: shared, jobs: jobs)
  }
}
