import ConfigurationReader
import ScenarioFiles
import Testing

/// Files with a few bytes changed are read or refused, and a refusal points into the file.
@Suite struct MutationTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func noReaderIsBroughtDownByAChangedByte(seed: UInt64) throws {
    let copy = try TemporaryLibrary()
    var generator = SplitMix64(state: seed)
    var refusalCount = 0
    for path in shippedPaths {
      let original = try copy.bytes(of: path)
      for round in 0..<30 {
        let mutated = Self.mutated(original, &generator)
        try copy.write(mutated, to: path)
        do {
          try copy.library.readFile(path)
        } catch let error as ConfigurationError {
          refusalCount += 1
          for problem in error.problems {
            #expect(
              problem.isInside(mutated, at: copy.library.path(path)),
              "seed \(seed), round \(round): \(problem)")
          }
        } catch {
          Issue.record("seed \(seed), round \(round), \(path): \(error)")
        }
      }
      try copy.write(original, to: path)
    }
    // Far from all mutations are harmless, so that the readers have had something to refuse.
    #expect(refusalCount > shippedPaths.count * 5, "seed \(seed)")
  }

  /// One to three bytes deleted, duplicated or replaced.
  private static func mutated(
    _ bytes: [UInt8], _ generator: inout SplitMix64
  ) -> [UInt8] {
    // What means something to the readers comes as often as all other bytes together.
    let special = Array(":{}[],\"'&*!|>#%@-?<~\n\t 0.x\\\0\u{FEFF}".utf8)
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let index = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes.remove(at: index)
      case 1: bytes.insert(bytes[index], at: index)
      case 2: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      default: bytes[index] = special[Int.random(in: special.indices, using: &generator)]
      }
    }
    return bytes
  }
}

extension Problem {
  /// Whether the problem is one line about a place in this file.
  fileprivate func isInside(_ bytes: [UInt8], at path: String) -> Bool {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // The end of the file is a place too, after the last line.
    guard file == path, 1...lines.count + 1 ~= line, !description.contains(where: \.isNewline)
    else { return false }
    let length = line <= lines.count ? lines[line - 1].count : 0
    return 1...length + 1 ~= column
  }
}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
