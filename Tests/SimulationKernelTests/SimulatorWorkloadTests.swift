import Testing

@testable import KernelBenchmark

/// The workloads on which the simulator's own loop is counted. The hashes of their occurrences record
/// and do not judge: that the simulator is right is what the laws and the slow simulation are for.
@Suite struct SimulatorWorkloadTests {
  @Test(arguments: [false, true])
  func preemptingGivesTheRecordedOccurrences(recordsSchedule: Bool) {
    let run = preempt(jobs: 500, count: 20_000, recordsSchedule: recordsSchedule)
    #expect(run.check == 0xc096_217d_3108_2f20)
  }

  @Test(
    arguments: [
      (8, 2_000, 8_000, 0x2e45_09d4_03d8_2245), (100, 1_000, 1_000, 0xa3e8_4377_0a03_b252),
    ]
      as [(Int, Int, Int, UInt64)], [false, true])
  func dividingGivesTheRecordedOccurrences(
    given: (width: Int, jobs: Int, count: Int, hash: UInt64), recordsSchedule: Bool
  ) {
    let run = divide(
      width: given.width, jobs: given.jobs, count: given.count, recordsSchedule: recordsSchedule)
    #expect(run.check == given.hash)
  }
}
