import Quantities
import Testing

@testable import DeviceModel

@Suite struct ProfileValueTests {
  @Test func aFactorMultipliesWhatIsThere() throws {
    let latency = ProfileQuantity.duration(.milliseconds(10))
    #expect(
      try latency.replaced(by: "x1.15", for: .npuModeSwitch)
        == .duration(.microseconds(11_500)))
    #expect(try latency.replaced(by: "3 us", for: .npuModeSwitch) == .duration(.microseconds(3)))
    let points = ShippedProfile.nanoPC.curve(.pageAllocationBySize)
    #expect(
      try ProfileQuantity.curve(points).replaced(by: "x2", for: .pageAllocationBySize)
        == .curve(points.scaled(by: Ratio(2, over: 1))))
  }

  @Test func scalingRoundsAgainstTheDevice() {
    let third = Ratio(1, over: 3)
    #expect(
      ProfileQuantity.duration(SimulatedDuration(picoseconds: 10)).scaled(by: third)
        == .duration(SimulatedDuration(picoseconds: 4)))
    #expect(
      ProfileQuantity.bytes(ByteCount(bytes: 10)).scaled(by: third) == .bytes(ByteCount(bytes: 4)))
    #expect(
      ProfileQuantity.bandwidth(Bandwidth(bytesPerSecond: 10)).scaled(by: third)
        == .bandwidth(Bandwidth(bytesPerSecond: 3)))
    #expect(
      ProfileQuantity.rate(OperationRate(perSecond: 10, of: .element)).scaled(by: third)
        == .rate(OperationRate(perSecond: 3, of: .element)))
    #expect(
      ProfileQuantity.frequency(Frequency(hertz: 10)).scaled(by: third)
        == .frequency(Frequency(hertz: 3)))
    #expect(ProfileQuantity.count(10).scaled(by: third) == .count(3))
    #expect(ProfileQuantity.ratio(.one).scaled(by: .percent(36)) == .ratio(.percent(36)))
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var key: ProfileKey
    var text: String
    var message: String

    var testDescription: String { "\(key.path): \(text)" }
  }

  @Test(arguments: [
    Refusal(
      key: .npuModeSwitch, text: "0.21",
      message: #"expected a duration with a unit, such as "0.21 ms", found "0.21""#),
    Refusal(
      key: .storageBandwidth, text: "0 GB/s",
      message: #"expected more than zero, found "0 GB/s""#),
    Refusal(key: .teamSize, text: "0", message: #"expected more than zero, found "0""#),
    Refusal(
      key: .teamSize, text: "1073741825",
      message: #"expected at most 1073741824, found "1073741825""#),
    Refusal(
      key: .littleCoreThroughput, text: "101 %",
      message: #"expected at most 100 %, found "101 %""#),
    Refusal(
      key: .littleCoreThroughput, text: "x3", message: #"expected at most 100 %, found "x3""#),
    Refusal(
      key: .npuClock, text: "x", message: #"expected a factor such as "x1.15", found "x""#),
    Refusal(
      key: .npuClock, text: "x9000000000",
      message: #"expected a factor of at most 1000, found "x9000000000""#),
    Refusal(
      key: .pageAllocationBySize, text: "3 ms",
      message: #"expected a factor for the curve, such as "x1.15", found "3 ms""#),
  ])
  func aTextThatIsNoValueIsRefused(_ refusal: Refusal) {
    let before = ShippedProfile.nanoPC[refusal.key].value
    #expect {
      try before.replaced(by: refusal.text, for: refusal.key)
    } throws: { error in
      (error as? ProfileValueError)?.description.hasPrefix(refusal.message) ?? false
    }
  }

  @Test func pricesCountedInWholeNumbersMayBeZero() throws {
    for key: ProfileKey in [.worldSwitchCycles, .accessesPerUpdate] {
      #expect(try ProfileQuantity(parsing: "0", for: key) == .count(0))
    }
  }

  @Test func aFactorOfZeroStopsNoClock() {
    // A clock at zero would divide by it.
    for key: ProfileKey in [.npuClock, .bigCoreClock, .storageBandwidth, .hostElementRate] {
      #expect(throws: ProfileValueError.self) {
        try ShippedProfile.nanoPC[key].value.replaced(by: "x0", for: key)
      }
    }
  }

  @Test func theCatalogueNamesEachKeyOnce() {
    let paths = ProfileKey.all.map(\.path)
    #expect(Set(paths).count == paths.count)
    for key in ProfileKey.all { #expect(ProfileKey.named(key.path) == key) }
    #expect(ProfileKey.named("npu.nothing") == nil)
    #expect(ProfileKey.protectionPrices.allSatisfy(ProfileKey.all.contains))
  }

  @Test func aReplacedValueSaysByWhom() {
    let profile = ShippedProfile.nanoPC.replacing(
      .npuTaskLaunch, with: .duration(.zero), source: "set to 0 s")
    #expect(profile[.npuTaskLaunch].value == .duration(.zero))
    #expect(profile[.npuTaskLaunch].source == "set to 0 s")
    #expect(profile[.npuTaskLaunch].confidence == .assumed)
    #expect(profile[.npuClock] == ShippedProfile.nanoPC[.npuClock])
  }

  @Test func aValueLiesBetweenTwoOfItsKind() {
    let middle = ProfileQuantity.count(2)
    #expect(middle.isWithin(.count(1), .count(2)))
    #expect(!middle.isWithin(.count(3), .count(4)))
    #expect(!middle.isWithin(.bytes(.zero), .bytes(.gibibytes(1))))
  }
}
