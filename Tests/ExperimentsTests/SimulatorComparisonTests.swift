import Testing

@testable import Experiments

/// What `flexbench validate` says of other simulators; the bars are those of the model's own tests.
@Suite struct SimulatorComparisonTests {
  static let comparison = try! SimulatorComparison(library)

  @Test func everyRowOfEveryTableIsCompared() {
    #expect(Self.comparison.scaleSim.map(\.rows.count).reduce(0, +) == 73)
    #expect(Self.comparison.roofline.map(\.rows.count) == [32, 48, 16, 16])
    #expect(Self.comparison.zigzag.map(\.rows.count) == [16, 16, 16, 16])
  }

  @Test func whatIsExactIsCountedAsExact() {
    for group in Self.comparison.scaleSim { #expect(group.exactCount == group.rows.count) }
    let viewer = Self.comparison.roofline.first { $0.name.hasPrefix("LLM-Viewer, layers") }
    #expect(viewer?.exactCount == 48)
    #expect(Self.comparison.roofline[0].exactCount < 32, "GenZ fuses products")
  }

  @Test func theBarsAreMet() {
    #expect(Self.comparison.roofline.allSatisfy { abs($0.worst.error) <= 0.0032 })
    #expect(Self.comparison.zigzag.prefix(2).allSatisfy { abs($0.worst.error) <= 0.07 })
    #expect(Self.comparison.zigzagRankCorrelation >= 0.8)
    #expect(Self.comparison.zigzagRereads.count == 9)
    #expect(Self.comparison.zigzagRereads.least > 1.2)
  }
}
