import Quantities

/// What decides how long an operation takes.
public enum Bound: String, CaseIterable, Sendable {
  case fixed
  case compute
  case memory
  case storage
}

/// What an operation costs when nothing else runs, and what it takes from the rest.
public struct OperationCost: Hashable, Sendable {
  /// Steps at full speed; an NPU task has a step for every wave of tiles.
  public var segments: [WorkSegment]
  /// What it occupies alone; nil where it only takes time.
  public var unit: DeviceUnit?
  /// What it takes of each shared unit while it runs at full speed, in that unit's measure.
  public var demands: [SharedDemand]
  public var bound: Bound

  /// All steps at full speed.
  public var duration: SimulatedDuration {
    segments.reduce(.zero) { $0 + $1.duration * $1.count }
  }
}

/// A share that an operation would like to have of a shared unit.
public struct SharedDemand: Hashable, Sendable {
  public var unit: SharedUnit
  public var amount: Int64

  public init(unit: SharedUnit, amount: Int64) {
    self.unit = unit
    self.amount = amount
  }
}

/// Prices operations on one device under one background load.
///
/// A value made once per run: it reads the profile's values once, and remembers the tiling of the
/// products it has seen, of which a model has only a handful.
public struct DevicePricing: Sendable {
  public let profile: DeviceProfile
  /// Memory that other programs hold.
  public let backgroundMemory: ByteCount
  public let precision: Precision
  public let fidelity: GEMMFidelity

  private let memory: MemoryPricing
  private let tiling: NPUTiling
  private let teamSize: Int64
  private var products: [MatrixMultiply: NPUTiling.Cost] = [:]

  public init(
    profile: DeviceProfile, backgroundMemory: ByteCount, precision: Precision,
    fidelity: GEMMFidelity
  ) {
    self.profile = profile
    self.backgroundMemory = backgroundMemory
    self.precision = precision
    self.fidelity = fidelity
    memory = MemoryPricing(
      pageSize: profile.bytes(.pageSize), pagesBySize: profile.curve(.pageAllocationBySize),
      pagesByLoad: profile.curve(.pageAllocationByLoad),
      contiguousBySize: profile.curve(.contiguousAllocationBySize),
      contiguousByLoad: profile.curve(.contiguousAllocationByLoad),
      referenceLoad: profile.bytes(.referenceLoad), referenceSize: profile.bytes(.referenceSize))
    tiling = NPUTiling(
      profile, coreCount: Int(profile.count(.npuCoreCount)), format: OperandFormat(precision),
      slicing: .driver(
        featureSlice: profile.bytes(.npuFeatureSlice),
        blockDimension: Int(profile.count(.npuBlockDimension))))
    teamSize = profile.count(.teamSize)
  }

  /// How much of a shared unit there is.
  public func capacity(of unit: SharedUnit) -> Int64 {
    switch unit {
    case .memoryBandwidth: profile.bandwidth(.dramBandwidth).bytesPerSecond
    case .processorCores:
      profile.count(.bigCoreCount) * 1_000_000
        + profile.ratio(.littleCoreThroughput).of(profile.count(.littleCoreCount) * 1_000_000)
    }
  }

  /// Rows that the driver sends through the NPU as one task.
  public var npuRowBlock: Int {
    tiling.rowsPerSlice(profile.bytes(.npuFeatureSlice), npuBlockDimension)
  }

  /// Columns of the driver's blocks.
  public var npuBlockDimension: Int { Int(profile.count(.npuBlockDimension)) }

  /// Inputs, and outputs, that one core's array takes at once.
  public var npuAtom: Int { Int(profile.count(.npuAtom)) }

  /// What the NPU's page table reaches at once.
  public var npuWindow: ByteCount { profile.bytes(.npuWindow) }

  /// What programs of the normal world lose while second-stage translation is on.
  public var stage2Slowdown: Ratio { profile.ratio(.stage2Slowdown) }

  /// The same device beside other programs that hold so much.
  public func beside(_ load: ByteCount) -> DevicePricing {
    load == backgroundMemory
      ? self
      : DevicePricing(
        profile: profile, backgroundMemory: load, precision: precision, fidelity: fidelity)
  }

  /// The kernel's watermarks, which are as far from each other.
  public var watermarks: Watermarks {
    let least = profile.bytes(.leastFreeMemory)
    let scaled = profile.bytes(.dramCapacity).scaledRoundingUp(by: profile.ratio(.watermarkScale))
    let gap = max(ByteCount(bytes: least.bytes / 4), scaled)
    return Watermarks(least: least, low: least + gap, high: least + gap * 2)
  }

  /// What other programs leave of the memory.
  public var availableMemory: ByteCount {
    let capacity = profile.bytes(.dramCapacity)
    return backgroundMemory < capacity ? capacity - backgroundMemory : .zero
  }

  /// The largest load at which contiguous allocation was measured.
  public var largestLoad: ByteCount { profile.curve(.contiguousAllocationByLoad).last }

  /// The cost of an operation when nothing else runs.
  /// - Throws: `DeviceModelError` where the device or the profile's measurements end.
  public mutating func cost(
    of operation: DeviceOperation
  ) throws(DeviceModelError) -> OperationCost {
    switch operation {
    case .callSecureWorld:
      return fixed(profile.duration(.secureCall) + worldSwitch, on: .computeTeam, cores: 1)
    case .faultInStage2: return fixed(worldSwitch, on: nil, cores: 1)
    case .startFramework(let vocabulary):
      return fixed(
        profile.duration(.frameworkBoot) + profile.duration(.frameworkPerEntry) * Int64(vocabulary),
        on: .computeTeam, cores: 1)
    case .restoreFramework:
      return fixed(profile.duration(.frameworkRestore), on: .computeTeam, cores: 1)
    case .letNPUReach(let size, _):
      try checkCapacity(size)
      // Handing the NPU over holds what it takes.
      return fixed(.zero, on: nil, cores: 0)
    case .restore(let operation, let microOperation):
      return try restoring(operation, microOperation)
    case .enableProtection, .disableProtection:
      return fixed(
        profile.duration(.stage2Enable) + profile.duration(.monitorHash), on: .memoryManagement,
        cores: 1)
    case .allocatePages(let size, let held):
      try checkCapacity(held + size)
      // The curves hold what memory costs in all, so growing costs the difference.
      let before = held == .zero ? .zero : try memory.pages(held, load: backgroundMemory)
      let after = try memory.pages(held + size, load: backgroundMemory)
      return fixed(max(.zero, after - before), on: .memoryManagement, cores: 1)
    case .allocateContiguous(let size, let held, let threads):
      try checkCapacity(held + size)
      let before = held == .zero ? .zero : try contiguous(held, threads: threads)
      return fixed(
        max(.zero, try contiguous(held + size, threads: threads) - before), on: .memoryManagement,
        cores: Int64(threads))
    case .mapIntoProcess(let size):
      return perPage(.processMapPerPage, size)
    case .mapForNPU(let size, let protected):
      return perPage(protected ? .npuProtectedMapPerPage : .npuMapPerPage, size)
    case .growProtectedRegion(let size, let region), .shrinkProtectedRegion(let size, let region):
      try checkRegion(region, size)
      let accesses = profile.duration(.registerAccess) * profile.count(.accessesPerUpdate)
      return fixed(
        accesses + profile.duration(.updateBarrier), on: .memoryManagement, cores: 1)
    case .protectPages(let size):
      return fixed(stage2(.stage2UnmapPerPage, size), on: .memoryManagement, cores: 1)
    case .chooseForRecall(let size):
      try checkCapacity(size)
      // The framework sleeps until it is asked: its core wakes up, and the question and the answer
      // are a call each.
      let fixedPart = profile.duration(.coreWakeUp) + profile.duration(.secureCall) * 2
      return fixed(
        fixedPart + profile.duration(.recallPerPage) * size.pages(of: memory.pageSize),
        on: .memoryManagement, cores: 1)
    case .unmapFromNPU(let size):
      return fixed(
        profile.duration(.npuUnmapPerPage) * size.pages(of: memory.pageSize), on: .cleaner, cores: 1
      )
    case .zero(let size):
      let duration = size / profile.bandwidth(.zeroBandwidth)
      return OperationCost(
        segments: [single(duration)], unit: .cleaner,
        demands: [cores(1)] + traffic(size, over: duration), bound: .memory)
    case .encrypt(let size), .encryptCopy(let size):
      let duration = size / profile.bandwidth(.encryptBandwidth)
      return OperationCost(
        segments: [single(duration)], unit: .decryptionTeam,
        demands: [cores(teamSize)] + traffic(size * 2, over: duration), bound: .compute)
    case .writeStorage(let size):
      let moving = size / profile.bandwidth(.storageWriteBandwidth)
      return OperationCost(
        segments: [single(profile.duration(.storageLatency) + moving)], unit: .storage,
        demands: traffic(size, over: moving), bound: .storage)
    case .unprotectPages(let size):
      return fixed(stage2(.stage2MapPerPage, size), on: .cleaner, cores: 1)
    case .freePages(let size), .freeContiguous(let size):
      try checkCapacity(size)
      return fixed(
        profile.duration(.freePerPage) * size.pages(of: memory.pageSize), on: .cleaner, cores: 1)
    case .runOtherNPUTask(let duration, let handOver):
      let switches = handOver.map(roundTrip) ?? .zero
      return fixed(switches + duration, on: .npu, cores: 0)
    case .wait(let duration): return fixed(duration, on: nil, cores: 0)
    case .switchNPUMode(_, let handOver):
      return fixed(profile.duration(handOver.key), on: .npu, cores: 0)
    case .switchNPUWindow:
      return fixed(profile.duration(.npuWindowSwitch), on: .npu, cores: 0)
    case .readStorage(let size):
      let moving = size / profile.bandwidth(.storageBandwidth)
      return OperationCost(
        segments: [single(profile.duration(.storageLatency) + moving)], unit: .storage,
        demands: traffic(size, over: moving), bound: .storage)
    case .decrypt(let size):
      let duration = size / profile.bandwidth(.decryptBandwidth)
      // Ciphertext is read and plaintext written.
      let moved = ByteCount(bytes: size.bytes * 2)
      return OperationCost(
        segments: [single(duration)], unit: .decryptionTeam,
        demands: [cores(teamSize)] + traffic(moved, over: duration), bound: .compute)
    case .decryptAtNoCost: return fixed(.zero, on: nil, cores: 0)
    case .tokenise(let tokens):
      return fixed(profile.duration(.tokenise) * Int64(tokens), on: .computeTeam, cores: 1)
    case .quantise(let rows, let columns), .dequantise(let rows, let columns):
      let duration = Int64(rows) * Int64(columns) / profile.rate(.hostElementRate)
      // One side is 32 bits an element, the other the NPU's own width.
      let width = operation.isQuantise ? 4 + precision.bytesPerElement : 8
      let moved = ByteCount(bytes: Int64(rows) * Int64(columns) * Int64(width))
      return OperationCost(
        segments: [single(duration)], unit: .computeTeam,
        demands: [cores(teamSize)] + traffic(moved, over: duration), bound: .compute)
    case .multiplyOnNPU(let product, let protected, let launch, let handOver):
      return npuCost(
        of: product, launch: launch ? npuLaunch(protected: protected) : .zero,
        handOver: handOver.map(roundTrip) ?? .zero)
    case .multiplyOnCPU(let product):
      return cpuCost(of: product)
    case .attention(let count, let keysAndValues):
      let computing = count / profile.rate(.cachedMACRate)
      let fetching = keysAndValues / profile.bandwidth(.streamBandwidth)
      let duration = max(computing, fetching)
      return OperationCost(
        segments: [single(profile.duration(.productStart) + duration)], unit: .computeTeam,
        demands: [cores(teamSize)] + traffic(keysAndValues, over: duration),
        bound: fetching > computing ? .memory : .compute)
    case .elementwise(let size):
      let duration = size / profile.bandwidth(.streamBandwidth)
      return OperationCost(
        segments: [single(duration)], unit: .computeTeam,
        demands: [cores(teamSize)] + traffic(size, over: duration), bound: .memory)
    }
  }

  /// Through the monitor and back.
  private var worldSwitch: SimulatedDuration {
    CycleCount(profile.count(.worldSwitchCycles)) / profile.frequency(.bigCoreClock)
  }

  /// Into another world and back. A hand-over between drivers is priced as both.
  private func roundTrip(_ handOver: NPUHandOver) -> SimulatedDuration {
    let duration = profile.duration(handOver.key)
    return handOver == .coDriver ? duration : duration * 2
  }

  /// A restoring step on the threads that compute, in micro-operations of one size, the last one no
  /// larger; their times add up to the whole, to the picosecond.
  private mutating func restoring(
    _ operation: DeviceOperation, _ microOperation: ByteCount?
  ) throws(DeviceModelError) -> OperationCost {
    var cost = try self.cost(of: operation)
    cost.unit = .computeTeam
    if let size = operation.size, let microOperation {
      let count = max(1, Int(size.pages(of: microOperation)))
      let whole = cost.duration.picoseconds
      let longer = Int(whole % Int64(count))
      let short = SimulatedDuration(picoseconds: whole / Int64(count))
      cost.segments =
        (longer > 0
          ? [WorkSegment(count: longer, duration: short + SimulatedDuration(picoseconds: 1))] : [])
        + [WorkSegment(count: count - longer, duration: short)]
    }
    return cost
  }

  /// A contiguous range in whole granules: a region of the address-space controller will cover it.
  private func contiguous(
    _ size: ByteCount, threads: Int
  ) throws(DeviceModelError) -> SimulatedDuration {
    let granule = profile.bytes(.regionGranularity)
    let more = Int64(threads - 1) * profile.ratio(.migrationScaling).partsPerBillion
    return try memory.contiguous(
      granule * size.pages(of: granule), load: backgroundMemory,
      migrationSpeed: .one + Ratio(partsPerBillion: more))
  }

  private func checkRegion(_ region: Int, _ size: ByteCount) throws(DeviceModelError) {
    let limit = profile.count(.regionLimit)
    guard region < limit else { throw .regionsExhausted(limit: limit) }
    let granule = profile.bytes(.regionGranularity)
    guard size.bytes % granule.bytes == 0 else {
      throw .unalignedRegion(size: size, granule: granule)
    }
  }

  /// Pages that enter or leave the stage-2 table, with the flush after each batch.
  private func stage2(_ perPage: ProfileKey, _ size: ByteCount) -> SimulatedDuration {
    let pages = size.pages(of: memory.pageSize)
    let batch = profile.count(.stage2BatchPages)
    return profile.duration(perPage) * pages
      + profile.duration(.tlbFlush) * ((pages + batch - 1) / batch)
  }

  private func checkCapacity(_ size: ByteCount) throws(DeviceModelError) {
    let capacity = profile.bytes(.dramCapacity)
    guard size > .zero else { throw .nothingWanted }
    guard size <= capacity else { throw .outOfMemory(wanted: size, capacity: capacity) }
  }

  /// How long a product takes on an NPU that nothing competes with at the fidelity `tile`, by the
  /// closed form of its equal tiles: to the picosecond what its events add up to.
  public func tileClosedForm(of product: MatrixMultiply, protected: Bool) -> SimulatedDuration {
    npuLaunch(protected: protected) + tiling.tiledDuration(product)
  }

  private func npuLaunch(protected: Bool) -> SimulatedDuration {
    let launch = profile.duration(.npuTaskLaunch)
    return protected ? launch + profile.duration(.npuProtectedLaunchExtra) : launch
  }

  private mutating func npuCost(
    of product: MatrixMultiply, launch: SimulatedDuration, handOver: SimulatedDuration
  ) -> OperationCost {
    let cost: NPUTiling.Cost
    if let known = products[product] {
      cost = known
    } else {
      cost =
        switch fidelity {
        case .roofline: tiling.roofline(product)
        case .tile: tiling.tiled(product)
        case .systolic: tiling.systolic(product)
        }
      products[product] = cost
    }
    var result = OperationCost(
      segments: (handOver > .zero ? [single(handOver)] : [])
        + (launch > .zero ? [single(launch)] : []) + cost.segments, unit: .npu, demands: [],
      bound: cost.isMemoryBound ? .memory : .compute)
    // Averaged over the task: the array's buffers smooth what single tiles ask for.
    result.demands = traffic(cost.traffic, over: result.duration)
    return result
  }

  /// A product on the compute team.
  ///
  /// A thread keeps a row of weights and walks over all rows of activations with it, then takes
  /// the next row of weights. As long as the activations stay in the core's own cache this runs
  /// at the cached rate; a panel that does not fit is evicted before its turn comes again, and
  /// every pass fetches all of it (a cyclic walk through a cache with least-recently-used
  /// replacement hits nothing). One row reads each weight once, whatever the cache: then the
  /// weights' own stream decides.
  private func cpuCost(of product: MatrixMultiply) -> OperationCost {
    let element = Int64(precision.bytesPerElement)
    // The panel, beside one row of weights.
    let held = Int64(product.rows + 1) * Int64(product.inner) * element
    let fits = held <= profile.bytes(.activationCache).bytes
    let rate = profile.rate(fits ? .cachedMACRate : .streamingMACRate)
    let computing = product.multiplyAccumulates / rate
    let weights = ByteCount(bytes: Int64(product.inner) * Int64(product.columns) * element)
    let fetching = weights / profile.bandwidth(.weightStreamBandwidth)
    let duration = max(computing, fetching)
    let moved =
      fits ? weights : ByteCount(bytes: product.multiplyAccumulates * element + weights.bytes)
    return OperationCost(
      segments: [single(profile.duration(.productStart) + duration)], unit: .computeTeam,
      demands: [cores(teamSize)] + traffic(moved, over: duration),
      bound: fetching > computing || !fits ? .memory : .compute)
  }

  private func perPage(_ key: ProfileKey, _ size: ByteCount) -> OperationCost {
    fixed(
      profile.duration(key) * size.pages(of: memory.pageSize), on: .memoryManagement, cores: 1)
  }

  private func fixed(
    _ duration: SimulatedDuration, on unit: DeviceUnit?, cores count: Int64
  ) -> OperationCost {
    OperationCost(
      segments: [single(duration)], unit: unit, demands: count > 0 ? [cores(count)] : [],
      bound: .fixed)
  }

  private func single(_ duration: SimulatedDuration) -> WorkSegment {
    WorkSegment(count: 1, duration: duration)
  }

  // Demands are capped at what there is: an operation alone is never slowed by its own demand.

  private func cores(_ count: Int64) -> SharedDemand {
    SharedDemand(
      unit: .processorCores, amount: min(count * 1_000_000, capacity(of: .processorCores)))
  }

  /// A demand on DRAM of so many bytes within `duration`.
  private func traffic(_ bytes: ByteCount, over duration: SimulatedDuration) -> [SharedDemand] {
    guard duration > .zero else { return [] }
    let rate =
      Int128(bytes.bytes) * 1_000_000_000_000 / Int128(duration.picoseconds)
    let capped = min(rate, Int128(capacity(of: .memoryBandwidth)))
    return capped > 0 ? [SharedDemand(unit: .memoryBandwidth, amount: Int64(capped))] : []
  }
}

extension NPUHandOver {
  fileprivate var key: ProfileKey {
    switch self {
    case .modeSwitch: .npuModeSwitch
    case .coDriver: .npuCoDriverHandOver
    case .reattach: .npuDriverReattach
    }
  }
}

extension DeviceOperation {
  fileprivate var isQuantise: Bool {
    if case .quantise = self { true } else { false }
  }
}

extension NPUTiling {
  /// The NPU of a profile, or some of its cores.
  init(
    _ profile: DeviceProfile, coreCount: Int, format: OperandFormat, slicing: Slicing
  ) {
    self.init(
      coreCount: coreCount, clock: profile.frequency(.npuClock),
      macsPerCycle: Int(profile.count(.npuMACsPerCycle)), atom: Int(profile.count(.npuAtom)),
      minimumRows: Int(profile.count(.npuMinimumRows)), buffer: profile.bytes(.npuBuffer),
      streamBandwidth: min(
        profile.bandwidth(.npuStreamBandwidth),
        coreCount * profile.bandwidth(.npuCoreStreamBandwidth)), widths: OperandWidths(format),
      slicing: slicing)
  }
}

extension DeviceProfile {
  /// A product that the vendor's matrix library runs alone, on some of the cores: all inputs in one
  /// block, the operands laid out as the NPU wants them.
  public func libraryProduct(
    _ product: MatrixMultiply, format: OperandFormat, coreCount: Int
  ) -> SimulatedDuration {
    let tiling = NPUTiling(
      self, coreCount: coreCount, format: format,
      slicing: .driver(
        featureSlice: bytes(.npuFeatureSlice), blockDimension: product.inner))
    return duration(.npuLibraryRun) + tiling.tiledDuration(product)
  }

  /// A decoded token of the vendor's runtime: all `weights` stream through the NPU, and each layer
  /// takes its time beside that.
  public func libraryDecode(weights: ByteCount, layerCount: Int) -> SimulatedDuration {
    weights / bandwidth(.npuStreamBandwidth) + layerCount * duration(.decodePerLayer)
  }
}
