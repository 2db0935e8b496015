import Quantities
import SimulationKernel

// What a simulator's own loop takes for an event. All jobs are handed over before the loop begins, and
// it stops after a number of events, so two runs that differ in that number alone differ in the loop
// alone.

/// Works off `count` events or a few more, to the next occurrence, and makes a hash of what occurred.
private func work(
  _ simulator: inout Simulator, model: String, jobs: Int, count: Int
) -> Measurement {
  var hash: UInt64 = 0
  let begin = cpuSeconds()
  while simulator.eventCount < count {
    guard let occurrence = simulator.next() else { fatalError("no event is left") }
    let number: UInt64 =
      switch occurrence {
      case .jobFinished(let job): UInt64(job.index) << 32
      case .milestone(let job, let operation): UInt64(job.index) << 32 + UInt64(operation.index) + 1
      case .timer(let payload): UInt64(payload)
      }
    let time = UInt64(bitPattern: simulator.now.picoseconds)
    hash = (hash ^ (time &+ number)) &* 0x9E37_79B9_7F4A_7C15
  }
  return Measurement(
    model: model, size: jobs, count: simulator.eventCount, seconds: cpuSeconds() - begin,
    check: hash)
}

/// Long operations of many steps share two units with short ones that come all the time and may
/// interrupt them at the end of any step.
func preempt(jobs: Int, count: Int, recordsSchedule: Bool = false) -> Measurement {
  var draws = SplitMix(state: 3)
  var simulator = Simulator(recordsSchedule: recordsSchedule)
  let unit = simulator.addResource("unit", capacity: 2)
  func steps(_ count: Int, upTo longest: UInt64) -> StepSegment {
    let length = SimulatedDuration(picoseconds: 1 + Int64(draws.next() % longest))
    return StepSegment(count: count, duration: length)
  }
  for _ in 0..<jobs {
    var job = Job()
    for _ in 0..<2 {
      job.add(
        on: unit, priority: 2, segments: [steps(20, upTo: 100), steps(20, upTo: 1000)],
        isMilestone: true, isPreemptible: true)
    }
    simulator.submit(job)
  }
  // One after the other, each after a pause.
  var urgent = Job()
  var last: [OperationIndex] = []
  for _ in 0..<(10 * jobs) {
    let pause = urgent.add(on: nil, segments: [steps(1, upTo: 2000)], after: last)
    last = [urgent.add(on: unit, segments: [steps(2, upTo: 500)], after: [pause])]
  }
  simulator.submit(urgent)
  return work(&simulator, model: "preempt", jobs: jobs, count: count)
}

/// Up to `width` operations run at a time and divide two shared resources between them anew whenever
/// one starts or ends.
func divide(width: Int, jobs: Int, count: Int, recordsSchedule: Bool = false) -> Measurement {
  var draws = SplitMix(state: 4)
  var simulator = Simulator(recordsSchedule: recordsSchedule)
  let units = simulator.addResource("units", capacity: width)
  let capacity = Int64(100 * width)
  let memory = simulator.addSharedResource("memory", capacity: capacity)
  let link = simulator.addSharedResource("link", capacity: capacity)
  func demand(on resource: SharedResourceID) -> ResourceDemand {
    ResourceDemand(
      resource: resource, amount: 1 + Int64(draws.next() % 300),
      weight: 1 + Int(draws.next() % 3))
  }
  for _ in 0..<jobs {
    var job = Job()
    for number in 0..<4 {
      let length = SimulatedDuration(picoseconds: 1 + Int64(draws.next() % 1_000_000))
      var demands = [demand(on: memory)]
      if draws.next() % 2 == 0 { demands.append(demand(on: link)) }
      job.add(
        on: units, segments: [StepSegment(count: 2, duration: length)], demands: demands,
        after: number == 0 ? [] : [OperationIndex(number - 1)], isMilestone: true)
    }
    simulator.submit(job)
  }
  return work(&simulator, model: "divide", jobs: jobs, count: count)
}
