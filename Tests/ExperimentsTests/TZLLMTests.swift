import DeviceModel
import Quantities
import ScenarioFiles
import ServingDesigns
import Testing

@testable import Experiments

/// A design beside FlexServe's: several regions, restoring between computing, an NPU handed over job by
/// job.
@Suite struct TZLLMTests {
  private static func resolved(_ name: String, models: [String]? = nil) throws -> ResolvedScenario {
    let scenario = try library.scenario("\(library.root)/tz-llm/\(name).yaml")
    let overrides = models.map { [SettingAxis(key: "models", texts: $0, origin: .commandLine)] }
    return try ResolvedScenario(scenario, library: library, overrides: overrides ?? [])
  }

  private static let small = ["tinyllama-1.1b"]
  private static let cold = try! resolved("tz-llm-ttft").points().map { try $0.run() }
  private static let steps = try! resolved("tz-llm-ablation").points().map { try $0.run() }

  private func extreme(_ number: Int) throws -> ComparedExtreme {
    let stated = try library.statedExtremes()[number]
    return try ComparedExtreme(
      stated, records: stated.experiment == "tz-llm-ttft" ? Self.cold : Self.steps,
      designs: .standard)
  }

  // MARK: What the paper states

  @Test func everyCutLiesWithinThePublishedOnes() throws {
    let least = try extreme(0)
    let most = try extreme(1)
    #expect(least.predicted >= least.stated.value && most.predicted <= most.stated.value)
  }

  @Test(arguments: [3, 4, 5])
  func theLargestCutOfAStepIsWithinTenPoints(_ number: Int) throws {
    #expect(abs(try extreme(number).error) < 0.1)
  }

  @Test func thePipelineIsNearItsLowerBound() throws {
    let above = try extreme(2)
    #expect(above.predicted <= above.stated.value)
    for record in Self.cold + Self.steps {
      #expect(try record.timeToFirstToken >= record.point.lowerBound(), "\(record.point.id)")
    }
  }

  // MARK: Steps

  @Test func theFirstStepIsTheStrawman() {
    let strawman = Self.cold.filter { $0.point.design == "strawman" }.map(\.timeToFirstToken)
    let first = Self.steps.filter { $0.point.settings.first?.text == "strawman" }
    #expect(first.map(\.timeToFirstToken) == strawman)
  }

  @Test func theLastStepIsTheDesign() {
    let cold = Self.cold.filter { $0.point.design == "tz-llm" }.map(\.timeToFirstToken)
    let last = Self.steps.filter { $0.point.settings.first?.text == "+preemption" }
    #expect(last.map(\.timeToFirstToken) == cold)
  }

  @Test func everyStepButPreemptionHelps() {
    for (before, after) in zip(Self.steps, Self.steps.dropFirst())
    where !["strawman", "+preemption"].contains(after.point.settings[0].text) {
      #expect(after.timeToFirstToken < before.timeToFirstToken, "\(after.point.id)")
    }
  }

  @Test func aLargerCacheIsNeverSlower() throws {
    let records = try Self.resolved("tz-llm-cache", models: Self.small).points().map {
      try $0.run()
    }
    for (before, after) in zip(records, records.dropFirst())
    where after.point.promptTokenCount == before.point.promptTokenCount {
      #expect(after.timeToFirstToken < before.timeToFirstToken, "\(after.point.id)")
    }
  }

  // MARK: Regions

  /// 2304 MiB a region. The table of 501 MiB and eight layers of 208 MiB are 2165; eleven layers are
  /// 2288; thirteen more layers are eleven and two, and those two lie with the output head above the
  /// workspace.
  @Test func aModelFillsOneRegionAfterTheOther() throws {
    let point = try #require(
      try Self.resolved("tz-llm-ttft").points().last { $0.design == "tz-llm" })
    let plan = try point.plan(designs: .standard)
    let grown = plan.operations.compactMap { planned -> Buffer? in
      if case .growProtectedRegion = planned.operation { planned.buffers[0] } else { nil }
    }
    #expect(grown[0].use == .workspace && grown[0].region == 3)
    let chunks = grown.dropFirst().map { $0.region ?? -1 }
    #expect(
      chunks == [0] + Array(repeating: 0, count: 8) + Array(repeating: 1, count: 11)
        + Array(repeating: 2, count: 11) + [3, 3, 3])
    for region in 0..<4 {
      let size = grown.filter { $0.region == region }.map(\.size).sum()
      #expect(size <= point.pricing.memoryGeometry.regionReach)
    }
  }

  @Test func aModelThatNoRegionsHoldIsRefused() throws {
    var point = try #require(
      try Self.resolved("tz-llm-ttft").points().last { $0.design == "tz-llm" })
    let reach = try #require(ProfileKey.named("firewall.regionReach"))
    point.device = point.device.replacing(reach, with: .bytes(.gibibytes(1)), source: "test")
    #expect {
      try point.run()
    } throws: { error in
      "\(error)".hasSuffix(
        "the address-space controller has 4 free regions, and one more is asked for")
    }
  }

  // MARK: Laws

  /// In turn: beside computing, a free operation still waits for the threads that it needs.
  @Test(arguments: [("qwen2.5-0.5b", 1), ("tinyllama-1.1b", 100), ("llama-3.1-8b", 128)])
  func protectionAtNoPriceTakesNoTime(model: String, prompt: Int) throws {
    let point = try ExperimentPoint.shipped(
      "tz-llm", model, prompt: prompt, device: TimingLawTests.freeProtection,
      parameters: ["pipeline": "off"])
    let plan = try point.plan(designs: .standard)
    var free = Plan()
    for planned in plan.operations {
      var operation = planned.operation
      if case .decrypt = operation { operation = .decrypt(.zero) }
      free.add(operation, after: planned.dependencies)
    }
    for token in plan.tokens { free.markToken(token) }
    let unprotected = try Execution(point, plan: plan.unprotected)
    #expect(try Execution(point, plan: free).timeToFirstToken == unprotected.timeToFirstToken)
    #expect(plan.unprotected.operations.allSatisfy { !$0.operation.isProtection })
  }

  @Test func aModelWithoutALoadOfItsOwnNeedsOne() throws {
    #expect {
      try Self.resolved("tz-llm-ttft", models: ["gemma-2-2b"]).points()
    } throws: { error in
      "\(error)"
        == "models=gemma-2-2b: the scenario has no load for it; give backgroundMemory as well"
    }
  }
}
