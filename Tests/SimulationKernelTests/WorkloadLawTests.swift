import Quantities
import Testing

@testable import SimulationKernel

/// Laws of every run, on random jobs. With few picoseconds a step many operations meet at one
/// instant.
@Suite struct WorkloadLawTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    var longest: Int64
    var workload: Workload

    var testDescription: String { "seed \(seed), steps of up to \(longest) ps" }

    init(seed: UInt64, longest: Int64, shared: Int = 0, jobs: Int = 5) {
      self.seed = seed
      self.longest = longest
      workload = .random(
        seed: seed, exclusive: 3, shared: shared, jobs: jobs, operations: 10, longest: longest)
    }
  }

  static let exclusiveCases = (1...30).flatMap { seed in
    [2, 1_000_000].map { Case(seed: seed, longest: $0) }
  }
  static let sharedCases = (1...30).flatMap { seed in
    [2, 1_000_000].map { Case(seed: seed, longest: $0, shared: 2) }
  }
  static let allCases = exclusiveCases + sharedCases

  @Test(arguments: allCases)
  func everyOperationAndEveryJobEndsExactlyOnce(given: Case) {
    let run = given.workload.run()
    var milestones: [[Int]] = given.workload.jobs.map { $0.operations.map { _ in 0 } }
    var finishedJobs = given.workload.jobs.map { _ in 0 }
    for (time, occurrence) in run.occurrences {
      switch occurrence {
      case .milestone(let job, let operation):
        milestones[job.index][operation.index] += 1
        #expect(time == run.spans[job.index][operation.index].end)
      case .jobFinished(let job):
        finishedJobs[job.index] += 1
        #expect(time == run.spans[job.index].map(\.end).max())
        // Its last milestone has been reported.
        #expect(milestones[job.index].allSatisfy { $0 == 1 })
      case .timer(let payload):
        #expect(time.picoseconds == given.workload.jobs[Int(payload)].release)
      }
    }
    #expect(milestones.allSatisfy { $0.allSatisfy { $0 == 1 } })
    #expect(finishedJobs.allSatisfy { $0 == 1 })
    let times = run.occurrences.map(\.time)
    #expect(times == times.sorted())
  }

  @Test(arguments: allCases)
  func noOperationStartsBeforeItsDependenciesEnded(given: Case) {
    let run = given.workload.run()
    for (submission, spans) in zip(given.workload.jobs, run.spans) {
      for (operation, span) in zip(submission.operations, spans) {
        let last = operation.dependencies.map { spans[$0].end.picoseconds }.max()
        #expect(span.ready.picoseconds == last ?? submission.release)
        #expect(span.ready <= span.start && span.start <= span.end)
      }
    }
  }

  @Test(arguments: allCases)
  func aResourceRunsAtMostItsCapacityAtOnce(given: Case) {
    for (capacity, users) in usersByResource(given.workload) {
      for instant in users.map(\.span.start) {
        #expect(running(users, at: instant) <= capacity)
      }
    }
  }

  /// While anybody waits, all units are in use, at every instant: nothing changes but at a start
  /// or an end.
  @Test(arguments: allCases)
  func nobodyWaitsForAnIdleResource(given: Case) {
    for (capacity, users) in usersByResource(given.workload) {
      for waiting in users where waiting.span.ready < waiting.span.start {
        let instants =
          [waiting.span.ready] + users.flatMap { [$0.span.start, $0.span.end] }
        for instant in instants
        where waiting.span.ready <= instant && instant < waiting.span.start {
          #expect(running(users, at: instant) == capacity)
        }
      }
    }
  }

  /// Among those that wait for one resource the lower number goes first, and within a number the
  /// one that was ready earlier.
  @Test(arguments: allCases)
  func whoWaitsIsServedByPriorityAndThenInOrder(given: Case) {
    for (_, users) in usersByResource(given.workload) {
      for a in users {
        for b in users {
          let isServedFirst =
            a.priority < b.priority && a.span.ready < b.span.start
            || a.priority == b.priority && a.span.ready < b.span.ready
          if isServedFirst { #expect(a.span.start <= b.span.start) }
        }
      }
    }
  }

  /// Every step is one event, and so is every timer.
  @Test(arguments: allCases)
  func theEventsAreTheStepsAndTheTimers(given: Case) {
    let operations = given.workload.jobs.flatMap(\.operations)
    let steps = operations.flatMap(\.segments).reduce(0) { $0 + $1.count }
    let timers = given.workload.jobs.count { $0.release > 0 }
    #expect(given.workload.run().eventCount == steps + timers)
  }

  @Test(arguments: exclusiveCases)
  func withoutSharedResourcesAnOperationRunsForItsWork(given: Case) {
    for (submission, spans) in zip(given.workload.jobs, given.workload.run().spans) {
      for (operation, span) in zip(submission.operations, spans) {
        #expect((span.end - span.start).picoseconds == operation.picoseconds)
      }
    }
  }

  @Test(arguments: sharedCases)
  func sharingNeverMakesAnOperationFaster(given: Case) {
    for (submission, spans) in zip(given.workload.jobs, given.workload.run().spans) {
      for (operation, span) in zip(submission.operations, spans) {
        #expect((span.end - span.start).picoseconds >= operation.picoseconds)
      }
    }
  }

  @Test(arguments: allCases)
  func theSameWorkloadRunsTheSameWay(given: Case) {
    let (first, second) = (given.workload.run(), given.workload.run())
    #expect(first.spans == second.spans)
    #expect(first.occurrences.map(\.occurrence) == second.occurrences.map(\.occurrence))
  }

  /// All work that was submitted is on a critical path from a submission on: each operation
  /// starts when the one before it ends, so the lengths sum to the whole way.
  @Test(arguments: allCases)
  func criticalPathsHaveNoGaps(given: Case) {
    let run = given.workload.run()
    let releases = Set(given.workload.jobs.map(\.release))
    for (spans, paths) in zip(run.spans, run.criticalPaths) {
      for (span, path) in zip(spans, paths) {
        #expect(path.last == span)
        #expect(releases.contains(path[0].start.picoseconds))
        for (earlier, later) in zip(path, path.dropFirst()) { #expect(earlier.end == later.start) }
        let sum = path.reduce(SimulatedDuration.zero) { $0 + ($1.end - $1.start) }
        #expect(path[0].start + sum == span.end)
      }
    }
  }

  // MARK: Who used what

  private struct User {
    var span: OperationSpan
    var priority: UInt8
  }

  private func usersByResource(_ workload: Workload) -> [(capacity: Int, users: [User])] {
    let run = workload.run()
    return workload.exclusive.enumerated().map { resource, capacity in
      let users = zip(workload.jobs, run.spans).flatMap { submission, spans in
        zip(submission.operations, spans).filter { $0.0.resource == resource }
          .map { User(span: $0.1, priority: $0.0.priority) }
      }
      return (capacity, users)
    }
  }

  private func running(_ users: [User], at instant: SimulatedTime) -> Int {
    users.count { $0.span.start <= instant && instant < $0.span.end }
  }
}
