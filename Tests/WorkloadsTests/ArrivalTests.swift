import Glibc
import Quantities
import SimulationKernel
import Testing

@testable import Workloads

@Suite struct ArrivalTests {
  /// The digits of log2 are exact where they end: at powers of two.
  @Test(arguments: 0..<64)
  func theLogarithmOfAPowerOfTwoIsExact(exponent: Int) {
    let expected = UInt64(UInt128(64 - exponent) * 762_123_384_786)
    #expect(ArrivalProcess.negativeLogarithm(1 << UInt64(exponent)) == expected)
  }

  @Test func theLogarithmIsThatOfTheCLibraryButForItsLastDigits() {
    var stream = RandomStream(seed: 3, purpose: "places")
    for _ in 0..<1000 {
      let place = stream.next()
      let expected = -log(Double(place) / 0x1p64)
      let found = Double(ArrivalProcess.negativeLogarithm(place)) / 0x1p40
      #expect(abs(found - expected) < 0x1p-38, "\(place)")
    }
  }

  @Test func theLogarithmOfNothingIsThatOfTheLeast() {
    #expect(ArrivalProcess.negativeLogarithm(0) == ArrivalProcess.negativeLogarithm(1))
  }

  private static func gaps(_ process: ArrivalProcess, _ count: Int) -> [SimulatedDuration] {
    var stream = RandomStream(seed: 1, purpose: "gaps")
    return (1...count).map { process.gap(before: $0, from: &stream) }
  }

  /// Of exponential gaps the mean is the interval, and a share of 1/e is longer.
  @Test func gapsAtRandomAreExponential() {
    let gaps = Self.gaps(.poisson(interval: .seconds(2)), 20_000)
    let mean = gaps.reduce(0) { $0 + $1.seconds } / 20_000
    #expect((1.96...2.04).contains(mean))
    let longer = Double(gaps.count { $0 > .seconds(2) }) / 20_000
    #expect(abs(longer - 0.368) < 0.01)
  }

  @Test func aClockAndBursts() {
    #expect(
      Self.gaps(.constant(interval: .seconds(2)), 3) == [.seconds(2), .seconds(2), .seconds(2)])
    let bursts = Self.gaps(.bursts(interval: .seconds(9), size: 3), 7)
    #expect(
      bursts == [.zero, .zero, .seconds(9), .zero, .zero, .seconds(9), .zero])
  }
}
