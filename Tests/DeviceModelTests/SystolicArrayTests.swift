import Quantities
import Testing

@testable import DeviceModel

@Suite struct SystolicArrayTests {
  /// Every row of the tool's own counts, to the cycle.
  @Test func theCyclesAreThoseOfSCALESim() throws {
    let rows = try SimulatorTable("scalesim.csv").rows
    #expect(rows.count == 73)
    for row in rows {
      let dataflow = try #require(SystolicArray.Dataflow(rawValue: row.text("dataflow")))
      let array = SystolicArray(
        rows: row.integer("array_rows"), columns: row.integer("array_cols"), dataflow: dataflow)
      let product = MatrixMultiply(
        rows: row.integer("M"), inner: row.integer("K"), columns: row.integer("N"))
      // The tool prints the index of the last cycle.
      #expect(array.cycles(product) - 1 == row.integer("total_cycles"), "\(product) on \(array)")
    }
  }

  /// 5 x 7 times 7 x 3 on 4 x 2 cells. Weights: 2 x 2 folds of 4 + 4 + 2 + 5 - 2 cycles. Results:
  /// 2 x 2 folds of 4 + 2 + 7 - 2. Activations: 2 x 3 folds of 4 + 4 + 2 + 3 - 2.
  @Test(
    arguments: [
      (SystolicArray.Dataflow.weightStationary, 52), (.outputStationary, 44),
      (.inputStationary, 66),
    ] as [(SystolicArray.Dataflow, Int64)])
  func aSmallProductIsFoldedAsByHand(_ dataflow: SystolicArray.Dataflow, cycles: Int64) {
    let array = SystolicArray(rows: 4, columns: 2, dataflow: dataflow)
    #expect(array.cycles(MatrixMultiply(rows: 5, inner: 7, columns: 3)) == cycles)
  }

  /// The transposed product keeps the other operand and takes as long.
  @Test(arguments: UInt64(0)..<20)
  func inputStationaryIsWeightStationaryOfTheTransposedProduct(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let product = NPUTilingTests.anyProduct(&random)
    let transposed = MatrixMultiply(
      rows: product.columns, inner: product.inner, columns: product.rows)
    let rows = Int.random(in: 1...64, using: &random)
    let columns = Int.random(in: 1...64, using: &random)
    let inputs = SystolicArray(rows: rows, columns: columns, dataflow: .inputStationary)
    let weights = SystolicArray(rows: rows, columns: columns, dataflow: .weightStationary)
    #expect(inputs.cycles(product) == weights.cycles(transposed), "seed \(seed): \(product)")
  }

  /// As a price: 64 x 2048 x 2048 on three cores, 683 columns each. 64 x 22 folds of
  /// 2 x 32 + 32 + 64 - 2 cycles at 1 GHz after the launch.
  @Test(arguments: Precision.allCases)
  func theNPUHasOneArrayACore(precision: Precision) throws {
    var pricing = DevicePricing.shipped(precision: precision, fidelity: .systolic)
    let cost = try pricing.cost(
      of: .multiplyOnNPU(MatrixMultiply(rows: 64, inner: 2048, columns: 2048), protected: false))
    let cycles = Int64(64 * 22 * 158 * precision.bytesPerElement)
    #expect(cost.duration == .microseconds(1260) + .nanoseconds(cycles))
    #expect(cost.bound == .compute)
  }
}
