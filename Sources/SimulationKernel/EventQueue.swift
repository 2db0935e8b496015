import Quantities

/// What kind of event this is, among those due at one instant.
///
/// The cases run in the order they are written. That order is part of the model: a completion
/// frees its resource before an arrival asks for it.
public enum EventPhase: UInt8, Sendable, CaseIterable, Comparable {
  case completion
  case arrival
  case scheduling
  case observation

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Something that is due: what and for whom are the owner's own numbers.
public struct Event: Hashable, Sendable {
  public var time: SimulatedTime
  public var phase: EventPhase
  public var kind: UInt32
  public var payload: UInt32
}

/// A scheduled event, to cancel it by. It outlives the event without harm: a slot that was used
/// again has another generation.
public struct EventToken: Hashable, Sendable {
  var slot: UInt32
  var generation: UInt32
}

/// The pending events of a simulation, in their total order: instant, phase, order of scheduling.
///
/// A 4-ary implicit heap whose entries are their own 128-bit keys: 64 bits of time, 2 of phase,
/// 40 of sequence and 22 of a slot that holds the payload. Sequences never repeat, so no two
/// events share a place and the slot's bits decide nothing. Scheduling and taking are O(log n);
/// cancelling is O(1), and the entry is dropped when its turn comes.
///
/// Limits, each a trap and never a wrong order: 2^22 pending events, 2^40 scheduled in all.
public struct EventQueue: ~Copyable {
  private var heap = KeyHeap()
  private var slots: [Slot] = []
  private var freeSlots: [UInt32] = []
  private var nextSequence: UInt64 = 0
  /// Cancelled entries that are still in the heap.
  private var cancelledCount = 0

  /// The instant of the last event taken; nothing can be scheduled before it.
  public private(set) var now = SimulatedTime.zero

  private struct Slot {
    var kind: UInt32
    var payload: UInt32
    var generation: UInt32
    var isPending: Bool
  }

  private static let slotBits: UInt128 = 22
  private static let sequenceBits: UInt128 = 40

  public init() {}

  /// Events that are due and not cancelled.
  public var count: Int { heap.count - cancelledCount }
  public var isEmpty: Bool { count == 0 }

  /// - Precondition: `time` is not before `now`.
  @discardableResult
  public mutating func schedule(
    at time: SimulatedTime, phase: EventPhase, kind: UInt32, payload: UInt32
  ) -> EventToken {
    precondition(
      time >= now, "event at \(time.picoseconds) ps, when it is \(now.picoseconds) ps already")
    precondition(nextSequence < 1 << 40, "2^40 events were scheduled")
    let slot: UInt32
    if let free = freeSlots.popLast() {
      slot = free
      slots[Int(slot)].kind = kind
      slots[Int(slot)].payload = payload
      slots[Int(slot)].isPending = true
    } else {
      precondition(slots.count < 1 << 22, "2^22 events are pending")
      slot = UInt32(slots.count)
      slots.append(Slot(kind: kind, payload: payload, generation: 0, isPending: true))
    }
    let order = UInt128(phase.rawValue) << Self.sequenceBits | UInt128(nextSequence)
    nextSequence += 1
    heap.push(
      UInt128(UInt64(time.picoseconds)) << 64 | order << Self.slotBits | UInt128(slot))
    return EventToken(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Drops an event that is still due; returns whether there was one.
  @discardableResult
  public mutating func cancel(_ token: EventToken) -> Bool {
    let index = Int(token.slot)
    guard index < slots.count, slots[index].generation == token.generation,
      slots[index].isPending
    else { return false }
    slots[index].isPending = false
    cancelledCount += 1
    return true
  }

  /// When the next event is due.
  public var nextTime: SimulatedTime? {
    mutating get {
      dropCancelled()
      guard let key = heap.first else { return nil }
      return Self.time(of: key)
    }
  }

  /// Takes the next event and moves `now` to it.
  public mutating func popNext() -> Event? {
    dropCancelled()
    guard let key = heap.popFirst() else { return nil }
    let slot = Self.slot(of: key)
    let event = Event(
      time: Self.time(of: key), phase: Self.phase(of: key), kind: slots[slot].kind,
      payload: slots[slot].payload)
    release(slot)
    now = event.time
    return event
  }

  /// Moves `now` forward without taking an event.
  /// - Precondition: no event is due before `time`, and time does not run back.
  mutating func advance(to time: SimulatedTime) {
    precondition(
      time >= now, "time runs back from \(now.picoseconds) to \(time.picoseconds) ps")
    now = time
  }

  private mutating func dropCancelled() {
    while cancelledCount > 0, let key = heap.first, !slots[Self.slot(of: key)].isPending {
      _ = heap.popFirst()
      cancelledCount -= 1
      release(Self.slot(of: key))
    }
  }

  private mutating func release(_ slot: Int) {
    slots[slot].isPending = false
    slots[slot].generation &+= 1
    freeSlots.append(UInt32(slot))
  }

  private static func time(of key: UInt128) -> SimulatedTime {
    SimulatedTime(picoseconds: Int64(truncatingIfNeeded: key >> 64))
  }
  private static func phase(of key: UInt128) -> EventPhase {
    // Two bits and four cases: every pattern is a phase.
    EventPhase(rawValue: UInt8(truncatingIfNeeded: key >> (slotBits + sequenceBits)) & 3)!
  }
  private static func slot(of key: UInt128) -> Int {
    Int(truncatingIfNeeded: key & (1 << slotBits - 1))
  }
}
