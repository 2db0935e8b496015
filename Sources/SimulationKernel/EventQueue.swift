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
public struct EventToken: Hashable, Sendable, BitwiseCopyable {
  var slot: UInt32
  var generation: UInt32
}

/// The pending events of a simulation, in their total order: instant, phase, order of scheduling.
///
/// Each event is a 128-bit key: 64 bits of time, 2 of phase, 40 of sequence and 22 of a slot that
/// holds what it carries. Sequences never repeat, so no two events share a place and the slot's
/// bits decide nothing.
///
/// Keys stand in three places. *Near*: an array in order, for what is due up to `nearLimit`. *Far*:
/// radix buckets, out of order, for what is due later; when near is empty, the first bucket
/// becomes near. *Lane*: a line for what is scheduled for now, in order by itself. With few events
/// pending all are near; with many, an event is moved a few times and compared with few others.
///
/// Scheduling and taking are amortised O(log n) in the worst case and near to O(1) in most.
/// Cancelling is O(1): the key stays until its turn comes.
///
/// Limits, each a trap and never a wrong order: 2^22 pending events, 2^40 scheduled in all.
public struct EventQueue: ~Copyable {
  /// Descending: what is due next is at the end.
  private var near = KeyArray(capacity: EventQueue.nearCapacity)
  /// No key in `near` is due later, and none in `far` sooner or at this time. It may be before
  /// `now` while `near` and the lane are empty: then everything new goes far.
  private var nearLimit = UInt64.max
  private var far = RadixBuckets()
  /// Keys scheduled for now, ascending, from `laneHead` on.
  private var lane = KeyArray(capacity: 16)
  private var laneHead = 0

  private var slots = SlotPool()
  private var nextSequence: UInt64 = 0
  /// Cancelled keys that are still there.
  private var cancelledCount = 0

  /// The instant of the last event taken; nothing can be scheduled before it.
  public private(set) var now = SimulatedTime.zero

  /// Keys near at which the later half becomes far. Inserting moves half of them at the most.
  private static let nearCapacity = 64
  /// Keys that become near at once.
  private static let batch = 32

  public init() {}

  deinit {
    near.deallocate()
    lane.deallocate()
  }

  /// Events that are due and not cancelled.
  public var count: Int { near.count + far.count + lane.count - laneHead - cancelledCount }
  public var isEmpty: Bool { count == 0 }

  /// - Precondition: `time` is not before `now`.
  @discardableResult
  public mutating func schedule(
    at time: SimulatedTime, phase: EventPhase, kind: UInt32, payload: UInt32
  ) -> EventToken {
    if time < now { trapPast(time) }
    precondition(nextSequence < 1 << 40, "2^40 events were scheduled")
    let slot = slots.take(kind: kind, payload: payload)
    let order =
      UInt64(phase.rawValue) << 62 | nextSequence << 22 | UInt64(truncatingIfNeeded: slot)
    nextSequence += 1
    let instant = UInt64(time.picoseconds)
    insert(UInt128(instant) << 64 | UInt128(order), at: instant)
    return EventToken(
      slot: UInt32(truncatingIfNeeded: slot), generation: slots.slots[slot].generation)
  }

  @inline(__always)
  private mutating func insert(_ key: UInt128, at instant: UInt64) {
    if instant > nearLimit {
      far.add(key)
    } else if instant == UInt64(now.picoseconds), laneHead == lane.count || lane.last < key {
      lane.append(key)
    } else {
      if near.count >= Self.nearCapacity { spill() }
      if instant > nearLimit { far.add(key) } else { near.insertDescending(key) }
    }
  }

  /// Drops an event that is still due; returns whether there was one.
  @discardableResult
  public mutating func cancel(_ token: EventToken) -> Bool {
    let slot = Int(token.slot)
    guard slot < slots.count, slots.cancel(slot, generation: token.generation) else {
      return false
    }
    cancelledCount += 1
    return true
  }

  /// When the next event is due.
  public var nextTime: SimulatedTime? {
    mutating get {
      if cancelledCount > 0 { dropCancelled() }
      // What is in the lane is due now.
      if laneHead < lane.count { return now }
      if near.count > 0 { return Self.time(near.last) }
      // Nothing moves: events may still be scheduled before the first far one.
      return far.count > 0 ? SimulatedTime(picoseconds: Int64(far.leastTime)) : nil
    }
  }

  /// Takes the next event and moves `now` to it.
  public mutating func popNext() -> Event? {
    if cancelledCount > 0 { dropCancelled() }
    guard let key = takeKey() else { return nil }
    let slot = slot(of: key)
    let phase = UInt8(truncatingIfNeeded: UInt64(truncatingIfNeeded: key) >> 62)
    let carried = slots.slots[slot]
    slots.giveBack(slot)
    now = Self.time(key)
    return Event(
      // Two bits and four cases: every pattern is a phase.
      time: now, phase: EventPhase(rawValue: phase)!, kind: carried.kind,
      payload: carried.payload)
  }

  /// Takes the next event unless it is due after `horizon`; then nothing changes, and events may
  /// still be scheduled before it.
  public mutating func popNext(until horizon: SimulatedTime) -> Event? {
    guard let next = nextTime, next <= horizon else { return nil }
    return popNext()
  }

  @inline(__always)
  private mutating func takeKey() -> UInt128? {
    if laneHead < lane.count {
      let first = lane.elements[laneHead]
      if near.count == 0 || first < near.last {
        laneHead += 1
        if laneHead == lane.count {
          laneHead = 0
          lane.count = 0
        }
        return first
      }
    } else if near.count == 0 {
      guard far.count > 0 else {
        nearLimit = .max
        return nil
      }
      nearLimit = far.takeFirst(into: &near, batch: Self.batch)
      if far.count == 0 { nearLimit = .max }
    }
    return near.removeLast()
  }

  /// Moves `now` forward without taking an event.
  /// - Precondition: no event is due before `time`, and time does not run back.
  mutating func advance(to time: SimulatedTime) {
    precondition(
      time >= now, "time runs back from \(now.picoseconds) to \(time.picoseconds) ps")
    now = time
  }

  /// Makes room near: the later half becomes far, or all that is not due now.
  @inline(never)
  private mutating func spill() {
    let instant = UInt64(now.picoseconds)
    if far.count == 0 { far.rebase(to: instant) }
    // The latest time that stays: that of the middle, or, where too many share it, the one before.
    var latest = SimulationKernel.time(of: near.elements[near.count / 2])
    var leaving = laterKeys(than: latest)
    if leaving < near.count / 4, latest > instant {
      latest -= 1
      leaving = laterKeys(than: latest)
    }
    // In order of time and then of scheduling: from the end of the part that leaves.
    for place in stride(from: leaving - 1, through: 0, by: -1) { far.add(near.elements[place]) }
    near.removeFirst(leaving)
    nearLimit = latest
  }

  private func laterKeys(than latest: UInt64) -> Int {
    var count = 0
    while count < near.count, SimulationKernel.time(of: near.elements[count]) > latest {
      count += 1
    }
    return count
  }

  // MARK: Cancelled keys

  /// Drops cancelled keys from where the next event is taken.
  @inline(never)
  private mutating func dropCancelled() {
    while laneHead < lane.count, isCancelled(lane.elements[laneHead]) {
      drop(lane.elements[laneHead])
      laneHead += 1
    }
    if laneHead == lane.count {
      laneHead = 0
      lane.count = 0
    }
    while near.count > 0, isCancelled(near.last) { drop(near.removeLast()) }
    if lane.count == 0, near.count == 0, cancelledCount > 0 {
      cancelledCount -= far.dropCancelled(&slots)
    }
  }

  private func isCancelled(_ key: UInt128) -> Bool { slots.isCancelled(slot(of: key)) }

  private mutating func drop(_ key: UInt128) {
    slots.giveBack(slot(of: key))
    cancelledCount -= 1
  }

  private static func time(_ key: UInt128) -> SimulatedTime {
    SimulatedTime(picoseconds: Int64(truncatingIfNeeded: SimulationKernel.time(of: key)))
  }

  @inline(never)
  private func trapPast(_ time: SimulatedTime) -> Never {
    fatalError("event at \(time.picoseconds) ps, when it is \(now.picoseconds) ps already")
  }
}

/// The slot that a key names.
@inline(__always)
func slot(of key: UInt128) -> Int { Int(truncatingIfNeeded: key & 0x3F_FFFF) }
