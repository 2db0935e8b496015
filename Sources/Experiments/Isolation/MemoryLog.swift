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
  /// Of all operations of a session, in the order of submission; nil for the operating system's
  /// attempts.
  var operation: Int?
  var action: MemoryAction
  /// The memory; nil where the action is about the NPU alone.
  var buffer: Int?
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
  /// Workspaces that hold plaintext.
  private var used: Set<Int> = []

  /// - Complexity: O(n log n) in the operations with memory.
  init(_ session: borrowing ServingSession) {
    ownsNPU = session.ownsNPU
    startsProtected = session.startsProtected
    var entries: [Entry] = []
    var operation = 0
    for executed in session.executed {
      for (index, planned) in executed.plan.operations.enumerated() {
        defer { operation += 1 }
        let (before, after) = planned.operation.actions(ownsNPU: ownsNPU)
        if before.isEmpty, after.isEmpty { continue }
        for buffer in planned.buffers where buffers[buffer.number] == nil {
          buffers[buffer.number] = buffer
        }
        if planned.buffers.isEmpty, (before + after).contains(where: \.isAboutMemory) {
          nameless.append(operation)
        }
        let span = session.span(of: Plan.Step(index: index), in: executed)
        let isInstant = span.start == span.end
        add(before, on: planned.buffers, operation, span.start, isInstant ? 1 : 2, to: &entries)
        add(after, on: planned.buffers, operation, span.end, isInstant ? 1 : 0, to: &entries)
      }
    }
    // Small keys are sorted, not the actions: most of the time would go into moving those.
    var keys = entries.indices.map {
      Key(time: entries[$0].logged.time.picoseconds, order: entries[$0].rank << 48 | $0)
    }
    keys.sort { $0.time != $1.time ? $0.time < $1.time : $0.order < $1.order }
    actions = keys.map { entries[$0.order & (1 << 48 - 1)].logged }
  }

  /// Instants at which something happened to memory, each once, in order.
  var moments: [SimulatedTime] {
    actions.map(\.time).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }

  private struct Entry {
    /// Of what happens at one instant: 0 what ends, 1 what takes no time, 2 what begins.
    var rank: Int
    var logged: LoggedAction
  }

  private struct Key {
    var time: Int64
    /// The rank, and below it the place in the order of submission.
    var order: Int
  }

  private mutating func add(
    _ actions: [MemoryAction], on buffers: [Buffer], _ operation: Int, _ time: SimulatedTime,
    _ rank: Int, to entries: inout [Entry]
  ) {
    func add(_ action: MemoryAction, _ buffer: Int?) {
      entries.append(
        Entry(
          rank: rank,
          logged: LoggedAction(time: time, operation: operation, action: action, buffer: buffer)))
    }
    for action in actions {
      if !action.isAboutMemory {
        add(action, nil)
      } else if action == .plaintext(byDecryption: false) {
        // Once: what is computed into holds plaintext from its first product on until it is cleaned,
        // and is given back when it is.
        for buffer in buffers where buffer.use.isComputed && used.insert(buffer.number).inserted {
          add(action, buffer.number)
        }
      } else {
        for buffer in buffers { add(action.of(buffer), buffer.number) }
      }
    }
  }
}

extension Buffer.Use {
  /// Whether it is filled by computing.
  fileprivate var isComputed: Bool {
    switch self {
    case .workspace, .keysAndValues: true
    case .weights, .outgoing: false
    }
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
  fileprivate func of(_ buffer: Buffer) -> MemoryAction {
    switch self {
    case .load: .load(isCiphertext: buffer.isSecret)
    case .unmapFromNPU: .unmapFromNPU(protected: buffer.isSecret)
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
