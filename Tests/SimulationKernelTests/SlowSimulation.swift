import Quantities

@testable import SimulationKernel

/// The kernel's rules in the simplest way: no heap, no tokens, no waiting lines. At every instant
/// at which a step ends or a job is released, all speeds are worked out again and all running
/// operations move on.
///
/// Where two operations end at one instant, the first submitted ends first; the kernel takes
/// another order, so exclusive resources agree only where `hasTies` is false.
struct SlowSimulation {
  private enum Stage { case blocked, waiting, running, ended }

  private struct Operation {
    var job: Int
    var number: Int
    var plan: Workload.Operation
    /// Durations of the steps that have not ended.
    var steps: [Int64]
    var stage = Stage.blocked
    /// Picoseconds x 2^30 of the first of `steps`.
    var workLeft: Int128 = 0
    var ready: Int64 = 0
    var start: Int64 = 0
    var end: Int64 = 0
    var pieceStart: Int64 = 0
    var pieces: [(start: Int64, end: Int64)] = []
  }

  private let workload: Workload
  private var operations: [Operation] = []
  /// Who waits for an exclusive resource, in the order of becoming ready.
  private var waiting: [Int] = []
  private var now: Int64 = 0
  /// Whether two operations ended, or could be preempted, at one instant.
  private(set) var hasTies = false
  private var lastBoundary: Int64 = -1

  init(_ workload: Workload) {
    self.workload = workload
    // In the order of release, as the kernel numbers jobs.
    let order = workload.jobs.indices.sorted {
      (workload.jobs[$0].release, $0) < (workload.jobs[$1].release, $1)
    }
    var released = 0
    while true {
      let speeds = speeds()
      let running = operations.indices.filter { operations[$0].stage == .running }
      let stepEnds = running.map { index in
        let speed = Int128(speeds[index])
        return now + Int64((operations[index].workLeft + speed - 1) / speed)
      }
      let nextEnd = stepEnds.min()
      let nextRelease = released < order.count ? workload.jobs[order[released]].release : nil
      guard let instant = [nextEnd, nextRelease].compactMap({ $0 }).min() else { break }

      for index in running {
        operations[index].workLeft -= Int128(instant - now) * Int128(speeds[index])
      }
      now = instant
      if let nextEnd, nextEnd == instant, let place = stepEnds.firstIndex(of: nextEnd) {
        endStep(running[place])
      } else {
        release(order[released])
        released += 1
      }
    }
  }

  var ends: [[Int64]] { collect(\.end) }
  var starts: [[Int64]] { collect(\.start) }
  var readies: [[Int64]] { collect(\.ready) }
  /// Starts and ends of pieces.
  var pieces: [[[Int64]]] {
    collect(\.pieces).map { $0.map { $0.flatMap { [$0.start, $0.end] } } }
  }

  private func collect<Value>(_ instant: KeyPath<Operation, Value>) -> [[Value]] {
    workload.jobs.indices.map { job in
      operations.filter { $0.job == job }.sorted { $0.number < $1.number }
        .map { $0[keyPath: instant] }
    }
  }

  private mutating func release(_ job: Int) {
    let first = operations.count
    for (number, plan) in workload.jobs[job].operations.enumerated() {
      let steps = plan.segments.flatMap {
        [Int64](repeating: $0.duration.picoseconds, count: $0.count)
      }
      operations.append(Operation(job: job, number: number, plan: plan, steps: steps))
    }
    for index in first..<operations.count where operations[index].plan.dependencies.isEmpty {
      becomeReady(index)
    }
  }

  private mutating func becomeReady(_ index: Int) {
    operations[index].stage = .waiting
    operations[index].ready = now
    guard let resource = operations[index].plan.resource else {
      start(index)
      return
    }
    let running = operations.count { $0.stage == .running && $0.plan.resource == resource }
    if running < workload.exclusive[resource] {
      start(index)
    } else {
      waiting.append(index)
    }
  }

  private mutating func start(_ index: Int) {
    operations[index].stage = .running
    operations[index].pieceStart = now
    if operations[index].pieces.isEmpty { operations[index].start = now }
    operations[index].workLeft = Int128(operations[index].steps[0]) << 30
  }

  private mutating func endStep(_ index: Int) {
    operations[index].steps.removeFirst()
    let isOver = operations[index].steps.isEmpty
    if isOver || operations[index].plan.isPreemptible {
      if now == lastBoundary { hasTies = true }
      lastBoundary = now
    }
    let candidates = waiting.filter {
      operations[$0].plan.resource == operations[index].plan.resource
    }
    let best = candidates.min {
      // The first of equals: `min` keeps it.
      operations[$0].plan.priority < operations[$1].plan.priority
    }
    if !isOver {
      operations[index].workLeft = Int128(operations[index].steps[0]) << 30
      if let best, operations[index].plan.isPreemptible,
        operations[best].plan.priority < operations[index].plan.priority
      {
        operations[index].pieces.append((operations[index].pieceStart, now))
        operations[index].stage = .waiting
        waiting.removeAll { $0 == best }
        waiting.insert(index, at: 0)
        start(best)
      }
      return
    }
    operations[index].pieces.append((operations[index].pieceStart, now))
    operations[index].stage = .ended
    operations[index].end = now
    if let best {
      waiting.removeAll { $0 == best }
      start(best)
    }
    let job = operations[index].job
    for other in operations.indices
    where operations[other].job == job && operations[other].stage == .blocked {
      let isReady = operations[other].plan.dependencies.allSatisfy { number in
        operations.contains { $0.job == job && $0.number == number && $0.stage == .ended }
      }
      if isReady { becomeReady(other) }
    }
  }

  /// By operation; only those that run have one above zero.
  private func speeds() -> [Int64] {
    var result = operations.map { $0.stage == .running ? FixedPointSpeed.one : 0 }
    for (resource, capacity) in workload.shared.enumerated() {
      var users: [Int] = []
      var amounts: [Int64] = []
      var weights: [Int] = []
      for (index, operation) in operations.enumerated() where operation.stage == .running {
        for demand in operation.plan.demands where demand.resource == resource {
          users.append(index)
          amounts.append(demand.amount)
          weights.append(demand.weight)
        }
      }
      let speeds = slowSpeeds(capacity: capacity, demands: amounts, weights: weights)
      for (index, speed) in zip(users, speeds) {
        result[index] = min(result[index], speed)
      }
    }
    return result
  }
}
