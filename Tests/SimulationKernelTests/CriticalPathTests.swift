import Quantities
import Testing

@testable import SimulationKernel

/// That paths have no gaps is a law in `WorkloadLawTests`; here is which operations are on them.
@Suite struct CriticalPathTests {
  /// Two fetches of 4 ps run one after the other, each before its computing of 10 ps:
  ///
  ///     fetch     0 --0-- 4 --1-- 8
  ///     compute           4 ----2---- 14 ----3---- 24
  ///
  /// The last waited for the unit, not for its fetch: the path is 0, 2, 3.
  @Test func thePathLeadsThroughWhoHeldTheResource() {
    let workload = Workload(
      exclusive: [1, 1],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(resource: 0, segments: [StepSegment(1, 4)]),
          Workload.Operation(resource: 0, segments: [StepSegment(1, 4)]),
          Workload.Operation(resource: 1, segments: [StepSegment(1, 10)], dependencies: [0]),
          Workload.Operation(resource: 1, segments: [StepSegment(1, 10)], dependencies: [1]),
        ])
      ])
    #expect(path(workload, job: 0, to: 3) == [0, 2, 3])
    #expect(path(workload, job: 0, to: 1) == [0, 1])
    #expect(path(workload, job: 0, to: 0) == [0])
  }

  /// Of two dependencies the one that ended last decides.
  @Test func thePathLeadsThroughTheLastDependency() {
    for (works, expected) in [([3, 5], [1, 2]), ([5, 3], [0, 2])] as [([Int64], [UInt32])] {
      let workload = Workload(jobs: [
        Workload.Submission(operations: [
          Workload.Operation(segments: [StepSegment(1, works[0])]),
          Workload.Operation(segments: [StepSegment(1, works[1])]),
          Workload.Operation(segments: [StepSegment(1, 1)], dependencies: [0, 1]),
        ])
      ])
      #expect(path(workload, job: 0, to: 2) == expected)
    }
  }

  /// The second job comes at 2 ps and waits until 10 for the unit: its path begins at 0, with the
  /// operation of the first job that held it.
  @Test func thePathLeadsThroughAnotherJob() {
    let operation = Workload.Operation(resource: 0, segments: [StepSegment(1, 10)])
    let workload = Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(operations: [operation]),
        Workload.Submission(release: 2, operations: [operation]),
      ])
    let spans = workload.run().criticalPaths[1][0]
    #expect(spans.map(\.job.index) == [0, 1])
    #expect(spans.map(\.start.picoseconds) == [0, 10])
    #expect(spans.map(\.ready.picoseconds) == [0, 2])
  }

  /// A job that comes to an idle simulator starts its own path.
  @Test func thePathOfALateJobBeginsWithItsSubmission() {
    let operation = Workload.Operation(resource: 0, segments: [StepSegment(1, 10)])
    let workload = Workload(
      exclusive: [1],
      jobs: [
        Workload.Submission(operations: [operation]),
        Workload.Submission(release: 25, operations: [operation]),
      ])
    #expect(workload.run().criticalPaths[1][0].map(\.start.picoseconds) == [25])
  }

  /// From 0, all of it: the sum of the path is when the operation ends.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func whatIsSubmittedAtTheStartTakesTheSumOfItsPath(seed: UInt64) {
    var workload = Workload.random(
      seed: seed, exclusive: 2, shared: 1, jobs: 4, operations: 12, longest: 1_000)
    for job in workload.jobs.indices { workload.jobs[job].release = 0 }
    let run = workload.run()
    for (spans, paths) in zip(run.spans, run.criticalPaths) {
      for (span, path) in zip(spans, paths) {
        #expect(path[0].start == .zero)
        let sum = path.reduce(SimulatedDuration.zero) { $0 + ($1.end - $1.start) }
        #expect(sum == span.end - .zero)
      }
    }
  }

  private func path(_ workload: Workload, job: Int, to operation: Int) -> [UInt32] {
    workload.run().criticalPaths[job][operation].map(\.kind)
  }
}
