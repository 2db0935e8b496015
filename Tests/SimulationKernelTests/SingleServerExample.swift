import Foundation
import Quantities
import SimulationKernel

/// The mean wait of customers who come at random to one server, in mean services.
///
/// - Parameter load: the part of the time for which the server is busy.
func meanWait(
  customers: Int, load: Double, using generator: inout some RandomNumberGenerator
) -> Double {
  let meanService = 1e6  // picoseconds
  var queue = EventQueue()
  var resources = ResourceTable()
  let server = resources.add()
  var arrivals: [SimulatedTime] = []
  var waited = SimulatedDuration.zero

  func exponential(mean: Double) -> SimulatedDuration {
    let uniform = Double.random(in: 0..<1, using: &generator)
    return SimulatedDuration(picoseconds: Int64(-log(1 - uniform) * mean))
  }
  func expectArrival(after now: SimulatedTime) {
    queue.schedule(
      at: now + exponential(mean: meanService / load), phase: .arrival, kind: 0,
      payload: UInt32(arrivals.count))
  }
  func serve(_ customer: UInt32, at now: SimulatedTime) {
    waited = waited + (now - arrivals[Int(customer)])
    queue.schedule(
      at: now + exponential(mean: meanService), phase: .completion, kind: 0, payload: customer)
  }

  expectArrival(after: .zero)
  while let event = queue.popNext() {
    if event.phase == .arrival {
      arrivals.append(event.time)
      if arrivals.count < customers { expectArrival(after: event.time) }
      // With the server busy, the customer stands in its line from now on.
      if resources.request(server, for: event.payload) { serve(event.payload, at: event.time) }
    } else if let next = resources.release(server) {
      serve(next, at: event.time)
    }
  }
  return Double(waited.picoseconds) / Double(customers) / meanService
}
