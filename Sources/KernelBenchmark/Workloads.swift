import Glibc
import Quantities
import SimulationKernel

// The same workloads, with the same answers, as Reference/reference.cpp: through the kernel's public
// API. Every loop is compiled for the queue it runs on and the sink that is shown its events, so that
// tests put another queue and a recording in their places; what is measured has `NoEventSink`.

/// What the workloads ask of a queue, in the kernel's words.
protocol PendingEvents: ~Copyable {
  associatedtype Token

  @discardableResult
  mutating func schedule(
    at time: SimulatedTime, phase: EventPhase, kind: UInt32, payload: UInt32
  ) -> Token
  mutating func popNext() -> Event?
}

extension EventQueue: PendingEvents {}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix {
  var state: UInt64

  static func mix(_ number: UInt64) -> UInt64 {
    var z = number
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  mutating func exponential(mean: Double) -> Int64 {
    let u = (Double(next() >> 11) + 0.5) * 0x1p-53
    return Int64((-log(u) * mean).rounded(.down))
  }
}

/// What one run of a workload took.
struct Measurement {
  var model: String
  var size: Int
  var count: Int
  var seconds: Double
  var check: UInt64
}

/// CPU time of this process: the machine may be shared, and the neighbours are not to be counted.
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Delays of HOLD: nearly exponential with a mean of 2^20, from a table of 4096 points; or, with ties,
/// one of four.
struct Increments {
  private var stream = SplitMix(state: 42)
  private let table: [Int64]
  private let hasTies: Bool

  init(hasTies: Bool) {
    self.hasTies = hasTies
    table = (0..<4096).map { Int64((-log((Double($0) + 0.5) / 4096) * 1_048_576).rounded(.down)) }
  }

  mutating func next() -> Int64 {
    let r = stream.next()
    if hasTies { return 1 + Int64(truncatingIfNeeded: r >> 62) }
    return 1 + table[Int(truncatingIfNeeded: r >> 52)] + Int64(truncatingIfNeeded: r & 255)
  }
}

/// `size` events are pending; each that is due is scheduled anew.
func hold(
  size: Int, count: Int, hasTies: Bool, on queue: inout some PendingEvents & ~Copyable,
  into sink: inout some EventSink
) -> Measurement {
  var increments = Increments(hasTies: hasTies)
  for id in 0..<size {
    queue.schedule(
      at: .zero + SimulatedDuration(picoseconds: increments.next()), phase: .arrival, kind: 0,
      payload: UInt32(id))
  }
  var hash: UInt64 = 0
  var check: UInt64 = 0
  let start = cpuSeconds()
  for number in 1...count {
    guard let event = queue.popNext() else { fatalError("no event is left") }
    sink.take(event)
    let time = UInt64(bitPattern: event.time.picoseconds)
    hash = (hash ^ (time &+ UInt64(event.payload) << 40)) &* 0x9E37_79B9_7F4A_7C15
    if number == 300_000 { check = hash }
    queue.schedule(
      at: event.time + SimulatedDuration(picoseconds: increments.next()), phase: .arrival,
      kind: 0, payload: event.payload)
  }
  return Measurement(
    model: hasTies ? "ties" : "hold", size: size, count: count, seconds: cpuSeconds() - start,
    check: check)
}

/// Jobs go through four machines in the order of their numbers; an event is the end of a stage.
func flow(
  jobs: Int, on queue: inout some PendingEvents & ~Copyable, into sink: inout some EventSink
) -> Measurement {
  let low: [UInt64] = [400, 300, 500, 50]
  let span: [UInt64] = [800, 600, 1000, 100]
  let times = UnsafeMutablePointer<UInt32>.allocate(capacity: jobs * 4)
  defer { times.deallocate() }
  for place in 0..<(jobs * 4) {
    times[place] = UInt32(
      low[place % 4] + SplitMix.mix(UInt64(place)) % span[place % 4])
  }
  var check: UInt64 = 0
  let begin = cpuSeconds()
  var machines = ResourceTable()
  let ids = (
    machines.add(), machines.add(), machines.add(), machines.add()
  )
  func machine(_ stage: Int) -> ResourceID {
    switch stage {
    case 0: ids.0
    case 1: ids.1
    case 2: ids.2
    default: ids.3
    }
  }
  func start(_ stage: Int, _ job: UInt32, at now: SimulatedTime) {
    let time = SimulatedDuration(picoseconds: Int64(times[Int(job) * 4 + stage]))
    queue.schedule(
      at: now + time, phase: .completion, kind: UInt32(truncatingIfNeeded: stage), payload: job)
  }
  for job in 0..<UInt32(jobs) where machines.request(machine(0), for: job) {
    start(0, job, at: .zero)
  }
  while let event = queue.popNext() {
    sink.take(event)
    let stage = Int(event.kind)
    let job = event.payload
    check &+=
      UInt64(bitPattern: event.time.picoseconds) &* (8 &* UInt64(job) &+ 2 &* UInt64(stage) &+ 1)
    if let next = machines.release(machine(stage)) { start(stage, next, at: event.time) }
    if stage < 3, machines.request(machine(stage + 1), for: job) {
      start(stage + 1, job, at: event.time)
    }
  }
  return Measurement(
    model: "flow", size: jobs, count: jobs, seconds: cpuSeconds() - begin, check: check)
}

/// One server, Poisson arrivals, exponential services, load 0.9; the check is the total wait.
func mm1(
  customers: Int, on queue: inout some PendingEvents & ~Copyable, into sink: inout some EventSink
) -> Measurement {
  var arrivals = SplitMix(state: 1)
  var services = SplitMix(state: 2)
  let begin = cpuSeconds()
  var resources = ResourceTable()
  let server = resources.add()
  // When each customer arrived, by number: a ring would do, but a customer has a name this way.
  let arrivedAt = UnsafeMutablePointer<SimulatedTime>.allocate(capacity: customers)
  defer { arrivedAt.deallocate() }
  var waited: Int64 = 0
  var arrived: UInt32 = 0
  var served = 0

  func arrival() -> SimulatedDuration {
    SimulatedDuration(picoseconds: arrivals.exponential(mean: 1e6 / 0.9))
  }
  func serve(_ customer: UInt32, at now: SimulatedTime) {
    waited += (now - arrivedAt[Int(customer)]).picoseconds
    let service = SimulatedDuration(picoseconds: services.exponential(mean: 1e6))
    queue.schedule(at: now + service, phase: .completion, kind: 1, payload: customer)
  }
  queue.schedule(at: .zero + arrival(), phase: .arrival, kind: 0, payload: 0)
  while served < customers, let event = queue.popNext() {
    sink.take(event)
    if event.kind == 0 {
      arrivedAt[Int(event.payload)] = event.time
      arrived += 1
      if Int(arrived) < customers {
        queue.schedule(at: event.time + arrival(), phase: .arrival, kind: 0, payload: arrived)
      }
      if resources.request(server, for: event.payload) { serve(event.payload, at: event.time) }
    } else {
      served += 1
      if let next = resources.release(server) { serve(next, at: event.time) }
    }
  }
  return Measurement(
    model: "mm1", size: customers, count: customers, seconds: cpuSeconds() - begin,
    check: UInt64(waited))
}
