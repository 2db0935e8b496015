import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns

/// One run: every value that decides its result, and nothing else.
public struct ExperimentPoint: Sendable {
  /// Readable and stable: the values of the axes, design last.
  public var id: String
  public var design: String
  public var designParameters: DesignParameters
  public var model: ModelArchitecture
  public var promptTokenCount: Int
  public var outputTokenCount: Int
  /// Memory that other programs hold.
  public var backgroundMemory: ByteCount
  public var precision: Precision
  public var gemmFidelity: GEMMFidelity
  public var operatingSystem: OperatingSystem
  /// Requests of the same kind that are served before, each when the one before has left nothing to do.
  public var earlierRequests: Int
  public var seed: Int64
  public var device: DeviceProfile
  /// Values that the scenario or the command line changed, as written, by key.
  public var settings: [(key: String, text: String)]

  public init(
    id: String, design: String, designParameters: DesignParameters, model: ModelArchitecture,
    promptTokenCount: Int, outputTokenCount: Int, backgroundMemory: ByteCount,
    precision: Precision, gemmFidelity: GEMMFidelity, operatingSystem: OperatingSystem,
    earlierRequests: Int = 0, seed: Int64, device: DeviceProfile,
    settings: [(key: String, text: String)]
  ) {
    self.id = id
    self.design = design
    self.designParameters = designParameters
    self.model = model
    self.promptTokenCount = promptTokenCount
    self.outputTokenCount = outputTokenCount
    self.backgroundMemory = backgroundMemory
    self.precision = precision
    self.gemmFidelity = gemmFidelity
    self.operatingSystem = operatingSystem
    self.earlierRequests = earlierRequests
    self.seed = seed
    self.device = device
    self.settings = settings
  }

  /// What a request of this point asks for.
  public var request: Request {
    Request(
      model: model, promptTokenCount: promptTokenCount, outputTokenCount: outputTokenCount)
  }

  /// Prices for this point's device, load and precision.
  public var pricing: DevicePricing {
    DevicePricing(
      profile: device, backgroundMemory: backgroundMemory, precision: precision,
      fidelity: gemmFidelity)
  }
}

/// What one run gave.
public struct PointRecord: Sendable {
  public var point: ExperimentPoint
  /// From the request's arrival at the serving process to the instant its first output token
  /// exists there.
  public var timeToFirstToken: SimulatedDuration
  /// From the request's arrival to its last output token.
  public var endToEndLatency: SimulatedDuration
  /// The time to first token by kind of operation, along the critical path: the kinds sum to it.
  public var breakdown: [OperationKind: SimulatedDuration]
  /// Events that the kernel worked off.
  public var eventCount: Int
  /// Of a workflow; nil of anything else.
  public var responseLatency: SimulatedDuration?

  /// Tokens a second after the first one; nil where there is only one.
  public var decodeRate: Double? {
    guard point.outputTokenCount > 1 else { return nil }
    return Double(point.outputTokenCount - 1) / (endToEndLatency - timeToFirstToken).seconds
  }

  /// A metric's value as people read it: in seconds, or per second.
  public func value(of metric: Metric) -> Double? {
    switch metric {
    case .timeToFirstToken: timeToFirstToken.seconds
    case .endToEndLatency: endToEndLatency.seconds
    case .decodeRate: decodeRate
    case .responseLatency: responseLatency?.seconds
    }
  }
}

/// A mean of breakdowns: differences of rounded running means, which sum to the rounded mean of the whole.
///
/// - Parameter mean: of the time that these kinds of operations take together.
func meanBreakdown(
  _ mean: (_ kinds: ArraySlice<OperationKind>) -> SimulatedDuration
) -> [OperationKind: SimulatedDuration] {
  var breakdown: [OperationKind: SimulatedDuration] = [:]
  var reached = SimulatedDuration.zero
  for (place, kind) in OperationKind.allCases.enumerated() {
    let next = mean(OperationKind.allCases[...place])
    if next > reached { breakdown[kind] = next - reached }
    reached = next
  }
  return breakdown
}

extension [OperationKind: SimulatedDuration] {
  /// Of some kinds together.
  func total(_ kinds: ArraySlice<OperationKind>) -> SimulatedDuration {
    kinds.reduce(.zero) { $0 + self[$1, default: .zero] }
  }
}
