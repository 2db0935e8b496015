import Testing

@testable import SimulationKernel

@Suite struct KeyHeapTests {
  /// Every order of seven keys, two of them equal, through a heap that grows from one place.
  @Test func everyOrderOfInsertionLeavesInOrder() {
    let sorted: [UInt128] = [0, 1, 2, 2, 3, 4, .max]
    for order in permutations(of: sorted) {
      #expect(drained(order, capacity: 1) == sorted, "\(order)")
    }
  }

  /// A node may have no, some or all of its four children: every size passes each of them.
  @Test(arguments: 0..<90)
  func heapsOfEverySizeLeaveInOrder(size: Int) {
    let rising = (0..<size).map { UInt128($0) << 64 }
    #expect(drained(rising, capacity: 64) == rising)
    #expect(drained(rising.reversed(), capacity: 64) == rising)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func theHeapAgreesWithASortedArray(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var heap = KeyHeap(capacity: 1)
    var sorted: [UInt128] = []
    for _ in 0..<2_000 {
      if Int.random(in: 0..<5, using: &generator) < 3 {
        // Few different keys at first, so that equal ones meet; then keys of all 128 bits.
        let key =
          seed.isMultiple(of: 2)
          ? UInt128(UInt64.random(in: 0..<40, using: &generator))
          : UInt128.random(in: 0 ... .max, using: &generator)
        heap.push(key)
        sorted.insert(key, at: sorted.firstIndex { $0 > key } ?? sorted.count)
      } else {
        let taken = heap.popFirst()
        #expect(taken == (sorted.isEmpty ? nil : sorted.removeFirst()))
      }
      let (first, count) = (heap.first, heap.count)
      #expect(first == sorted.first)
      #expect(count == sorted.count)
    }
  }

  @Test func aHeapWithoutRoomTraps() async {
    await #expect(processExitsWith: .failure) { _ = KeyHeap(capacity: 0) }
  }

  private func drained(_ keys: [UInt128], capacity: Int) -> [UInt128] {
    var heap = KeyHeap(capacity: capacity)
    for key in keys { heap.push(key) }
    var result: [UInt128] = []
    while let key = heap.popFirst() { result.append(key) }
    return result
  }
}
