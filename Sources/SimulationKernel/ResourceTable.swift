/// Exclusive resources: each serves so many tickets at once, and keeps the rest in line.
///
/// Who waits is served by priority, then in the order of asking. A unit that is given back is handed
/// over at once, so nobody who asks at the same instant can come first. A ticket is the owner's own
/// number, such as a job's; the table knows nothing of time.
public struct ResourceTable: ~Copyable {
  /// Priorities go from 0, which is served first, to this, not included.
  public static let priorityCount = 4

  private var lines: UnsafeMutablePointer<WaitingLine>
  private var free: UnsafeMutablePointer<Int>
  /// Bit p says that somebody waits at priority p.
  private var waiting: UnsafeMutablePointer<UInt8>
  private var capacity = 8
  /// Resources so far.
  public private(set) var count = 0

  public init() {
    lines = .allocate(capacity: capacity * Self.priorityCount)
    free = .allocate(capacity: capacity)
    waiting = .allocate(capacity: capacity)
  }

  deinit {
    for index in 0..<(count * Self.priorityCount) { lines[index].deallocate() }
    lines.deallocate()
    free.deallocate()
    waiting.deallocate()
  }

  /// - Parameter capacity: how many tickets it serves at once; at least one.
  public mutating func add(capacity units: Int = 1) -> ResourceID {
    precondition(units > 0, "a resource with capacity \(units)")
    if count == capacity { grow() }
    for priority in 0..<Self.priorityCount {
      (lines + count * Self.priorityCount + priority).initialize(to: WaitingLine())
    }
    free[count] = units
    waiting[count] = 0
    count += 1
    return ResourceID(index: count - 1)
  }

  /// Takes a unit of a resource, or a place in its line.
  /// - Returns: whether the ticket has the unit now; else `release` will return it some day.
  public mutating func request(
    _ resource: ResourceID, for ticket: UInt32, priority: Int = 0
  ) -> Bool {
    let index = checked(resource)
    if free[index] > 0 {
      free[index] -= 1
      return true
    }
    precondition(priority >= 0 && priority < Self.priorityCount, "a priority of \(priority)")
    lines[index * Self.priorityCount + priority].append(ticket)
    waiting[index] |= 1 << UInt8(truncatingIfNeeded: priority)
    return false
  }

  /// Gives a unit back.
  /// - Returns: the ticket that has it now; nil when nobody waits.
  public mutating func release(_ resource: ResourceID) -> UInt32? {
    let index = checked(resource)
    guard waiting[index] != 0 else {
      free[index] += 1
      return nil
    }
    let priority = waiting[index].trailingZeroBitCount
    let line = index * Self.priorityCount + priority
    let ticket = lines[line].removeFirst()
    if lines[line].count == 0 { waiting[index] &= ~(1 << UInt8(truncatingIfNeeded: priority)) }
    return ticket
  }

  /// The most urgent priority at which somebody waits; nil when nobody does.
  public func mostUrgentPriority(of resource: ResourceID) -> Int? {
    let index = checked(resource)
    return waiting[index] == 0 ? nil : waiting[index].trailingZeroBitCount
  }

  /// Puts a ticket before all that wait at its priority, although they came first: for one that had
  /// a unit and is about to release it to somebody more urgent.
  /// - Precondition: no unit is free, so that somebody's `release` will serve it.
  public mutating func waitAtFront(of resource: ResourceID, for ticket: UInt32, priority: Int) {
    let index = checked(resource)
    precondition(
      free[index] == 0, "ticket \(ticket) waits for a unit of which \(free[index]) are free")
    precondition(priority >= 0 && priority < Self.priorityCount, "a priority of \(priority)")
    lines[index * Self.priorityCount + priority].prepend(ticket)
    waiting[index] |= 1 << UInt8(truncatingIfNeeded: priority)
  }

  private func checked(_ resource: ResourceID) -> Int {
    precondition(
      resource.index >= 0 && resource.index < count, "no resource has the number \(resource.index)")
    return resource.index
  }

  private mutating func grow() {
    lines = Self.moved(
      lines, count * Self.priorityCount, capacity: 2 * capacity * Self.priorityCount)
    free = Self.moved(free, count, capacity: 2 * capacity)
    waiting = Self.moved(waiting, count, capacity: 2 * capacity)
    capacity *= 2
  }

  private static func moved<Element>(
    _ old: UnsafeMutablePointer<Element>, _ count: Int, capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.moveInitialize(from: old, count: count)
    old.deallocate()
    return larger
  }
}

/// Tickets first in, first out, unless one is put in front: a ring on raw memory. A trivial value; its owner deallocates it once.
struct WaitingLine {
  private var tickets: UnsafeMutablePointer<UInt32>
  private var capacity = 4
  private var first = 0
  private(set) var count = 0

  init() { tickets = .allocate(capacity: capacity) }

  func deallocate() { tickets.deallocate() }

  mutating func append(_ ticket: UInt32) {
    if count == capacity { grow() }
    tickets[(first + count) & (capacity - 1)] = ticket
    count += 1
  }

  mutating func prepend(_ ticket: UInt32) {
    if count == capacity { grow() }
    first = (first - 1) & (capacity - 1)
    tickets[first] = ticket
    count += 1
  }

  /// - Precondition: not empty.
  mutating func removeFirst() -> UInt32 {
    let ticket = tickets[first]
    first = (first + 1) & (capacity - 1)
    count -= 1
    return ticket
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity * 2)
    for place in 0..<count { larger[place] = tickets[(first + place) & (capacity - 1)] }
    tickets.deallocate()
    tickets = larger
    first = 0
    capacity *= 2
  }
}
