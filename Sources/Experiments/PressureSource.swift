import DeviceModel
import Quantities
import ScenarioFiles
import ServingDesigns
import SimulationKernel

/// Something that happened to the memory of other programs.
public struct PressureEvent: Hashable, Sendable {
  public enum Change: Hashable, Sendable {
    /// Other programs hold so much from now on.
    case load(ByteCount)
    /// The operating system asks for so much.
    case asked(ByteCount, RecallUrgency)
    /// It has got so much of what it asked for.
    case recalled(ByteCount)
    /// A program that allocates has waited so long for that.
    case waited(SimulatedDuration)
  }

  public var time: SimulatedTime
  public var change: Change
}

/// Other programs whose memory grows and shrinks, and Linux's reclaim beside them.
///
/// A program gets memory in steps of a quarter of what lies between two watermarks, so that it meets
/// each of them. After each step free memory is what the device has, less what programs and the design
/// hold:
///
/// - below the low watermark background reclaim asks for what is missing up to the high one, and the
///   program goes on;
/// - below the lowest one the program reclaims itself, and goes on when it is answered;
/// - where that brings nothing, the low-memory killer asks.
///
/// Where even that brings nothing, the program gets its memory all the same: what a system does then
/// (swapping, ending processes) is not modelled.
///
/// An answer counts when its choice is made. A program that reclaims meanwhile asks for what is missing all
/// the same: Linux's background reclaim and a program's own know nothing of each other either. What the
/// killer asks for is what a program asks for, so a design that gave nothing to that has nothing for it.
///
/// Pages count as the design's from when the plan that allocates them begins, and as free from when
/// their choice was answered, or from when the plan that frees them begins where nobody asked: a design
/// counts so, too, and uses again at once what it gives back. What one plan takes and gives back itself is
/// not counted.
struct PressureSource: Sendable {
  let watermarks: Watermarks
  private let capacity: ByteCount
  private(set) var load: ByteCount
  private var held = ByteCount.zero
  private(set) var history: [PressureEvent] = []
  /// Whether it is news when there is enough: memory was wanted, or others have freed some.
  private var isEnoughNews = false
  /// Answers that have not ended.
  private var answering: Set<JobID> = []
  /// When the program that waits began to, and for which plans.
  private var waitBegin: SimulatedTime?
  private var waitedFor: Set<JobID> = []
  /// What is left of what programs get.
  private var steps: [Step] = []

  private struct Step: Sendable {
    var size: ByteCount
    var gets: Bool
    /// After the one before.
    var delay: SimulatedDuration
  }

  init(_ pricing: DevicePricing) {
    watermarks = pricing.watermarks
    load = pricing.backgroundMemory
    capacity = pricing.availableMemory + pricing.backgroundMemory
  }

  /// Zero where more is held than there is.
  var free: ByteCount {
    let used = load + held
    return used < capacity ? capacity - used : .zero
  }

  /// What a design may hold without waking background reclaim.
  var available: ByteCount {
    let kept = load + watermarks.high
    return kept < capacity ? capacity - kept : .zero
  }

  // MARK: Programs

  /// A program begins to get memory, or frees it, when all before it has been got.
  mutating func begin(_ growth: MemoryGrowth) {
    guard growth.gets else {
      steps.append(Step(size: growth.size, gets: false, delay: .zero))
      return
    }
    let most = ByteCount(bytes: max(1, (watermarks.low - watermarks.least).bytes / 4))
    var got = ByteCount.zero
    var end = SimulatedDuration.zero
    for number in 1...growth.size.pages(of: most) {
      let reached = min(growth.size, most * number)
      // Rounded down alike, so that the last one ends the growth.
      let next = SimulatedDuration(
        picoseconds: Int64(
          Int128(growth.over.picoseconds) * Int128(reached.bytes) / Int128(growth.size.bytes)))
      steps.append(Step(size: reached - got, gets: true, delay: next - end))
      (got, end) = (reached, next)
    }
  }

  /// A program gets what its next step brings, or frees it.
  /// - Returns: whether it allocates.
  mutating func step(at now: SimulatedTime) -> Bool {
    let step = steps.removeFirst()
    if step.gets {
      setLoad(load + step.size, at: now)
    } else {
      isEnoughNews = true
      setLoad(load - step.size, at: now)
    }
    return step.gets
  }

  /// When the next step is due, from now on; nil where there is none, or where the program waits.
  var nextDelay: SimulatedDuration? { isWaiting ? nil : steps.first?.delay }

  var isWaiting: Bool { waitBegin != nil }

  private mutating func setLoad(_ size: ByteCount, at now: SimulatedTime) {
    load = size
    history.append(PressureEvent(time: now, change: .load(size)))
  }

  // MARK: Reclaim

  /// How badly memory is wanted, after what has been asked for at this instant and brought nothing.
  /// - Parameter isAllocating: whether a program does, which would wait.
  func urgency(after asked: [RecallUrgency], isAllocating: Bool) -> RecallUrgency? {
    if isWaiting { return nil }
    if isAllocating, free < watermarks.least {
      return [.direct, .lastResort].first { !asked.contains($0) }
    }
    // Background reclaim asks once at a time.
    return free < watermarks.low && answering.isEmpty && asked.isEmpty ? .background : nil
  }

  /// - Returns: how much is wanted.
  mutating func ask(_ urgency: RecallUrgency, at now: SimulatedTime) -> ByteCount {
    isEnoughNews = true
    let wanted = watermarks.high - free
    history.append(PressureEvent(time: now, change: .asked(wanted, urgency)))
    return wanted
  }

  /// Whether it is to be said that there is enough: background reclaim sleeps then.
  mutating func saysEnough() -> Bool {
    guard isEnoughNews, answering.isEmpty, free >= watermarks.high else { return false }
    isEnoughNews = false
    return true
  }

  /// The program that allocates waits until what is awaited of a plan has happened.
  mutating func wait(for job: JobID, at now: SimulatedTime) {
    waitBegin = waitBegin ?? now
    waitedFor.insert(job)
  }

  /// - Returns: whether the program goes on.
  mutating func endWait(for job: JobID, at now: SimulatedTime) -> Bool {
    guard waitedFor.remove(job) != nil, waitedFor.isEmpty, let begin = waitBegin else {
      return false
    }
    waitBegin = nil
    history.append(PressureEvent(time: now, change: .waited(now - begin)))
    return true
  }

  // MARK: What the design holds

  mutating func submitted(_ plan: Plan, as job: JobID) {
    let memory = plan.memory
    if plan.answersRecall { answering.insert(job) }
    held = held + memory.allocated
    if !plan.answersRecall { give(memory.freed) }
  }

  mutating func answered(_ plan: Plan, at now: SimulatedTime) {
    let freed = plan.memory.freed
    give(freed)
    history.append(PressureEvent(time: now, change: .recalled(freed)))
  }

  mutating func ended(_ job: JobID) {
    answering.remove(job)
  }

  private mutating func give(_ size: ByteCount) {
    held = held > size ? held - size : .zero
  }
}

extension Plan {
  /// Whether it begins with the choice of what the operating system asked for.
  var answersRecall: Bool {
    if case .chooseForRecall = works.first { tokens.isEmpty } else { false }
  }

  /// What it gets from the operating system, and what it gives back.
  fileprivate var memory: (allocated: ByteCount, freed: ByteCount) {
    var result = (allocated: ByteCount.zero, freed: ByteCount.zero)
    for number in workNumbers {
      switch works[Int(number)].work {
      case .allocatePages(let size, _), .allocateContiguous(let size, _, _):
        result.allocated = result.allocated + size
      case .freePages(let size), .freeContiguous(let size): result.freed = result.freed + size
      default: break
      }
    }
    return result
  }
}
