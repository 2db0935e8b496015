/// Keys of pending events, in an order that the methods below keep.
typealias KeyArray = RawArray<UInt128>

extension KeyArray {
  /// Inserts into keys that descend, from the end on: cheap for a key that is due soon.
  /// - Complexity: O(keys below `key`).
  @inline(__always)
  mutating func insertDescending(_ key: UInt128) {
    append(key)
    var place = count - 1
    while place > 0, elements[place - 1] < key {
      elements[place] = elements[place - 1]
      place -= 1
    }
    elements[place] = key
  }

  /// Makes keys descend. They usually ascend, as they were scheduled; only different phases of one
  /// instant do not.
  /// - Complexity: O(n) when they ascend, else O(n log n).
  mutating func makeDescending() {
    for place in 0..<max(0, count - 1) where elements[place + 1] < elements[place] {
      sort { $0 > $1 }
      return
    }
    var (low, high) = (0, count - 1)
    while low < high {
      (elements[low], elements[high]) = (elements[high], elements[low])
      low += 1
      high -= 1
    }
  }
}
