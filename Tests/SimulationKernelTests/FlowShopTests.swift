import Quantities
import Testing

@testable import SimulationKernel

/// Pieces that pass all stages in order, on one unit a stage, are the max-plus recurrence
///
///     end(i, j) = max(end(i - 1, j), end(i, j - 1)) + work(i, j)
///
/// and a window of depth d adds end(i - d, last) to what the first stage of piece i waits for.
@Suite struct FlowShopTests {
  /// Three pieces over two stages with works of 0 to 2 ps each, all 729, in every window.
  @Test(arguments: [1, 2, 3, nil])
  func allSmallFlowShopsAgreeWithTheRecurrence(depth: Int?) {
    for works in lists(of: 6, from: [0, 1, 2] as [Int64]) {
      let works = [[works[0], works[1]], [works[2], works[3]], [works[4], works[5]]]
      #expect(
        simulated(works, depth: depth) == recurrence(works, depth: depth), "works \(works)")
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>, [1, 2, 3, 7, nil])
  func largeFlowShopsAgreeWithTheRecurrence(seed: UInt64, depth: Int?) {
    var generator = SplitMix64(seed: seed)
    let stageCount = Int.random(in: 1...6, using: &generator)
    let works = (0..<30).map { _ in
      (0..<stageCount).map { _ in Int64.random(in: 0...1_000, using: &generator) }
    }
    #expect(simulated(works, depth: depth) == recurrence(works, depth: depth))
  }

  /// Fetching takes 4 and computing 10 ps. With one buffer nothing overlaps: 3 x 14 = 42. With two
  /// the next fetch hides behind the computing, 4 + 3 x 10 = 34, and more buffers help no more.
  @Test(arguments: [(1, 42), (2, 34), (3, 34)] as [(Int, Int64)])
  func aSecondBufferHidesTheFetch(depth: Int, end: Int64) {
    #expect(simulated([[4, 10], [4, 10], [4, 10]], depth: depth)[2][1] == end)
  }

  @Test func aWindowWiderThanThePiecesChangesNothing() {
    let works: [[Int64]] = [[4, 10], [4, 10], [4, 10]]
    #expect(simulated(works, depth: 4) == simulated(works, depth: nil))
  }

  /// At most `depth` pieces are between the start of the first stage and the end of the last.
  @Test(arguments: 1...10 as ClosedRange<UInt64>, 1...4)
  func aWindowHoldsAtMostItsDepth(seed: UInt64, depth: Int) {
    var generator = SplitMix64(seed: seed)
    let works = (0..<20).map { _ in
      (0..<3).map { _ in Int64.random(in: 1...9, using: &generator) }
    }
    let ends = simulated(works, depth: depth)
    let inside = zip(works, ends).map { ($1[0] - $0[0])..<$1[2] }
    for instant in inside.map(\.lowerBound) {
      #expect(inside.count { $0.contains(instant) } <= depth)
    }
  }

  private func recurrence(_ works: [[Int64]], depth: Int?) -> [[Int64]] {
    var ends: [[Int64]] = []
    for (piece, works) in works.enumerated() {
      var previous: Int64 = 0
      if let depth, piece >= depth { previous = ends[piece - depth].last! }
      var row: [Int64] = []
      for (stage, work) in works.enumerated() {
        previous = max(previous, piece == 0 ? 0 : ends[piece - 1][stage]) + work
        row.append(previous)
      }
      ends.append(row)
    }
    return ends
  }

  private func simulated(_ works: [[Int64]], depth: Int?) -> [[Int64]] {
    var simulator = Simulator()
    let stages = works[0].map { _ in simulator.addResource("stage") }
    var job = Job()
    let pieces = works.map { works in
      var operations: [OperationIndex] = []
      for (stage, work) in zip(stages, works) {
        operations.append(
          job.add(on: stage, segments: [StepSegment(1, work)], after: operations.suffix(1)))
      }
      return operations
    }
    if let depth {
      job.limitWindow(first: pieces.map { $0.first! }, last: pieces.map { $0.last! }, depth: depth)
    }
    let id = simulator.submit(job)
    while simulator.next() != nil {}
    var ends: [[Int64]] = []
    for piece in pieces {
      var row: [Int64] = []
      for operation in piece {
        row.append(simulator.span(of: operation, in: id).end.picoseconds)
      }
      ends.append(row)
    }
    return ends
  }
}
