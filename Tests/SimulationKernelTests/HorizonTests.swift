import Quantities
import Testing

@testable import SimulationKernel

/// A run that stops at horizons and goes on is the run that does not stop.
@Suite struct HorizonTests {
  @Test(arguments: WorkloadLawTests.allCases)
  func aRunInPartsIsTheWholeRun(given: WorkloadLawTests.Case) {
    let whole = given.workload.run()
    let last = whole.spans.joined().map(\.end.picoseconds).max()!
    var generator = SplitMix64(seed: given.seed)
    for stopCount in [1, 10, 100] {
      let horizons = (0..<stopCount).map { _ in
        Int64.random(in: 0...(last + 5), using: &generator)
      }.sorted()
      let parts = given.workload.run(stoppingAt: horizons)
      #expect(parts.spans == whole.spans, "\(horizons)")
      #expect(parts.pieces == whole.pieces, "\(horizons)")
      #expect(parts.criticalPaths == whole.criticalPaths, "\(horizons)")
      #expect(
        parts.occurrences.map(\.occurrence) == whole.occurrences.map(\.occurrence), "\(horizons)")
      #expect(parts.occurrences.map(\.time) == whole.occurrences.map(\.time), "\(horizons)")
      #expect(parts.eventCount == whole.eventCount, "\(horizons)")
    }
  }

  /// Every instant is a horizon.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func aRunByThePicosecondIsTheWholeRun(seed: UInt64) {
    let workload = Workload.random(
      seed: seed, exclusive: 2, shared: 1, jobs: 4, operations: 8, longest: 6, isPreemptive: true)
    let whole = workload.run()
    let last = whole.spans.joined().map(\.end.picoseconds).max()!
    let parts = workload.run(stoppingAt: Array(0...last))
    #expect(parts.spans == whole.spans)
    #expect(parts.occurrences.map(\.occurrence) == whole.occurrences.map(\.occurrence))
    #expect(parts.eventCount == whole.eventCount)
  }

  /// Ten steps of 10 ps, and a timer at 35. What is due at the horizon happens; the clock stops
  /// there, amid a step, and what is submitted starts there.
  @Test func theClockStopsAtTheHorizon() {
    var simulator = Simulator()
    var job = Job()
    let operation = job.add(on: nil, segments: [StepSegment(10, 10)])
    let id = simulator.submit(job)
    simulator.setTimer(at: SimulatedTime(picoseconds: 35), payload: 1)
    let nothing = simulator.next(until: SimulatedTime(picoseconds: 34))
    #expect(nothing == nil)
    #expect(simulator.now.picoseconds == 34)
    #expect(simulator.eventCount == 3)
    let timer = simulator.next(until: SimulatedTime(picoseconds: 35))
    #expect(timer == .timer(1))
    let nothingAgain = simulator.next(until: SimulatedTime(picoseconds: 57))
    #expect(nothingAgain == nil)
    #expect(simulator.isIdle == false)
    let second = simulator.submit(job)
    let first = simulator.next(until: SimulatedTime(picoseconds: 100))
    #expect(first == .jobFinished(id))
    #expect(simulator.now.picoseconds == 100)
    let last = simulator.next()
    #expect(last == .jobFinished(second))
    let span = simulator.span(of: operation, in: second)
    #expect([span.ready, span.start, span.end].map(\.picoseconds) == [57, 57, 157])
    #expect(simulator.isIdle == true)
  }

  /// Occurrences of the instant that were not asked for yet come before the clock moves on.
  @Test func occurrencesThatWaitAreNotLost() {
    var simulator = Simulator()
    var job = Job()
    let operation = job.add(on: nil, segments: [StepSegment(1, 10)], isMilestone: true)
    let id = simulator.submit(job)
    let milestone = simulator.next(until: SimulatedTime(picoseconds: 10))
    #expect(milestone == .milestone(id, operation))
    #expect(simulator.isIdle == false)
    let finished = simulator.next(until: SimulatedTime(picoseconds: 50))
    #expect(finished == .jobFinished(id))
    #expect(simulator.now.picoseconds == 10)
    #expect(simulator.isIdle == true)
  }

  /// With nothing to do the clock still goes to the horizon, and a job begins there.
  @Test func anIdleSimulatorWaits() {
    var simulator = Simulator()
    #expect(simulator.isIdle == true)
    let nothing = simulator.next(until: SimulatedTime(picoseconds: 20))
    #expect(nothing == nil)
    #expect(simulator.now.picoseconds == 20)
    var job = Job()
    let operation = job.add(on: nil, segments: [StepSegment(1, 10)])
    let id = simulator.submit(job)
    while simulator.next() != nil {}
    #expect(simulator.span(of: operation, in: id).end.picoseconds == 30)
  }

  /// A cancelled timer before the horizon does not hold the clock, nor does it fire later.
  @Test func aCancelledTimerBeforeTheHorizonIsForgotten() {
    var simulator = Simulator()
    let token = simulator.setTimer(at: SimulatedTime(picoseconds: 5), payload: 5)
    simulator.setTimer(at: SimulatedTime(picoseconds: 30), payload: 30)
    simulator.cancelTimer(token)
    let nothing = simulator.next(until: SimulatedTime(picoseconds: 20))
    #expect(nothing == nil)
    simulator.setTimer(at: SimulatedTime(picoseconds: 20), payload: 20)
    let (first, second, third) = (simulator.next(), simulator.next(), simulator.next())
    #expect(first == .timer(20))
    #expect(second == .timer(30))
    #expect(third == nil)
  }
}
