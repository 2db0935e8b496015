import Quantities
import Testing

@testable import SimulationKernel

@Suite struct StepTests {
  /// 3 x 5 + 1 x 0 + 1000 x 7 + 2 x 11 = 7037 ps, in 1006 steps.
  @Test func anOperationEndsAfterTheSumOfItsSteps() {
    let run = alone([
      StepSegment(3, 5), StepSegment(1, 0), StepSegment(1_000, 7), StepSegment(2, 11),
    ])
    #expect(run.ends == [[7_037]])
    #expect(run.eventCount == 1_006)
  }

  @Test func stepsOfNoTimeEndAtTheInstantTheyBegin() {
    let run = alone([StepSegment(1_000, 0)])
    #expect(run.ends == [[0]])
    #expect(run.eventCount == 1_000)
  }

  /// Steps of 3 and of 5 ps meet at 15, 30, ..., and a timer fires amid them: nobody's steps are
  /// moved by the other's, and each is one event.
  @Test func operationsSideBySideKeepTheirSteps() {
    let workload = Workload(jobs: [
      Workload.Submission(operations: [
        Workload.Operation(segments: [StepSegment(100, 3)]),
        Workload.Operation(segments: [StepSegment(60, 5)]),
      ]),
      Workload.Submission(
        release: 31, operations: [Workload.Operation(segments: [StepSegment(1, 2)])]),
    ])
    let run = workload.run()
    #expect(run.ends == [[300, 300], [33]])
    #expect(run.eventCount == 100 + 60 + 1 + 1)
  }

  /// The same work in one step or in many ends at one instant.
  @Test(arguments: [1, 2, 3, 5, 8, 1_000])
  func cuttingWorkIntoStepsDoesNotLengthenIt(count: Int) {
    #expect(alone([StepSegment(count, 12_000 / Int64(count))]).ends == [[12_000]])
  }

  /// The longest time there is, 106 days, at full speed on a shared resource.
  @Test func theLongestStepEndsAtTheLastInstant() {
    let workload = Workload(
      shared: [1],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(segments: [StepSegment(1, .max)], demands: [.init(0, 1)])
        ])
      ])
    #expect(workload.run().ends == [[.max]])
  }

  private func alone(_ segments: [StepSegment]) -> WorkloadRun {
    Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(operations: [Workload.Operation(resource: 0, segments: segments)])
      ]
    ).run()
  }
}
