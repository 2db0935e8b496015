/// A growable array of keys on raw memory, for the queue's own use: appending and taking from the
/// end are a store and a load, and nothing is retained or checked for exclusive access.
///
/// A trivial value: whoever owns it calls `deallocate` once, and copies none.
struct KeyArray {
  private(set) var keys: UnsafeMutablePointer<UInt128>
  private(set) var capacity: Int
  var count = 0

  init(capacity: Int) {
    precondition(capacity > 0, "an array of capacity \(capacity)")
    self.capacity = capacity
    keys = .allocate(capacity: capacity)
  }

  func deallocate() { keys.deallocate() }

  /// - Precondition: not empty.
  var last: UInt128 { keys[count - 1] }

  @inline(__always)
  mutating func append(_ key: UInt128) {
    if count == capacity { grow() }
    keys[count] = key
    count += 1
  }

  /// - Precondition: not empty.
  @inline(__always)
  mutating func removeLast() -> UInt128 {
    count -= 1
    return keys[count]
  }

  /// Inserts into keys that descend, from the end on: cheap for a key that is due soon.
  /// - Complexity: O(keys below `key`).
  @inline(__always)
  mutating func insertDescending(_ key: UInt128) {
    if count == capacity { grow() }
    var place = count
    while place > 0, keys[place - 1] < key {
      keys[place] = keys[place - 1]
      place -= 1
    }
    keys[place] = key
    count += 1
  }

  /// Drops the first `number` keys.
  mutating func removeFirst(_ number: Int) {
    count -= number
    keys.update(from: keys + number, count: count)
  }

  /// Makes keys descend. They usually ascend, as they were scheduled; only different phases of one
  /// instant do not.
  /// - Complexity: O(n) when they ascend, else O(n log n).
  mutating func makeDescending() {
    for place in 0..<max(0, count - 1) where keys[place + 1] < keys[place] {
      sortDescending()
      return
    }
    var (low, high) = (0, count - 1)
    while low < high {
      (keys[low], keys[high]) = (keys[high], keys[low])
      low += 1
      high -= 1
    }
  }

  /// Makes keys descend, in place: heap sort, which needs no memory whatever their order.
  /// - Complexity: O(n log n).
  private mutating func sortDescending() {
    // A heap with the least key on top; taking the top to the end leaves the rest descending.
    for root in stride(from: count / 2 - 1, through: 0, by: -1) { siftDown(root, below: count) }
    for end in stride(from: count - 1, to: 0, by: -1) {
      (keys[0], keys[end]) = (keys[end], keys[0])
      siftDown(0, below: end)
    }
  }

  private func siftDown(_ root: Int, below end: Int) {
    let key = keys[root]
    var hole = root
    while true {
      var child = 2 * hole + 1
      guard child < end else { break }
      if child + 1 < end, keys[child + 1] < keys[child] { child += 1 }
      if key <= keys[child] { break }
      keys[hole] = keys[child]
      hole = child
    }
    keys[hole] = key
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<UInt128>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: keys, count: count)
    keys.deallocate()
    keys = larger
    capacity *= 2
  }
}
