import Quantities
import Testing

@testable import SimulationKernel

@Suite struct EventQueueTests {
  /// Five events are due at one instant and scheduled in every order. Two share a phase: of them
  /// the one that was scheduled first comes first.
  @Test(arguments: permutations(of: [0, 1, 2, 3, 4]))
  func amongSimultaneousEventsThePhaseDecidesAndThenTheOrderOfScheduling(order: [Int]) {
    let phases: [EventPhase] = [.completion, .arrival, .scheduling, .observation, .arrival]
    var queue = EventQueue()
    for event in order {
      queue.schedule(
        at: SimulatedTime(picoseconds: 7), phase: phases[event], kind: 0, payload: UInt32(event))
    }
    let arrivals = order.filter { phases[$0] == .arrival }
    #expect(payloads(&queue) == ([0] + arrivals + [2, 3]).map(UInt32.init))
  }

  /// Every choice of phases for four events, scheduled one after the other.
  @Test func everyChoiceOfPhasesIsSortedStably() {
    for phases in lists(of: 4, from: EventPhase.allCases) {
      var queue = EventQueue()
      for (number, phase) in phases.enumerated() {
        queue.schedule(at: .zero, phase: phase, kind: 0, payload: UInt32(number))
      }
      let expected = phases.indices.sorted { (phases[$0], $0) < (phases[$1], $1) }
      #expect(payloads(&queue) == expected.map(UInt32.init), "\(phases)")
    }
  }

  @Test func theInstantComesBeforeThePhase() {
    var queue = EventQueue()
    queue.schedule(
      at: SimulatedTime(picoseconds: 2), phase: .completion, kind: 0, payload: 2)
    queue.schedule(
      at: SimulatedTime(picoseconds: 1), phase: .observation, kind: 0, payload: 1)
    queue.schedule(
      at: SimulatedTime(picoseconds: .max), phase: .completion, kind: 0, payload: 3)
    queue.schedule(at: .zero, phase: .observation, kind: 0, payload: 0)
    #expect(payloads(&queue) == [0, 1, 2, 3])
  }

  @Test func anEventComesBackAsItWasScheduled() {
    for phase in EventPhase.allCases {
      var queue = EventQueue()
      let instant = SimulatedTime(picoseconds: .max)
      queue.schedule(at: instant, phase: phase, kind: .max, payload: .max)
      let event = queue.popNext()
      #expect(event == Event(time: instant, phase: phase, kind: .max, payload: .max))
    }
  }

  /// Random schedules, cancellations of any token ever given, and takings.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func theQueueAgreesWithASortedArray(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var queue = EventQueue()
    var slow = SlowEventQueue()
    var tokens: [EventToken] = []
    // Few instants, so that most events are simultaneous; or many.
    let furthest: Int64 = seed.isMultiple(of: 2) ? 3 : 1 << 40
    for number in 0..<1_500 {
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<5:
        let delay = Int64.random(in: 0...furthest, using: &generator)
        let instant = slow.now + SimulatedDuration(picoseconds: delay)
        let phase = EventPhase.allCases.randomElement(using: &generator)!
        let (kind, payload) = (UInt32(number % 5), UInt32(number))
        tokens.append(queue.schedule(at: instant, phase: phase, kind: kind, payload: payload))
        slow.schedule(Event(time: instant, phase: phase, kind: kind, payload: payload))
      case 5..<7 where !tokens.isEmpty:
        let choice = Int.random(in: 0..<tokens.count, using: &generator)
        let wasDue = queue.cancel(tokens[choice])
        #expect(wasDue == slow.cancel(choice))
      default:
        let event = queue.popNext()
        #expect(event == slow.popNext())
      }
      let (now, due, count, isEmpty) = (queue.now, queue.nextTime, queue.count, queue.isEmpty)
      #expect(now == slow.now)
      #expect(due == slow.pending.first?.event.time)
      #expect(count == slow.pending.count)
      #expect(isEmpty == slow.pending.isEmpty)
    }
    #expect(Set(tokens).count == tokens.count, "a token was given twice")
  }

  /// The second event uses the first one's slot again; the first one's token is of an earlier
  /// generation.
  @Test func theTokenOfAPastEventCancelsNothing() {
    var queue = EventQueue()
    let past = queue.schedule(at: .zero, phase: .arrival, kind: 0, payload: 1)
    let first = queue.popNext()
    let present = queue.schedule(at: .zero, phase: .arrival, kind: 0, payload: 2)
    #expect(first?.payload == 1)
    #expect(past.slot == present.slot)
    let cancelledByThePast = queue.cancel(past)
    #expect(!cancelledByThePast)
    let cancelled = queue.cancel(present)
    let cancelledAgain = queue.cancel(present)
    let nothing = queue.popNext()
    #expect(cancelled)
    #expect(!cancelledAgain)
    #expect(nothing == nil)
  }

  @Test func aCancelledEventDoesNotMoveTheClock() {
    var queue = EventQueue()
    let token = queue.schedule(
      at: SimulatedTime(picoseconds: 5), phase: .arrival, kind: 0, payload: 0)
    queue.cancel(token)
    let (event, due, now) = (queue.popNext(), queue.nextTime, queue.now)
    #expect(event == nil)
    #expect(due == nil)
    #expect(now == .zero)
    // What the cancelled one was due after is still allowed.
    queue.schedule(at: SimulatedTime(picoseconds: 4), phase: .arrival, kind: 0, payload: 1)
    #expect(payloads(&queue) == [1])
  }

  @Test func anEventAtThePresentInstantIsAllowed() {
    var queue = EventQueue()
    let instant = SimulatedTime(picoseconds: 5)
    queue.schedule(at: instant, phase: .observation, kind: 0, payload: 0)
    _ = queue.popNext()
    queue.schedule(at: instant, phase: .completion, kind: 0, payload: 1)
    #expect(payloads(&queue) == [1])
  }

  private func payloads(_ queue: inout EventQueue) -> [UInt32] {
    var result: [UInt32] = []
    while let event = queue.popNext() { result.append(event.payload) }
    return result
  }
}

/// The pending events as an array in order; a token is the number of the scheduling.
private struct SlowEventQueue {
  var now = SimulatedTime.zero
  var pending: [(event: Event, number: Int)] = []
  private var scheduledCount = 0

  mutating func schedule(_ event: Event) {
    pending.append((event, scheduledCount))
    scheduledCount += 1
    pending.sort { a, b in
      (a.event.time, a.event.phase, a.number) < (b.event.time, b.event.phase, b.number)
    }
  }

  mutating func cancel(_ number: Int) -> Bool {
    guard let place = pending.firstIndex(where: { $0.number == number }) else { return false }
    pending.remove(at: place)
    return true
  }

  mutating func popNext() -> Event? {
    guard !pending.isEmpty else { return nil }
    let event = pending.removeFirst().event
    now = event.time
    return event
  }
}
