import Quantities
import Testing

@testable import SimulationKernel

@Suite struct ExclusiveResourceTests {
  /// On one unit with 10 ps each: the order of submission within a priority, the lower priority
  /// first. The first to come starts at once, whatever its priority.
  ///
  ///     submitted   a3  b2  c0  d2  e0  f1  g3
  ///     starts at    0  40  10  50  20  30  60
  @Test func theLowerNumberGoesFirstAndThenTheFirstToCome() {
    let priorities: [UInt8] = [3, 2, 0, 2, 0, 1, 3]
    let workload = Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(
          operations: priorities.map {
            Workload.Operation(resource: 0, priority: $0, segments: [StepSegment(1, 10)])
          })
      ])
    #expect(starts(workload) == [0, 40, 10, 50, 20, 30, 60])
  }

  /// Every choice of priorities of five: the first starts, the others are sorted stably.
  @Test func everyChoiceOfPrioritiesIsServedInOrder() {
    for priorities in lists(of: 5, from: [0, 1, 2, 3] as [UInt8]) {
      let workload = Workload(
        exclusive: [1],
        jobs: priorities.map { priority in
          Workload.Submission(operations: [
            Workload.Operation(resource: 0, priority: priority, segments: [StepSegment(1, 10)])
          ])
        })
      let line = (1..<5).sorted { (priorities[$0], $0) < (priorities[$1], $1) }
      var expected = [Int64](repeating: 0, count: 5)
      for (place, number) in line.enumerated() { expected[number] = Int64(place + 1) * 10 }
      #expect(starts(workload) == expected, "\(priorities)")
    }
  }

  /// Two units, five operations of 10, 4, 6, 1 and 2 ps: the third takes the unit of the second at
  /// 4 and both units come free at 10, where the fourth and the fifth start.
  @Test func twoUnitsServeTwoAtOnce() {
    let workload = Workload(
      exclusive: [2],
      jobs: [10, 4, 6, 1, 2].map { picoseconds in
        Workload.Submission(operations: [
          Workload.Operation(resource: 0, segments: [StepSegment(1, picoseconds)])
        ])
      })
    #expect(starts(workload) == [0, 0, 4, 10, 10])
  }

  /// The second operation waits for the unit, the third for the first and more urgently. At 10 ps
  /// the unit goes to who waited; the third becomes ready at that instant and comes too late.
  @Test func aUnitIsHandedOverBeforeAnybodyWhoBecomesReadyCanAskForIt() {
    let workload = Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(resource: 0, priority: 3, segments: [StepSegment(1, 10)]),
          Workload.Operation(resource: 0, priority: 3, segments: [StepSegment(1, 10)]),
          Workload.Operation(
            resource: 0, priority: 0, segments: [StepSegment(1, 10)], dependencies: [0]),
        ])
      ])
    #expect(starts(workload) == [0, 10, 20])
    #expect(workload.run().spans[0][2].ready.picoseconds == 10)
  }

  /// A completion frees its resource before a timer of the same instant lets a job in: the job
  /// starts at once.
  @Test func aJobSubmittedAtTheEndOfAnotherFindsTheResourceFree() {
    let operation = Workload.Operation(resource: 0, segments: [StepSegment(2, 5)])
    let workload = Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(operations: [operation]),
        Workload.Submission(release: 10, operations: [operation]),
      ])
    #expect(starts(workload) == [0, 10])
    #expect(
      workload.run().occurrences.map(\.occurrence) == [
        .milestone(JobID(index: 0), OperationIndex(0)), .jobFinished(JobID(index: 0)), .timer(1),
        .milestone(JobID(index: 1), OperationIndex(0)), .jobFinished(JobID(index: 1)),
      ])
  }

  @Test func withoutAResourceAnOperationStartsWhenItIsReady() {
    let workload = Workload(jobs: [
      Workload.Submission(operations: [
        Workload.Operation(segments: [StepSegment(1, 7)]),
        Workload.Operation(segments: [StepSegment(1, 9)]),
        Workload.Operation(segments: [StepSegment(1, 1)], dependencies: [0, 1]),
      ])
    ])
    #expect(starts(workload) == [0, 0, 9])
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func aSerialChainTakesTheSumOfItsWork(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let operations = (0..<100).map { number in
      Workload.Operation(
        resource: number % 3,
        segments: [StepSegment(2, Int64.random(in: 0...1_000_000, using: &generator))],
        dependencies: number == 0 ? [] : [number - 1])
    }
    let workload = Workload(
      exclusive: [1, 1, 1], jobs: [Workload.Submission(operations: operations)])
    #expect(workload.run().ends[0].last == operations.reduce(0) { $0 + $1.picoseconds })
  }

  /// A dependency that is named twice is waited for once.
  @Test func aDependencyNamedTwiceIsOneDependency() {
    let workload = Workload(jobs: [
      Workload.Submission(operations: [
        Workload.Operation(segments: [StepSegment(1, 7)]),
        Workload.Operation(segments: [StepSegment(1, 1)], dependencies: [0, 0]),
      ])
    ])
    #expect(workload.run().ends == [[7, 8]])
  }

  /// Four jobs that share nothing end when they would alone, in every order of submission.
  @Test func theOrderOfSubmittingIndependentJobsChangesNoEnd() {
    let jobs = (0..<4).map { number in
      Workload.Submission(
        operations: [3, 5, 2].enumerated().map { place, picoseconds in
          Workload.Operation(
            resource: number, segments: [StepSegment(number + 1, picoseconds)],
            dependencies: place == 2 ? [0] : [])
        })
    }
    let ends = Workload(exclusive: [1, 1, 1, 1], jobs: jobs).run().ends
    for order in permutations(of: Array(jobs.indices)) {
      let permuted = Workload(exclusive: [1, 1, 1, 1], jobs: order.map { jobs[$0] })
      #expect(permuted.run().ends == order.map { ends[$0] }, "\(order)")
    }
  }

  private func starts(_ workload: Workload) -> [Int64] {
    workload.run().spans.flatMap { $0.map(\.start.picoseconds) }
  }
}
