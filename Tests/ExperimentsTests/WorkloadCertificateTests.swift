import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ScheduleVerifier
import ServingDesigns
import Testing
import Workloads

@testable import Experiments

/// Workloads leave certificates, too: several models, prefixes and pressure, judged by code that shares
/// the format with the simulator and nothing else.
@Suite struct WorkloadCertificateTests {
  /// A dozen requests of two models with two layers each, and prefixes; time for writing these to storage
  /// lies between some.
  private static func point(_ design: String) throws -> WorkloadPoint {
    func model(_ name: String) throws -> ModelArchitecture {
      var model = try library.model(named: name).model
      model.layerCount = 2
      return model
    }
    let models = try [model("qwen2.5-0.5b"), model("qwen3-0.6b")]
    var workload = Workload()
    for number in 0..<12 {
      let request = Request(
        model: models[number % 3 == 0 ? 1 : 0], promptTokenCount: 90, outputTokenCount: 3,
        prefix: SharedPrefix(name: "system", tokenCount: 64))
      let pause = SimulatedDuration.milliseconds(number % 4 == 0 ? 2000 : 1)
      workload.add(
        Workload.Item(request, number == 0 ? .at(.zero) : .after(number - 1, pause)))
    }
    let settings = design == "flexserve" ? ["idleWindow": "100"] : [:]
    var point = try WorkloadPoint(
      point: .shipped(design, "qwen2.5-0.5b", prompt: 1, fidelity: .roofline), labels: [],
      workload: workload)
    let values = try library.design(named: design).values.mapValues(\.text)
    point.point.designParameters = try DesignParameters(
      values.merging(settings) { $1 }, for: #require(DesignCatalog.standard[design]).parameters)
    return point
  }

  @Test(arguments: DesignCatalog.standard.names, [false, true])
  func theVerifierAcceptsWorkloads(design: String, isUnderPressure: Bool) throws {
    var point = try Self.point(design)
    if isUnderPressure {
      // As much as contiguous allocation was measured beside, or more than what is kept leaves.
      let size = ByteCount.mebibytes(design == "flexserve" ? 8050 : 1900)
      point.growth = [
        MemoryGrowth(at: .seconds(1), size: size, gets: true, over: .seconds(3)),
        MemoryGrowth(at: .seconds(6), size: .gibibytes(1), gets: false, over: .zero),
      ]
    }
    let run = point.examine(Examination(wantsCertificate: true))
    let record = try run.result.get()
    let isRecalled = record.pressure.contains {
      if case .recalled(let size) = $0.change { size > .zero } else { false }
    }
    #expect(isRecalled == (isUnderPressure && design == "flexserve"))
    let text = try #require(run.certificate)
    let certificate = try ScheduleVerifier.Certificate(text: text, file: "a run")
    #expect(certificate.violations().isEmpty)
    #expect(certificate.resultCount == 2 * point.workload.items.count)
  }

  /// Each request's times are judged by its own arrival.
  @Test func aWrongTimeOfAnyRequestIsFound() throws {
    let run = try Self.point("flexserve").examine(Examination(wantsCertificate: true))
    let lines = try #require(run.certificate).split(separator: "\n")
    let arrivals = lines.indices.filter { lines[$0].hasPrefix("arrival\t") }
    #expect(arrivals.count == 12)
    for place in arrivals {
      var wrong = lines
      let time = try #require(Int64(lines[place].dropFirst(8)))
      wrong[place] = "arrival\t\(time + 1)"
      // Its first token, and its last.
      #expect(
        try IsolationTests.brokenRules(wrong.joined(separator: "\n") + "\n")
          == ["reported-times", "reported-times"])
    }
  }

  /// Also what only workloads do: keys and values go to storage.
  @Test(arguments: Sabotage.allCases)
  func everyMistakeIsFoundTwice(sabotage: Sabotage) throws {
    let run = try Self.point("flexserve").examine(
      Examination(sabotage: sabotage, wantsCertificate: true))
    let rules = try IsolationTests.brokenRules(run.certificate)
    let isBreakable =
      sabotage == .skipEncryption
      || IsolationTests.breakable[sabotage]?.contains("flexserve") ?? false
    #expect(run.isSabotaged == isBreakable)
    switch run.result {
    case .success: #expect(!isBreakable && rules.isEmpty)
    case .failure(let failure):
      #expect(failure.violation?.rule == sabotage.rule)
      #expect(rules.contains(sabotage.rule.rawValue), "\(rules)")
    }
  }
}
