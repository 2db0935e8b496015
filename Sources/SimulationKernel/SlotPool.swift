/// What pending events carry, by the number that stands in their keys.
///
/// A slot that is given back is the next one taken: it is still in the cache. Its generation tells
/// its users apart.
struct SlotPool: ~Copyable {
  struct Slot {
    var kind: UInt32
    var payload: UInt32
    var generation: UInt32
    /// The slot that is free after this one, while this one is; else one of the marks below.
    var next: UInt32
  }

  private(set) var slots: UnsafeMutablePointer<Slot>
  private var capacity: Int
  /// Slots that were ever in use.
  private(set) var count = 0
  private var firstFree = SlotPool.none

  static let limit = 1 << 22
  private static let none = UInt32.max
  private static let pending = UInt32.max - 1
  private static let cancelled = UInt32.max - 2

  init() {
    capacity = 64
    slots = .allocate(capacity: capacity)
  }

  deinit { slots.deallocate() }

  /// - Precondition: fewer than `limit` slots are in use.
  @inline(__always)
  mutating func take(kind: UInt32, payload: UInt32) -> Int {
    if firstFree == SlotPool.none { addSlot() }
    let slot = Int(firstFree)
    firstFree = slots[slot].next
    slots[slot].kind = kind
    slots[slot].payload = payload
    slots[slot].generation &+= 1
    slots[slot].next = SlotPool.pending
    return slot
  }

  @inline(__always)
  mutating func giveBack(_ slot: Int) {
    slots[slot].generation &+= 1
    slots[slot].next = firstFree
    firstFree = UInt32(truncatingIfNeeded: slot)
  }

  /// Marks a slot that is pending under this generation; returns whether there was one.
  mutating func cancel(_ slot: Int, generation: UInt32) -> Bool {
    guard slots[slot].generation == generation, slots[slot].next == SlotPool.pending else {
      return false
    }
    slots[slot].next = SlotPool.cancelled
    return true
  }

  @inline(__always)
  func isCancelled(_ slot: Int) -> Bool { slots[slot].next == SlotPool.cancelled }

  @inline(never)
  private mutating func addSlot() {
    precondition(count < SlotPool.limit, "2^22 events are pending")
    if count == capacity {
      let larger = UnsafeMutablePointer<Slot>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: slots, count: count)
      slots.deallocate()
      slots = larger
      capacity *= 2
    }
    slots[count] = Slot(kind: 0, payload: 0, generation: 0, next: SlotPool.none)
    firstFree = UInt32(count)
    count += 1
  }
}
