import Testing

@testable import SimulationKernel

@Suite struct RawArrayTests {
  /// All orders of up to six numbers, some of them equal; and long lists at random.
  @Test func sortingPutsElementsInOrder() {
    var generator = SplitMix64(seed: 1)
    var inputs = (0...6).flatMap { count in permutations(of: (0..<count).map { $0 / 2 }) }
    for count in [7, 8, 63, 64, 65, 1_000] {
      inputs.append((0..<count).map { _ in Int.random(in: 0..<count, using: &generator) })
    }
    for input in inputs {
      let array = array(of: input)
      defer { array.deallocate() }
      array.sort(by: <)
      #expect(elements(of: array) == input.sorted(), "\(input)")
      array.sort(by: >)
      #expect(elements(of: array) == input.sorted(by: >), "\(input)")
    }
  }

  @Test func removingKeepsTheOrderOfTheOthers() {
    for place in 0..<5 {
      var (array, expected) = (array(of: Array(0..<5)), Array(0..<5))
      defer { array.deallocate() }
      array.remove(at: place)
      expected.remove(at: place)
      #expect(elements(of: array) == expected)
    }
  }

  private func array(of elements: [Int]) -> RawArray<Int> {
    var array = RawArray<Int>(capacity: 1)
    for element in elements { array.append(element) }
    return array
  }

  private func elements(of array: RawArray<Int>) -> [Int] {
    (0..<array.count).map { array.elements[$0] }
  }
}
