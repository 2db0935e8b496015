import Foundation
import Testing

/// The kernel's page shows a program: the one in `SingleServerExample.swift`.
@Suite struct DocumentationTests {
  /// 16 runs of 10 000 customers at half load, of which theory says that they wait for one service
  /// on average. The runs are independent, so their mean is within 4.07 standard errors of that in
  /// 999 of 1000 tests (Student's t, 15 degrees of freedom). That the line is empty at first costs
  /// far less.
  @Test func theExampleAgreesWithTheory() {
    let means = (1...16 as ClosedRange<UInt64>).map { seed in
      var generator = SplitMix64(seed: seed)
      return meanWait(customers: 10_000, load: 0.5, using: &generator)
    }
    let mean = means.reduce(0, +) / 16
    let variance = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 15
    let tolerance = 4.07 * (variance / 16).squareRoot()
    #expect(abs(mean - 1) <= tolerance, "\(mean) in place of 1 +- \(tolerance)")
    #expect(tolerance < 0.1)
  }

  @Test func theExampleIsTheTextOfThePage() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
    let page = tests.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Sources/SimulationKernel/SimulationKernel.docc/SimulationKernel.md")
    let source = tests.appending(path: "SingleServerExample.swift")
    let pageLines = try lines(page)
    let first = try #require(pageLines.firstIndex(of: "```swift"))
    let last = try #require(pageLines[first...].firstIndex(of: "```"))
    let block = Array(pageLines[(first + 1)..<last])
    // The file ends with a line feed, and the block with a line.
    #expect(block + [""] == (try lines(source)))
    #expect(block.count > 40)
  }

  private func lines(_ file: URL) throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }
}
