import DeviceModel
import Quantities
import ScenarioFiles
import ServingDesigns
import SimulationKernel

/// A run's schedule and what it did to memory, for others to check: `flexbench verify`.
///
/// The format is the one that `ScheduleVerifier` documents.
struct Certificate {
  private(set) var text = ""
  private var lineCount = 0

  /// - Throws: `DeviceModelError`, which the run would have thrown before.
  init(
    _ session: borrowing ServingSession, log: MemoryLog, geometry: MemoryGeometry,
    record: PointRecord
  ) throws {
    add("flexbench-certificate", "1")
    add("point", record.point.id)
    add(
      "device", "\(geometry.pageSize.bytes)", "\(geometry.pageCount)", "\(geometry.regionLimit)",
      "\(geometry.regionGranulePages)")
    add("npu", Self.mode(log.ownsNPU))
    for unit in DeviceUnit.allCases { add("unit", "\(unit.number)", unit.rawValue, "1") }
    for unit in SharedUnit.allCases {
      add("shared", "\(unit.number)", unit.rawValue, "\(record.point.pricing.capacity(of: unit))")
    }
    try addOperations(session)
    addMemory(log, geometry)
    addResults(session)
    add("end", "\(lineCount)")
  }

  private mutating func add(_ fields: String...) {
    text += fields.joined(separator: "\t") + "\n"
    lineCount += 1
  }

  private static func mode(_ isProtected: Bool) -> String { isProtected ? "protected" : "normal" }

  private mutating func addOperations(_ session: borrowing ServingSession) throws {
    var first = 0
    for executed in session.executed {
      for (index, planned) in executed.plan.operations.enumerated() {
        let cost = try session.cost(of: planned.operation)
        add(
          "operation", "\(first + index)", planned.operation.kind.rawValue,
          cost.unit.map { "\($0.number)" } ?? "-", "\(cost.duration.picoseconds)",
          Self.list(planned.dependencies.map { "\(first + $0.index)" }),
          Self.list(cost.demands.map { "\($0.unit.number):\($0.amount)" }))
      }
      first += executed.plan.operations.count
    }
    first = 0
    for executed in session.executed {
      for index in executed.plan.operations.indices {
        for piece in session.pieces(of: Plan.Step(index: index), in: executed) {
          add(
            "piece", "\(first + index)", "\(piece.start.picoseconds)", "\(piece.end.picoseconds)")
        }
      }
      first += executed.plan.operations.count
    }
  }

  private static func list(_ items: [String]) -> String {
    items.isEmpty ? "-" : items.joined(separator: ",")
  }

  /// Replays the log for the frames, regions and outcomes that its actions stand for.
  private mutating func addMemory(_ log: MemoryLog, _ geometry: MemoryGeometry) {
    var frames = FrameMap(geometry)
    var region: Range<Int64> = 0..<0
    var checker = IsolationChecker(log, geometry: geometry)
    var isProtected = log.ownsNPU
    var wasProtected = false
    var taken: Set<Int> = []
    for logged in log.actions {
      let isAllowed = checker.outcome(of: logged)
      var actions: [String] = []
      var ranges = ""
      if let number = logged.buffer, let buffer = log.buffers[number] {
        if logged.action == .take, taken.insert(number).inserted { _ = frames.take(buffer) }
        let stretches = frames.frames[number] ?? []
        // What was given back is nobody's any more: an attempt on it is no news.
        if stretches.isEmpty || !taken.contains(number) { continue }
        ranges = stretches.map { "\($0.lowerBound)+\($0.count)" }.joined(separator: ",")
        switch logged.action {
        case .take: actions = ["take", ranges, buffer.isSecret ? "secret" : "open"]
        case .load(let isCiphertext):
          actions = ["load", ranges, isCiphertext ? "ciphertext" : "plain"]
        case .hideFromStage2: actions = ["hide", ranges, "stage2"]
        case .hideInRegion: actions = ["hide", ranges, "region"]
        case .flush: actions = ["flush", ranges]
        case .blockDevices: actions = ["block-dma", ranges]
        case .mapForNPU(let protected): actions = ["map-npu", ranges, Self.mode(protected)]
        case .unmapFromNPU(let protected): actions = ["unmap-npu", ranges, Self.mode(protected)]
        case .plaintext(let byDecryption):
          actions = ["plaintext", ranges, byDecryption ? "decryption" : "computing"]
        case .readByNPU: actions = ["read", ranges, "npu"]
        case .readByCPU: actions = ["read", ranges, "cpu"]
        case .clean(let isZeroed): actions = ["clean", ranges, isZeroed ? "zeroed" : "encrypted"]
        case .show: actions = ["show", ranges]
        case .give:
          actions = ["give", ranges]
          frames.give(buffer)
          taken.remove(number)
        case .moveRegion(let grows):
          let first = stretches.map(\.lowerBound).min() ?? 0
          let last = stretches.map(\.upperBound).max() ?? 0
          region =
            grows
            ? (region.isEmpty ? first : region.lowerBound)..<last
            : region.lowerBound..<max(region.lowerBound, first)
          actions = ["region", "0", "\(region.lowerBound)", "\(region.upperBound)"]
        case .overshootRegion:
          let last = stretches.map(\.upperBound).max() ?? 0
          region = region.lowerBound..<(last + geometry.regionGranulePages / 2)
          actions = ["region", "0", "\(region.lowerBound)", "\(region.upperBound)"]
        case .attempt(let actor):
          actions = [
            "attempt", "\(stretches[0].lowerBound)", actor.rawValue,
            isAllowed ? "allowed" : "fault",
          ]
        case .switchNPU, .lendNPU, .returnNPU, .endStage2: break
        }
      } else if logged.action == .endStage2 {
        // Nothing is hidden any more by then, or the run was ended: there is nothing to say.
        continue
      } else {
        switch logged.action {
        case .switchNPU(let toProtected): isProtected = toProtected
        case .lendNPU:
          wasProtected = isProtected
          isProtected = false
        default: isProtected = wasProtected
        }
        actions = ["mode", Self.mode(isProtected)]
      }
      let head = [
        "memory", "\(logged.time.picoseconds)", logged.operation.map { "\($0)" } ?? "-",
      ]
      text += (head + actions).joined(separator: "\t") + "\n"
      lineCount += 1
    }
  }

  private mutating func addResults(_ session: borrowing ServingSession) {
    add("arrival", "0")
    var first = 0
    for executed in session.executed {
      let tokens = executed.plan.tokens
      if let token = tokens.first, let last = tokens.last {
        for (metric, step) in [(Metric.timeToFirstToken, token), (.endToEndLatency, last)] {
          let end = session.span(of: step, in: executed).end
          add("result", metric.rawValue, "\(end.picoseconds)", "\(first + step.index)")
        }
        return
      }
      first += executed.plan.operations.count
    }
  }
}
