import DeviceModel
import Quantities
import ScenarioFiles
import ServingDesigns
import SimulationKernel

/// A request whose times a certificate reports.
struct CertifiedRequest {
  /// The place of its plan among the session's.
  var plan: Int
  var arrival: SimulatedTime
  var timeToFirstToken: SimulatedDuration
  var endToEndLatency: SimulatedDuration
}

/// A run's schedule and what it did to memory, for others to check: `flexbench verify`.
///
/// The format is the one that `ScheduleVerifier` documents.
struct Certificate {
  private(set) var text = ""
  private var lineCount = 0

  /// - Throws: `DeviceModelError`, which the run would have thrown before.
  init(
    _ session: borrowing ServingSession, log: MemoryLog, geometry: MemoryGeometry,
    point: ExperimentPoint, requests: [CertifiedRequest]
  ) throws {
    add("flexbench-certificate", "1")
    add("point", point.id)
    add(
      "device", "\(geometry.pageSize.bytes)", "\(geometry.pageCount)", "\(geometry.regionLimit)",
      "\(geometry.regionGranulePages)")
    add("npu", Self.mode(log.ownsNPU))
    for unit in DeviceUnit.allCases { add("unit", "\(unit.number)", unit.rawValue, "1") }
    for unit in SharedUnit.allCases {
      add("shared", "\(unit.number)", unit.rawValue, "\(point.pricing.capacity(of: unit))")
    }
    try addOperations(session)
    addMemory(log, geometry)
    addResults(session, requests)
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
      var pricing = session.pricing(of: executed)
      for (index, planned) in executed.plan.operations.enumerated() {
        let cost = try pricing.cost(of: planned.operation)
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
    var regions: [Int: Range<Int64>] = [:]
    var checker = IsolationChecker(log, geometry: geometry)
    var isProtected = log.ownsNPU
    var wasProtected = false
    var isStage2On = log.startsProtected
    /// Out of the stage-2 table, in the order of leaving it.
    var hidden: [Int] = []
    var taken: Set<Int> = []
    /// The frames that each buffer has, or had.
    var known: [Int: [Range<Int64>]] = [:]
    for logged in log.actions {
      let isAllowed = checker.outcome(of: logged)
      var actions: [String] = []
      var ranges = ""
      if let number = logged.buffer, let buffer = log.buffers[number] {
        if logged.action == .take, taken.insert(number).inserted {
          known[number] = frames.take(buffer)
        }
        // What was given back is nobody's any more: an attempt on it is no news, all else is.
        let stretches = known[number] ?? []
        if case .attempt = logged.action, !taken.contains(number) { continue }
        if stretches.isEmpty { continue }
        ranges = stretches.map { "\($0.lowerBound)+\($0.count)" }.joined(separator: ",")
        switch logged.action {
        case .take: actions = ["take", ranges, buffer.isSecret ? "secret" : "open"]
        case .load(let isCiphertext):
          actions = ["load", ranges, isCiphertext ? "ciphertext" : "plain"]
        case .hideFromStage2:
          hidden.append(number)
          // Out of a table that is not in force: nothing has changed.
          if !isStage2On { continue }
          actions = ["hide", ranges, "stage2"]
        case .hideInRegion: actions = ["hide", ranges, "region"]
        case .flush: actions = ["flush", ranges]
        case .blockDevices: actions = ["block-dma", ranges]
        case .mapForNPU(let protected): actions = ["map-npu", ranges, Self.mode(protected)]
        case .unmapFromNPU(let protected): actions = ["unmap-npu", ranges, Self.mode(protected)]
        case .plaintext(let byDecryption):
          actions = ["plaintext", ranges, byDecryption ? "decryption" : "computing"]
        case .readByNPU: actions = ["read", ranges, "npu"]
        case .readByCPU: actions = ["read", ranges, "cpu"]
        case .ciphertext: actions = ["ciphertext", ranges]
        case .store: actions = ["store", ranges]
        case .clean(let isZeroed): actions = ["clean", ranges, isZeroed ? "zeroed" : "encrypted"]
        case .show:
          hidden.removeAll { $0 == number }
          actions = ["show", ranges]
        case .give:
          actions = ["give", ranges]
          frames.give(buffer)
          taken.remove(number)
        case .moveRegion(let grows):
          let first = stretches.map(\.lowerBound).min() ?? 0
          let last = stretches.map(\.upperBound).max() ?? 0
          var region = regions[buffer.region ?? 0] ?? 0..<0
          region =
            grows
            ? (region.isEmpty ? first : region.lowerBound)..<last
            : region.lowerBound..<max(region.lowerBound, first)
          regions[buffer.region ?? 0] = region
          actions = Self.region(buffer, region)
        case .overshootRegion:
          let last = stretches.map(\.upperBound).max() ?? 0
          let first = (regions[buffer.region ?? 0] ?? 0..<0).lowerBound
          let region = first..<(last + geometry.regionGranulePages / 2)
          regions[buffer.region ?? 0] = region
          actions = Self.region(buffer, region)
        case .attempt(let actor):
          actions = [
            "attempt", "\(stretches[0].lowerBound)", actor.rawValue,
            isAllowed ? "allowed" : "fault",
          ]
        case .switchNPU, .lendNPU, .returnNPU, .beginStage2, .endStage2, .runOtherTask: break
        }
      } else if logged.action == .beginStage2 || logged.action == .runOtherTask {
        isStage2On = isStage2On || logged.action == .beginStage2
        continue
      } else if logged.action == .endStage2 {
        isStage2On = false
        // Whatever it hid is the normal world's again.
        for number in hidden {
          let ranges = frames.frames(of: number).map { "\($0.lowerBound)+\($0.count)" }
          if ranges.isEmpty { continue }
          addMemoryLine(logged, ["show", ranges.joined(separator: ",")])
        }
        hidden = []
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
      addMemoryLine(logged, actions)
    }
  }

  private static func region(_ buffer: Buffer, _ pages: Range<Int64>) -> [String] {
    ["region", "\(buffer.region ?? 0)", "\(pages.lowerBound)", "\(pages.upperBound)"]
  }

  private mutating func addMemoryLine(_ logged: LoggedAction, _ action: [String]) {
    let head = [
      "memory", "\(logged.time.picoseconds)", logged.operation.map { "\($0)" } ?? "-",
    ]
    text += (head + action).joined(separator: "\t") + "\n"
    lineCount += 1
  }

  private mutating func addResults(
    _ session: borrowing ServingSession, _ requests: [CertifiedRequest]
  ) {
    var firsts: [Int] = []
    var next = 0
    for executed in session.executed {
      firsts.append(next)
      next += executed.plan.workNumbers.count
    }
    for request in requests {
      add("arrival", "\(request.arrival.picoseconds)")
      let tokens = session.executed[request.plan].plan.tokens
      for (metric, duration, step) in [
        (Metric.timeToFirstToken, request.timeToFirstToken, tokens.first),
        (.endToEndLatency, request.endToEndLatency, tokens.last),
      ] {
        guard let step else { continue }
        add(
          "result", metric.rawValue, "\(duration.picoseconds)",
          "\(firsts[request.plan] + step.index)")
      }
    }
  }
}
