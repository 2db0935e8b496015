import DeviceModel
import Quantities
import ServingDesigns
import SimulationKernel

/// An operating system that does what harm it can, from a seed.
///
/// It may do whatever its rights allow: it manages memory, so it can delay it (a refusal, which is
/// asked again a while later, is a delay) and want it back; it shares the NPU; and it can touch
/// memory, itself or through a device whose SMMU it programs. What comes of that is up to the
/// hardware that the design has set up.
struct HostileSystem: Sendable {
  private var delays: RandomStream
  private let seed: Int64

  init(seed: Int64) {
    self.seed = seed
    delays = RandomStream(seed: seed, purpose: "hostile allocation")
  }

  /// Makes allocations wait, some several times: each refusal is asked again a while later.
  mutating func delay(_ plan: inout Plan) {
    plan = plan.inserting { operation in
      switch operation.work {
      case .allocatePages, .allocateContiguous:
        let refusals = delays.next(below: 4)
        return (0..<refusals).map { _ in
          .wait(SimulatedDuration(picoseconds: 1 + delays.next(below: 20_000_000_000)))
        }
      default: return []
      }
    }
  }

  /// Requests that come again, recalls and NPU tasks, at instants at which something began or ended in
  /// a run without them, or a picosecond beside; half of them one or two such runs later, when memory
  /// is kept that could be wanted back, and when another request may want it as well.
  func events(_ request: Request, around moments: [SimulatedTime]) -> [OutsideEvent] {
    var random = RandomStream(seed: seed, purpose: "hostile events")
    func moment() -> SimulatedTime {
      guard let last = moments.last else { return .zero }
      let moment = moments[Int(random.next(below: Int64(moments.count)))].picoseconds
      let later = max(0, random.next(below: 4) - 1) * last.picoseconds
      return SimulatedTime(picoseconds: max(0, moment + later + random.next(below: 3) - 1))
    }
    /// One for another model of the same shape, so that one is kept while the other is served; some with
    /// keys and values to be kept, written and restored, and some of a workflow, whose next model is
    /// fetched beforehand.
    func another() -> ServingEvent {
      var another = request
      if random.next(below: 2) == 0 { another.model.name += " (another)" }
      let tokenCount = request.promptTokenCount / 2
      if random.next(below: 3) > 0, tokenCount > 0 {
        another.prefix =
          random.next(below: 2) == 0
          ? SharedPrefix(name: "system", tokenCount: tokenCount)
          : SharedPrefix(name: "conversation", tokenCount: tokenCount, grows: true)
      }
      if random.next(below: 2) == 0 { another.session = 1 }
      return .requestArrived(another)
    }
    var events: [OutsideEvent] = []
    for _ in 0..<random.next(below: 4) {
      events.append(OutsideEvent(time: moment(), event: another()))
    }
    for _ in 0..<random.next(below: 6) {
      // From a page to more than there is, small ones as likely as large ones.
      let size = ByteCount(bytes: 4096 << random.next(below: 21))
      let urgency = RecallUrgency.allCases[Int(random.next(below: 3))]
      let recalled = moment()
      events.append(OutsideEvent(time: recalled, event: .memoryWanted(size, urgency: urgency)))
      if random.next(below: 2) == 0 {
        // While that is cleaned.
        let soon = SimulatedDuration(picoseconds: random.next(below: 20_000_000_000))
        events.append(OutsideEvent(time: recalled + soon, event: another()))
      }
    }
    for _ in 0..<random.next(below: 6) {
      let duration = SimulatedDuration(picoseconds: 1 + random.next(below: 10_000_000_000))
      events.append(OutsideEvent(time: moment(), event: .npuWanted(duration)))
    }
    // It may say that there is enough when there is not.
    for _ in 0..<random.next(below: 3) {
      events.append(OutsideEvent(time: moment(), event: .memoryPlentiful))
    }
    return events
  }

  /// Tries to reach memory right after something happened, whether to that memory or to other.
  func attack(_ log: inout MemoryLog) {
    var random = RandomStream(seed: seed, purpose: "hostile attempts")
    let buffers = log.buffers.indices.filter { log.buffers[$0] != nil }
    guard !buffers.isEmpty else { return }
    let actors = MemoryAction.Actor.allCases
    var attacked: [LoggedAction] = []
    attacked.reserveCapacity(log.actions.count * 5 / 4)
    for action in log.actions {
      attacked.append(action)
      guard random.next(below: 4) == 0 else { continue }
      let any = buffers[Int(random.next(below: Int64(buffers.count)))]
      let buffer = random.next(below: 2) == 0 ? action.buffer ?? any : any
      let actor = actors[Int(random.next(below: Int64(actors.count)))]
      attacked.append(
        LoggedAction(time: action.time, operation: nil, action: .attempt(actor), buffer: buffer))
    }
    log.actions = attacked
  }
}
