import Foundation
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Testing

@testable import Experiments

/// The mean of several experiments' mean speed-ups.
@Suite struct SectionMeansTests {
  private func resolved(_ name: String, _ overrides: [(String, [String])]) throws
    -> ResolvedScenario
  {
    try ResolvedScenario(
      try library.scenario("\(library.root)/paper/\(name).yaml"), library: library,
      overrides: overrides.map { SettingAxis(key: $0.0, texts: $0.1, origin: .commandLine) })
  }

  @Test func theHeadlineIsTheMeanOfMeans() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // Different numbers of settings: each section counts once.
    var means: [Double] = []
    for (name, prompts) in [("first", ["1"]), ("second", ["1", "64", "128"])] {
      let scenario = try resolved(
        "cold-ttft",
        [
          ("designs", ["strawman", "flexserve"]), ("models", ["qwen2.5-0.5b"]),
          ("promptTokens", prompts),
        ])
      let records = try scenario.points().map { try $0.run() }
      let times = records.map(\.timeToFirstToken.seconds)
      means.append(
        stride(from: 0, to: times.count, by: 2).reduce(0) { $0 + times[$1] / times[$1 + 1] }
          / Double(prompts.count))
      try ResultFile(records, of: scenario).write(to: "\(folder)/\(name).h5")
    }
    let found = try SectionMeans(
      ["first", "second"], designs: ["strawman", "flexserve"], resultsFolder: folder)
    #expect(found.rows.map(\.section) == ["first", "second", SectionMeans.all])
    #expect(found.rows.map(\.count) == [1, 3, 2])
    for (row, expected) in zip(found.rows, means + [(means[0] + means[1]) / 2]) {
      #expect(abs(row.speedup - expected) < 1e-6)
    }
    // What is written is read again.
    let headline = try resolved("headline", [])
    guard case .sections(let names) = headline.scenario.subject else {
      Issue.record("no sections")
      return
    }
    #expect(names == ["cold-ttft", "multi-model", "workflows"])
    try ResultFile(found, of: headline).write(to: "\(folder)/headline.h5")
    let again = try #require(SectionMeans(try ResultFile(reading: "\(folder)/headline.h5")))
    #expect(again.rows.map(\.speedup) == found.rows.map(\.speedup))
    #expect(again.rows.map(\.baseline) == found.rows.map(\.baseline))
    #expect(throws: ResultFileError.self) {
      try SectionMeans(["third"], designs: ["strawman", "flexserve"], resultsFolder: folder)
    }
  }
}
