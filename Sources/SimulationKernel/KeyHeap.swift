/// A 4-ary implicit min-heap of 128-bit keys.
///
/// Raw memory, so that moving an entry is one store and nothing is retained; the four children of
/// a node are compared in pairs with conditional moves. No other code touches the memory.
struct KeyHeap: ~Copyable {
  private var storage: UnsafeMutablePointer<UInt128>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 64) {
    precondition(capacity > 0, "a heap of capacity \(capacity)")
    self.capacity = capacity
    storage = .allocate(capacity: capacity)
  }

  deinit { storage.deallocate() }

  var first: UInt128? { count > 0 ? storage[0] : nil }

  mutating func push(_ key: UInt128) {
    if count == capacity { grow() }
    var hole = count
    count += 1
    while hole > 0 {
      let parent = (hole - 1) / 4
      if storage[parent] <= key { break }
      storage[hole] = storage[parent]
      hole = parent
    }
    storage[hole] = key
  }

  mutating func popFirst() -> UInt128? {
    guard count > 0 else { return nil }
    let result = storage[0]
    count -= 1
    if count > 0 { siftDown(storage[count]) }
    return result
  }

  /// Puts `key` where it belongs, beginning at the root, whose entry is gone.
  private mutating func siftDown(_ key: UInt128) {
    var hole = 0
    while true {
      let child = 4 * hole + 1
      guard child < count else { break }
      var least = child
      if child + 3 < count {
        let left = storage[child + 1] < storage[child] ? child + 1 : child
        let right = storage[child + 3] < storage[child + 2] ? child + 3 : child + 2
        least = storage[right] < storage[left] ? right : left
      } else {
        for other in (child + 1)..<max(child + 1, min(child + 4, count))
        where storage[other] < storage[least] {
          least = other
        }
      }
      if key <= storage[least] { break }
      storage[hole] = storage[least]
      hole = least
    }
    storage[hole] = key
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<UInt128>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: storage, count: count)
    storage.deallocate()
    storage = larger
    capacity *= 2
  }
}
