import Quantities
import Testing

@testable import SimulationKernel

@Suite struct SharedResourceTests {
  /// Both want the whole resource for 1000 ps; the second comes at 400. The first has 600 left and
  /// needs 1200 at half speed: it ends at 1600. By then the second did 600 and ends 400 later.
  @Test func twoThatWantTheWholeResourceRunAtHalfSpeed() {
    #expect(ends(capacity: 100, [(0, 1_000, 100), (400, 1_000, 100)]) == [1_600, 2_000])
  }

  /// 75 and 50 of 100: both get 50, so only the first is slowed, to 2/3, in parts of 2^30 rounded
  /// down to 715,827,882. The second ends at 400, where the first has done 266.666666 of 1000 ps;
  /// the rest takes 733.333334 at full speed, and 1133.333334 is rounded up to 1134.
  @Test func whoAsksForAFairShareIsNotSlowed() {
    #expect(ends(capacity: 100, [(0, 1_000, 75), (0, 400, 50)]) == [1_134, 400])
  }

  /// 60 and 40 of 100 fit side by side.
  @Test func demandsThatFitTogetherSlowNobody() {
    #expect(ends(capacity: 100, [(0, 1_000, 60), (300, 500, 40)]) == [1_000, 800])
  }

  /// Three get 33 of 100 each: 354,334,801 / 2^30 of full speed, so 1000 ps of work take
  /// 3030.303032 ps.
  @Test func theEndIsRoundedUpToThePicosecond() {
    let all = ends(capacity: 100, [(0, 1_000, 100), (0, 1_000, 100), (0, 1_000, 100)])
    #expect(all == [3_031, 3_031, 3_031])
  }

  /// At half speed 3 ps take 6; the steps of 1 ps at 2/3 take 1.500000001 ps, so each is 2.
  @Test func everyStepEndsAtAWholePicosecond() {
    let workload = Workload(
      shared: [100],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(segments: [StepSegment(4, 1)], demands: [.init(0, 150)])
        ])
      ])
    #expect(workload.run().ends == [[8]])
  }

  /// It asks for 200 of 100, and gets no more by being alone.
  @Test func whoAsksForMoreThanThereIsRunsSlowerEvenAlone() {
    #expect(ends(capacity: 100, [(0, 1_000, 200)]) == [2_000])
  }

  /// The slower of its two shared resources decides: alone on the second, the first operation gets
  /// 1/2 there, and half of the first resource too. What it leaves of the first resource, 50 of
  /// 100, is not passed on: the second operation runs at 1/2 until 400 and has 200 left to do.
  @Test func theSlowestOfTwoResourcesDecidesAndWhatItLeavesIsNotPassedOn() {
    let workload = Workload(
      shared: [100, 100],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(
            segments: [StepSegment(1, 100)], demands: [.init(0, 100), .init(1, 400)]),
          Workload.Operation(segments: [StepSegment(1, 400)], demands: [.init(0, 100)]),
        ])
      ])
    // At 1/4 the first takes 400. The second has done 200 by then, and ends at 600.
    #expect(workload.run().ends == [[400, 600]])
  }

  /// All want the whole resource for 600 ps, with weights of 1, 2 and 3: of 120 they get 20, 40
  /// and 60, which is 1/6, 1/3 and 1/2. In parts of 2^30 the last is exact, and ends at 1200. Then
  /// the first has done 200 ps and the second 400, less a rounding each; with 40 and 80 they go on
  /// at 1/3 and 2/3. The second ends 200 / (2/3) = 300 later, at 1500 and a little, which is rounded
  /// up; by then the first has done 300, and does the other 300 alone.
  @Test func weightsDivideTheResource() {
    let workload = Workload(
      shared: [120],
      jobs: [
        Workload.Submission(
          operations: (1...3).map {
            Workload.Operation(
              segments: [StepSegment(1, 600)], demands: [.init(0, 120, weight: $0)])
          })
      ])
    #expect(workload.run().ends == [[1_801, 1_501, 1_200]])
  }

  /// Who waits for an exclusive resource takes nothing of a shared one.
  @Test func whoWaitsTakesNothing() {
    let operation = Workload.Operation(
      resource: 0, segments: [StepSegment(1, 100)], demands: [.init(0, 100)])
    let workload = Workload(
      exclusive: [1], shared: [100],
      jobs: [Workload.Submission(operations: [operation, operation, operation])])
    #expect(workload.run().ends == [[100, 200, 300]])
  }

  /// One runs at full speed from 0 to 10, then at half speed, and so on while others come and go
  /// every 10 ps: of each 20 ps it does 15.
  @Test func workIsExactThroughManyChangesOfSpeed() {
    let visitor = Workload.Operation(segments: [StepSegment(1, 5)], demands: [.init(0, 100)])
    let visits = (0..<500).map {
      Workload.Submission(release: Int64($0) * 20 + 10, operations: [visitor])
    }
    let workload = Workload(
      shared: [100],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(segments: [StepSegment(1, 7_500)], demands: [.init(0, 100)])
        ])
      ] + visits)
    #expect(workload.run().ends[0] == [10_000])
  }

  /// Demands within the capacity of each resource, in many steps: it takes exactly its work.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func anOperationAloneIsNeverSlowed(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let shared = (0..<3).map { _ in Int64.random(in: 1...(1 << 50), using: &generator) }
    let operations = (0..<20).map { number in
      Workload.Operation(
        segments: (0..<3).map { _ in
          StepSegment(
            Int.random(in: 1...10, using: &generator),
            Int64.random(in: 0...(1 << 40), using: &generator))
        },
        demands: shared.indices.map {
          .init($0, Int64.random(in: 1...shared[$0], using: &generator))
        },
        // One after the other: each is alone while it runs.
        dependencies: number == 0 ? [] : [number - 1])
    }
    let run = Workload(shared: shared, jobs: [Workload.Submission(operations: operations)]).run()
    for (operation, span) in zip(operations, run.spans[0]) {
      #expect((span.end - span.start).picoseconds == operation.picoseconds)
    }
  }

  /// Who is submitted first has no advantage.
  @Test func theOrderOfSubmittingJobsThatShareChangesNoEnd() {
    let amounts: [Int64] = [100, 100, 100, 37]
    let jobs = amounts.indices.map { number in
      Workload.Submission(operations: [
        Workload.Operation(
          segments: [StepSegment(number + 2, 97)], demands: [.init(0, amounts[number])])
      ])
    }
    let ends = Workload(shared: [100], jobs: jobs).run().ends
    for order in permutations(of: Array(jobs.indices)) {
      let permuted = Workload(shared: [100], jobs: order.map { jobs[$0] })
      #expect(permuted.run().ends == order.map { ends[$0] }, "\(order)")
    }
  }

  /// When each ends that comes at `release`, works for `work` and asks for `amount`.
  private func ends(
    capacity: Int64, _ operations: [(release: Int64, work: Int64, amount: Int64)]
  ) -> [Int64] {
    let jobs = operations.map {
      Workload.Submission(
        release: $0.release,
        operations: [
          Workload.Operation(segments: [StepSegment(1, $0.work)], demands: [.init(0, $0.amount)])
        ])
    }
    return Workload(shared: [capacity], jobs: jobs).run().ends.flatMap { $0 }
  }
}
