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
  /// Ciphertext of what lies elsewhere overwrites them.
  case ciphertext
  /// The storage device reads them.
  case store
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
  /// The buffers that the actions name, by number; nil where none has it.
  private(set) var buffers: [Buffer?] = []
  let ownsNPU: Bool
  /// Whether stage-2 protection was on at the start.
  let startsProtected: Bool
  /// Operations that work on memory and do not say which: of them nothing can be checked.
  private(set) var nameless: [Int] = []

  /// - Parameter everyRead: whether all that is read is logged. Otherwise a read of the same memory is
  ///   logged once between two changes, whatever they change: what can be wrong with a read follows
  ///   from what changed before it, so the first violation is the same. Products read, and repeat,
  ///   so nearly all of a log would be reads.
  /// - Complexity: O(n) in the operations, and O(m log m) in the actions that are logged.
  init(_ session: borrowing ServingSession, everyRead: Bool) {
    ownsNPU = session.ownsNPU
    startsProtected = session.startsProtected
    var recording = Recording(session)
    buffers = recording.buffers
    nameless = recording.addChanges(session)
    recording.addReads(session, every: everyRead)
    actions = recording.sorted()
  }

  /// Instants at which something happened to memory, each once, in order.
  var moments: [SimulatedTime] {
    actions.map(\.time).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
  }
}

/// What is to be known of a buffer to log an action on it.
private struct BufferRole {
  var isSecret = false
  var isOutgoing = false

  init() {}

  init(_ buffer: Buffer) {
    isSecret = buffer.isSecret
    isOutgoing = buffer.use == .outgoing
  }
}

/// What an operation does to memory. It reads after what it changes at its start, and before what it
/// changes at its end.
private struct WorkActions {
  /// What changes at its start and at its end.
  let before: [MemoryAction]
  let after: [MemoryAction]
  let read: Read?
  // Asked of every operation, so worked out once.
  let changes: Bool
  /// Whether it changes nothing more once what it computes into is filled.
  let onlyFills: Bool
  let isAboutMemory: Bool

  struct Read {
    var action: MemoryAction
    var isAtStartToo: Bool
  }

  init(before: [MemoryAction] = [], after: [MemoryAction] = [], read: Read? = nil) {
    self.before = before
    self.after = after
    self.read = read
    changes = !before.isEmpty || !after.isEmpty
    onlyFills = after.isEmpty && before.count == 1 && before[0] == .plaintext(byDecryption: false)
    isAboutMemory =
      read != nil || before.contains(where: \.isAboutMemory)
      || after.contains(where: \.isAboutMemory)
  }
}

/// Actions, with what puts them in the order of happening.
///
/// What plans have is laid out one after the other: sessions have thousands of small plans.
private struct Recording {
  private var plans: [PlanPlace] = []
  private var works: [WorkActions] = []
  /// Numbers of the buffers of all lists, and where each list ends.
  private var listed: [Int] = []
  private var listEnds: [Int] = []
  /// By number.
  let buffers: [Buffer?]
  private var logged: [LoggedAction] = []
  /// Small keys are sorted, not the actions: most of the time would go into moving those.
  private var keys: [Key] = []
  /// The moments of all changes, in order.
  private var changes: [Moment] = []
  /// How many changes come before the read that was looked at last.
  private var epoch = 0

  /// Where what a plan has begins.
  private struct PlanPlace {
    var operations: Int
    var works: Int
    var lists: Int
  }

  /// When an action happens, and where among what happens at that instant.
  private struct Moment: Comparable {
    var time: Int64
    var order: UInt64

    /// - Parameter place: among what the operation does.
    init(
      _ times: (start: SimulatedTime, end: SimulatedTime), isAtEnd: Bool, operation: Int,
      place: Int
    ) {
      time = (isAtEnd ? times.end : times.start).picoseconds
      // What ends, what takes no time, what begins.
      let rank: UInt64 = times.start == times.end ? 1 : isAtEnd ? 0 : 2
      order = rank << 62 | UInt64(operation) << 8 | UInt64(place)
    }

    static func < (one: Moment, other: Moment) -> Bool {
      one.time != other.time ? one.time < other.time : one.order < other.order
    }
  }

  private struct Key {
    var moment: Moment
    /// The place of the action among those that were recorded: of one effect they are in order.
    var place: Int
  }

  init(_ session: borrowing ServingSession) {
    var operationCount = 0
    plans.reserveCapacity(session.executed.count)
    for executed in session.executed {
      let plan = executed.plan
      plans.append(
        PlanPlace(operations: operationCount, works: works.count, lists: listEnds.count))
      operationCount += plan.workNumbers.count
      for work in plan.works { works.append(work.actions(ownsNPU: session.ownsNPU)) }
      for list in plan.bufferLists {
        for place in list.indices { listed.append(list[place].number) }
        listEnds.append(listed.count)
      }
    }
    buffers = Self.buffers(session, count: (listed.max() ?? -1) + 1)
    // Long plans repeat what they read, so little more is logged of them than of short ones.
    logged.reserveCapacity(min(operationCount, 1024))
    keys.reserveCapacity(min(operationCount, 1024))
  }

  /// Buffers are in many lists, and copied once.
  private static func buffers(
    _ session: borrowing ServingSession, count: Int
  ) -> [Buffer?] {
    var buffers = [Buffer?](repeating: nil, count: count)
    var isKnown = [Bool](repeating: false, count: count)
    for executed in session.executed {
      for list in executed.plan.bufferLists {
        for place in list.indices where !isKnown[list[place].number] {
          isKnown[list[place].number] = true
          buffers[list[place].number] = list[place]
        }
      }
    }
    return buffers
  }

  /// The places of a list's buffers.
  private func range(of list: Int) -> Range<Int> {
    (list == 0 ? 0 : listEnds[list - 1])..<listEnds[list]
  }

  /// To be called once, before any read.
  /// - Returns: operations on memory that name none.
  mutating func addChanges(_ session: borrowing ServingSession) -> [Int] {
    var nameless: [Int] = []
    // By number, what a buffer is for, and whether one that is computed into still lacks that.
    let roles = buffers.map { $0.map(BufferRole.init) ?? BufferRole() }
    var isToFill = buffers.map { $0?.isComputed ?? false }
    // Lists in which all of those do.
    var isFilled = [Bool](repeating: false, count: listEnds.count)
    for (plan, begin) in plans.enumerated() {
      let workNumbers = session.executed[plan].plan.workNumbers
      let listNumbers = session.executed[plan].plan.bufferListNumbers
      for index in workNumbers.indices {
        let work = begin.works + Int(workNumbers[index])
        let list = begin.lists + Int(listNumbers[index])
        let operation = begin.operations + index
        if works[work].isAboutMemory, range(of: list).isEmpty { nameless.append(operation) }
        guard works[work].changes else { continue }
        if works[work].onlyFills {
          if isFilled[list] { continue }
          isFilled[list] = true
        }
        let times = session.times(of: index, ofPlan: plan)
        for (place, action) in works[work].before.enumerated() {
          let moment = Moment(times, isAtEnd: false, operation: operation, place: place)
          add(action, on: list, operation, moment, roles, &isToFill)
        }
        for (place, action) in works[work].after.enumerated() {
          let moment = Moment(
            times, isAtEnd: true, operation: operation, place: Self.endOfReads + place)
          add(action, on: list, operation, moment, roles, &isToFill)
        }
      }
    }
    sort()
    changes = keys.map(\.moment)
    return nameless
  }

  /// The places of an operation's reads, at its start and its end, and of what it does then.
  private static let startOfReads = 8
  private static let endOfReads = 10

  private mutating func add(
    _ action: MemoryAction, on list: Int, _ operation: Int, _ moment: Moment, _ roles: [BufferRole],
    _ isToFill: inout [Bool]
  ) {
    if !action.isAboutMemory {
      add(action, nil, operation, moment)
    } else if action == .plaintext(byDecryption: false) {
      // Once: what is computed into holds plaintext from its first product on until it is cleaned,
      // and is given back when it is.
      for place in range(of: list) where isToFill[listed[place]] {
        isToFill[listed[place]] = false
        add(action, listed[place], operation, moment)
      }
    } else {
      for place in range(of: list) {
        add(action.on(roles[listed[place]]), listed[place], operation, moment)
      }
    }
  }

  mutating func addReads(_ session: borrowing ServingSession, every: Bool) {
    // What was recorded last, by list and reader.
    var last = [LastRead](repeating: LastRead(), count: 2 * listEnds.count)
    for (plan, begin) in plans.enumerated() {
      let workNumbers = session.executed[plan].plan.workNumbers
      let listNumbers = session.executed[plan].plan.bufferListNumbers
      for index in workNumbers.indices {
        guard let read = works[begin.works + Int(workNumbers[index])].read else { continue }
        let list = begin.lists + Int(listNumbers[index])
        let reader = 2 * list + (read.action == .readByNPU ? 1 : 0)
        let operation = begin.operations + index
        let times = session.times(of: index, ofPlan: plan)
        if !every, last[reader].covers(times) { continue }
        for isAtEnd in [false, true] where isAtEnd || read.isAtStartToo {
          let moment = Moment(
            times, isAtEnd: isAtEnd, operation: operation,
            place: Self.startOfReads + (isAtEnd ? 1 : 0))
          moveEpoch(to: moment)
          if every || last[reader].epoch != epoch {
            last[reader] = LastRead(
              epoch: epoch, first: keys.count, from: moment.time,
              until: epoch < changes.count ? changes[epoch].time : .max)
            for place in range(of: list) { add(read.action, listed[place], operation, moment) }
          } else if moment < keys[last[reader].first].moment {
            // The earliest one is what would be found.
            for place in 0..<range(of: list).count {
              replace(last[reader].first + place, operation, moment)
            }
            last[reader].from = moment.time
          }
        }
      }
    }
  }

  private struct LastRead {
    var epoch = -1
    /// Of the keys, whose actions lie in the same places before they are sorted again.
    var first = 0
    /// The read, and the next change.
    var from = Int64.max
    var until = Int64.min

    /// Whether another one adds nothing, without a closer look at its instants.
    func covers(_ times: (start: SimulatedTime, end: SimulatedTime)) -> Bool {
      from < times.start.picoseconds && times.end.picoseconds < until
    }
  }

  /// Nearly always the same epoch as before, or the next.
  private mutating func moveEpoch(to moment: Moment) {
    while epoch < changes.count, changes[epoch] < moment { epoch += 1 }
    while epoch > 0, moment < changes[epoch - 1] { epoch -= 1 }
  }

  private mutating func add(
    _ action: MemoryAction, _ buffer: Int?, _ operation: Int, _ moment: Moment
  ) {
    keys.append(Key(moment: moment, place: logged.count))
    logged.append(
      LoggedAction(
        time: SimulatedTime(picoseconds: moment.time), operation: operation, action: action,
        buffer: buffer))
  }

  private mutating func replace(_ place: Int, _ operation: Int, _ moment: Moment) {
    keys[place].moment = moment
    logged[place].operation = operation
    logged[place].time = SimulatedTime(picoseconds: moment.time)
  }

  private mutating func sort() {
    keys.sort {
      $0.moment < $1.moment || ($0.moment == $1.moment && $0.place < $1.place)
    }
  }

  /// The actions in the order of happening.
  mutating func sorted() -> [LoggedAction] {
    sort()
    return keys.map { logged[$0.place] }
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

  /// What an action is for certain memory: what is not secret lies on storage as it is, and in the
  /// NPU's normal table; what is encrypted into other memory is read.
  fileprivate func on(_ role: BufferRole) -> MemoryAction {
    switch self {
    case .load: .load(isCiphertext: role.isSecret)
    case .unmapFromNPU: .unmapFromNPU(protected: role.isSecret)
    case .ciphertext: role.isOutgoing ? .ciphertext : .readByCPU
    default: self
    }
  }
}

extension Buffer {
  /// Whether it is filled by computing.
  fileprivate var isComputed: Bool {
    switch use {
    case .workspace, .keysAndValues: true
    case .weights, .outgoing: false
    }
  }
}

extension DeviceOperation {
  fileprivate func actions(ownsNPU: Bool) -> WorkActions {
    switch self {
    case .allocatePages, .allocateContiguous: WorkActions(after: [.take])
    case .mapForNPU(_, let protected):
      WorkActions(after: [.mapForNPU(protected: protected || ownsNPU)])
    case .growProtectedRegion: WorkActions(after: [.moveRegion(grows: true), .hideInRegion])
    case .enableProtection: WorkActions(after: [.beginStage2])
    case .disableProtection: WorkActions(before: [.endStage2])
    case .protectPages: WorkActions(before: [.hideFromStage2], after: [.blockDevices, .flush])
    case .readStorage: WorkActions(after: [.load(isCiphertext: true)])
    // Plaintext appears as it begins.
    case .decrypt, .decryptAtNoCost:
      WorkActions(
        before: [.plaintext(byDecryption: true)],
        read: WorkActions.Read(action: .readByCPU, isAtStartToo: false))
    // Activations, keys and values are written as weights are read.
    case .multiplyOnNPU(_, _, _, nil):
      WorkActions(
        before: [.plaintext(byDecryption: false)],
        read: WorkActions.Read(action: .readByNPU, isAtStartToo: true))
    case .multiplyOnNPU:
      WorkActions(
        before: [.switchNPU(toProtected: true), .plaintext(byDecryption: false)],
        after: [.switchNPU(toProtected: false)],
        read: WorkActions.Read(action: .readByNPU, isAtStartToo: true))
    case .multiplyOnCPU:
      WorkActions(
        before: [.plaintext(byDecryption: false)],
        read: WorkActions.Read(action: .readByCPU, isAtStartToo: true))
    case .switchNPUMode(let protected, _):
      WorkActions(after: [.switchNPU(toProtected: protected)])
    case .runOtherNPUTask(_, nil): WorkActions(before: [.runOtherTask])
    case .runOtherNPUTask: WorkActions(before: [.lendNPU, .runOtherTask], after: [.returnNPU])
    case .unmapFromNPU: WorkActions(after: [.unmapFromNPU(protected: true)])
    case .zero: WorkActions(after: [.clean(isZeroed: true)])
    case .encrypt: WorkActions(after: [.clean(isZeroed: false)])
    case .encryptCopy: WorkActions(after: [.ciphertext])
    case .writeStorage: WorkActions(after: [.store])
    case .shrinkProtectedRegion: WorkActions(after: [.moveRegion(grows: false), .show])
    case .unprotectPages: WorkActions(before: [.show])
    case .freePages, .freeContiguous: WorkActions(after: [.give])
    case .letNPUReach(_, true): WorkActions(after: [.mapForNPU(protected: true)])
    case .letNPUReach(_, false): WorkActions(after: [.unmapFromNPU(protected: true)])
    case .restore(let operation, _): operation.actions(ownsNPU: ownsNPU)
    case .callSecureWorld, .faultInStage2, .startFramework, .restoreFramework, .mapIntoProcess,
      .switchNPUWindow,
      .chooseForRecall, .tokenise, .quantise, .dequantise, .attention, .elementwise, .wait:
      WorkActions()
    }
  }
}
