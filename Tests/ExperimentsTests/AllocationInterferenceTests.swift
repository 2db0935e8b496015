import DeviceModel
import Quantities
import Testing

@testable import Experiments

/// A program beside a contiguous allocation, worked by hand on the NanoPC-T6.
@Suite struct AllocationInterferenceTests {
  private func interference(
    size: Int64 = 8, load: Int64 = 8, workingSet: Int64 = 3
  ) throws -> AllocationInterference {
    try AllocationInterference(
      size: .gibibytes(size), load: .gibibytes(load), workingSet: .gibibytes(workingSet), on: board)
  }

  /// 6.44067 s, of which 0.58 s are claiming: 5.86067 s for 2097152 pages, 2.795 us each.
  @Test func whatIsMovedIsWhatTheAllocationTakesLonger() throws {
    let found = try interference()
    #expect(found.moving == .milliseconds(5_860) + .microseconds(670))
    #expect(found.movedPages == 2_097_152 && found.ownPages == 786_432)
    // 5.86067 / 6.44067 = 0.90995, of which 3/8 are the program's own.
    #expect(abs(found.mostSlowdown - 1 / (1 - 0.90995 * 3 / 8)) < 1e-4)
    #expect(abs(found.mostPeak - 6.44067 / 0.58) < 1e-9)
    // 30 GB/s and 2 x 8 GiB / 5.86067 s = 2.93 GB/s of 34.1 GB/s.
    #expect(abs(found.traffic - (30 + 2.9314) / 34.1) < 1e-5)
    // 0.90995 x 3/8 / 786432 x 1.3973 us / 0.13654 us
    #expect(abs(found.slowdown - 1 - 4.4403e-6) < 1e-9)
  }

  /// Nobody waits where nothing moves, and whose memory is all that moves waits most.
  @Test func aLargerShareOfTheLoadWaitsMore() throws {
    let shares = try [1, 3, 8].map { try interference(workingSet: $0) }
    for (less, more) in zip(shares, shares.dropFirst()) {
      #expect(less.mostSlowdown < more.mostSlowdown)
    }
    #expect(shares[2].mostSlowdown == shares[2].mostPeak)
    let alone = try interference(load: 0, workingSet: 0)
    #expect(alone.slowdown == 1 && alone.mostSlowdown == 1 && alone.mostPeak == 1)
  }

  /// What is reported lies between a program that meets moves by chance and one that meets them all.
  @Test func whatIsReportedLiesBetweenTheTwo() throws {
    for reference in try library.referenceInterference() {
      let compared = try ComparedInterference(reference, on: board)
      #expect(compared.predicted < reference.slowdown && reference.slowdown < compared.most)
    }
  }
}
