import Quantities
import Testing

@Suite struct EditDistanceTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0),
    ("kitten", "sitting", 3), ("coers", "cores", 1), ("GB", "gb", 2),
    // No part is edited twice, so a letter cannot slip between swapped ones.
    ("ca", "abc", 3), ("ab", "ba", 1), ("µs", "us", 1),
  ])
  func typingMistakesAreCounted(left: String, right: String, distance: Int) {
    #expect(editDistance(left, right) == distance)
    #expect(editDistance(right, left) == distance)
  }

  /// The distance and its definition by recursion agree on all short words.
  @Test func theTableAgreesWithTheRecursion() {
    func recursive(_ left: ArraySlice<Character>, _ right: ArraySlice<Character>) -> Int {
      guard let a = left.last, let b = right.last else { return left.count + right.count }
      let (shorterLeft, shorterRight) = (left.dropLast(), right.dropLast())
      var best = min(
        recursive(shorterLeft, shorterRight) + (a == b ? 0 : 1),
        recursive(shorterLeft, right) + 1, recursive(left, shorterRight) + 1)
      if shorterLeft.last == b, shorterRight.last == a {
        best = min(best, recursive(shorterLeft.dropLast(), shorterRight.dropLast()) + 1)
      }
      return best
    }
    var words = [""]
    for length in 0..<4 {
      words += words.filter { $0.count == length }.flatMap { [$0 + "a", $0 + "b"] }
    }
    #expect(words.count == 31)
    for left in words {
      for right in words {
        #expect(
          editDistance(left, right) == recursive(Array(left)[...], Array(right)[...]),
          "\(left) and \(right)")
      }
    }
  }

  @Test func theNearestCandidateIsNamed() {
    let keys = ["cores", "clock", "memory"]
    #expect(nearest(to: "coers", among: keys) == "cores")
    #expect(nearest(to: "Clock", among: keys) == "clock")
    #expect(nearest(to: "memroy", among: keys) == "memory")
    #expect(nearest(to: "bandwidth", among: keys) == nil)
    #expect(nearest(to: "cores", among: []) == nil)
  }

  @Test func aDifferenceInCaseAloneComesFirst() {
    #expect(nearest(to: "gb", among: ["b", "GB"]) == "GB")
  }

  @Test func oneWrongLetterOfOneIsNotNear() {
    #expect(nearest(to: "x", among: ["s", "h"]) == nil)
  }

  @Test func ofEquallyNearCandidatesTheFirstGivenIsNamed() {
    #expect(nearest(to: "tile", among: ["tiles", "tale"]) == "tiles")
    #expect(nearest(to: "tile", among: ["tale", "tiles"]) == "tale")
  }
}
