import Glibc

/// A growable array on raw memory, for the kernel's own loops: appending and taking from the end are
/// a store and a load, and nothing is retained or checked for who else holds it. Growing moves pages
/// instead of bytes where there are many.
///
/// A trivial value: whoever owns it calls `deallocate` once, and copies none.
struct RawArray<Element: BitwiseCopyable> {
  private(set) var elements: UnsafeMutablePointer<Element>
  private var capacity: Int
  var count = 0

  init(capacity: Int) {
    precondition(capacity > 0, "an array of capacity \(capacity)")
    self.capacity = capacity
    elements = Self.memory(nil, for: capacity)
  }

  func deallocate() { free(elements) }

  /// What `realloc` makes of memory that it gave before.
  private static func memory(
    _ old: UnsafeMutablePointer<Element>?, for capacity: Int
  ) -> UnsafeMutablePointer<Element> {
    let size = capacity * MemoryLayout<Element>.stride
    guard let memory = realloc(old, size) else { preconditionFailure("no memory of \(size) bytes") }
    return memory.bindMemory(to: Element.self, capacity: capacity)
  }

  /// - Precondition: not empty.
  var last: Element { elements[count - 1] }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    elements[count] = element
    count += 1
  }

  /// - Precondition: not empty.
  @inline(__always)
  mutating func removeLast() -> Element {
    count -= 1
    return elements[count]
  }

  /// Drops the first `number` elements.
  mutating func removeFirst(_ number: Int) {
    count -= number
    elements.update(from: elements + number, count: count)
  }

  /// Drops one element, and keeps the order of the others.
  mutating func remove(at place: Int) {
    count -= 1
    (elements + place).update(from: elements + place + 1, count: count - place)
  }

  /// Puts the elements in order, in place: heap sort, which needs no memory whatever their order.
  /// Equal elements may change places.
  /// - Complexity: O(n log n).
  @inline(__always)
  func sort(by isBefore: (Element, Element) -> Bool) {
    // A heap with the last element on top; taking the top to the end leaves the rest in order.
    for root in stride(from: count / 2 - 1, through: 0, by: -1) {
      siftDown(root, below: count, by: isBefore)
    }
    for end in stride(from: count - 1, to: 0, by: -1) {
      (elements[0], elements[end]) = (elements[end], elements[0])
      siftDown(0, below: end, by: isBefore)
    }
  }

  @inline(__always)
  private func siftDown(_ root: Int, below end: Int, by isBefore: (Element, Element) -> Bool) {
    let element = elements[root]
    var hole = root
    while true {
      var child = 2 * hole + 1
      guard child < end else { break }
      if child + 1 < end, isBefore(elements[child], elements[child + 1]) { child += 1 }
      if !isBefore(element, elements[child]) { break }
      elements[hole] = elements[child]
      hole = child
    }
    elements[hole] = element
  }

  @inline(never)
  private mutating func grow() {
    elements = Self.memory(elements, for: capacity * 2)
    capacity *= 2
  }
}
