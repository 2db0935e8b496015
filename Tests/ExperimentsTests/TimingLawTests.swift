import DeviceModel
import Quantities
import ServingDesigns
import Testing

@testable import Experiments

/// What holds for every run, whatever the prices.
@Suite struct TimingLawTests {
  @Test(arguments: Execution.all)
  func theBreakdownSumsToTheTimeToFirstToken(_ execution: Execution) throws {
    let record = try execution.point.run()
    #expect(record.timeToFirstToken == execution.timeToFirstToken)
    #expect(record.breakdown.values.reduce(.zero, +) == record.timeToFirstToken)
    #expect(record.breakdown.values.allSatisfy { $0 >= .zero })
    #expect(
      record.breakdownNanoseconds.reduce(0, +)
        == record.timeToFirstToken.nanosecondsRoundedHalfToEven)
    #expect(record.endToEndLatency == execution.endToEndLatency)
    #expect(
      (record.endToEndLatency == record.timeToFirstToken)
        == (execution.point.outputTokenCount == 1))
  }

  @Test(arguments: Execution.all)
  func noUnitDoesTwoThingsAtOnce(_ execution: Execution) {
    for unit in DeviceUnit.allCases {
      let spans = execution.costs.indices.filter { execution.costs[$0].unit == unit }
        .flatMap { execution.pieces[$0] }.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
      for (earlier, later) in zip(spans, spans.dropFirst()) {
        #expect(earlier.end <= later.start, "\(unit)")
      }
    }
  }

  @Test(arguments: Execution.all)
  func nothingTakesLessThanAlone(_ execution: Execution) {
    for (span, cost) in zip(execution.spans, execution.costs) {
      #expect(span.end - span.start >= cost.duration)
    }
  }

  @Test(arguments: Execution.all)
  func everythingWaitsForWhatItDependsOn(_ execution: Execution) {
    for (place, planned) in execution.plan.operations.enumerated() {
      for step in planned.dependencies {
        #expect(execution.spans[step.index].end <= execution.spans[place].start)
      }
    }
  }

  @Test(arguments: Execution.all)
  func noRunBeatsItsBusiestUnitOrItsLongestChain(_ execution: Execution) {
    for unit in DeviceUnit.allCases {
      #expect(execution.endToEndLatency >= execution.total(of: unit), "\(unit)")
    }
    for unit in SharedUnit.allCases {
      #expect(execution.endToEndLatency >= execution.total(of: unit), "\(unit)")
    }
    #expect(execution.endToEndLatency >= execution.criticalChain)
  }

  /// The strawman does one thing after the other, so it takes the sum of all; only the tokeniser
  /// runs beside the loading, which takes longer.
  @Test func aSerialDesignTakesTheSumOfItsOperations() throws {
    for execution in Execution.all where execution.point.design == "strawman" {
      let serial = zip(execution.plan.operations, execution.costs).filter {
        $0.0.operation.kind != .tokenise
      }
      let sum = serial.map(\.1.duration).sum()
      #expect(execution.endToEndLatency == sum, "\(execution.point.id)")
    }
  }

  @Test func aPipelineTakesLessThanTheSumOfItsOperations() throws {
    for execution in Execution.all where execution.point.design != "strawman" {
      let sum = execution.costs.map(\.duration).sum()
      #expect(execution.endToEndLatency < sum, "\(execution.point.id)")
    }
  }

  // MARK: Protection at no price

  /// The same profile with all protection for nothing.
  static let freeProtection = ProfileKey.protectionPrices.reduce(board) { device, key in
    let free: ProfileQuantity =
      if case .count = device[key].value { .count(0) } else { .duration(.zero) }
    return device.replacing(key, with: free, source: "free")
  }

  /// The same plan with nothing left to decrypt.
  private func withoutCiphertext(_ plan: Plan) -> Plan {
    var result = Plan()
    var steps: [Plan.Step] = []
    for planned in plan.operations {
      var operation = planned.operation
      if case .decrypt = operation { operation = .decrypt(.zero) }
      steps.append(result.add(operation, after: planned.dependencies.map { steps[$0.index] }))
    }
    for token in plan.tokens { result.markToken(steps[token.index]) }
    return result
  }

  /// With one allocation for the whole model, as shipped. With one a chunk, a free operation still
  /// waits until the allocation before it gives memory management back.
  @Test(
    arguments: [
      "nw-base", "strawman", "strawman-opt", "flexserve",
    ], [("qwen2.5-0.5b", 1), ("tinyllama-1.1b", 100), ("llama-3.1-8b", 128)])
  func protectionAtNoPriceTakesNoTime(design: String, request: (model: String, prompt: Int)) throws
  {
    // Entering a protected page in the NPU's table is priced in whole, so both take one price.
    let device = Self.freeProtection.replacing(
      try #require(ProfileKey.named("npu.protectedMapPerPage")),
      with: board[try #require(ProfileKey.named("npu.mapPerPage"))].value, source: "free")
    let point = try ExperimentPoint.shipped(
      design, request.model, prompt: request.prompt, device: device)
    let plan = try point.plan(designs: .standard)
    let protected = try Execution(point, plan: withoutCiphertext(plan))
    let unprotected = try Execution(point, plan: plan.unprotected)
    #expect(protected.timeToFirstToken == unprotected.timeToFirstToken)
    #expect(plan.unprotected.operations.allSatisfy { !$0.operation.isProtection })
    #expect(plan.unprotected.unprotected == plan.unprotected)
    // As shipped it takes time, unless there is none.
    let shipped = try Execution(.shipped(design, request.model, prompt: request.prompt))
    let priced = shipped.timeToFirstToken > unprotected.timeToFirstToken
    #expect(priced == (design != "nw-base"))
  }

  // MARK: Repetition

  @Test func theSamePointTwiceGivesTheSameRecord() throws {
    for design in DesignCatalog.standard.names {
      let point = try ExperimentPoint.shipped(design, "tinyllama-1.1b", prompt: 100)
      let (first, second) = (try point.run(), try point.run())
      #expect(first.timeToFirstToken == second.timeToFirstToken)
      #expect(first.breakdown == second.breakdown)
      #expect(first.eventCount == second.eventCount)
    }
  }

  @Test func theNumberOfJobsChangesNothing() async throws {
    // Slow and fast points mixed, so that they end in another order than they begin.
    let points = try ["gemma-2-2b", "qwen2.5-0.5b", "tinyllama-1.1b"].flatMap { model in
      try [200, 1].flatMap { prompt in
        try DesignCatalog.standard.names.map {
          try ExperimentPoint.shipped($0, model, prompt: prompt)
        }
      }
    }
    let one = try await runPoints(points, jobs: 1)
    for jobs in [2, 5, 64] {
      let several = try await runPoints(points, jobs: jobs)
      #expect(several.map(\.point.id) == points.map(\.id))
      #expect(several.map(\.timeToFirstToken) == one.map(\.timeToFirstToken))
      #expect(several.map(\.breakdown) == one.map(\.breakdown))
      #expect(several.map(\.eventCount) == one.map(\.eventCount))
    }
  }

  @Test func aPointThatFailsFailsAlone() async throws {
    let good = try ExperimentPoint.shipped("flexserve", "qwen2.5-0.5b", prompt: 1)
    // Beyond the figure's last load.
    let bad = try ExperimentPoint.shipped(
      "strawman", "qwen2.5-0.5b", prompt: 1, background: .gibibytes(11))
    let results = await runAllPoints([good, bad, good], jobs: 2)
    #expect(throws: Never.self) { try results[0].result.get() }
    #expect(throws: Never.self) { try results[2].result.get() }
    #expect {
      try results[1].result.get()
    } throws: { error in
      "\(error)" == "point qwen2.5-0.5b/1/11 GiB/strawman: memory.contiguousAllocation.byLoad was"
        + " measured up to 10 GiB, and 11 GiB is asked for"
    }
  }

  @Test func anUnknownDesignIsAFailure() throws {
    var point = try ExperimentPoint.shipped("flexserve", "qwen2.5-0.5b", prompt: 1)
    point.design = "flexsreve"
    #expect {
      try point.run()
    } throws: { error in
      "\(error)" == "point qwen2.5-0.5b/1/8 GiB/flexserve: no design is called flexsreve"
    }
  }

  // MARK: Tiles

  /// Waves of equal tiles on an idle device: the launch, then load, all but one of the slower half,
  /// then compute, each wave an event.
  @Test(arguments: [1, 2, 7, 40])
  func tilesTakeTheClosedFormWhenNothingCompetes(waves: Int) throws {
    let keys = try ["npu.streamBandwidth", "npu.clock", "npu.coreCount", "npu.taskLaunch"].map {
      board[try #require(ProfileKey.named($0))].value
    }
    guard case .bandwidth(let bandwidth) = keys[0], case .frequency(let clock) = keys[1],
      case .count(let cores) = keys[2], case .duration(let launch) = keys[3]
    else {
      Issue.record("the profile's kinds have changed")
      return
    }
    // The weight half of the buffer holds 64 columns of 2048 inputs a core.
    let columns = 64 * Int(cores)
    let product = MatrixMultiply(rows: 64, inner: 2048, columns: columns * waves)
    let load = ByteCount(bytes: Int64(2048 * columns + 4 * 64 * columns)) / bandwidth
    let first =
      ByteCount(bytes: Int64(2048 * columns + 4 * 64 * columns + 64 * 2048)) / bandwidth
    // 64 rows, 64 by 2 passes of the array.
    let computing = CycleCount(64 * 64 * 2) / clock
    let closed = launch + first + (waves - 1) * max(load, computing) + computing

    var plan = Plan()
    plan.markToken(plan.add(.multiplyOnNPU(product, protected: false), after: []))
    let point = try ExperimentPoint.shipped("flexserve", "qwen2.5-0.5b", prompt: 1)
    let execution = try Execution(point, plan: plan)
    #expect(execution.timeToFirstToken == closed)
    #expect(execution.eventCount == 1 + waves)
  }
}
