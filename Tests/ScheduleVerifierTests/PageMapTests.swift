import Testing

@testable import ScheduleVerifier

/// A generator whose numbers a seed repeats.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

struct PageMapTests {
  /// Against an array with a state a page. Small maps keep to one block, large ones split and join.
  @Test(arguments: [1, 5, 40, 3000] as [Int64], [1, 2, 3] as [UInt64])
  func aMapSaysWhatAnArraySays(pageCount: Int64, seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    var map = PageMap(pageCount: pageCount)
    var pages = [PageState](repeating: PageState(), count: Int(pageCount))
    for step in 0..<1500 {
      let first = Int64.random(in: 0..<pageCount, using: &generator)
      // Single pages take the map apart; now and then a long range puts it together.
      let longest = step % 500 < 450 ? 2 : pageCount
      let count = Int64.random(in: 0...min(longest, pageCount - first), using: &generator)
      let isServings = Bool.random(using: &generator)
      var next = first
      map.update(first..<first + count) { part, page in
        #expect(part.lowerBound == next && !part.isEmpty)
        #expect(part.allSatisfy { pages[Int($0)] == page })
        page.isServings = isServings
        next = part.upperBound
      }
      #expect(next == first + count)
      for page in first..<first + count { pages[Int(page)].isServings = isServings }
      if step % 100 == 0 { expectEqual(map, pages) }
    }
    expectEqual(map, pages)
    map.update(0..<pageCount) { _, page in page.isServings = false }
    #expect(map.segmentCount <= 1 + Int(pageCount) / 64)
  }

  private func expectEqual(_ map: PageMap, _ pages: [PageState]) {
    var next: Int64 = 0
    map.passAll { part, state in
      #expect(part.lowerBound == next)
      #expect(part.allSatisfy { pages[Int($0)] == state && map[$0] == state })
      next = part.upperBound
    }
    #expect(next == map.pageCount)
  }

  @Test func aFourMillionPageMapIsOneSegment() {
    var map = PageMap(pageCount: 4 << 20)
    map.update(100..<3_000_000) { _, page in page.isSecret = true }
    #expect(map.segmentCount == 3)
    map.update(100..<3_000_000) { _, page in page.isSecret = false }
    #expect(map.segmentCount == 1)
    #expect(map.visitCount == 2)
  }
}
