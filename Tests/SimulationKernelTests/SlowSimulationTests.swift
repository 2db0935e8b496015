import Testing

@testable import SimulationKernel

/// The kernel against its slow reference: each span of each operation, to the picosecond.
@Suite struct SlowSimulationTests {
  /// Without exclusive resources it does not matter who ends first at one instant, so steps of no
  /// or few picoseconds are compared too.
  @Test(arguments: 1...60 as ClosedRange<UInt64>, [3, 1_000, 1 << 35] as [Int64])
  func sharedResourcesAgree(seed: UInt64, longest: Int64) {
    let workload = Workload.random(
      seed: seed, exclusive: 0, shared: 3, jobs: 3, operations: 6, longest: longest)
    compare(workload, SlowSimulation(workload))
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>, [3, 1 << 35] as [Int64])
  func weightedResourcesAgree(seed: UInt64, longest: Int64) {
    let workload = Workload.random(
      seed: seed, exclusive: 0, shared: 2, jobs: 3, operations: 6, longest: longest, heaviest: 4)
    compare(workload, SlowSimulation(workload))
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>, [0, 2])
  func exclusiveAndSharedResourcesAgree(seed: UInt64, shared: Int) {
    let workload = Workload.random(
      seed: seed, exclusive: 2, shared: shared, jobs: 4, operations: 6, longest: 1 << 35)
    let slow = SlowSimulation(workload)
    // With steps of up to 34 ms in picoseconds, no two operations of these seeds end together.
    #expect(!slow.hasTies)
    compare(workload, slow)
  }

  @Test(arguments: 1...100 as ClosedRange<UInt64>, [0, 2])
  func preemptibleOperationsAgree(seed: UInt64, shared: Int) {
    let workload = Workload.random(
      seed: seed, exclusive: 2, shared: shared, jobs: 5, operations: 6, longest: 1 << 35,
      heaviest: 3, isPreemptive: true)
    let slow = SlowSimulation(workload)
    #expect(!slow.hasTies)
    compare(workload, slow)
  }

  /// Three on one unit: the first comes at 0 and has up to four steps of 4 ps, the others come at
  /// odd instants, with every choice of priorities and of who is preemptible. Their works are even,
  /// so nobody comes at the end of a step.
  @Test(arguments: lists(of: 3, from: [0, 1, 2] as [UInt8]))
  func allSmallPreemptionsAgree(priorities: [UInt8]) {
    for preemptible in lists(of: 3, from: [false, true]) {
      for stepCount in [1, 2, 4] {
        for releases in lists(of: 2, from: [1, 5, 13] as [Int64]) {
          let segments = [StepSegment(stepCount, 4), StepSegment(2, 2), StepSegment(3, 2)]
          let workload = Workload(
            exclusive: [1],
            jobs: segments.indices.map { number in
              Workload.Submission(
                release: number == 0 ? 0 : releases[number - 1],
                operations: [
                  Workload.Operation(
                    resource: 0, priority: priorities[number],
                    isPreemptible: preemptible[number], segments: [segments[number]])
                ])
            })
          compare(workload, SlowSimulation(workload))
        }
      }
    }
  }

  /// Two operations of up to two steps on one shared resource, in all small sizes.
  @Test func allSmallPairsAgree() {
    let segments = [
      [StepSegment(1, 0)], [StepSegment(1, 1)], [StepSegment(1, 5)], [StepSegment(2, 3)],
      [StepSegment(1, 4), StepSegment(1, 2)],
    ]
    for choice in lists(of: 2, from: segments) {
      for amounts in lists(of: 2, from: [1, 2, 3, 5] as [Int64]) {
        for release in 0...6 as ClosedRange<Int64> {
          let operations = zip(choice, amounts).map {
            Workload.Operation(segments: $0, demands: [.init(0, $1)])
          }
          let workload = Workload(
            shared: [4],
            jobs: [
              Workload.Submission(operations: [operations[0]]),
              Workload.Submission(release: release, operations: [operations[1]]),
            ])
          compare(workload, SlowSimulation(workload))
        }
      }
    }
  }

  private func compare(_ workload: Workload, _ slow: SlowSimulation) {
    let run = workload.run()
    #expect(run.spans.map { $0.map(\.ready.picoseconds) } == slow.readies, "\(workload)")
    #expect(run.spans.map { $0.map(\.start.picoseconds) } == slow.starts, "\(workload)")
    #expect(run.ends == slow.ends, "\(workload)")
    let pieces = run.pieces.map {
      $0.map { $0.flatMap { [$0.start.picoseconds, $0.end.picoseconds] } }
    }
    #expect(pieces == slow.pieces, "\(workload)")
  }
}
