import Quantities
import Testing

@testable import SimulationKernel

@Suite struct OccurrenceTests {
  /// At 10 ps the first operation ends, which is a milestone; at 15 the last, and the job with it;
  /// a timer of that instant comes after them.
  @Test func occurrencesComeInOrder() {
    var simulator = Simulator()
    let resource = simulator.addResource("unit")
    var job = Job()
    let first = job.add(on: resource, segments: [StepSegment(1, 10)], isMilestone: true)
    let second = job.add(on: resource, segments: [StepSegment(1, 5)], isMilestone: true)
    simulator.setTimer(at: SimulatedTime(picoseconds: 15), payload: 8)
    simulator.setTimer(at: SimulatedTime(picoseconds: 15), payload: 9)
    simulator.setTimer(at: .zero, payload: 7)
    let id = simulator.submit(job)
    #expect(
      drained(&simulator) == [
        At(0, .timer(7)), At(10, .milestone(id, first)), At(15, .milestone(id, second)),
        At(15, .jobFinished(id)), At(15, .timer(8)), At(15, .timer(9)),
      ])
  }

  @Test func whatIsNoMilestoneIsNotReported() {
    var simulator = Simulator()
    var job = Job()
    job.add(on: nil, segments: [StepSegment(1, 10)])
    let id = simulator.submit(job)
    #expect(drained(&simulator) == [At(10, .jobFinished(id))])
  }

  @Test func aJobWithoutOperationsIsFinishedAtOnce() {
    var simulator = Simulator()
    simulator.setTimer(at: SimulatedTime(picoseconds: 3), payload: 0)
    let timer = simulator.next()
    #expect(timer == .timer(0))
    let id = simulator.submit(Job())
    #expect(drained(&simulator) == [At(3, .jobFinished(id))])
  }

  @Test func nothingToDoGivesNothingAgainAndAgain() {
    var simulator = Simulator()
    #expect(drained(&simulator) == [])
    var job = Job()
    job.add(on: nil, segments: [StepSegment(1, 10)])
    let id = simulator.submit(job)
    #expect(drained(&simulator) == [At(10, .jobFinished(id))])
    #expect(drained(&simulator) == [])
  }

  /// What is submitted between two occurrences of one instant starts at that instant.
  @Test func theOwnerCanSubmitBetweenTwoOccurrences() {
    var simulator = Simulator()
    let resource = simulator.addResource("unit")
    var job = Job()
    let operation = job.add(on: resource, segments: [StepSegment(1, 10)], isMilestone: true)
    let first = simulator.submit(job)
    let milestone = simulator.next()
    #expect(milestone == .milestone(first, operation))
    let second = simulator.submit(job)
    #expect(
      drained(&simulator) == [
        At(10, .jobFinished(first)), At(20, .milestone(second, operation)),
        At(20, .jobFinished(second)),
      ])
    let span = simulator.span(of: operation, in: second)
    #expect(span.start.picoseconds == 10)
  }

  @Test func aCancelledTimerDoesNotFire() {
    var simulator = Simulator()
    let token = simulator.setTimer(at: SimulatedTime(picoseconds: 5), payload: 5)
    simulator.setTimer(at: SimulatedTime(picoseconds: 6), payload: 6)
    let isCancelled = simulator.cancelTimer(token)
    #expect(isCancelled)
    #expect(drained(&simulator) == [At(6, .timer(6))])
    let isCancelledAgain = simulator.cancelTimer(token)
    #expect(!isCancelledAgain)
    #expect(simulator.eventCount == 1)
  }

  // MARK: Ends at one instant come in the order in which they were scheduled

  /// The second operation's only step was scheduled at 0, the last step of the first at 5: both
  /// end at 10, the second operation first.
  @Test func theLastOfManyStepsDoesNotOvertakeAnEndThatWasScheduledEarlier() {
    let workload = Workload(jobs: [
      Workload.Submission(operations: [
        Workload.Operation(segments: [StepSegment(2, 5)]),
        Workload.Operation(segments: [StepSegment(1, 10)]),
      ])
    ])
    #expect(milestones(workload) == [At(10, number: 1), At(10, number: 0)])
  }

  /// A third operation takes from 5 ps on what the first leaves of the shared resource. The first
  /// runs on as before, and keeps its place before the second.
  @Test func whoseSpeedDoesNotChangeKeepsItsPlace() {
    let workload = Workload(
      shared: [100],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(segments: [StepSegment(1, 10)], demands: [.init(0, 50)]),
          Workload.Operation(segments: [StepSegment(1, 5)]),
          Workload.Operation(
            segments: [StepSegment(1, 20)], demands: [.init(0, 50)], dependencies: [1]),
          Workload.Operation(segments: [StepSegment(1, 5)], dependencies: [1]),
        ])
      ])
    #expect(
      milestones(workload) == [
        At(5, number: 1), At(10, number: 0), At(10, number: 3), At(25, number: 2),
      ])
  }

  /// All three are at half speed until the last ends at 10. The others then have 5 of 10 ps left
  /// and end at 15: in the order of submission, although the last names the resource of the second
  /// before that of the first.
  @Test func whoseSpeedsChangeAtOneInstantComeInTheOrderOfSubmission() {
    let workload = Workload(
      shared: [100, 100],
      jobs: [
        Workload.Submission(operations: [
          Workload.Operation(segments: [StepSegment(1, 10)], demands: [.init(1, 100)]),
          Workload.Operation(segments: [StepSegment(1, 10)], demands: [.init(0, 100)]),
          Workload.Operation(
            segments: [StepSegment(1, 5)], demands: [.init(0, 100), .init(1, 100)]),
        ])
      ])
    #expect(
      milestones(workload) == [At(10, number: 2), At(15, number: 0), At(15, number: 1)])
  }

  private func milestones(_ workload: Workload) -> [At] {
    workload.run().occurrences.compactMap { time, occurrence in
      guard case .milestone = occurrence else { return nil }
      return At(time.picoseconds, occurrence)
    }
  }

  private struct At: Hashable {
    var time: Int64
    var occurrence: Occurrence
    init(_ time: Int64, _ occurrence: Occurrence) {
      self.time = time
      self.occurrence = occurrence
    }
    /// The end of an operation of the first job.
    init(_ time: Int64, number: Int) {
      self.init(time, .milestone(JobID(index: 0), OperationIndex(number)))
    }
  }

  private func drained(_ simulator: inout Simulator) -> [At] {
    var result: [At] = []
    while let occurrence = simulator.next() {
      result.append(At(simulator.now.picoseconds, occurrence))
    }
    return result
  }
}
