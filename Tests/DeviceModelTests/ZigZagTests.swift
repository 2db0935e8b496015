import Quantities
import Statistics
import Testing

@testable import DeviceModel

/// Tiles against ZigZag's mappings on one array with a finite buffer and a finite DRAM.
@Suite struct ZigZagTests {
  struct Compared {
    var row: SimulatorTable.Row
    var product: MatrixMultiply
    /// In cycles, as the tool's.
    var ours: Double
    var roofline: Double
    var zigzag: Double
    var isAboveOurRoofline: Bool

    var error: Double { ours / zigzag - 1 }
    var ourRatio: Double { ours / roofline }
    var itsRatio: Double { zigzag / roofline }
  }

  /// The array of the reference, as its table describes it; a clock at which bytes a cycle are GB/s.
  static func tiling(dramBytesPerCycle: Int) -> NPUTiling {
    NPUTiling.zigzag(dramBytesPerCycle: dramBytesPerCycle)
  }

  static let compared: [Compared] = try! SimulatorTable("zigzag.csv").rows.map { row in
    let product = MatrixMultiply(
      rows: row.integer("M"), inner: row.integer("K"), columns: row.integer("N"))
    let tiling = tiling(dramBytesPerCycle: row.integer("dram_bytes_per_cycle"))
    let ours = tiling.tiled(product).segments.duration
    return Compared(
      row: row, product: product, ours: ours.seconds * 1e9,
      roofline: row.number("roofline_cycles"), zigzag: row.number("latency_cycles"),
      isAboveOurRoofline: ours >= tiling.roofline(product).segments.duration)
  }

  @Test func fewRowsAreWithinSevenPerCent() {
    let few = Self.compared.filter { $0.product.rows <= 32 }
    #expect(few.count == 32)
    for compared in few {
      #expect(abs(compared.error) <= 0.07, "\(compared.row): \(compared.error)")
    }
  }

  @Test func nothingBeatsTheRoofline() {
    for compared in Self.compared {
      // The table's is rounded to whole cycles.
      #expect(compared.ours >= compared.roofline - 1, "\(compared.row)")
      #expect(compared.isAboveOurRoofline, "\(compared.row)")
    }
  }

  /// Where the buffer is too small and operands are read again, ours are too.
  @Test func whereZigZagReadsAgainSoDoWe() {
    let above = Self.compared.filter { $0.product.rows >= 128 && $0.itsRatio > 1.2 }
    #expect(above.count == 9)
    for compared in above { #expect(compared.ourRatio > 1.2, "\(compared.row)") }
  }

  @Test func theRatiosToTheRooflineRankAlike() {
    let many = Self.compared.filter { $0.product.rows >= 128 }
    #expect(many.count == 32)
    let correlation = rankCorrelation(many.map(\.ourRatio), many.map(\.itsRatio))
    #expect(correlation >= 0.8, "\(correlation)")
  }

  @Test func theRankCorrelationIsSpearmans() {
    #expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40]) == 1)
    #expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1]) == -1)
    // Ranks 1 2 3 4 against 2 1 4 3: 1 - 6 x 4 / (4 x 15).
    #expect(abs(rankCorrelation([1, 2, 3, 4], [2, 1, 4, 3]) - 0.6) < 1e-12)
    // Ranks 1 2.5 2.5 4 against 1 2 3 4: covariance 4.5, variances 4.5 and 5.
    let tied = rankCorrelation([1, 2, 2, 4], [1, 2, 3, 4])
    #expect(abs(tied * tied - 4.5 / 5) < 1e-12)
  }
}
