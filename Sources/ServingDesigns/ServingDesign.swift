import DeviceModel
import Quantities

/// How badly the operating system wants memory back, by whoever asks: it decides what may go, in how
/// many plans, and what of them the caller waits for.
public enum RecallUrgency: String, CaseIterable, Sendable {
  /// Its background reclaim (kswapd) works towards the high watermark; nobody waits. What goes is what
  /// costs nothing but cleaning: weights, and keys and values that storage has. It goes in batches, each
  /// a plan after the one before, so that an allocation in between is behind one of them at most.
  case background
  /// An allocation waits (direct reclaim): all that is kept may go, and is chosen at once. The caller
  /// waits for the choice alone.
  case direct
  /// It is about to end processes (the low-memory killer, `lmkd`): all that is kept may go, before
  /// everything else that waits for the same units. The caller waits until it is free.
  case lastResort
}

/// What a design is asked to answer.
public enum ServingEvent: Sendable {
  case requestArrived(Request)
  /// All operations of a plan have ended.
  case planEnded(label: Int)
  /// The operating system wants memory back.
  case memoryWanted(ByteCount, urgency: RecallUrgency)
  /// It has enough, after it wanted some or other programs gave some back.
  case memoryPlentiful
  /// Another program has a task for the NPU, which takes so long.
  case npuWanted(SimulatedDuration)
  /// The first output token of a plan exists.
  case firstToken(label: Int)
  /// A timer that the design set is due.
  case timer(label: Int)
}

/// What a design can answer with.
public enum Directive: Sendable {
  /// Do this; the operations compete with whatever runs already.
  case submit(Plan)
  /// Say so when so much time has passed.
  case setTimer(after: SimulatedDuration, label: Int)
}

/// What a design may know of the device while it plans.
public struct DeviceView: Sendable {
  public var precision: Precision
  /// Rows that one NPU task takes.
  public var npuRowBlock: Int
  /// What one page table of the NPU reaches.
  public var npuWindow: ByteCount
  /// The NPU driver cuts matrices into blocks of this many columns and pads the last one.
  public var npuBlockDimension: Int
  /// Inputs, and outputs, that the NPU takes at once.
  public var npuAtom: Int
  /// Regions of the address-space controller end on multiples of this.
  public var regionGranularity: ByteCount
  /// Regions that a design can grow, and what is set aside for each.
  public var regionLimit: Int
  public var regionReach: ByteCount

  /// What other programs leave of the memory.
  public var availableMemory: ByteCount
  private let pricing: DevicePricing

  public init(_ pricing: DevicePricing) {
    self.pricing = pricing
    availableMemory = pricing.availableMemory
    precision = pricing.precision
    npuRowBlock = pricing.npuRowBlock
    npuWindow = pricing.npuWindow
    npuBlockDimension = pricing.npuBlockDimension
    npuAtom = pricing.npuAtom
    let geometry = pricing.memoryGeometry
    regionGranularity = geometry.regionGranule
    regionLimit = Int(geometry.regionLimit)
    regionReach = geometry.regionReach
  }

  /// A width padded to the NPU driver's blocks. One that is smaller than a block is a block of its own,
  /// padded to what the NPU takes at once.
  func npuPadded(_ width: Int) -> Int {
    let unit = width < npuBlockDimension ? npuAtom : npuBlockDimension
    return (width + unit - 1) / unit * unit
  }

  /// What the NPU multiplies for a block of `rows` rows of a product.
  func npuPadded(_ product: MatrixMultiply, rows: Int) -> MatrixMultiply {
    MatrixMultiply(
      rows: rows, inner: npuPadded(product.inner), columns: npuPadded(product.columns))
  }

  /// How long an operation takes on this device when nothing else runs, as a serving process may have
  /// measured it; nothing where it cannot be had, which whoever plans it will be told.
  func duration(of operation: DeviceOperation) -> SimulatedDuration {
    var pricing = pricing
    return (try? pricing.cost(of: operation).duration) ?? .zero
  }
}

/// A way to serve language models on a device whose operating system is not trusted.
///
/// A design decides what to do in answer to an event; the executor and the kernel decide when it
/// happens. It is a value: it can be copied, compared and replayed.
public protocol ServingDesign: Sendable {
  /// The name in scenarios and results.
  static var name: String { get }
  /// One sentence for `flexbench list`.
  static var summary: String { get }
  /// Every parameter the design reads. A design file must give each of them.
  static var parameters: [DesignParameter] { get }
  /// Whether the NPU belongs to the secure world from the start.
  static var ownsNPU: Bool { get }

  /// - Throws: `DesignParameterError` when a value is missing or of another kind.
  init(parameters: DesignParameters) throws

  /// Whether stage-2 protection is on when the first event comes.
  var startsProtected: Bool { get }

  /// What is to be done about an event; nothing is an answer too.
  ///
  /// Events come in the order of their instants. Of those at one instant, the outside's come first, in
  /// the order in which a workload lists them; then ends of plans and the design's own timers.
  mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive]
}

extension ServingDesign {
  public static var ownsNPU: Bool { false }
  public var startsProtected: Bool { false }
}
