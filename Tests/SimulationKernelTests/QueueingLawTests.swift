import Quantities
import Testing

@testable import SimulationKernel

/// What queueing theory says of any station, on the kernel's own objects: means within a tolerance
/// that the run itself gives, everything else exactly.
@Suite struct QueueingLawTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var load: Double
    var service: Station.Service
    var seed: UInt64
    var testDescription: String { "\(service) services, load \(load), seed \(seed)" }
  }

  static let cases = [0.3, 0.6, 0.8].flatMap { load in
    Station.Service.allCases.enumerated().map { place, service in
      Case(load: load, service: service, seed: UInt64(load * 10) * 10 + UInt64(place))
    }
  }

  // MARK: Means

  /// M/D/1, M/M/1 and two of M/G/1 by the formula of Pollaczek and Khinchine: the mean wait, in
  /// services, is load x (1 + squared variation) / 2 / (1 - load).
  @Test(arguments: cases)
  func theMeanWaitAtOneServerIsThatOfPollaczekAndKhinchine(given: Case) {
    let customers = Station.customers(
      count: Self.customerCount, load: given.load, service: given.service, seed: given.seed)
    expect(
      Station(customers: customers).customers.map(\.wait),
      haveMean: given.load * (1 + given.service.squaredVariation) / 2 / (1 - given.load))
  }

  /// M/M/2 by Erlang's formula: all servers are busy for 2 load^2 / (1 + load) of who come, and the
  /// mean wait is that over 2 (1 - load).
  @Test(arguments: [0.3, 0.6, 0.8])
  func theMeanWaitAtTwoServersIsThatOfErlang(load: Double) {
    let customers = Station.customers(
      count: Self.customerCount, load: load, service: .exponential, seed: 1, servers: 2)
    expect(
      Station(customers: customers, servers: 2).customers.map(\.wait),
      haveMean: load * load / (1 + load) / (1 - load))
  }

  /// M/G/1 with three priorities of equal load by Cobham's formula: what is left of the service that
  /// is found, load x (1 + squared variation) / 2, over (1 - load of the more urgent) x (1 - that and
  /// one's own).
  @Test(arguments: [Station.Service.constant, .exponential, .hyperexponential])
  func theMeanWaitOfAPriorityIsThatOfCobham(service: Station.Service) {
    let load = 0.75
    let customers = Station.customers(
      count: 2 * Self.customerCount, load: load, service: service, seed: 2, priorities: 3)
    let served = Station(customers: customers).customers
    for priority in 0..<3 {
      let more = load * Double(priority) / 3
      expect(
        served.filter { $0.priority == priority }.map(\.wait),
        haveMean: load * (1 + service.squaredVariation) / 2
          / ((1 - more) * (1 - more - load / 3)))
    }
  }

  private static let customerCount = 64_000

  /// The first of 32 batches, in which the empty station fills, is left out. The means of the other
  /// 31 are nearly independent and normal, so that the mean of all is within 3.65 standard errors of
  /// theory in 999 of 1000 runs (Student's t, 30 degrees of freedom). Runs must be long enough to
  /// tell theories apart: a tolerance above a fifth fails too.
  private func expect(_ waits: [Int64], haveMean theory: Double) {
    let size = waits.count / 32
    let means = (1..<32).map { batch in
      waits[(batch * size)..<((batch + 1) * size)].reduce(0) { $0 + Double($1) }
        / Double(size) / 1e6
    }
    let mean = means.reduce(0, +) / 31
    let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 30
    let tolerance = 3.65 * (variance / 31).squareRoot()
    #expect(abs(mean - theory) <= tolerance, "\(mean) in place of \(theory) +- \(tolerance)")
    #expect(tolerance < theory / 5, "\(theory) +- \(tolerance) says too little")
  }

  // MARK: Exactly

  /// Lindley's recursion: a customer waits for what the one before has left.
  @Test(arguments: cases)
  func waitsAtOneServerAreThoseOfLindley(given: Case) {
    let customers = Station.customers(
      count: 5_000, load: given.load, service: given.service, seed: given.seed)
    var free: Int64 = 0
    var starts: [Int64] = []
    for customer in customers {
      starts.append(max(customer.arrival, free))
      free = starts.last! + customer.service
    }
    #expect(Station(customers: customers).customers.map(\.start) == starts)
  }

  /// Little's law without expectations: how many wait, summed over time, is how long each waits,
  /// summed over customers.
  @Test(arguments: cases, 1...3)
  func whoWaitsOverTimeIsHowLongOverCustomers(given: Case, servers: Int) {
    let station = Station(
      customers: Station.customers(
        count: 2_000, load: given.load, service: given.service, seed: given.seed,
        servers: servers, priorities: 4),
      servers: servers)
    let waited = station.customers.reduce(0) { $0 + $1.wait }
    #expect(station.waitingArea == waited)
    #expect(waited > 0)
  }

  @Test(arguments: cases, 1...3)
  func timeNeverRunsBack(given: Case, servers: Int) {
    let station = Station(
      customers: Station.customers(
        count: 2_000, load: given.load, service: given.service, seed: given.seed,
        servers: servers, priorities: 4),
      servers: servers)
    #expect(station.instants.count == 4_000)
    #expect(zip(station.instants, station.instants.dropFirst()).allSatisfy { $0 <= $1 })
  }

  /// Work is conserved: in whatever order customers are served, the server works at the same
  /// instants, and the sum of service x wait is the same, for what is left to do at an instant is.
  @Test(arguments: cases)
  func theOrderOfServiceChangesNoWork(given: Case) {
    var customers = Station.customers(
      count: 3_000, load: given.load, service: given.service, seed: given.seed, priorities: 4)
    let random = Station(customers: customers)
    for number in customers.indices { customers[number].priority = 0 }
    let inOrder = Station(customers: customers)
    for number in customers.indices {
      customers[number].priority = customers[number].service < 1_000_000 ? 0 : 3
    }
    let shortFirst = Station(customers: customers)
    #expect(busyPeriods(random) == busyPeriods(inOrder))
    #expect(busyPeriods(shortFirst) == busyPeriods(inOrder))
    #expect(weightedWait(random) == weightedWait(inOrder))
    #expect(weightedWait(shortFirst) == weightedWait(inOrder))
    #expect(random.served != inOrder.served, "the order is another")
  }

  /// Nobody starves: of those who are served while a customer waits, each is more urgent, or of its
  /// priority and came before.
  @Test(arguments: cases)
  func onlyTheMoreUrgentOvertake(given: Case) {
    let station = Station(
      customers: Station.customers(
        count: 3_000, load: given.load, service: given.service, seed: given.seed, priorities: 4))
    #expect(station.served.sorted() == Array(station.customers.indices), "each is served once")
    var overtakenCount = 0
    for (place, number) in station.served.enumerated() {
      let customer = station.customers[number]
      for other in station.served[..<place].reversed() {
        guard station.customers[other].start > customer.arrival else { break }
        let priority = station.customers[other].priority
        #expect(priority < customer.priority || priority == customer.priority && other < number)
        if other > number { overtakenCount += 1 }
      }
    }
    #expect(overtakenCount > 0)
  }

  private func busyPeriods(_ station: Station) -> [Int64] {
    var periods: [Int64] = []
    for number in station.served {
      let customer = station.customers[number]
      if periods.last == customer.start {
        periods.removeLast()
      } else {
        periods.append(customer.start)
      }
      periods.append(customer.end)
    }
    return periods
  }

  private func weightedWait(_ station: Station) -> Int128 {
    station.customers.reduce(0) { $0 + Int128($1.service) * Int128($1.wait) }
  }

  // MARK: The order of scheduling

  /// Each event schedules others of different phases at one instant. In which order it does so
  /// changes nothing, although thousands of events meet.
  @Test(arguments: 1...20 as ClosedRange<UInt64>, [3, 1_000] as [Int64])
  func theOrderOfSchedulingDifferentPhasesChangesNothing(seed: UInt64, longest: Int64) {
    let inOrder = trace(seed: seed, longest: longest) { $0 }
    #expect(inOrder.count > 3_000)
    #expect(trace(seed: seed, longest: longest) { $0.reversed() } == inOrder)
    var generator = SplitMix64(seed: seed &+ 99)
    #expect(trace(seed: seed, longest: longest) { $0.shuffled(using: &generator) } == inOrder)
  }

  /// What happens when each event that comes schedules a few, in the order that `permute` gives.
  private func trace(
    seed: UInt64, longest: Int64, permute: ([Event]) -> [Event]
  ) -> [Event] {
    var generator = SplitMix64(seed: seed)
    var queue = EventQueue()
    var number: UInt32 = 0
    func scheduleSome(after now: SimulatedTime, count: Int) {
      let delay = Int64.random(in: 0...longest, using: &generator)
      let time = now + SimulatedDuration(picoseconds: delay)
      var events: [Event] = []
      for phase in EventPhase.allCases.shuffled(using: &generator).prefix(count) {
        events.append(Event(time: time, phase: phase, kind: 0, payload: number))
        number += 1
      }
      for event in permute(events) {
        queue.schedule(
          at: event.time, phase: event.phase, kind: event.kind, payload: event.payload)
      }
    }
    for _ in 0..<40 { scheduleSome(after: .zero, count: 4) }
    var result: [Event] = []
    while let event = queue.popNext() {
      result.append(event)
      if number < 4_000 {
        scheduleSome(after: event.time, count: Int.random(in: 1...4, using: &generator))
      }
    }
    return result
  }
}
