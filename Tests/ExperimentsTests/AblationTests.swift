import Quantities
import ScenarioFiles
import Testing

@testable import Experiments

/// The steps from the strawman to FlexServe are parameters of one design.
@Suite struct AblationTests {
  /// The time to first token of every step, by name.
  private static let steps: [String: SimulatedDuration] = try! {
    let scenario = try library.scenario("\(library.root)/paper/ablation.yaml")
    let models = SettingAxis(key: "models", texts: ["tinyllama-1.1b"], origin: .commandLine)
    let points = try ResolvedScenario(scenario, library: library, overrides: [models]).points()
    return try Dictionary(
      uniqueKeysWithValues: points.map {
        ($0.settings[0].text, try $0.run().timeToFirstToken)
      })
  }()

  private func step(_ name: String) throws -> SimulatedDuration { try #require(Self.steps[name]) }

  private func cold(_ design: String) throws -> SimulatedDuration {
    try ExperimentPoint.shipped(design, "tinyllama-1.1b", prompt: 128).run().timeToFirstToken
  }

  @Test func theFirstStepIsTheStrawman() throws {
    #expect(try step("strawman") == cold("strawman"))
  }

  /// The request comes after another, so protection is on already: 2.96 ms less.
  @Test func thePipelineMakesItFlexServe() throws {
    #expect(try step("+pipeline") == cold("flexserve") - .microseconds(2960))
  }

  @Test func everyStepHelps() throws {
    let names = [
      "strawman", "+flex-npu", "+flex-mem", "+pipeline", "+cache", "+inline-decryption",
    ]
    let times = try names.map(step)
    for (before, after) in zip(times, times.dropFirst()) { #expect(after <= before) }
    #expect(Set(Self.steps.keys) == Set(names))
  }

  @Test func aWrongStepIsRefusedWithItsPlace() throws {
    var scenario = try library.scenario("\(library.root)/paper/ablation.yaml")
    scenario.steps[1].parameters[0] = (name: "memory", text: "regions")
    let error = #expect(throws: (any Error).self) {
      try ResolvedScenario(scenario, library: library).points()
    }
    let text = try #require(error.map { "\($0)" })
    #expect(text.contains("memory: expected one of pages, region, found \"regions\""), "\(text)")
  }
}
