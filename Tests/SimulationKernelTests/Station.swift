import Foundation
import Quantities
import SimulationKernel

/// Customers who come, wait for one of some servers, are served and leave: on the kernel's own queue
/// and resource table, with its own generator.
struct Station {
  struct Customer {
    var arrival: Int64
    var service: Int64
    var priority = 0
    var start: Int64 = -1

    var wait: Int64 { start - arrival }
    var end: Int64 { start + service }
  }

  var customers: [Customer]
  /// Customers in the order in which they were served.
  private(set) var served: [Int] = []
  /// The sum over time of how many waited.
  private(set) var waitingArea: Int64 = 0
  /// The instants of all events, as they came.
  private(set) var instants: [Int64] = []

  init(customers: [Customer], servers: Int = 1) {
    self.customers = customers
    var queue = EventQueue()
    var resources = ResourceTable()
    let server = resources.add(capacity: servers)
    var waitingCount: Int64 = 0
    var last: Int64 = 0

    func scheduleArrival(_ number: Int) {
      guard number < customers.count else { return }
      queue.schedule(
        at: SimulatedTime(picoseconds: customers[number].arrival), phase: .arrival, kind: 0,
        payload: UInt32(number))
    }
    func serve(_ number: UInt32, at now: SimulatedTime, in station: inout Station) {
      station.customers[Int(number)].start = now.picoseconds
      station.served.append(Int(number))
      queue.schedule(
        at: now + SimulatedDuration(picoseconds: customers[Int(number)].service),
        phase: .completion, kind: 1, payload: number)
    }
    scheduleArrival(0)
    while let event = queue.popNext() {
      instants.append(event.time.picoseconds)
      waitingArea += waitingCount * (event.time.picoseconds - last)
      last = event.time.picoseconds
      if event.kind == 0 {
        scheduleArrival(Int(event.payload) + 1)
        let priority = customers[Int(event.payload)].priority
        if resources.request(server, for: event.payload, priority: priority) {
          serve(event.payload, at: event.time, in: &self)
        } else {
          waitingCount += 1
        }
      } else if let next = resources.release(server) {
        waitingCount -= 1
        serve(next, at: event.time, in: &self)
      }
    }
  }

  /// How long services are; the mean is one, a million picoseconds.
  enum Service: CaseIterable, Sendable {
    case constant, uniform, exponential, hyperexponential

    /// Variance over the square of the mean: 0; 1/3 between 0 and 2; 1; and, where every fourth
    /// has a mean of 3 and the others of 1/3, 2 x (9/4 + 1/12) - 1.
    var squaredVariation: Double {
      switch self {
      case .constant: 0
      case .uniform: 1 / 3
      case .exponential: 1
      case .hyperexponential: 11 / 3
      }
    }

    func draw(_ generator: inout SplitMix64) -> Int64 {
      let picoseconds: Double =
        switch self {
        case .constant: 1e6
        case .uniform: 2e6 * generator.fraction()
        case .exponential: generator.exponential(mean: 1e6)
        case .hyperexponential:
          generator.exponential(mean: generator.fraction() < 0.25 ? 3e6 : 1e6 / 3)
        }
      return Int64(picoseconds.rounded())
    }
  }

  /// Poisson arrivals; `load` is the part of the time that a server is busy.
  static func customers(
    count: Int, load: Double, service: Service, seed: UInt64, servers: Int = 1,
    priorities: Int = 1
  ) -> [Customer] {
    // A stream for each purpose: the arrivals do not depend on the services.
    var arrivals = SplitMix64(seed: seed)
    var services = SplitMix64(seed: seed ^ 0xA5A5_A5A5_A5A5_A5A5)
    var classes = SplitMix64(seed: seed ^ 0x5A5A_5A5A_5A5A_5A5A)
    var now: Int64 = 0
    return (0..<count).map { _ in
      now += Int64(arrivals.exponential(mean: 1e6 / load / Double(servers)).rounded())
      return Customer(
        arrival: now, service: service.draw(&services),
        priority: Int.random(in: 0..<priorities, using: &classes))
    }
  }
}

extension SplitMix64 {
  /// Between 0 and 1, neither included.
  mutating func fraction() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

  mutating func exponential(mean: Double) -> Double { -log(fraction()) * mean }
}
