import Testing

@testable import KernelBenchmark

/// Answers that any engine with first-in-first-out order at one instant gives: twelve engines in four
/// languages were put to the same workloads, and the C++ references beside the benchmark print the
/// same.
@Suite struct GoldenWorkloadTests {
  @Test(
    arguments: [
      (100, 0x8e98_e5f6_0fff_8981), (10_000, 0x1d75_e85d_0426_49c0),
      (1_000_000, 0x587a_7697_adbe_3061),
    ] as [(Int, UInt64)])
  func holdExecutesEventsInTheOneOrder(pending: Int, hash: UInt64) {
    #expect(hold(size: pending, count: 300_000, hasTies: false).check == hash)
  }

  @Test func simultaneousEventsKeepTheOrderOfScheduling() {
    #expect(hold(size: 1000, count: 300_000, hasTies: true).check == 0xcacd_fb4c_437f_28cf)
  }

  @Test func theFlowShopIsExact() {
    #expect(flow(jobs: 100_000).check == 0x84ff_abf9_c6d1_e38d)
  }

  /// By Lindley's recursion on the same streams: a customer waits for what the one before had left.
  @Test func waitsAtOneServerAreThoseOfLindley() {
    let customers = 200_000
    var arrivals = SplitMix(state: 1)
    var services = SplitMix(state: 2)
    var (now, free, waited): (Int64, Int64, Int64) = (0, 0, 0)
    for _ in 0..<customers {
      now += arrivals.exponential(mean: 1e6 / 0.9)
      let start = max(now, free)
      waited += start - now
      free = start + services.exponential(mean: 1e6)
    }
    #expect(mm1(customers: customers).check == UInt64(waited))
  }

  /// A million customers wait 9.030098 services on average; theory says 0.9 / (1 - 0.9) = 9.
  @Test func theMeanWaitAtOneServerIsThatOfTheory() {
    let mean = Double(mm1(customers: 1_000_000).check) / 1e6 / 1e6
    #expect(abs(mean - 9.030098) < 5e-7)
    #expect(abs(mean / 9 - 1) < 0.01)
  }

  /// The same goldens through a queue that is nothing but an array in order.
  @Test(
    arguments: [(100, false, 0x8e98_e5f6_0fff_8981), (1000, true, 0xcacd_fb4c_437f_28cf)]
      as [(Int, Bool, UInt64)])
  func aSlowQueueGivesTheSameAnswers(pending: Int, hasTies: Bool, golden: UInt64) {
    var increments = Increments(hasTies: hasTies)
    // Descending by time and then by order of scheduling, so that the next one is at the end.
    var queue: [(time: Int64, sequence: Int, id: UInt64)] = []
    var sequence = 0
    func schedule(_ time: Int64, _ id: UInt64) {
      var (low, high) = (0, queue.count)
      while low < high {
        let middle = (low + high) / 2
        if queue[middle].time > time { low = middle + 1 } else { high = middle }
      }
      queue.insert((time, sequence, id), at: low)
      sequence += 1
    }
    for id in 0..<pending { schedule(increments.next(), UInt64(id)) }
    var hash: UInt64 = 0
    for _ in 0..<300_000 {
      let event = queue.removeLast()
      hash = (hash ^ (UInt64(event.time) &+ event.id << 40)) &* 0x9E37_79B9_7F4A_7C15
      schedule(event.time + increments.next(), event.id)
    }
    #expect(hash == golden)
  }
}
