import DeviceModel
import Quantities
import ServingDesigns
import SimulationKernel

/// An operating system that does what harm it can, from a seed.
///
/// It may do whatever its rights allow: it manages memory, so it can refuse it, delay it and want it
/// back; it shares the NPU; and it can touch any address, itself or through a device whose SMMU it
/// programs. What comes of that is up to the hardware that the design has set up.
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
      switch operation {
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
    var events: [OutsideEvent] = []
    for _ in 0..<random.next(below: 3) {
      events.append(OutsideEvent(time: moment(), event: .requestArrived(request)))
    }
    for _ in 0..<random.next(below: 6) {
      let size = ByteCount(bytes: 1 + random.next(below: 4 << 30))
      let urgency = RecallUrgency.allCases[Int(random.next(below: 3))]
      events.append(
        OutsideEvent(time: moment(), event: .memoryWanted(size, urgency: urgency)))
    }
    for _ in 0..<random.next(below: 6) {
      let duration = SimulatedDuration(picoseconds: 1 + random.next(below: 10_000_000_000))
      events.append(OutsideEvent(time: moment(), event: .npuWanted(duration)))
    }
    return events
  }

  /// Tries to reach memory right after things happened to it.
  func attack(_ log: inout MemoryLog) {
    var random = RandomStream(seed: seed, purpose: "hostile attempts")
    guard !log.actions.isEmpty else { return }
    let actors = MemoryAction.Actor.allCases
    var attacked: [LoggedAction] = []
    attacked.reserveCapacity(log.actions.count * 5 / 4)
    for action in log.actions {
      attacked.append(action)
      guard random.next(below: 4) == 0, let buffer = action.buffer else { continue }
      let actor = actors[Int(random.next(below: Int64(actors.count)))]
      attacked.append(
        LoggedAction(time: action.time, operation: nil, action: .attempt(actor), buffer: buffer))
    }
    log.actions = attacked
  }
}
