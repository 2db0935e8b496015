import DeviceModel
import Quantities
import ServingDesigns

/// Which frames of DRAM each buffer has, as the operating system hands them out.
///
/// The model asks for sizes; frames are needed to say where something happened. Memory of a region
/// lies in one stretch that grows from its base and shrinks from its end; where a design grows several
/// regions, each has memory of its own. Pages are the first free ones.
struct FrameMap: Sendable {
  private let geometry: MemoryGeometry
  private var free: [Range<Int64>]
  /// By the buffer's number.
  private var owned: [[Range<Int64>]] = []

  init(_ geometry: MemoryGeometry) {
    self.geometry = geometry
    free = [0..<geometry.pageCount]
  }

  /// The frames of a buffer; none where it has none.
  func frames(of buffer: Int) -> [Range<Int64>] {
    owned.indices.contains(buffer) ? owned[buffer] : []
  }

  private mutating func set(_ buffer: Int, _ frames: [Range<Int64>]) {
    while owned.count <= buffer { owned.append([]) }
    owned[buffer] = frames
  }

  /// - Returns: nil where too few frames are free.
  /// - Complexity: O(free stretches).
  mutating func take(_ buffer: Buffer) -> [Range<Int64>]? {
    var wanted = buffer.size.pages(of: geometry.pageSize)
    if let region = buffer.region { return take(wanted, inRegion: region, for: buffer.number) }
    var taken: [Range<Int64>] = []
    while wanted > 0, let first = free.first {
      let count = min(wanted, Int64(first.count))
      taken.append(first.lowerBound..<(first.lowerBound + count))
      free[0] = (first.lowerBound + count)..<first.upperBound
      if free[0].isEmpty { free.removeFirst() }
      wanted -= count
    }
    set(buffer.number, taken)
    return wanted == 0 ? taken : nil
  }

  /// The first free frames of a region's memory, which lie at its end.
  private mutating func take(
    _ count: Int64, inRegion region: Int, for number: Int
  ) -> [Range<Int64>]? {
    let begin = geometry.firstPage(ofRegion: region)
    set(number, [])
    guard let place = free.firstIndex(where: { $0.upperBound > begin }) else { return nil }
    let first = max(begin, free[place].lowerBound)
    let taken = first..<(first + count)
    guard taken.upperBound <= min(free[place].upperBound, geometry.firstPage(ofRegion: region + 1))
    else { return nil }
    let rest = [
      free[place].lowerBound..<taken.lowerBound, taken.upperBound..<free[place].upperBound,
    ]
    free.replaceSubrange(place...place, with: rest.filter { !$0.isEmpty })
    set(number, [taken])
    return [taken]
  }

  /// - Complexity: O(free stretches).
  mutating func give(_ buffer: Buffer) {
    let given = frames(of: buffer.number)
    set(buffer.number, [])
    for range in given {
      let place = free.firstIndex { $0.lowerBound > range.lowerBound } ?? free.count
      free.insert(range, at: place)
      if place + 1 < free.count, free[place].upperBound == free[place + 1].lowerBound {
        free[place] = free[place].lowerBound..<free[place + 1].upperBound
        free.remove(at: place + 1)
      }
      if place > 0, free[place - 1].upperBound == free[place].lowerBound {
        free[place - 1] = free[place - 1].lowerBound..<free[place].upperBound
        free.remove(at: place)
      }
    }
  }
}
