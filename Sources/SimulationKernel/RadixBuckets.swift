/// Keys that are due later, in 65 unsorted buckets: by the highest bit in which their time differs
/// from a base that is not after any of them.
///
/// All keys of a bucket are due before all keys of the next. Within a bucket, keys of one time
/// stand in the order in which they were added. Adding is O(1), and a key is moved at most once a
/// bit of its distance in time: a radix heap (Ahuja et al., "Faster algorithms for the shortest path
/// problem", Journal of the ACM 37, 1990).
struct RadixBuckets: ~Copyable {
  private let buckets: UnsafeMutablePointer<KeyArray>
  /// Bit i says that bucket i is not empty.
  private var isFilled: UInt128 = 0
  private var base: UInt64 = 0
  private(set) var count = 0

  private static let bucketCount = 65

  init() {
    buckets = .allocate(capacity: Self.bucketCount)
    for index in 0..<Self.bucketCount {
      (buckets + index).initialize(to: KeyArray(capacity: 4))
    }
  }

  deinit {
    for index in 0..<Self.bucketCount { buckets[index].deallocate() }
    buckets.deallocate()
  }

  /// - Precondition: the key's time is not before the base.
  @inline(__always)
  mutating func add(_ key: UInt128) {
    place(key)
    count += 1
  }

  @inline(__always)
  private mutating func place(_ key: UInt128) {
    let index = 64 - (time(of: key) ^ base).leadingZeroBitCount
    buckets[index].append(key)
    isFilled |= 1 << UInt128(truncatingIfNeeded: index)
  }

  /// The least time of all keys.
  /// - Precondition: not empty.
  /// - Complexity: O(keys in the first bucket).
  var leastTime: UInt64 {
    times(in: buckets[isFilled.trailingZeroBitCount]).least
  }

  @inline(__always)
  private func times(in bucket: KeyArray) -> (least: UInt64, greatest: UInt64) {
    var (least, greatest) = (UInt64.max, UInt64.zero)
    for place in 0..<bucket.count {
      let time = time(of: bucket.elements[place])
      least = min(least, time)
      greatest = max(greatest, time)
    }
    return (least, greatest)
  }

  /// Moves the keys that are due first into `near`, which is empty, in descending order.
  ///
  /// - Parameter batch: how many keys are moved at once; more of one time are moved whatever their
  ///   number.
  /// - Returns: the latest time such that no key up to it stays here.
  /// - Precondition: not empty. No key is added before the least time from now on.
  @inline(never)
  mutating func takeFirst(into near: inout KeyArray, batch: Int) -> UInt64 {
    let index = isFilled.trailingZeroBitCount
    isFilled &= isFilled - 1
    var bucket = buckets[index]
    buckets[index].count = 0
    if bucket.count <= batch {
      for place in 0..<bucket.count { near.insertDescending(bucket.elements[place]) }
      count -= bucket.count
      let limit = index == 0 ? base : base | (UInt64.max >> UInt64(64 - index))
      base = time(of: near.last)
      return limit
    }
    let (least, greatest) = times(in: bucket)
    base = least
    if least == greatest {
      // The memory changes hands instead of its keys.
      swap(&bucket, &near)
      bucket.count = 0
      buckets[index] = bucket
    } else {
      // All keys leave the bucket, for near or for lower buckets, so it does not grow meanwhile.
      for place in 0..<bucket.count {
        let key = bucket.elements[place]
        if time(of: key) == least { near.append(key) } else { self.place(key) }
      }
    }
    count -= near.count
    near.makeDescending()
    return least
  }

  /// Moves the base, to the least time that will be added from now on.
  /// - Precondition: empty.
  mutating func rebase(to time: UInt64) {
    precondition(count == 0, "\(count) keys stand in buckets of another base")
    base = time
  }

  /// Drops cancelled keys from the first bucket, and from the next while the first one is empty, and
  /// gives their slots back.
  /// - Returns: how many were dropped.
  mutating func dropCancelled(_ slots: inout SlotPool) -> Int {
    var dropped = 0
    while count > 0 {
      let index = isFilled.trailingZeroBitCount
      var kept = 0
      for place in 0..<buckets[index].count {
        let key = buckets[index].elements[place]
        if slots.isCancelled(slot(of: key)) {
          slots.giveBack(slot(of: key))
        } else {
          buckets[index].elements[kept] = key
          kept += 1
        }
      }
      dropped += buckets[index].count - kept
      count -= buckets[index].count - kept
      buckets[index].count = kept
      if kept > 0 { break }
      isFilled &= isFilled - 1
    }
    return dropped
  }
}

/// The upper half of a key.
@inline(__always)
func time(of key: UInt128) -> UInt64 { UInt64(truncatingIfNeeded: key >> 64) }
