import DeviceModel
import Quantities
import ServingDesigns
import Testing

@testable import Experiments

/// What must come out whatever a paper says, since one plan only adds to another.
@Suite struct OrderingTests {
  private func time(_ design: String, _ model: String, _ prompt: Int) throws -> SimulatedDuration {
    try ExperimentPoint.shipped(design, model, prompt: prompt).run().timeToFirstToken
  }

  @Test(arguments: ["qwen2.5-0.5b", "llama-3.2-3b", "llama-3.1-8b"], [1, 64, 256])
  func protectionAndContiguousMemoryCost(model: String, prompt: Int) throws {
    let unprotected = try time("nw-base", model, prompt)
    let flexible = try time("flexserve", model, prompt)
    let contiguous = try time("strawman-opt", model, prompt)
    #expect(unprotected <= flexible)
    #expect(flexible <= contiguous)
  }

  @Test(arguments: ["qwen2.5-0.5b", "llama-3.2-3b", "llama-3.1-8b"])
  func theStrawmanIsSlowestAtALongPrompt(model: String) throws {
    let others = try ["nw-base", "flexserve", "strawman-opt"].map { try time($0, model, 512) }
    let strawman = try time("strawman", model, 512)
    #expect(others.allSatisfy { $0 < strawman })
  }

  @Test func allocatingChunkByChunkHidesWhatAllocatingAtOnceDoesNot() throws {
    // With ordinary pages and a long prompt, all but the first chunk's allocation is hidden.
    func time(_ order: String) throws -> SimulatedDuration {
      try ExperimentPoint.shipped(
        "flexserve", "llama-3.2-3b", prompt: 256, parameters: ["allocation": order]
      ).run().timeToFirstToken
    }
    #expect(try time("perChunk") < time("whole"))
  }

  /// But for a thousandth: more that may run now can be in the way of what matters (Graham, 1969).
  @Test func aWiderWindowOfBlocksIsHardlyEverSlower() throws {
    var before: SimulatedDuration?
    for window in ["1", "2", "3", "64"] {
      let time = try ExperimentPoint.shipped(
        "flexserve", "tinyllama-1.1b", prompt: 256, parameters: ["blockWindow": window]
      ).run().timeToFirstToken
      if let before {
        #expect(time.seconds <= before.seconds * 1.001, "a window of \(window)")
      }
      before = time
    }
  }

  @Test func protectionThatIsStillOnSavesItsPrice() throws {
    func time(_ state: String) throws -> SimulatedDuration {
      try ExperimentPoint.shipped(
        "flexserve", "tinyllama-1.1b", prompt: 1, parameters: ["protectionAtArrival": state]
      ).run().timeToFirstToken
    }
    // 0.13 ms of enabling and 2.83 ms of hashing, before anything else can begin.
    #expect(try time("off") - time("on") == .microseconds(2_960))
  }
}
