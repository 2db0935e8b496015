import Testing

@testable import KernelBenchmark

/// The workloads on which the simulator's own loop is counted. The hashes of their occurrences record
/// and do not judge: that the simulator is right is what the laws and the slow simulation are for.
@Suite struct SimulatorWorkloadTests {
  @Test(arguments: [false, true])
  func preemptingGivesTheRecordedOccurrences(recordsSchedule: Bool) {
    let run = preempt(jobs: 2_000, count: 100_000, recordsSchedule: recordsSchedule)
    #expect(run.check == 0x7877_ff4c_1a52_b0da)
  }

  @Test(
    arguments: [(8, 40_000, 0xa0e8_d0a3_9fd7_f6af), (100, 4_000, 0x95d9_5b9d_7f6c_503e)]
      as [(Int, Int, UInt64)], [false, true])
  func dividingGivesTheRecordedOccurrences(
    given: (width: Int, count: Int, hash: UInt64), recordsSchedule: Bool
  ) {
    let run = divide(
      width: given.width, jobs: 10_000, count: given.count, recordsSchedule: recordsSchedule)
    #expect(run.check == given.hash)
  }
}
