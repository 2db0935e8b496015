import Quantities
import Testing

@testable import SimulationKernel

/// Patterns that send keys through every part of the queue: near, far, the lane, and between them.
@Suite struct EventQueuePatternTests {
  /// How the delays of a pattern are drawn.
  enum Delays: CaseIterable, Sendable {
    case now, few, short, long, mixed, allBits

    func draw(_ generator: inout SplitMix64) -> Int64 {
      switch self {
      case .now: 0
      case .few: Int64.random(in: 0...3, using: &generator)
      case .short: Int64.random(in: 0...200, using: &generator)
      case .long: Int64.random(in: 0...(1 << 45), using: &generator)
      case .mixed:
        Bool.random(using: &generator)
          ? Int64.random(in: 0...5, using: &generator)
          : Int64.random(in: 0...(1 << 30), using: &generator)
      case .allBits: Int64(1) << Int64.random(in: 0...50, using: &generator)
      }
    }
  }

  static let cases = Delays.allCases.flatMap { delays in
    ([0, 3, 400] as [Int]).map { (delays, $0) }
  }

  /// Fills to a level, then takes and schedules at random, with cancellations, and looks ahead: what
  /// is scheduled after a look at a far event may be due before it.
  @Test(arguments: cases)
  func theOrderIsThatOfASortedArray(delays: Delays, level: Int) {
    for seed in 1...3 as ClosedRange<UInt64> {
      var generator = SplitMix64(seed: seed)
      var queue = EventQueue()
      var slow = SlowQueue()
      var tokens: [EventToken] = []
      var now: Int64 = 0
      for step in 0..<1_500 {
        let wantsMore = slow.count < level || Int.random(in: 0..<2, using: &generator) == 0
        if wantsMore {
          let time = now + delays.draw(&generator)
          let phase = EventPhase.allCases.randomElement(using: &generator)!
          let payload = UInt32(tokens.count)
          tokens.append(
            queue.schedule(
              at: SimulatedTime(picoseconds: time), phase: phase, kind: 9, payload: payload))
          slow.schedule(
            at: SimulatedTime(picoseconds: time), phase: phase, kind: 9, payload: payload)
        } else if step.isMultiple(of: 7), !tokens.isEmpty {
          let choice = Int.random(in: 0..<tokens.count, using: &generator)
          let wasDue = queue.cancel(tokens[choice])
          #expect(wasDue == slow.cancel(UInt32(choice)), "seed \(seed)")
        } else {
          // A horizon that the next event may or may not reach.
          let horizon = now + delays.draw(&generator) / 2
          let event = queue.popNext(until: SimulatedTime(picoseconds: horizon))
          let expected = slow.next.flatMap { $0.time.picoseconds <= horizon ? $0 : nil }
          #expect(event == expected, "seed \(seed)")
          if let expected {
            _ = slow.popNext()
            now = expected.time.picoseconds
          } else if Bool.random(using: &generator) {
            // The clock stops at the horizon, between events.
            queue.advance(to: SimulatedTime(picoseconds: horizon))
            now = horizon
          } else if let event = queue.popNext() {
            #expect(event == slow.next, "seed \(seed)")
            now = event.time.picoseconds
            _ = slow.popNext()
          }
        }
        let count = queue.count
        #expect(count == slow.count, "seed \(seed)")
      }
      while let event = queue.popNext() {
        #expect(event == slow.next, "seed \(seed)")
        if slow.next == nil { break }
        _ = slow.popNext()
      }
      #expect(slow.count == 0, "seed \(seed)")
    }
  }

  /// Thousands of events at one instant, in every order of phases, and more while they are taken.
  @Test func aFloodAtOneInstantKeepsItsOrder() {
    var queue = EventQueue()
    var slow = SlowQueue()
    let instant = SimulatedTime(picoseconds: 1 << 33)
    for number in 0..<2_000 as Range<UInt32> {
      let phase = EventPhase.allCases[Int(number * 7 % 4)]
      queue.schedule(at: instant, phase: phase, kind: 0, payload: number)
      slow.schedule(at: instant, phase: phase, kind: 0, payload: number)
    }
    var number: UInt32 = 2_000
    while let event = queue.popNext() {
      #expect(event == slow.next)
      _ = slow.popNext()
      if number < 3_000 {
        let phase = EventPhase.allCases[Int(number * 5 % 4)]
        queue.schedule(at: instant, phase: phase, kind: 0, payload: number)
        slow.schedule(at: instant, phase: phase, kind: 0, payload: number)
        number += 1
      }
    }
    #expect(slow.count == 0)
  }

  /// Looking ahead at an event that is far away moves nothing: thousands may still come before it.
  @Test func manyEventsBeforeAFarOneThatWasLookedAt() {
    var queue = EventQueue()
    for number in 0..<200 as Range<UInt32> {
      let time = SimulatedTime(picoseconds: 1 << 40 + Int64(number))
      queue.schedule(at: time, phase: .arrival, kind: 0, payload: 10_000 + number)
    }
    let due = queue.nextTime
    #expect(due == SimulatedTime(picoseconds: 1 << 40))
    for number in (0..<1_000 as Range<UInt32>).reversed() {
      let time = SimulatedTime(picoseconds: Int64(number))
      queue.schedule(at: time, phase: .arrival, kind: 0, payload: number)
    }
    var order: [UInt32] = []
    while let event = queue.popNext() { order.append(event.payload) }
    #expect(order == Array(0..<1_000) + Array(10_000..<10_200))
  }

  /// All but one of many far events are cancelled: the one is found, and nothing is taken for it.
  @Test func cancelledEventsFarAwayAreNeverDue() {
    var queue = EventQueue()
    var tokens: [EventToken] = []
    for number in 0..<5_000 as Range<UInt32> {
      let time = SimulatedTime(picoseconds: 1 << 20 + Int64(number) * 1_000)
      tokens.append(queue.schedule(at: time, phase: .arrival, kind: 0, payload: number))
    }
    for (number, token) in tokens.enumerated() where number != 4_321 { queue.cancel(token) }
    let (count, due) = (queue.count, queue.nextTime)
    #expect(count == 1)
    #expect(due == SimulatedTime(picoseconds: 1 << 20 + 4_321_000))
    let (event, after, now) = (queue.popNext(), queue.popNext(), queue.now)
    #expect(event?.payload == 4_321)
    #expect(after == nil)
    #expect(now == SimulatedTime(picoseconds: 1 << 20 + 4_321_000))
    let isEmpty = queue.isEmpty
    #expect(isEmpty)
  }
}
