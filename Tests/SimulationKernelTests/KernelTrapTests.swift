import Quantities
import Testing

@testable import SimulationKernel

/// A programmer's mistake ends the process and names the values.
@Suite struct KernelTrapTests {
  @Test func anEventBeforeThePresentInstantTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var queue = EventQueue()
      queue.schedule(at: SimulatedTime(picoseconds: 5), phase: .arrival, kind: 0, payload: 0)
      _ = queue.popNext()
      queue.schedule(at: SimulatedTime(picoseconds: 4), phase: .arrival, kind: 0, payload: 0)
    }
    expect(result, says: "event at 4 ps, when it is 5 ps already")
  }

  @Test func anEventBeforeTheStartTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var queue = EventQueue()
      queue.schedule(at: SimulatedTime(picoseconds: -1), phase: .arrival, kind: 0, payload: 0)
    }
    expect(result, says: "event at -1 ps, when it is 0 ps already")
  }

  @Test func aTimerInThePastTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      simulator.setTimer(at: SimulatedTime(picoseconds: 9), payload: 0)
      _ = simulator.next()
      simulator.setTimer(at: SimulatedTime(picoseconds: 8), payload: 0)
    }
    expect(result, says: "event at 8 ps, when it is 9 ps already")
  }

  @Test func timeThatRunsBackTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var queue = EventQueue()
      queue.advance(to: SimulatedTime(picoseconds: 5))
      queue.advance(to: SimulatedTime(picoseconds: 4))
    }
    expect(result, says: "time runs back from 5 to 4 ps")
  }

  @Test func moreThan4194304PendingEventsTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var queue = EventQueue()
      for _ in 0...(1 << 22) {
        queue.schedule(at: .zero, phase: .arrival, kind: 0, payload: 0)
      }
    }
    expect(result, says: "2^22 events are pending")
  }

  @Test func resourcesWithoutCapacityTrap() async {
    let exclusive = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var simulator = Simulator()
      _ = simulator.addResource("npu", capacity: 0)
    }
    expect(exclusive, says: "the resource npu with capacity 0")
    let shared = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      _ = simulator.addSharedResource("dram", capacity: 0)
    }
    expect(shared, says: "the shared resource dram with capacity 0")
  }

  @Test func stepsThatAreNoneOrNegativeTrap() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepSegment(count: 0, duration: .nanoseconds(1))
    }
    expect(none, says: "0 steps of 1000 ps")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepSegment(count: 1, duration: SimulatedDuration(picoseconds: -1))
    }
    expect(negative, says: "1 steps of -1 ps")
    let operation = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var job = Job()
      job.add(on: nil, segments: [])
    }
    expect(operation, says: "an operation without a step")
  }

  @Test func aDemandOfNothingTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ResourceDemand(resource: SharedResourceID(index: 0), amount: 0)
    }
    expect(result, says: "a demand of 0")
  }

  @Test func aWeightOutOfBoundsTraps() async {
    let none = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ResourceDemand(resource: SharedResourceID(index: 0), amount: 1, weight: 0)
    }
    expect(none, says: "a weight of 0")
    let tooMuch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ResourceDemand(resource: SharedResourceID(index: 0), amount: 1, weight: 65_537)
    }
    expect(tooMuch, says: "a weight of 65537")
  }

  @Test func twoDemandsOnOneSharedResourceTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let demand = ResourceDemand(resource: SharedResourceID(index: 0), amount: 1)
      var job = Job()
      job.add(on: nil, segments: [StepSegment(1, 1)], demands: [demand, demand])
    }
    expect(result, says: "two demands on one shared resource")
  }

  @Test func aPriorityBeyondTheLastTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var job = Job()
      job.add(on: nil, priority: 4, segments: [StepSegment(1, 1)])
    }
    expect(result, says: "priority 4")
  }

  @Test func anOperationThatWaitsForALaterOneTraps() async {
    let itself = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var job = Job()
      job.add(on: nil, segments: [StepSegment(1, 1)], after: [OperationIndex(0)])
    }
    expect(itself, says: "operation 0 cannot wait for operation 0")
    let negative = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var job = Job()
      job.add(on: nil, segments: [StepSegment(1, 1)], after: [OperationIndex(-1)])
    }
    expect(negative, says: "operation 0 cannot wait for operation -1")
    let window = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var job = Job()
      let operations = (0..<3).map { _ in job.add(on: nil, segments: [StepSegment(1, 1)]) }
      job.limitWindow(first: operations, last: operations.reversed(), depth: 1)
    }
    expect(window, says: "operation 1 cannot wait for operation 2")
  }

  @Test func aWindowThatHoldsNothingTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var job = Job()
      job.limitWindow(first: [], last: [], depth: 0)
    }
    expect(result, says: "a window of 0")
  }

  @Test func aJobForAnotherSimulatorsResourcesTraps() async {
    let exclusive = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      var other = Simulator()
      let resource = other.addResource("npu")
      var job = Job()
      job.add(on: resource, segments: [StepSegment(1, 1)])
      var simulator = Simulator()
      simulator.submit(job)
    }
    expect(exclusive, says: "a job for another simulator's resources")
    let shared = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var other = Simulator()
      let resource = other.addSharedResource("dram", capacity: 1)
      var job = Job()
      job.add(
        on: nil, segments: [StepSegment(1, 1)],
        demands: [ResourceDemand(resource: resource, amount: 1)])
      var simulator = Simulator()
      simulator.submit(job)
    }
    expect(shared, says: "a job for another simulator's resources")
  }

  /// Three divide two units of a resource: nobody gets a whole one, and nobody would ever end.
  @Test func aShareOfNothingTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      let resource = simulator.addSharedResource("dram", capacity: 2)
      var job = Job()
      for _ in 0..<3 {
        job.add(
          on: nil, segments: [StepSegment(1, 1)],
          demands: [ResourceDemand(resource: resource, amount: 1)])
      }
      simulator.submit(job)
    }
    expect(result, says: "operation 0 gets nothing of a shared resource")
  }

  @Test func anEndBeyond64BitsOfPicosecondsTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      var job = Job()
      job.add(on: nil, segments: [StepSegment(2, .max)])
      simulator.submit(job)
      _ = simulator.next()
    }
    expect(result, says: "9223372036854775807 + 9223372036854775807 ps does not fit 64 bits")
  }

  @Test func aHorizonInThePastTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      _ = simulator.next(until: SimulatedTime(picoseconds: 9))
      _ = simulator.next(until: SimulatedTime(picoseconds: 8))
    }
    expect(result, says: "a horizon at 8 ps, when it is 9 ps already")
  }

  @Test func thePiecesOfWhatHasNotEndedTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator(recordsSchedule: true)
      var job = Job()
      let operation = job.add(on: nil, segments: [StepSegment(1, 1)])
      let id = simulator.submit(job)
      _ = simulator.pieces(of: operation, in: id)
    }
    expect(result, says: "operation 0 has not ended")
  }

  @Test func thePathToWhatHasNotEndedTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator(recordsSchedule: true)
      var job = Job()
      let operation = job.add(on: nil, segments: [StepSegment(1, 1)])
      let id = simulator.submit(job)
      _ = simulator.criticalPath(to: operation, in: id)
    }
    expect(result, says: "operation 0 has not ended")
  }

  @Test func aPathThatWasNotRecordedTraps() async {
    let path = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      var job = Job()
      let operation = job.add(on: nil, segments: [StepSegment(1, 1)])
      let id = simulator.submit(job)
      while simulator.next() != nil {}
      _ = simulator.criticalPath(to: operation, in: id)
    }
    expect(path, says: "the simulator was made without recordsSchedule, so it has no pieces")
    let pieces = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var simulator = Simulator()
      var job = Job()
      let operation = job.add(on: nil, segments: [StepSegment(1, 1)])
      let id = simulator.submit(job)
      while simulator.next() != nil {}
      _ = simulator.pieces(of: operation, in: id)
    }
    expect(pieces, says: "the simulator was made without recordsSchedule, so it has no pieces")
  }
}

private func expect(_ result: ExitTest.Result?, says message: String) {
  let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(output.contains(": " + message), "\(output)")
}
