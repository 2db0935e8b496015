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

    init(seed: UInt64, longest: Int64, shared: Int = 0, isPreemptive: Bool = false) {
      self.seed = seed
      self.longest = longest
      workload = .random(
        seed: seed, exclusive: 3, shared: shared, jobs: 5, operations: 10, longest: longest,
        isPreemptive: isPreemptive)
    }
  }

  static let exclusiveCases = (1...30).flatMap { seed in
    [2, 1_000_000].map { Case(seed: seed, longest: $0) }
  }
  static let sharedCases = (1...30).flatMap { seed in
    [2, 1_000_000].map { Case(seed: seed, longest: $0, shared: 2) }
  }
  static let preemptiveCases = (1...15).flatMap { seed in
    [2, 1_000_000].flatMap { longest in
      [0, 2].map { Case(seed: seed, longest: longest, shared: $0, isPreemptive: true) }
    }
  }
  static let allCases = exclusiveCases + sharedCases + preemptiveCases

  @Test(arguments: allCases)
  func recordingTheScheduleChangesNothing(given: Case) {
    let recorded = given.workload.run()
    let run = given.workload.run(recordsSchedule: false)
    #expect(run.spans == recorded.spans)
    #expect(run.occurrences.map(\.occurrence) == recorded.occurrences.map(\.occurrence))
    #expect(run.occurrences.map(\.time) == recorded.occurrences.map(\.time))
    #expect(run.eventCount == recorded.eventCount)
  }

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
      for instant in users.flatMap({ $0.pieces.map(\.start) }) {
        #expect(running(users, at: instant) <= capacity)
      }
    }
  }

  /// While anybody waits, all units are in use, at every instant: nothing changes but at a start
  /// or an end.
  @Test(arguments: allCases)
  func nobodyWaitsForAnIdleResource(given: Case) {
    for (capacity, users) in usersByResource(given.workload) {
      let changes = users.flatMap { $0.pieces.flatMap { [$0.start, $0.end] } }
      for wait in users.flatMap(\.waits) where wait.start < wait.end {
        for instant in [wait.start] + changes where wait.start <= instant && instant < wait.end {
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

  /// Whoever goes on or begins does so before anybody less urgent who waits then, and within a
  /// priority who was preempted goes on before anybody begins.
  @Test(arguments: preemptiveCases)
  func whoWasPreemptedGoesOnBeforeOthersBegin(given: Case) {
    for (_, users) in usersByResource(given.workload) {
      for a in users {
        for (number, wait) in a.waits.enumerated() where wait.start < wait.end {
          for b in users {
            for (place, piece) in b.pieces.enumerated()
            where wait.start < piece.start && piece.start < wait.end {
              #expect(b.priority <= a.priority)
              if b.priority == a.priority && number > 0 { #expect(place > 0) }
            }
          }
        }
      }
    }
  }

  /// The pieces of an operation come one after the other, and but for the last each ends at the
  /// end of a step, where somebody more urgent started.
  @Test(arguments: preemptiveCases)
  func onlyTheMoreUrgentPreempt(given: Case) {
    for (_, users) in usersByResource(given.workload) {
      for user in users {
        #expect(user.pieces.first?.start == user.span.start)
        #expect(user.pieces.last?.end == user.span.end)
        for (piece, next) in zip(user.pieces, user.pieces.dropFirst()) {
          #expect(user.isPreemptible)
          #expect(piece.end <= next.start)
          #expect(
            users.contains { other in
              other.priority < user.priority
                && other.pieces.contains { $0.start == piece.end }
            })
        }
      }
    }
  }

  /// At the end of a step of a preemptible operation nobody more urgent goes on waiting. Alone on
  /// the unit, so that where its steps end is known from its pieces.
  @Test(arguments: preemptiveCases.filter { $0.workload.shared.isEmpty })
  func nobodyMoreUrgentWaitsBeyondTheEndOfAStep(given: Case) {
    for (_, users) in usersByResource(given.workload) {
      for user in users where user.isPreemptible {
        let waits = users.filter { $0.priority < user.priority }.flatMap(\.waits)
        for end in user.innerStepEnds {
          for wait in waits { #expect(!(wait.start < end && end < wait.end)) }
        }
      }
    }
  }

  @Test(arguments: preemptiveCases.filter { $0.workload.shared.isEmpty })
  func preemptionLosesNoWork(given: Case) {
    let run = given.workload.run()
    for (submission, pieces) in zip(given.workload.jobs, run.pieces) {
      for (operation, pieces) in zip(submission.operations, pieces) {
        let work = pieces.reduce(0) { $0 + ($1.end - $1.start).picoseconds }
        #expect(work == operation.picoseconds)
      }
    }
  }

  /// Some are preempted: else the laws above would say little.
  @Test func thereIsPreemption() {
    for cases in [Self.preemptiveCases.filter { $0.longest == 2 }, Self.preemptiveCases] {
      let preempted = cases.flatMap { $0.workload.run().pieces.joined() }.count { $0.count > 1 }
      #expect(preempted > 30)
    }
    #expect(
      Self.exclusiveCases.allSatisfy {
        $0.workload.run().pieces.joined().allSatisfy { $0.count == 1 }
      })
  }

  /// Where all have one priority, nobody is preempted: a run is the same as if nobody could be.
  @Test(arguments: preemptiveCases)
  func withoutPrioritiesPreemptionChangesNothing(given: Case) {
    var preemptible = given.workload
    var other = given.workload
    for job in preemptible.jobs.indices {
      for place in preemptible.jobs[job].operations.indices {
        preemptible.jobs[job].operations[place].priority = 2
        other.jobs[job].operations[place].priority = 2
        other.jobs[job].operations[place].isPreemptible = false
      }
    }
    let (first, second) = (preemptible.run(), other.run())
    #expect(first.spans == second.spans)
    #expect(first.occurrences.map(\.occurrence) == second.occurrences.map(\.occurrence))
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
        #expect(path.last?.operation == span.operation && path.last?.end == span.end)
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
    var pieces: [OperationSpan]
    var plan: Workload.Operation

    var priority: UInt8 { plan.priority }
    var isPreemptible: Bool { plan.isPreemptible }

    /// From being ready or preempted until each piece.
    var waits: [(start: SimulatedTime, end: SimulatedTime)] {
      zip([span.ready] + pieces.map(\.end), pieces.map(\.start)).map { ($0, $1) }
    }

    /// Where a step ends and another follows in the same piece.
    var innerStepEnds: [SimulatedTime] {
      var steps = plan.segments.flatMap { Array(repeating: $0.duration, count: $0.count) }[...]
      var ends: [SimulatedTime] = []
      for piece in pieces {
        var now = piece.start
        while let step = steps.first, now + step <= piece.end {
          now += step
          steps.removeFirst()
          if now < piece.end { ends.append(now) }
        }
      }
      return ends
    }
  }

  private func usersByResource(_ workload: Workload) -> [(capacity: Int, users: [User])] {
    let run = workload.run()
    return workload.exclusive.enumerated().map { resource, capacity in
      var users: [User] = []
      for (job, submission) in workload.jobs.enumerated() {
        for (number, plan) in submission.operations.enumerated() where plan.resource == resource {
          users.append(
            User(span: run.spans[job][number], pieces: run.pieces[job][number], plan: plan))
        }
      }
      return (capacity, users)
    }
  }

  private func running(_ users: [User], at instant: SimulatedTime) -> Int {
    users.count { $0.pieces.contains { $0.start <= instant && instant < $0.end } }
  }
}
