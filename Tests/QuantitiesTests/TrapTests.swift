import Quantities
import Testing

/// A programmer's mistake ends the process and names the values.
@Suite struct TrapTests {
  @Test func durationsThatLeave64BitsTrap() async {
    let sum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SimulatedDuration(picoseconds: .max) + SimulatedDuration(picoseconds: 1)
    }
    expect(sum, says: "9223372036854775807 + 1 ps does not fit 64 bits")
    let product = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SimulatedDuration.seconds(10_000_000)
    }
    expect(product, says: "10000000 * 1000000000000 ps does not fit 64 bits")
    let scaled = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SimulatedDuration(picoseconds: 1) * UInt64.max
    }
    expect(scaled, says: "the number 18446744073709551615 for ps does not fit 64 bits")
  }

  @Test func anInstantThatLeaves64BitsTraps() async {
    let sum = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SimulatedTime(picoseconds: .max) + .nanoseconds(1)
    }
    expect(sum, says: "9223372036854775807 + 1000 ps does not fit 64 bits")
    let difference = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = SimulatedTime(picoseconds: .min) - SimulatedTime(picoseconds: 1)
    }
    expect(difference, says: "-9223372036854775808 - 1 ps does not fit 64 bits")
  }

  @Test func takingAwayMoreThanThereIsTraps() async {
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ByteCount(bytes: 3) - ByteCount(bytes: 4)
    }
    expect(size, says: "3 - 4 bytes is negative")
  }

  @Test func aNegativeAmountTraps() async {
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ByteCount(bytes: -1)
    }
    expect(size, says: "-1 bytes is negative")
  }

  @Test func aNegativeNumberOfOperationsTraps() async {
    let duration = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = -1 / OperationRate(perSecond: 5)
    }
    expect(duration, says: "-1 operations is negative")
  }

  @Test func dividingByARateOfZeroTraps() async {
    let fetching = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ByteCount(bytes: 5) / Bandwidth.zero
    }
    expect(fetching, says: "nothing ever ends at 0 bytes a second")
    let clock = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Frequency(hertz: 0)
    }
    expect(clock, says: "nothing ever ends at 0 cycles a second")
  }

  @Test func aTransferOfMoreThan64BitsOfPicosecondsTraps() async {
    let fetching = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ByteCount.gibibytes(8) / Bandwidth(bytesPerSecond: 1)
    }
    expect(
      fetching,
      says: "8589934592 bytes at 1 a second take longer than 64 bits of picoseconds")
  }

  @Test func aPageWithoutBytesTraps() async {
    let pages = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ByteCount(bytes: 5).pages(of: .zero)
    }
    expect(pages, says: "a page of 0 bytes holds nothing")
  }

  @Test func aRatioOverNothingTraps() async {
    let ratio = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Ratio(5, over: 0)
    }
    expect(ratio, says: "5 over 0 is no ratio")
  }

  @Test func aRatioBeyond64BitsOfBillionthsTraps() async {
    let ratio = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Ratio(.max, over: 1)
    }
    expect(ratio, says: "9223372036854775807 / 1 as billionths does not fit 64 bits")
  }

  @Test func scalingBeyond64BitsTraps() async {
    let scaled = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ByteCount(bytes: .max).scaledRoundingUp(by: .percent(150))
    }
    expect(scaled, says: "9223372036854775807 bytes scaled by 1.5 does not fit 64 bits")
  }

  @Test func noSignificantDigitsTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = SimulatedDuration.seconds(1).displayText(significantDigits: 0)
    }
  }
}

private func expect(_ result: ExitTest.Result?, says message: String) {
  let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  #expect(output.contains("Fatal error: " + message))
}
