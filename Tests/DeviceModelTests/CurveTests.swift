import DeviceModel
import Quantities
import Testing

@Suite struct CurveTests {
  static let curve = Curve(points: [
    .init(amount: .gibibytes(1), duration: .seconds(10)),
    .init(amount: .gibibytes(2), duration: .seconds(30)),
    .init(amount: .gibibytes(4), duration: .seconds(20)),
  ])

  @Test func everyPointIsMet() {
    for point in Self.curve.points { #expect(Self.curve.value(at: point.amount) == point.duration) }
  }

  @Test func betweenPointsRunsAStraightLine() {
    #expect(Self.curve.value(at: .mebibytes(1536)) == .seconds(20))
    #expect(Self.curve.value(at: .mebibytes(1280)) == .seconds(15))
    #expect(Self.curve.value(at: .gibibytes(3)) == .seconds(25))
  }

  @Test func aValueIsRoundedDownToThePicosecond() {
    let steep = Curve(points: [
      .init(amount: .zero, duration: .zero),
      .init(amount: ByteCount(bytes: 3), duration: SimulatedDuration(picoseconds: 5)),
    ])
    #expect(steep.value(at: ByteCount(bytes: 1)) == SimulatedDuration(picoseconds: 1))
    #expect(steep.value(at: ByteCount(bytes: 2)) == SimulatedDuration(picoseconds: 3))
  }

  @Test func belowTheFirstPointTheFirstLineGoesOn() {
    // 20 s a GiB: half a GiB below the first point it is at 0, and stays there.
    #expect(Self.curve.value(at: .mebibytes(768)) == .seconds(5))
    #expect(Self.curve.value(at: .mebibytes(512)) == .zero)
    #expect(Self.curve.value(at: .zero) == .zero)
  }

  @Test func beyondTheLastPointThereIsNoValue() {
    #expect(Self.curve.last == .gibibytes(4))
    #expect(Self.curve.value(at: .gibibytes(4) + ByteCount(bytes: 1)) == nil)
  }

  @Test func scalingScalesEveryDuration() {
    let half = Self.curve.scaled(by: .percent(50))
    #expect(half.points.map(\.duration) == [.seconds(5), .seconds(15), .seconds(10)])
    #expect(half.points.map(\.amount) == Self.curve.points.map(\.amount))
  }

  @Test func aCurveOfOnePointTraps() async {
    let message = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Curve(points: [.init(amount: .zero, duration: .zero)])
    }
    expect(message, says: "a curve needs two points, got 1")
  }

  @Test func aCurveThatStandsStillTraps() async {
    let message = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Curve(points: [
        .init(amount: .zero, duration: .zero), .init(amount: .zero, duration: .seconds(1)),
      ])
    }
    expect(message, says: "a curve's amounts ascend")
  }

  private func expect(
    _ result: ExitTest.Result?, says text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains(text), sourceLocation: sourceLocation)
  }
}
