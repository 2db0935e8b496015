import DeviceModel
import Quantities
import ScenarioFiles
import Statistics
import Testing

@testable import Experiments

/// What is fitted for the RK3588, and how well it predicts what it was not fitted to.
@Suite struct NPUCalibrationTests {
  static let results = try! Calibration(
    try! library.calibration("\(library.root)/calibration/rk3588.yaml"), library: library
  ).run(leaveOneOut: true)

  static func errors(_ id: String) throws -> (fitted: ErrorSummary, leftOut: ErrorSummary) {
    let fit = try #require(results.first { $0.id == id })
    let reported = fit.points.map(\.reported)
    return (
      try ErrorSummary(predicted: fit.points.map(\.predicted), reported: reported),
      try ErrorSummary(predicted: fit.points.compactMap(\.leftOut), reported: reported)
    )
  }

  @Test func measuredProductsArePredictedByTheOthers() throws {
    let (fitted, leftOut) = try Self.errors("npu-tiles")
    #expect(leftOut.count == 10)
    #expect(leftOut.meanAbsolute <= 0.06, "\(leftOut.meanAbsolute)")
    #expect(abs(leftOut.worst) <= 0.15, "\(leftOut.worst)")
    #expect(fitted.meanAbsolute <= leftOut.meanAbsolute)
  }

  @Test func decodeRatesArePredictedByTheOthers() throws {
    let (_, leftOut) = try Self.errors("decode")
    #expect(leftOut.count == 3)
    #expect(leftOut.meanAbsolute <= 0.04, "\(leftOut.meanAbsolute)")
  }

  /// The profile holds what the fit gives, rounded.
  @Test func theProfileHoldsWhatIsFitted() {
    let values = Self.results.flatMap(\.values)
    #expect(
      values.map(\.key.path) == [
        "npu.featureSlice", "npu.coreStreamBandwidth", "cpu.decodePerLayer",
      ])
    for value in values {
      let low = value.after.scaled(by: Ratio(partsPerBillion: 999_000_000))
      let high = value.after.scaled(by: Ratio(partsPerBillion: 1_001_000_000))
      #expect(value.before.isWithin(low, high), "\(value.key.path): \(value.after.text)")
    }
  }

  /// All bytes come one after the other: 2048 x 2048 weights, 2048 activations and 4 x 2048 of
  /// results. The last tile, 64 columns, takes 64 x 2 passes of a cycle after it came.
  @Test func aRowAtATimeStreamsTheWeightsOfOneCore() throws {
    let device = try library.device(named: "rk3588")
    let time = device.libraryProduct(
      MatrixMultiply(rows: 1, inner: 2048, columns: 2048), format: .int8, coreCount: 1)
    let bytes = Double(2048 * 2048 + 2048 + 4 * 2048)
    #expect(abs(time.seconds - (32.9e-6 + bytes / 12.09e9 + 128e-9)) < 1e-10)
  }

  /// 494 MB over 30.94 GB/s and 24 layers of 0.365 ms are 24.72 ms.
  @Test func aDecodedTokenStreamsAllWeights() throws {
    let device = try library.device(named: "rk3588")
    let time = device.libraryDecode(weights: ByteCount(bytes: 494_000_000), layerCount: 24)
    #expect(abs(time.seconds - (494e6 / 30.94e9 + 24 * 0.365e-3)) < 1e-9)
  }
}
