import DeviceModel
import Foundation
import ModelArchitecture
import Quantities
import ScenarioFiles
import Testing

@testable import Experiments
@testable import ServingDesigns

/// The shipped devices, models and designs.
let library = ScenarioLibrary(
  root: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Scenarios")
    .standardized.path, catalog: .standard)

/// The board of the FlexServe paper.
let board = try! library.device(named: "nanopc-t6")

extension ExperimentPoint {
  /// A point with everything as shipped but what is named.
  static func shipped(
    _ design: String, _ model: String, prompt: Int, output: Int = 1,
    background: ByteCount = .gibibytes(8),
    precision: Precision = .int8, fidelity: GEMMFidelity = .tile, device: DeviceProfile = board,
    parameters changes: [String: String] = [:]
  ) throws -> ExperimentPoint {
    let values = try library.design(named: design).values.mapValues(\.text)
    let known = DesignCatalog.standard[design]?.parameters ?? []
    return ExperimentPoint(
      id:
        "\(model)/\(output == 1 ? "\(prompt)" : "\(prompt)+\(output)")/\(background.text)/\(design)",
      design: design,
      designParameters: try DesignParameters(
        values.merging(changes.filter { values[$0.key] != nil }) { $1 }, for: known),
      model: try library.model(named: model).model, promptTokenCount: prompt,
      outputTokenCount: output,
      backgroundMemory: background, precision: precision, gemmFidelity: fidelity,
      operatingSystem: .benign, seed: 1,
      device: device, settings: [])
  }
}

/// A plan that was run: what was planned, what it cost alone, and when it happened.
struct Execution: Sendable, CustomTestStringConvertible {
  var point: ExperimentPoint
  var plan: Plan
  var costs: [OperationCost] = []
  var spans: [(start: SimulatedTime, end: SimulatedTime)] = []
  /// The same in the pieces in which each ran.
  var pieces: [[(start: SimulatedTime, end: SimulatedTime)]] = []
  var eventCount: Int

  var testDescription: String { point.id }

  init(_ point: ExperimentPoint) throws {
    try self.init(point, plan: point.plan(designs: .standard))
  }

  /// Runs any plan on the point's device.
  init(_ point: ExperimentPoint, plan: Plan) throws {
    self.point = point
    self.plan = plan
    var pricing = point.pricing
    for planned in plan.operations { costs.append(try pricing.cost(of: planned.operation)) }
    var executor = PlanExecutor(pricing: point.pricing)
    let job = try executor.submit(plan)
    executor.runToEnd()
    for index in plan.operations.indices {
      let span = executor.span(of: Plan.Step(index: index), in: job)
      spans.append((span.start, span.end))
      pieces.append(
        executor.pieces(of: Plan.Step(index: index), in: job).map { ($0.start, $0.end) })
    }
    eventCount = executor.eventCount
  }

  /// Designs, models and prompts that together meet every branch of every plan: a tied and an
  /// untied model, one that does not fit one window of the NPU, prompts of one, of less than and of
  /// several blocks of rows, both orders of allocation, one token and several.
  static let all: [Execution] = try! {
    var points: [ExperimentPoint] = []
    for design in DesignCatalog.standard.names {
      for (model, prompt) in [
        ("qwen2.5-0.5b", 1), ("qwen2.5-0.5b", 200), ("tinyllama-1.1b", 64), ("gemma-2-2b", 65),
        ("llama-3.1-8b", 128),
      ] {
        points.append(try .shipped(design, model, prompt: prompt))
      }
      var chunked = try ExperimentPoint.shipped(
        design, "tinyllama-1.1b", prompt: 100, background: .gibibytes(3),
        parameters: ["allocation": "perChunk", "protectionAtArrival": "on", "blockWindow": "1"])
      chunked.id += "/perChunk"
      points.append(chunked)
      points.append(try .shipped(design, "tinyllama-1.1b", prompt: 64, output: 3))
    }
    return try points.map { try Execution($0) }
  }()

  // MARK: What was planned

  var weights: ByteCount { point.model.weightBytes(point.precision) }
  /// Keys and values of a whole context, or of all tokens where those are more, and the activations.
  var workspace: ByteCount {
    let tokens = max(
      point.designParameters.count("context"), point.promptTokenCount + point.outputTokenCount)
    return tokens * point.model.keyValueBytesPerToken
      + point.model.activationBytes(tokens: point.promptTokenCount)
  }
  /// Blocks of rows that the NPU's driver makes of the prompt.
  var promptBlocks: Int {
    let rows = point.pricing.npuRowBlock
    return (point.promptTokenCount + rows - 1) / rows
  }
  /// The bytes that memory for so many takes: a region ends on a whole MiB.
  func held(_ bytes: ByteCount) -> ByteCount {
    point.design.hasPrefix("strawman") || point.design == "tz-llm"
      ? ByteCount.mebibytes(1) * bytes.pages(of: .mebibytes(1)) : bytes
  }
  /// All of it.
  var held: ByteCount {
    held(workspace)
      + point.model.weightChunks(point.precision).map { held($0.bytes) }.sum()
  }
  var isProtected: Bool { point.design != "nw-base" }
  var usesNPU: Bool { point.design != "strawman" }

  /// Places of the operations that a pattern takes bytes from, with these bytes.
  func places(_ bytes: (DeviceOperation) -> ByteCount?) -> [(place: Int, bytes: ByteCount)] {
    plan.operations.enumerated().compactMap { place, planned in
      bytes(planned.operation.work).map { (place, $0) }
    }
  }

  var reads: [(place: Int, bytes: ByteCount)] {
    places { if case .readStorage(let bytes) = $0 { bytes } else { nil } }
  }
  var decryptions: [(place: Int, bytes: ByteCount)] {
    places { if case .decrypt(let bytes) = $0 { bytes } else { nil } }
  }
  /// What leaves the reach of others, page by page or by moving a region's end.
  var protections: [(place: Int, bytes: ByteCount)] {
    places { operation in
      switch operation {
      case .protectPages(let bytes), .growProtectedRegion(let bytes, _): bytes
      default: nil
      }
    }
  }
  var allocations: [(place: Int, bytes: ByteCount)] {
    places { operation in
      switch operation {
      case .allocatePages(let bytes, _), .allocateContiguous(let bytes, _, _): bytes
      default: nil
      }
    }
  }

  /// The first operation of each layer, and of the output head after them.
  ///
  /// A layer has six operations on elements, its norm first; the head begins with its own norm.
  var layerStarts: [Int] {
    let elementwise = places { if case .elementwise(let bytes) = $0 { bytes } else { nil } }
    return stride(from: 0, through: 6 * point.model.layerCount, by: 6).map {
      elementwise[$0].place
    }
  }

  /// Whether the plan itself makes one operation wait for the end of another.
  func waits(_ later: Int, for earlier: Int) -> Bool {
    var seen = Set([later])
    var open = [later]
    while let place = open.popLast() {
      if place == earlier { return true }
      // An operation waits for earlier ones only.
      for step in plan.operations[place].dependencies
      where step.index >= earlier && seen.insert(step.index).inserted { open.append(step.index) }
    }
    return false
  }

  // MARK: When it happened

  var timeToFirstToken: SimulatedDuration {
    // Every design marks its tokens.
    spans[plan.tokens[0].index].end - .zero
  }

  var endToEndLatency: SimulatedDuration { spans[plan.tokens.last!.index].end - .zero }

  /// How long the plan takes if nothing is ever waited for but its own dependencies.
  var criticalChain: SimulatedDuration {
    var ends: [SimulatedDuration] = []
    for (planned, cost) in zip(plan.operations, costs) {
      let start = planned.dependencies.map { ends[$0.index] }.max() ?? .zero
      ends.append(start + cost.duration)
    }
    return ends[plan.tokens.last!.index]
  }

  /// What one unit alone does.
  func total(of unit: DeviceUnit) -> SimulatedDuration {
    costs.filter { $0.unit == unit }.map(\.duration).sum()
  }

  /// How long a shared unit takes for all that is asked of it, rounded down.
  func total(of unit: SharedUnit) -> SimulatedDuration {
    let work = costs.reduce(Int128(0)) { sum, cost in
      let amount = cost.demands.first { $0.unit == unit }?.amount ?? 0
      return sum + Int128(amount) * Int128(cost.duration.picoseconds)
    }
    return SimulatedDuration(
      picoseconds: Int64(work / Int128(point.pricing.capacity(of: unit))))
  }
}
