import Quantities
import Testing

@testable import SimulationKernel

/// What laws do not say is worked out by hand here; laws are in `WorkloadLawTests`, and a comparison
/// with a slow simulation in `SlowSimulationTests`.
@Suite struct PreemptionTests {
  /// The urgent one comes at 12 and waits for the end of the step at 20:
  ///
  ///     patient   0 --10--20          25--35--45
  ///     urgent          12   20 ---- 25
  @Test func theUnitChangesHandsAtTheEndOfAStep() {
    let run = onOneUnit([
      (0, 3, true, StepSegment(4, 10)), (12, 0, false, StepSegment(1, 5)),
    ])
    #expect(pieces(run) == [[0, 20, 25, 45], [20, 25]])
    let span = run.spans[0][0]
    #expect([span.ready, span.start, span.end].map(\.picoseconds) == [0, 0, 45])
    let path = run.criticalPaths[0][0]
    #expect(path.map(\.job.index) == [0, 1, 0])
    #expect(path.map(\.start.picoseconds) == [0, 20, 25])
    #expect(path.map(\.end.picoseconds) == [20, 25, 45])
    #expect(run.criticalPaths[1][0].map(\.start.picoseconds) == [0, 20])
    // Four steps, one step, one timer.
    #expect(run.eventCount == 6)
  }

  /// An equal number preempts nobody, nor does a higher one; and who is not preemptible stays.
  @Test(arguments: [(1, 1, true), (1, 2, true), (3, 0, false)] as [(UInt8, UInt8, Bool)])
  func othersWaitForTheEnd(own: UInt8, other: UInt8, isPreemptible: Bool) {
    let run = onOneUnit([
      (0, own, isPreemptible, StepSegment(4, 10)), (12, other, true, StepSegment(1, 5)),
    ])
    #expect(pieces(run) == [[0, 40], [40, 45]])
  }

  /// The second of priority 3 comes at 1, long before the first is preempted at 20: it begins when
  /// the first has ended, and not before.
  @Test func whoHasBegunGoesOnBeforeItsClass() {
    let run = onOneUnit([
      (0, 3, true, StepSegment(3, 10)), (1, 3, true, StepSegment(1, 10)),
      (12, 2, true, StepSegment(1, 5)),
    ])
    #expect(pieces(run) == [[0, 20, 25, 35], [35, 45], [20, 25]])
  }

  /// Each class preempts the one below: 3 from 0, 2 from 10, 1 from 20, 0 from 30; then they go on
  /// from the most urgent to the least.
  @Test func preemptionNests() {
    let run = onOneUnit([
      (0, 3, true, StepSegment(2, 10)), (5, 2, true, StepSegment(2, 10)),
      (15, 1, true, StepSegment(2, 10)), (25, 0, true, StepSegment(2, 10)),
    ])
    #expect(pieces(run) == [[0, 10, 70, 80], [10, 20, 60, 70], [20, 30, 50, 60], [30, 50]])
  }

  /// A step ends at 10, before the timer of that instant lets the urgent one in.
  @Test func whoComesAtTheEndOfAStepWaitsForTheNext() {
    let run = onOneUnit([
      (0, 1, true, StepSegment(3, 10)), (10, 0, true, StepSegment(1, 5)),
    ])
    #expect(pieces(run) == [[0, 20, 25, 35], [20, 25]])
  }

  /// Both come at 0. The first step takes no time, and the urgent one waits at its end.
  @Test func theEndOfAStepWithoutTimeIsOneToo() {
    let run = onOneUnit([
      (0, 1, true, StepSegment(2, 0)), (0, 0, true, StepSegment(1, 5)),
    ])
    #expect(pieces(run) == [[0, 0, 5, 5], [0, 5]])
  }

  /// Of two units, each goes to one urgent operation at the next end of a step: at 10 that of the
  /// first and at 12 that of the second. At 15 the first urgent one ends; the operation that was
  /// preempted last stands in front.
  @Test func twoUnitsArePreemptedOneByOne() {
    let workload = Workload(
      exclusive: [2],
      jobs: [
        submission(0, 1, true, StepSegment(2, 10)), submission(0, 1, true, StepSegment(3, 6)),
        submission(7, 0, false, StepSegment(1, 5)), submission(7, 0, false, StepSegment(1, 9)),
      ])
    #expect(pieces(workload.run()) == [[0, 10, 21, 31], [0, 12, 15, 21], [10, 15], [12, 21]])
  }

  /// Both want all of the shared resource and run at half speed. At 20 the first is preempted, having
  /// done one step of 10 ps, and until it goes on at 25 the second is alone: it does 10 + 5 ps by
  /// then. At half speed each, the second does its last 5 ps by 35, when the first has done 5 more;
  /// alone, it does the other 5 by 40.
  @Test func whoWasPreemptedTakesNothingOfSharedResources() {
    let workload = Workload(
      exclusive: [1], shared: [100],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(
            resource: 0, priority: 1, isPreemptible: true, segments: [StepSegment(2, 10)],
            demands: [.init(0, 100)]),
          Workload.Operation(segments: [StepSegment(1, 20)], demands: [.init(0, 100)]),
        ]),
        submission(3, 0, false, StepSegment(1, 5)),
      ])
    let run = workload.run()
    #expect(run.ends == [[40, 35], [25]])
    #expect(run.pieces[0][0].map(\.start.picoseconds) == [0, 25])
  }

  /// What waits for a preempted operation waits for its last piece.
  @Test func aDependencyWaitsForTheLastPiece() {
    let workload = Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(
            resource: 0, priority: 1, isPreemptible: true, segments: [StepSegment(2, 10)]),
          Workload.Operation(segments: [StepSegment(1, 1)], dependencies: [0]),
        ]),
        submission(3, 0, false, StepSegment(1, 5)),
      ])
    let run = workload.run()
    #expect(run.ends == [[25, 26], [15]])
    #expect(run.criticalPaths[0][1].map(\.start.picoseconds) == [0, 10, 15, 25])
    let milestones = run.occurrences.compactMap { time, occurrence in
      if case .milestone = occurrence { time.picoseconds } else { nil }
    }
    #expect(milestones == [15, 25, 26])
  }

  /// On one unit, without dependencies: whether and by whom operations are preempted, the unit works
  /// at the same instants.
  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func theUnitIsBusyAtTheSameInstantsWhoeverPreempts(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var busy: [[Int64]] = []
    let jobs = (0..<30).map { _ in
      submission(
        Int64.random(in: 0...2_000, using: &generator), 0, false,
        StepSegment(
          Int.random(in: 1...8, using: &generator), Int64.random(in: 0...12, using: &generator)))
    }
    for isPreemptive in [false, true, true] {
      var workload = Workload(exclusive: [1], jobs: jobs)
      for job in workload.jobs.indices where isPreemptive {
        workload.jobs[job].operations[0].priority = UInt8.random(in: 0..<4, using: &generator)
        workload.jobs[job].operations[0].isPreemptible = true
      }
      var periods: [Int64] = []
      for piece in workload.run().pieces.joined().joined().sorted(by: {
        ($0.start, $0.end) < ($1.start, $1.end)
      }) where piece.start < piece.end {
        if periods.last == piece.start.picoseconds {
          periods.removeLast()
        } else {
          periods.append(piece.start.picoseconds)
        }
        periods.append(piece.end.picoseconds)
      }
      busy.append(periods)
    }
    #expect(busy[0] == busy[1])
    #expect(busy[0] == busy[2])
  }

  // MARK: One operation a job

  private typealias Plan = (
    release: Int64, priority: UInt8, isPreemptible: Bool, segment: StepSegment
  )

  private func submission(
    _ release: Int64, _ priority: UInt8, _ isPreemptible: Bool, _ segment: StepSegment
  ) -> Workload.Submission {
    Workload.Submission(
      release: release,
      operations: [
        Workload.Operation(
          resource: 0, priority: priority, isPreemptible: isPreemptible, segments: [segment])
      ])
  }

  private func onOneUnit(_ plans: [Plan]) -> WorkloadRun {
    let jobs = plans.map { submission($0.release, $0.priority, $0.isPreemptible, $0.segment) }
    return Workload(exclusive: [1], jobs: jobs).run()
  }

  /// Starts and ends of the pieces of each operation.
  private func pieces(_ run: WorkloadRun) -> [[Int64]] {
    run.pieces.joined().map { $0.flatMap { [$0.start.picoseconds, $0.end.picoseconds] } }
  }
}
