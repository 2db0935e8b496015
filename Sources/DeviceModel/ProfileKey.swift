import Quantities

/// What kind of value a profile key takes.
public enum ProfileValueKind: String, Sendable {
  case duration
  case bytes
  case bandwidth
  case frequency
  /// Multiply-accumulates a second.
  case macRate
  /// Elements a second.
  case elementRate
  case ratio
  case count
  case curve
}

/// One value that a device profile must give, and what it means.
///
/// The catalogue below is the whole list: a profile that lacks one of them, or has another, is
/// refused. So nothing that moves a result has a hidden default.
public struct ProfileKey: Hashable, Sendable {
  /// Dotted path in the file, such as `npu.modeSwitch`.
  public let path: String
  public let kind: ProfileValueKind
  public let meaning: String

  private init(_ path: String, _ kind: ProfileValueKind, _ meaning: String) {
    self.path = path
    self.kind = kind
    self.meaning = meaning
  }
}

extension ProfileKey {
  // Processor
  static let bigCoreCount = Self("cpu.bigCoreCount", .count, "fast cores")
  static let littleCoreCount = Self("cpu.littleCoreCount", .count, "slow cores")
  static let bigCoreClock = Self("cpu.bigCoreClock", .frequency, "clock of a fast core")
  static let littleCoreThroughput = Self(
    "cpu.littleCoreThroughput", .ratio, "work of a slow core while a fast core does 1")
  static let teamSize = Self(
    "cpu.teamSize", .count,
    "cores that the compute team wants, and the decryption team; the rates hold for so many")
  static let hostElementRate = Self(
    "cpu.hostElementRate", .elementRate,
    "matrix elements that the compute team quantises, dequantises and re-lays per second")
  static let cachedMACRate = Self(
    "cpu.cachedMacRate", .macRate,
    "multiply-accumulates per second of the compute team while a product's activations stay in cache,"
      + " and in attention; the same at every precision")
  static let streamingMACRate = Self(
    "cpu.streamingMacRate", .macRate, "the same when they are fetched from DRAM for every output")
  static let activationCache = Self(
    "cpu.activationCache", .bytes, "cache in which a product's activations can stay")
  static let streamBandwidth = Self(
    "cpu.streamBandwidth", .bandwidth, "what the compute team reads and writes in long runs")
  static let weightStreamBandwidth = Self(
    "cpu.weightStreamBandwidth", .bandwidth,
    "weights that the compute team takes in when each meets a single row of activations")
  static let productStart = Self(
    "cpu.productStart", .duration, "hand a product to the compute team's threads and gather them")
  static let decodePerLayer = Self(
    "cpu.decodePerLayer", .duration,
    "what a layer of a decoded token takes beside its weights' stream, in the vendor's runtime")
  static let coreWakeUp = Self(
    "cpu.coreWakeUp", .duration, "until a core that sleeps runs what woke it")
  static let tokenise = Self("cpu.tokenisePerToken", .duration, "tokeniser, per prompt token")

  // DRAM and its pages
  static let dramCapacity = Self("dram.capacity", .bytes, "all memory")
  static let dramBandwidth = Self("dram.bandwidth", .bandwidth, "peak of the memory controller")
  static let pageSize = Self("memory.pageSize", .bytes, "granule of the page tables")
  static let pageAllocationBySize = Self(
    "memory.pageAllocation.bySize", .curve, "allocate and touch pages, by size, at referenceLoad")
  static let pageAllocationByLoad = Self(
    "memory.pageAllocation.byLoad", .curve,
    "the same for referenceSize, by memory that other programs hold")
  static let contiguousAllocationBySize = Self(
    "memory.contiguousAllocation.bySize", .curve,
    "allocate a contiguous range, by size, at referenceLoad")
  static let contiguousAllocationByLoad = Self(
    "memory.contiguousAllocation.byLoad", .curve,
    "the same for referenceSize, by memory that other programs hold")
  static let migrationScaling = Self(
    "memory.migrationScaling", .ratio,
    "what each further thread adds to the rate at which one moves pages out of a contiguous range")
  static let referenceLoad = Self(
    "memory.referenceLoad", .bytes, "load at which the curves by size were measured")
  static let referenceSize = Self(
    "memory.referenceSize", .bytes, "size at which the curves by load were measured")
  static let leastFreeMemory = Self(
    "memory.leastFree", .bytes,
    "free memory below which whoever allocates must reclaim: the kernel's lowest watermark")
  static let watermarkScale = Self(
    "memory.watermarkScale", .ratio,
    "of all memory, what lies between two of the kernel's watermarks, unless a quarter of the lowest is more"
  )
  static let zeroBandwidth = Self(
    "memory.zeroBandwidth", .bandwidth, "what one core overwrites with zeros")
  static let freePerPage = Self(
    "memory.freePerPage", .duration, "give one page back to the operating system's allocator")
  static let recallPerPage = Self(
    "memory.recallPerPage", .duration,
    "choose one page that the operating system gets back, and hand it over")
  static let processMapPerPage = Self(
    "memory.processMapPerPage", .duration,
    "enter one page into the serving process's page table and pin it")

  // Serving framework
  static let frameworkBoot = Self(
    "framework.boot", .duration, "start of a serving framework, whatever the model")
  static let frameworkPerEntry = Self(
    "framework.perVocabularyEntry", .duration,
    "what each entry of the model's vocabulary adds: its description is read, its tokeniser built")
  static let frameworkRestore = Self(
    "framework.restore", .duration, "bring a started framework back from a checkpoint")

  // Secure world and protection
  static let secureCall = Self(
    "world.secureCall", .duration, "call into the serving process in the secure world, and back")
  static let worldSwitchCycles = Self(
    "world.switchCycles", .count, "cycles of a switch through the secure monitor and back")
  static let regionLimit = Self(
    "firewall.regionLimit", .count, "regions of the address-space controller that are free")
  static let regionGranularity = Self(
    "firewall.regionGranularity", .bytes, "regions begin and end on multiples of this")
  static let regionReach = Self(
    "firewall.regionReach", .bytes,
    "contiguous memory set aside for each region of a design that grows several")
  static let registerAccess = Self("firewall.registerAccess", .duration, "one register access")
  static let accessesPerUpdate = Self(
    "firewall.accessesPerUpdate", .count, "register accesses to move one region's end")
  static let updateBarrier = Self(
    "firewall.updateBarrier", .duration, "barrier and drain after a region moved")
  static let stage2Enable = Self(
    "stage2.enable", .duration, "turn second-stage translation on for the normal world")
  static let monitorHash = Self(
    "stage2.monitorHash", .duration, "hash the hypervisor part of the monitor before trusting it")
  static let stage2UnmapPerPage = Self(
    "stage2.unmapPerPage", .duration, "remove one page from the normal world's stage-2 table")
  static let stage2MapPerPage = Self(
    "stage2.mapPerPage", .duration, "enter one page into the normal world's stage-2 table again")
  static let stage2BatchPages = Self(
    "stage2.batchPages", .count, "pages removed between two TLB flushes")
  static let stage2Slowdown = Self(
    "stage2.slowdown", .ratio,
    "what programs of the normal world lose while second-stage translation is on")
  static let tlbFlush = Self("stage2.tlbFlush", .duration, "flush one machine's stale entries")

  // Storage and decryption
  static let storageBandwidth = Self(
    "storage.readBandwidth", .bandwidth, "sequential read")
  static let storageLatency = Self(
    "storage.readLatency", .duration, "until the first byte of a request")
  static let storageWriteBandwidth = Self(
    "storage.writeBandwidth", .bandwidth, "sequential write")
  static let encryptBandwidth = Self(
    "crypto.encryptBandwidth", .bandwidth, "encryption in memory by the decryption team")
  static let decryptBandwidth = Self(
    "crypto.decryptBandwidth", .bandwidth, "decryption in memory by the decryption team")

  // NPU
  static let npuCoreCount = Self("npu.coreCount", .count, "cores that share one product")
  static let npuClock = Self("npu.clock", .frequency, "clock of the arrays")
  static let npuMACsPerCycle = Self(
    "npu.macsPerCycle", .count, "INT8 multiply-accumulates of one core per cycle; half at FP16")
  static let npuAtom = Self(
    "npu.atom", .count, "inputs, and outputs, that one core's array takes at once")
  static let npuMinimumRows = Self(
    "npu.minimumRows", .count, "rows that one pass of the array takes at least")
  static let npuBuffer = Self("npu.buffer", .bytes, "on-chip buffer of one core")
  static let npuFeatureSlice = Self(
    "npu.featureSlice", .bytes, "part of the buffer that holds activations")
  static let npuStreamBandwidth = Self(
    "npu.streamBandwidth", .bandwidth, "what all cores together fetch from DRAM")
  static let npuCoreStreamBandwidth = Self(
    "npu.coreStreamBandwidth", .bandwidth, "what one core can fetch from DRAM")
  static let npuLibraryRun = Self(
    "npu.libraryRun", .duration,
    "fixed part of a product that the vendor's matrix library runs, beside no serving process")
  static let npuBlockDimension = Self(
    "npu.blockDimension", .count,
    "the driver cuts matrices into blocks of this many columns and pads the last one, if there is more than one"
  )
  static let npuTaskLaunch = Self(
    "npu.taskLaunch", .duration, "hand one task to the NPU and take its completion")
  static let npuProtectedLaunchExtra = Self(
    "npu.protectedLaunchExtra", .duration, "added to a launch while the NPU is in protected mode")
  static let npuModeSwitch = Self(
    "npu.modeSwitch", .duration, "switch the NPU between normal and protected mode")
  static let npuCoDriverHandOver = Self(
    "npu.coDriverHandOver", .duration,
    "hand one job over between the drivers of two worlds, and back")
  static let npuDriverReattach = Self(
    "npu.driverReattach", .duration, "detach the driver of one world and attach that of the other")
  static let npuMapPerPage = Self(
    "npu.mapPerPage", .duration, "enter one page into the NPU's SMMU table")
  static let npuProtectedMapPerPage = Self(
    "npu.protectedMapPerPage", .duration, "the same for a protected page, checked by the monitor")
  static let npuUnmapPerPage = Self(
    "npu.unmapPerPage", .duration, "remove one page from the NPU's SMMU table")
  static let npuWindow = Self("npu.window", .bytes, "what one SMMU page table of the NPU reaches")
  static let npuWindowSwitch = Self(
    "npu.windowSwitch", .duration, "give the NPU another SMMU page table")

  /// Every key a profile must give, in the order of the catalogue.
  public static let all: [ProfileKey] = [
    bigCoreCount, littleCoreCount, bigCoreClock, littleCoreThroughput, teamSize, hostElementRate,
    cachedMACRate, streamingMACRate, activationCache, streamBandwidth, weightStreamBandwidth,
    productStart, decodePerLayer, coreWakeUp, tokenise, dramCapacity, dramBandwidth, pageSize,
    pageAllocationBySize, pageAllocationByLoad, contiguousAllocationBySize,
    contiguousAllocationByLoad, migrationScaling, referenceLoad, referenceSize, leastFreeMemory,
    watermarkScale, zeroBandwidth,
    freePerPage,
    recallPerPage, processMapPerPage, frameworkBoot, frameworkPerEntry, frameworkRestore,
    secureCall,
    worldSwitchCycles, regionLimit, regionGranularity, regionReach, registerAccess,
    accessesPerUpdate, updateBarrier, stage2Enable, monitorHash,
    stage2UnmapPerPage, stage2MapPerPage, stage2BatchPages, tlbFlush, stage2Slowdown,
    storageBandwidth, storageWriteBandwidth, storageLatency, encryptBandwidth, decryptBandwidth,
    npuCoreCount,
    npuClock, npuMACsPerCycle, npuAtom, npuMinimumRows, npuBuffer, npuFeatureSlice,
    npuStreamBandwidth, npuCoreStreamBandwidth, npuLibraryRun, npuBlockDimension, npuTaskLaunch,
    npuProtectedLaunchExtra, npuModeSwitch, npuCoDriverHandOver, npuDriverReattach, npuMapPerPage,
    npuProtectedMapPerPage, npuUnmapPerPage,
    npuWindow, npuWindowSwitch,
  ]

  /// The key with this path, or nil.
  public static func named(_ path: String) -> ProfileKey? { all.first { $0.path == path } }

  /// Prices of protection: with all of them zero, protecting costs nothing.
  public static let protectionPrices: [ProfileKey] = [
    secureCall, worldSwitchCycles, registerAccess, updateBarrier, stage2Enable, monitorHash,
    stage2UnmapPerPage, tlbFlush, npuProtectedLaunchExtra, npuModeSwitch,
    npuCoDriverHandOver,
  ]
}
