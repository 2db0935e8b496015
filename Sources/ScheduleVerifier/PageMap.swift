/// What is known of every page, kept as runs of equal pages.
///
/// Sorted segments, in blocks of bounded length, so that a change in the middle moves few of them.
/// Two neighbours of one block always differ.
struct PageMap {
  private struct Segment {
    var start: Int64
    var state: PageState
  }

  let pageCount: Int64
  /// Never empty, and no block is; a block goes to where the next begins.
  private var blocks: [[Segment]]
  /// How many segments updates have passed so far.
  private(set) var visitCount = 0

  private static let longestBlock = 256

  init(pageCount: Int64) {
    precondition(pageCount > 0, "\(pageCount) pages")
    self.pageCount = pageCount
    blocks = [[Segment(start: 0, state: PageState())]]
  }

  var segmentCount: Int { blocks.reduce(0) { $0 + $1.count } }

  subscript(page: Int64) -> PageState {
    let block = block(of: page)
    return blocks[block][segment(of: page, in: block)].state
  }

  func passAll(_ body: (Range<Int64>, PageState) -> Void) {
    for block in blocks.indices {
      for place in blocks[block].indices {
        body(blocks[block][place].start..<end(of: place, in: block), blocks[block][place].state)
      }
    }
  }

  /// Changes the pages of a range, run by run in rising order.
  ///
  /// - Precondition: the range lies within the pages.
  /// - Complexity: O(log n) and a block's length, for n segments, and the segments of the range.
  mutating func update(_ range: Range<Int64>, _ body: (Range<Int64>, inout PageState) -> Void) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= pageCount, "\(range) of \(pageCount) pages")
    guard !range.isEmpty else { return }
    let first = block(of: range.lowerBound)
    var next = first
    while next < blocks.count, blocks[next][0].start < range.upperBound {
      update(range, in: next, body)
      next += 1
    }
    balance(first..<next)
  }

  private mutating func update(
    _ range: Range<Int64>, in block: Int, _ body: (Range<Int64>, inout PageState) -> Void
  ) {
    let range = range.clamped(to: blocks[block][0].start..<end(of: block))
    let first = segment(of: range.lowerBound, in: block)
    let last = segment(of: range.upperBound - 1, in: block)
    var changed: [Segment] = []
    func append(_ start: Int64, _ state: PageState) {
      if changed.last?.state != state { changed.append(Segment(start: start, state: state)) }
    }
    if first > 0 { changed.append(blocks[block][first - 1]) }
    if blocks[block][first].start < range.lowerBound { changed.append(blocks[block][first]) }
    for place in first...last {
      visitCount += 1
      var state = blocks[block][place].state
      let part = (blocks[block][place].start..<end(of: place, in: block)).clamped(to: range)
      body(part, &state)
      append(part.lowerBound, state)
    }
    if range.upperBound < end(of: last, in: block) {
      append(range.upperBound, blocks[block][last].state)
    } else if last + 1 < blocks[block].count {
      append(range.upperBound, blocks[block][last + 1].state)
      blocks[block].replaceSubrange(max(0, first - 1)...(last + 1), with: changed)
      return
    }
    blocks[block].replaceSubrange(max(0, first - 1)...last, with: changed)
  }

  /// Splits blocks that are too long, and joins short ones with their neighbours.
  private mutating func balance(_ touched: Range<Int>) {
    let half = Self.longestBlock / 2
    if touched.count == 1, blocks.count == 1 || blocks[touched.lowerBound].count > half / 4,
      blocks[touched.lowerBound].count <= Self.longestBlock
    {
      return
    }
    let all = max(0, touched.lowerBound - 1)..<min(blocks.count, touched.upperBound + 1)
    var balanced: [[Segment]] = []
    for block in blocks[all] {
      if let before = balanced.last, before.count + block.count <= half {
        let isSame = before[before.count - 1].state == block[0].state
        balanced[balanced.count - 1] += block.dropFirst(isSame ? 1 : 0)
      } else if block.count > Self.longestBlock {
        balanced += [Array(block[..<half]), Array(block[half...])]
      } else {
        balanced.append(block)
      }
    }
    blocks.replaceSubrange(all, with: balanced)
  }

  // MARK: Finding

  private func end(of block: Int) -> Int64 {
    block + 1 < blocks.count ? blocks[block + 1][0].start : pageCount
  }

  private func end(of place: Int, in block: Int) -> Int64 {
    place + 1 < blocks[block].count ? blocks[block][place + 1].start : end(of: block)
  }

  private func block(of page: Int64) -> Int {
    lastIndex(below: blocks.count) { blocks[$0][0].start <= page }
  }

  private func segment(of page: Int64, in block: Int) -> Int {
    lastIndex(below: blocks[block].count) { blocks[block][$0].start <= page }
  }

  /// The last index that a condition holds for, which holds for 0 and stops once.
  private func lastIndex(below count: Int, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if holds(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
