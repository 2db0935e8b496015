import SimulationKernel
import Testing

@testable import KernelBenchmark

/// Answers that any engine with first-in-first-out order at one instant gives: twelve engines in four
/// languages were put to the same workloads, and the C++ references beside the benchmark print the
/// same.
@Suite struct GoldenWorkloadTests {
  /// A workload of the benchmark.
  enum BenchmarkWorkload: Sendable {
    case holding(pending: Int, count: Int = 300_000)
    case ties
    case flowShop(jobs: Int)
    case oneServer(customers: Int)

    /// How many events are taken.
    var eventCount: Int {
      switch self {
      case .holding(_, let count): count
      case .ties: 300_000
      case .flowShop(let jobs): 4 * jobs
      case .oneServer(let customers): 2 * customers
      }
    }

    func run(
      on queue: inout some PendingEvents & ~Copyable, into sink: inout some EventSink
    ) -> UInt64 {
      let measurement =
        switch self {
        case .holding(let pending, let count):
          hold(size: pending, count: count, hasTies: false, on: &queue, into: &sink)
        case .ties: hold(size: 1000, count: 300_000, hasTies: true, on: &queue, into: &sink)
        case .flowShop(let jobs): flow(jobs: jobs, on: &queue, into: &sink)
        case .oneServer(let customers): mm1(customers: customers, on: &queue, into: &sink)
        }
      return measurement.check
    }

    /// The answer of the kernel's queue with nobody looking on.
    var answer: UInt64 {
      var queue = EventQueue()
      var sink = NoEventSink()
      return run(on: &queue, into: &sink)
    }
  }

  /// The last is a total wait in picoseconds; `theMeanWaitAtOneServerIsThatOfTheory` reads it.
  static let goldens: [(BenchmarkWorkload, UInt64)] = [
    (.holding(pending: 100), 0x8e98_e5f6_0fff_8981),
    (.holding(pending: 10_000), 0x1d75_e85d_0426_49c0),
    (.holding(pending: 1_000_000), 0x587a_7697_adbe_3061), (.ties, 0xcacd_fb4c_437f_28cf),
    (.flowShop(jobs: 100_000), 0x84ff_abf9_c6d1_e38d),
    (.oneServer(customers: 1_000_000), 9_030_097_815_227),
  ]

  @Test(arguments: goldens)
  func eventsAreExecutedInTheOneOrder(workload: BenchmarkWorkload, golden: UInt64) {
    #expect(workload.answer == golden)
  }

  /// Nor does it miss an event, show one twice, or let time run back.
  @Test(arguments: goldens)
  func aRecordingChangesNoAnswer(workload: BenchmarkWorkload, golden: UInt64) {
    var queue = EventQueue()
    var recording = EventRecording()
    #expect(workload.run(on: &queue, into: &recording) == golden)
    #expect(recording.events.count == workload.eventCount)
    #expect(zip(recording.events, recording.events.dropFirst()).allSatisfy { $0.time <= $1.time })
  }

  /// Every event, with its instant, phase, kind and payload, through a queue that is nothing but an
  /// array in order; and the goldens through it.
  @Test(
    arguments: [
      .holding(pending: 100), .holding(pending: 10_000, count: 10_000), .ties,
      .flowShop(jobs: 100_000),
      .oneServer(customers: 100_000),
    ] as [BenchmarkWorkload])
  func aSlowQueueGivesTheSameStream(workload: BenchmarkWorkload) {
    var queue = EventQueue()
    var recording = EventRecording()
    var slowQueue = SlowQueue()
    var slowRecording = EventRecording()
    let answer = workload.run(on: &queue, into: &recording)
    #expect(workload.run(on: &slowQueue, into: &slowRecording) == answer)
    // A difference of long arrays takes too long to show.
    let isEqual = recording.events == slowRecording.events
    #expect(isEqual)
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
    #expect(BenchmarkWorkload.oneServer(customers: customers).answer == UInt64(waited))
  }

  /// A million customers wait 9.030098 services on average; theory says 0.9 / (1 - 0.9) = 9.
  @Test func theMeanWaitAtOneServerIsThatOfTheory() {
    let mean = Double(BenchmarkWorkload.oneServer(customers: 1_000_000).answer) / 1e6 / 1e6
    #expect(abs(mean - 9.030098) < 5e-7)
    #expect(abs(mean / 9 - 1) < 0.01)
  }
}
