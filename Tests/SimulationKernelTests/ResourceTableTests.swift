import Testing

@testable import SimulationKernel

@Suite struct ResourceTableTests {
  @Test func whoWaitsIsServedByPriorityAndThenInOrder() {
    var table = ResourceTable()
    let unit = table.add()
    let first = table.request(unit, for: 1)
    #expect(first)
    for (ticket, priority) in [(2, 3), (3, 1), (4, 1), (5, 0), (6, 3)] as [(UInt32, Int)] {
      let isServed = table.request(unit, for: ticket, priority: priority)
      #expect(!isServed)
    }
    var order: [UInt32] = []
    while let next = table.release(unit) { order.append(next) }
    #expect(order == [5, 3, 4, 2, 6])
    let again = table.request(unit, for: 7)
    #expect(again, "the unit went back")
  }

  @Test(arguments: 1...5)
  func asManyAreServedAsThereAreUnits(capacity: Int) {
    var table = ResourceTable()
    let unit = table.add(capacity: capacity)
    let served = (0..<8 as Range<UInt32>).filter { table.request(unit, for: $0) }
    #expect(served == Array(0..<UInt32(capacity)))
    let handedOver = (0..<8).map { _ in table.release(unit) }
    #expect(handedOver.compactMap(\.self) == Array(UInt32(capacity)..<8))
    #expect(handedOver.suffix(capacity).allSatisfy { $0 == nil })
  }

  /// Random requests and releases on many resources, against arrays.
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func theTableAgreesWithArrays(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var table = ResourceTable()
    let count = 20
    let capacities = (0..<count).map { _ in Int.random(in: 1...3, using: &generator) }
    let ids = capacities.map { table.add(capacity: $0) }
    var free = capacities
    var waiting = Array(repeating: Array(repeating: [UInt32](), count: 4), count: count)
    for ticket in 0..<20_000 as Range<UInt32> {
      let resource = Int.random(in: 0..<count, using: &generator)
      let priority = Int.random(in: 0..<4, using: &generator)
      if Int.random(in: 0..<5, using: &generator) < 3 {
        let isServed = table.request(ids[resource], for: ticket, priority: priority)
        #expect(isServed == (free[resource] > 0))
        if isServed { free[resource] -= 1 } else { waiting[resource][priority].append(ticket) }
      } else if free[resource] < capacities[resource] {
        let next = table.release(ids[resource])
        let line = waiting[resource].firstIndex { !$0.isEmpty }
        #expect(next == line.map { waiting[resource][$0].removeFirst() })
        if line == nil { free[resource] += 1 }
      }
      let urgent = table.mostUrgentPriority(of: ids[resource])
      #expect(urgent == waiting[resource].firstIndex { !$0.isEmpty })
      // Whoever has a unit may give it away.
      if free[resource] == 0, Int.random(in: 0..<4, using: &generator) == 0 {
        table.waitAtFront(of: ids[resource], for: ticket + 1_000_000, priority: priority)
        waiting[resource][priority].insert(ticket + 1_000_000, at: 0)
        let next = table.release(ids[resource])
        let line = waiting[resource].firstIndex { !$0.isEmpty }!
        #expect(next == waiting[resource][line].removeFirst())
      }
    }
  }

  /// In front of who waits already, although they came first.
  @Test func whoIsPutInFrontIsServedBeforeItsPriority() {
    var table = ResourceTable()
    let unit = table.add()
    let first = table.request(unit, for: 1)
    #expect(first)
    #expect(table.mostUrgentPriority(of: unit) == nil)
    for (ticket, priority) in [(2, 2), (3, 2), (4, 1), (5, 2), (6, 2)] as [(UInt32, Int)] {
      _ = table.request(unit, for: ticket, priority: priority)
    }
    table.waitAtFront(of: unit, for: 1, priority: 2)
    var order: [UInt32] = []
    while let urgent = table.mostUrgentPriority(of: unit), let next = table.release(unit) {
      #expect(urgent == (order.isEmpty ? 1 : 2))
      order.append(next)
    }
    #expect(order == [4, 1, 2, 3, 5, 6])
  }

  @Test func wrongUseTraps() async {
    await #expect(processExitsWith: .failure) {
      var table = ResourceTable()
      let unit = table.add()
      table.waitAtFront(of: unit, for: 0, priority: 0)
    }
    await #expect(processExitsWith: .failure) {
      var table = ResourceTable()
      let unit = table.add()
      _ = table.request(unit, for: 0)
      table.waitAtFront(of: unit, for: 0, priority: -1)
    }
    await #expect(processExitsWith: .failure) {
      var table = ResourceTable()
      _ = table.add(capacity: 0)
    }
    await #expect(processExitsWith: .failure) {
      var table = ResourceTable()
      let unit = table.add()
      _ = table.request(unit, for: 0)
      _ = table.request(unit, for: 1, priority: ResourceTable.priorityCount)
    }
    await #expect(processExitsWith: .failure) {
      var other = ResourceTable()
      let unit = other.add()
      var table = ResourceTable()
      _ = table.release(unit)
    }
  }
}
