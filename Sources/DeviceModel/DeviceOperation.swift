import Quantities

/// The operations that designs are made of.
///
/// A design says which of them depend on which; a device profile says what each costs and what
/// it occupies.
public enum DeviceOperation: Hashable, Sendable {
  /// Call from the normal world into the serving process in the secure world.
  case callSecureWorld
  /// A program of the normal world touches what stage 2 does not show it yet: into the monitor and, when
  /// it may, back.
  case faultInStage2
  /// The serving framework starts: it reads the model's description and builds its tokeniser, which
  /// knows so many entries.
  case startFramework(vocabulary: Int)
  /// The framework comes back as an earlier start has left it.
  case restoreFramework
  /// Second-stage translation comes on, after the monitor's code was hashed.
  case enableProtection
  /// It goes off again, after the same check.
  case disableProtection
  /// Ordinary pages, wherever they are, beyond those that the request has already.
  case allocatePages(ByteCount, beyond: ByteCount = .zero)
  /// A range of contiguous memory that grows in place beyond what the request has already; what is
  /// in the way moves.
  case allocateContiguous(ByteCount, beyond: ByteCount = .zero, threads: Int = 1)
  /// Pages enter the serving process's page table and are pinned.
  case mapIntoProcess(ByteCount)
  /// Pages enter the NPU's SMMU table.
  case mapForNPU(ByteCount, protected: Bool)
  /// The NPU gets at what a region covers, or no longer: with its SMMU off, the region's rights decide,
  /// and nothing is entered in a table.
  case letNPUReach(ByteCount, Bool)
  /// The end of a region of the address-space controller moves over `ByteCount` more bytes.
  case growProtectedRegion(ByteCount, region: Int = 0)
  /// Pages leave the normal world's stage-2 table, and the tables of devices.
  case protectPages(ByteCount)
  /// The serving process chooses what it gives back when the operating system asks.
  case chooseForRecall(ByteCount)
  /// Pages leave the NPU's SMMU table.
  case unmapFromNPU(ByteCount)
  /// Nothing of their content is left.
  case zero(ByteCount)
  /// Plaintext becomes ciphertext, in place.
  case encrypt(ByteCount)
  /// Plaintext stays, and its ciphertext is written to other memory.
  case encryptCopy(ByteCount)
  case writeStorage(ByteCount)
  /// The end of a region moves back.
  case shrinkProtectedRegion(ByteCount, region: Int = 0)
  /// Pages come back into the normal world's stage-2 table.
  case unprotectPages(ByteCount)
  /// Pages go back to the operating system's allocator.
  case freePages(ByteCount)
  /// A range of contiguous memory, page by page.
  case freeContiguous(ByteCount)
  /// The NPU runs a task of another program for so long; with a hand-over it leaves protected mode for
  /// it and comes back.
  case runOtherNPUTask(SimulatedDuration, handOver: NPUHandOver?)
  /// Nothing happens, since somebody else takes so long.
  case wait(SimulatedDuration)
  case switchNPUMode(protected: Bool, by: NPUHandOver = .modeSwitch)
  case switchNPUWindow
  case readStorage(ByteCount)
  case decrypt(ByteCount)
  /// The same, taking nothing: how the FlexServe paper emulates an engine in the storage's way.
  case decryptAtNoCost(ByteCount)
  case tokenise(tokens: Int)
  /// Scale to the NPU's precision and lay out in its order.
  case quantise(rows: Int, columns: Int)
  /// A product on the NPU: a task of its own, or one more product of a task that was launched. With a
  /// hand-over the NPU is the normal world's before and after it.
  case multiplyOnNPU(
    MatrixMultiply, protected: Bool, launch: Bool = true, handOver: NPUHandOver? = nil)
  /// Take results from the NPU's order and scale back.
  case dequantise(rows: Int, columns: Int)
  case multiplyOnCPU(MatrixMultiply)
  /// Products of activations with activations, on the CPU, and the keys and values they read.
  case attention(multiplyAccumulates: Int64, keysAndValues: ByteCount)
  /// Norms, residuals, rotary embedding, gates, sampling: bytes read and written.
  case elementwise(ByteCount)
  /// A step of bringing weights into memory, done by the threads that compute whenever they have
  /// nothing more urgent to do. If it has micro-operations of a size, they turn to what is more urgent
  /// after each of them, and else when it is done.
  indirect case restore(DeviceOperation, microOperation: ByteCount?)
}

/// How an NPU comes from one world to the other.
public enum NPUHandOver: String, CaseIterable, Sendable {
  /// The monitor maps its registers out of one world and into the other (FlexServe).
  case modeSwitch
  /// A driver in each world: jobs are announced, then interrupts and bus firewalls change (TZ-LLM).
  case coDriver
  /// The driver of one world is detached and that of the other attached.
  case reattach
}

/// What an operation does, as the breakdown of a time names it.
public enum OperationKind: String, CaseIterable, Sendable {
  case worldSwitch = "world_switch"
  case framework
  case protection
  case allocation
  case processMapping = "process_mapping"
  case npuMapping = "npu_mapping"
  case npuSwitch = "npu_switch"
  case storage
  case decryption
  case recall
  case cleaning
  case release
  case otherTask = "other_task"
  case wait
  case tokenise
  case hostConversion = "host_conversion"
  case npuCompute = "npu_compute"
  case cpuCompute = "cpu_compute"

  public var meaning: String {
    switch self {
    case .worldSwitch: "calls into the secure world, and faults into the monitor"
    case .framework: "start of the serving framework, or its return from a checkpoint"
    case .protection: "protection on; pages leave stage 2; regions of the controller move"
    case .allocation: "page allocation, or contiguous allocation with its migration"
    case .processMapping: "pages enter the serving process's page table"
    case .npuMapping: "pages enter the NPU's SMMU table"
    case .npuSwitch: "the NPU changes mode or page table"
    case .storage: "reading weights"
    case .decryption: "decrypting weights"
    case .recall: "choosing what is given back to the operating system"
    case .cleaning: "zeroing, encrypting and writing back what is given back"
    case .release: "pages leave tables and regions and go back to the allocator"
    case .otherTask: "tasks of other programs on the NPU"
    case .wait: "waiting for an operating system that takes its time"
    case .tokenise: "tokenising the prompt"
    case .hostConversion: "quantising and dequantising around NPU products"
    case .npuCompute: "products on the NPU, with their launches"
    case .cpuCompute: "products, attention, norms and sampling on the CPU"
    }
  }
}

extension DeviceOperation {
  public var kind: OperationKind {
    switch self {
    case .callSecureWorld, .faultInStage2: .worldSwitch
    case .startFramework, .restoreFramework: .framework
    case .enableProtection, .disableProtection, .protectPages, .growProtectedRegion: .protection
    case .allocatePages, .allocateContiguous: .allocation
    case .mapIntoProcess: .processMapping
    case .mapForNPU, .letNPUReach: .npuMapping
    case .switchNPUMode, .switchNPUWindow: .npuSwitch
    case .readStorage: .storage
    case .decrypt, .decryptAtNoCost: .decryption
    case .chooseForRecall: .recall
    case .zero, .encrypt, .encryptCopy, .writeStorage: .cleaning
    case .unmapFromNPU, .shrinkProtectedRegion, .unprotectPages, .freePages, .freeContiguous:
      .release
    case .runOtherNPUTask: .otherTask
    case .wait: .wait
    case .tokenise: .tokenise
    case .quantise, .dequantise: .hostConversion
    case .multiplyOnNPU: .npuCompute
    case .multiplyOnCPU, .attention, .elementwise: .cpuCompute
    case .restore(let operation, _): operation.kind
    }
  }

  /// Whether it is there only to keep others out.
  public var isProtection: Bool {
    switch self {
    case .callSecureWorld, .faultInStage2, .enableProtection, .disableProtection,
      .growProtectedRegion,
      .protectPages, .switchNPUMode, .decrypt, .decryptAtNoCost, .zero, .encrypt,
      .encryptCopy, .shrinkProtectedRegion,
      .unprotectPages, .letNPUReach:
      true
    case .restore(let operation, _): operation.isProtection
    default: false
    }
  }

  /// What is done, whoever's threads do it.
  public var work: DeviceOperation {
    if case .restore(let operation, _) = self { operation } else { self }
  }

  /// Of those that wait for a unit, the lowest number goes first. Computing comes before bringing
  /// weights in; of those, what is to be decrypted is needed before what is to be allocated.
  public var priority: UInt8 {
    guard case .restore(let operation, _) = self else { return 0 }
    return if case .decrypt = operation { 1 } else { 2 }
  }

  /// Whether it gives its unit away, between two of its steps, to what has a lower number.
  public var isPreemptible: Bool {
    if case .restore(_, .some) = self { true } else { false }
  }

  /// The bytes that it is about, where it is about bytes.
  var size: ByteCount? {
    switch self {
    case .allocatePages(let size, _), .allocateContiguous(let size, _, _),
      .mapIntoProcess(let size),
      .mapForNPU(let size, _), .letNPUReach(let size, _), .growProtectedRegion(let size, _),
      .protectPages(let size), .chooseForRecall(let size), .unmapFromNPU(let size),
      .zero(let size), .encrypt(let size), .encryptCopy(let size), .writeStorage(let size),
      .shrinkProtectedRegion(let size, _), .unprotectPages(let size), .freePages(let size),
      .freeContiguous(let size), .readStorage(let size), .decrypt(let size),
      .decryptAtNoCost(let size):
      size
    case .restore(let operation, _): operation.size
    default: nil
    }
  }
}

/// What an operation occupies alone while it runs.
public enum DeviceUnit: String, CaseIterable, Sendable {
  case storage
  /// The threads that decrypt.
  case decryptionTeam = "decryption-team"
  /// The threads that compute.
  case computeTeam = "compute-team"
  case npu
  /// The operating system's memory management, or the monitor in its place: one core, one lock.
  case memoryManagement = "memory-management"
  /// The thread that cleans what was recalled, behind everything else.
  case cleaner
}

/// What running operations divide among themselves.
public enum SharedUnit: String, CaseIterable, Sendable {
  /// Millionths of a fast core.
  case processorCores = "processor-cores"
  /// Bytes per second.
  case memoryBandwidth = "memory-bandwidth"
}
