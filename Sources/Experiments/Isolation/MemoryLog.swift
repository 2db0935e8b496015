import DeviceModel
import Quantities
import ServingDesigns
import SimulationKernel

/// What an operation does to memory and to the NPU, as hardware would see it.
enum MemoryAction: Hashable, Sendable {
  /// The operating system hands frames over.
  case take
  /// The storage device has written into them, ciphertext or not.
  case load(isCiphertext: Bool)
  /// They leave the normal world's stage-2 table; old translations may live on.
  case hideFromStage2
  /// A region of the address-space controller covers them.
  case hideInRegion
  /// The translations of the normal world's cores are gone.
  case flush
  /// The entries of other devices' SMMUs are gone.
  case blockDevices
  /// Entries in one of the NPU's tables.
  case mapForNPU(protected: Bool)
  case unmapFromNPU(protected: Bool)
  /// They hold plaintext from now on.
  case plaintext(byDecryption: Bool)
  case readByNPU
  case readByCPU
  case clean(isZeroed: Bool)
  /// The normal world can reach them again.
  case show
  /// They are the operating system's again.
  case give
  case switchNPU(toProtected: Bool)
  /// Stage-2 translation is on from now on, or off: then the normal world reaches all that it alone
  /// kept from it.
  case beginStage2
  case endStage2
  /// A task of another program begins on the NPU as it is.
  case runOtherTask
  /// A task of another program has the NPU, in normal mode, and gives it back as it was.
  case lendNPU
  case returnNPU
  /// A region's end has moved to the end, or back to the start, of the frames.
  case moveRegion(grows: Bool)
  /// A region's end moves half a granule too far: only sabotage does that.
  case overshootRegion
  /// The operating system tries something with the first page.
  case attempt(Actor)

  enum Actor: String, CaseIterable, Sendable {
    case cpu
    case device = "dma"
    case npu
  }
}

/// One action, when it happened and who did it.
struct LoggedAction: Hashable, Sendable {
  var time: SimulatedTime
  var action: MemoryAction
  // Logs are long, so numbers are short; -1 is none.
  private var operationNumber: Int32
  private var bufferNumber: Int32

  init(time: SimulatedTime, operation: Int?, action: MemoryAction, buffer: Int?) {
    self.time = time
    self.action = action
    operationNumber = operation.map { Int32($0) } ?? -1
    bufferNumber = buffer.map { Int32($0) } ?? -1
  }

  /// Of all operations of a session, in the order of submission; nil for the operating system's
  /// attempts.
  var operation: Int? {
    get { operationNumber < 0 ? nil : Int(operationNumber) }
    set { operationNumber = newValue.map { Int32($0) } ?? -1 }
  }

  /// The memory; nil where the action is about the NPU alone.
  var buffer: Int? {
    get { bufferNumber < 0 ? nil : Int(bufferNumber) }
    set { bufferNumber = newValue.map { Int32($0) } ?? -1 }
  }
}

/// Everything that a session did to memory, in the order in which it happened.
///
/// The order at one instant: what ended then, operations that take no time, what begins then; and
/// among these the order of submission, in which nothing stands before what it waits for.
struct MemoryLog: Sendable {
  var actions: [LoggedAction] = []
  /// The buffers that the actions name, by number.
  private(set) var buffers: [Int: Buffer] = [:]
  let ownsNPU: Bool
  /// Whether stage-2 protection was on at the start.
  let startsProtected: Bool
  /// Operations that work on memory and do not say which: of them nothing can be checked.
  private(set) var nameless: [Int] = []

  /// - Complexity: O(n log n) in the operations with memory.
  init(_ session: borrowing ServingSession) {
    ownsNPU = session.ownsNPU
    startsProtected = session.startsProtected
    var recording = Recording(
      operationCount: session.executed.reduce(0) { $0 + $1.plan.workNumbers.count })
    var operation = 0
    for executed in session.executed {
      let plan = executed.plan
      // What is the same for many operations of a plan is worked out once.
      let effects = plan.works.map { $0.actions(ownsNPU: ownsNPU) }
      let lists = plan.bufferLists.map { $0.map(Target.init) }
      for index in plan.workNumbers.indices {
        defer { operation += 1 }
        let (before, after) = effects[Int(plan.workNumbers[index])]
        if before.isEmpty, after.isEmpty { continue }
        let list = Int(plan.bufferListNumbers[index])
        if recording.isNew(list, of: executed.job) {
          for buffer in plan.bufferLists[list] where buffers[buffer.number] == nil {
            buffers[buffer.number] = buffer
          }
        }
        if lists[list].isEmpty, (before + after).contains(where: \.isAboutMemory) {
          nameless.append(operation)
        }
        let span = session.span(of: Plan.Step(index: index), in: executed)
        let isInstant = span.start == span.end
        recording.add(before, on: lists[list], operation, span.start, isInstant ? 1 : 2)
        recording.add(after, on: lists[list], operation, span.end, isInstant ? 1 : 0)
      }
    }
    actions = recording.sorted()
  }

  /// Instants at which something happened to memory, each once, in order.
  var moments: [SimulatedTime] {
    actions.map(\.time).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}

/// What is to be known of a buffer to log an action on it.
private struct Target {
  var number: Int
  var isSecret: Bool
  /// Whether it is filled by computing.
  var isComputed: Bool

  init(_ buffer: Buffer) {
    number = buffer.number
    isSecret = buffer.isSecret
    isComputed =
      switch buffer.use {
      case .workspace, .keysAndValues: true
      case .weights, .outgoing: false
      }
  }
}

/// Actions in the order of submission, with what puts them in the order of happening.
private struct Recording {
  private var logged: [LoggedAction] = []
  /// Small keys are sorted, not the actions: most of the time would go into moving those.
  private var keys: [Key] = []
  /// By number, whether a buffer that is computed into holds plaintext.
  private var used: [Bool] = []
  /// Lists of buffers of one job that were met.
  private var met: (job: JobID, lists: [Bool])?

  private struct Key {
    var time: Int64
    /// Of what happens at one instant: 0 what ends, 1 what takes no time, 2 what begins. Below it the
    /// place in the order of submission.
    var order: Int
  }

  init(operationCount: Int) {
    // Some operations do several things to memory, and many none.
    logged.reserveCapacity(2 * operationCount)
    keys.reserveCapacity(2 * operationCount)
  }

  /// Whether a job has not met a list of buffers before; asked job by job.
  mutating func isNew(_ list: Int, of job: JobID) -> Bool {
    if met?.job != job { met = (job, []) }
    while met!.lists.count <= list { met!.lists.append(false) }
    defer { met!.lists[list] = true }
    return !met!.lists[list]
  }

  mutating func add(
    _ actions: [MemoryAction], on targets: [Target], _ operation: Int, _ time: SimulatedTime,
    _ rank: Int
  ) {
    for action in actions {
      if !action.isAboutMemory {
        add(action, nil, operation, time, rank)
      } else if action == .plaintext(byDecryption: false) {
        // Once: what is computed into holds plaintext from its first product on until it is cleaned,
        // and is given back when it is.
        for target in targets where target.isComputed && isFirstUse(of: target.number) {
          add(action, target.number, operation, time, rank)
        }
      } else {
        for target in targets { add(action.of(target), target.number, operation, time, rank) }
      }
    }
  }

  private mutating func add(
    _ action: MemoryAction, _ buffer: Int?, _ operation: Int, _ time: SimulatedTime, _ rank: Int
  ) {
    keys.append(Key(time: time.picoseconds, order: rank << 48 | logged.count))
    logged.append(
      LoggedAction(time: time, operation: operation, action: action, buffer: buffer))
  }

  private mutating func isFirstUse(of buffer: Int) -> Bool {
    while used.count <= buffer { used.append(false) }
    defer { used[buffer] = true }
    return !used[buffer]
  }

  /// The actions in the order of happening.
  mutating func sorted() -> [LoggedAction] {
    keys.sort { $0.time != $1.time ? $0.time < $1.time : $0.order < $1.order }
    return keys.map { logged[$0.order & (1 << 48 - 1)] }
  }
}

extension MemoryAction {
  /// Whether it is about certain memory, not about the NPU's mode or stage 2 as a whole.
  fileprivate var isAboutMemory: Bool {
    switch self {
    case .switchNPU, .lendNPU, .returnNPU, .beginStage2, .endStage2, .runOtherTask: false
    default: true
    }
  }

  /// What an action is for memory that is, or is not, secret: what is not lies on storage as it is,
  /// and in the NPU's normal table.
  fileprivate func of(_ target: Target) -> MemoryAction {
    switch self {
    case .load: .load(isCiphertext: target.isSecret)
    case .unmapFromNPU: .unmapFromNPU(protected: target.isSecret)
    default: self
    }
  }
}

extension DeviceOperation {
  /// What happens at its start and at its end.
  fileprivate func actions(
    ownsNPU: Bool
  ) -> (before: [MemoryAction], after: [MemoryAction]) {
    switch self {
    case .allocatePages, .allocateContiguous: ([], [.take])
    case .mapForNPU(_, let protected): ([], [.mapForNPU(protected: protected || ownsNPU)])
    case .growProtectedRegion: ([], [.moveRegion(grows: true), .hideInRegion])
    case .enableProtection: ([], [.beginStage2])
    case .disableProtection: ([.endStage2], [])
    case .protectPages: ([.hideFromStage2], [.blockDevices, .flush])
    case .readStorage: ([], [.load(isCiphertext: true)])
    // Plaintext appears as it begins.
    case .decrypt, .decryptAtNoCost: ([.plaintext(byDecryption: true)], [.readByCPU])
    // Activations, keys and values are written as weights are read.
    case .multiplyOnNPU(_, _, _, let handOver):
      handOver == nil
        ? ([.plaintext(byDecryption: false), .readByNPU], [.readByNPU])
        : (
          [.switchNPU(toProtected: true), .plaintext(byDecryption: false), .readByNPU],
          [.readByNPU, .switchNPU(toProtected: false)]
        )
    case .multiplyOnCPU: ([.plaintext(byDecryption: false), .readByCPU], [.readByCPU])
    case .switchNPUMode(let protected, _): ([], [.switchNPU(toProtected: protected)])
    case .runOtherNPUTask(_, let handOver):
      handOver != nil
        ? ([.lendNPU, .runOtherTask], [.returnNPU]) : ([.runOtherTask], [])
    case .unmapFromNPU: ([], [.unmapFromNPU(protected: true)])
    case .zero: ([], [.clean(isZeroed: true)])
    case .encrypt: ([], [.clean(isZeroed: false)])
    case .shrinkProtectedRegion: ([], [.moveRegion(grows: false), .show])
    case .unprotectPages: ([.show], [])
    case .freePages, .freeContiguous: ([], [.give])
    case .letNPUReach(_, true): ([], [.mapForNPU(protected: true)])
    case .letNPUReach(_, false): ([], [.unmapFromNPU(protected: true)])
    case .restore(let operation, _): operation.actions(ownsNPU: ownsNPU)
    case .callSecureWorld, .faultInStage2, .startFramework, .restoreFramework, .mapIntoProcess,
      .switchNPUWindow,
      .chooseForRecall,
      .writeStorage, .tokenise, .quantise, .dequantise, .attention, .elementwise, .wait:
      ([], [])
    }
  }
}
