import Quantities

@testable import KernelBenchmark
@testable import SimulationKernel

/// The pending events as nothing but an array in order.
struct SlowQueue: PendingEvents {
  /// Descending, so that the next one is at the end.
  private var pending: [(order: (Int64, UInt8, Int64), event: Event)] = []
  private var number: Int64 = 0

  var count: Int { pending.count }

  mutating func schedule(
    at time: SimulatedTime, phase: EventPhase, kind: UInt32, payload: UInt32
  ) {
    let order = (time.picoseconds, phase.rawValue, number)
    number += 1
    var (low, high) = (0, pending.count)
    while low < high {
      let middle = (low + high) / 2
      if order < pending[middle].order { low = middle + 1 } else { high = middle }
    }
    pending.insert(
      (order, Event(time: time, phase: phase, kind: kind, payload: payload)), at: low)
  }

  mutating func cancel(_ payload: UInt32) -> Bool {
    guard let place = pending.firstIndex(where: { $0.event.payload == payload }) else {
      return false
    }
    pending.remove(at: place)
    return true
  }

  var next: Event? { pending.last?.event }

  mutating func popNext() -> Event? { pending.popLast()?.event }
}
