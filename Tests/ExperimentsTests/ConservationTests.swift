import DeviceModel
import ModelArchitecture
import Quantities
import ServingDesigns
import Testing

@testable import Experiments

/// Nothing is lost on the way from storage to the last token, and nothing comes out of order.
@Suite struct ConservationTests {
  @Test(arguments: Execution.all)
  func everyWeightIsReadOnce(_ execution: Execution) {
    #expect(execution.reads.map(\.bytes).sum() == execution.weights)
    let chunks = execution.point.model.weightChunks(execution.point.precision)
    #expect(execution.reads.map(\.bytes) == chunks.map(\.bytes))
  }

  @Test(arguments: Execution.all)
  func everyWeightIsDecryptedOnceWhereItIsCiphertext(_ execution: Execution) {
    let expected = execution.isProtected ? execution.weights : .zero
    #expect(execution.decryptions.map(\.bytes).sum() == expected)
  }

  /// The workspace first, since plaintext is written into it, then chunk by chunk.
  @Test(arguments: Execution.all)
  func allThatIsAllocatedIsProtectedWhereAnythingIs(_ execution: Execution) {
    let expected = execution.isProtected ? execution.allocations.map(\.bytes).sum() : .zero
    #expect(execution.protections.map(\.bytes).sum() == expected)
    guard let first = execution.protections.first else { return }
    #expect(first.bytes == execution.held(execution.workspace))
    let waits = execution.waits(execution.layerStarts[0], for: first.place)
    #expect(waits, "the first layer waits for it")
  }

  @Test(arguments: Execution.all)
  func weightsAndWorkspaceAreAllocatedAndMapped(_ execution: Execution) {
    let needed = execution.held
    #expect(execution.allocations.map(\.bytes).sum() == needed)
    let mapped = execution.places {
      if case .mapIntoProcess(let bytes) = $0 { bytes } else { nil }
    }
    #expect(mapped.map(\.bytes).sum() == needed)
    let forNPU = execution.places {
      switch $0 {
      case .mapForNPU(let bytes, _), .letNPUReach(let bytes, true): bytes
      default: nil
      }
    }
    #expect(forNPU.map(\.bytes).sum() == (execution.usesNPU ? needed : .zero))
  }

  @Test(arguments: Execution.all)
  func eachAllocationGrowsWhatTheOnesBeforeItGot(_ execution: Execution) {
    var held = ByteCount.zero
    for planned in execution.plan.operations {
      switch planned.operation {
      case .allocatePages(let size, let before), .allocateContiguous(let size, let before, _):
        #expect(before == held)
        held = held + size
      default: break
      }
    }
  }

  /// By the plan itself, so on every device, and by what happened here.
  @Test(arguments: Execution.all)
  func everyChunkIsReadThenProtectedThenDecryptedThenUsed(_ execution: Execution) {
    let starts = execution.layerStarts
    let layers = execution.point.model.layerCount
    for (chunk, read) in execution.reads.enumerated() {
      var chain = [read.place]
      if execution.isProtected {
        chain += [execution.protections[chunk + 1].place, execution.decryptions[chunk].place]
        #expect(execution.protections[chunk + 1].bytes == execution.held(read.bytes))
        #expect(execution.decryptions[chunk].bytes == read.bytes)
      }
      // The embedding is looked up before the first layer, each layer's weights are met in it, and
      // what comes after the layers is the output head.
      chain.append(starts[max(0, chunk - 1)])
      for (earlier, later) in zip(chain, chain.dropFirst()) {
        // A plan is too much to print with a failure.
        let waits = execution.waits(later, for: earlier)
        #expect(waits, "chunk \(chunk): \(earlier), \(later)")
        #expect(
          execution.spans[earlier].end <= execution.spans[later].start,
          "chunk \(chunk): \(earlier), \(later)")
      }
    }
    #expect(starts.count == layers + 1)
  }

  @Test(arguments: Execution.all)
  func memoryIsThereBeforeAnythingIsReadIntoIt(_ execution: Execution) {
    // With one allocation for all, every read waits for it; with one a chunk, the workspace's comes
    // first and each chunk's follows.
    for (chunk, read) in execution.reads.enumerated() {
      let allocation =
        execution.allocations[execution.allocations.count == 1 ? 0 : chunk + 1]
      let waits = execution.waits(read.place, for: allocation.place)
      #expect(waits, "chunk \(chunk)")
    }
  }

  @Test(arguments: Execution.all)
  func nothingIsPlannedThatTheFirstTokenDoesNotNeed(_ execution: Execution) {
    let needed = execution.plan.tokens[0].index
    for place in [execution.reads, execution.decryptions, execution.allocations].joined() {
      let waits = execution.waits(needed, for: place.place)
      #expect(waits, "\(place.bytes.text) at \(place.place)")
    }
    let last = execution.plan.tokens[execution.point.outputTokenCount - 1].index
    // But for the NPU, which goes back to the normal world after the last token.
    for (planned, span) in zip(execution.plan.operations, execution.spans) {
      if case .switchNPUMode(protected: false, _) = planned.operation {
        #expect(execution.waits(execution.spans.count - 1, for: last))
      } else {
        #expect(span.end <= execution.spans[last].end)
      }
    }
  }

  @Test(arguments: Execution.all)
  func theNPUDoesAllProductsWithWeightsOrNone(_ execution: Execution) {
    let (onNPU, onCPU) = execution.plan.operations.reduce(into: (0, 0)) { counts, planned in
      switch planned.operation {
      case .multiplyOnNPU: counts.0 += 1
      case .multiplyOnCPU: counts.1 += 1
      default: break
      }
    }
    let layers = execution.point.model.layerCount
    let passes = execution.point.outputTokenCount
    // Seven matrices a layer and the output head, which only the last row meets; a token after the
    // first is one row everywhere.
    let once = passes * (7 * layers + 1)
    let furtherBlocks = 7 * layers * (execution.promptBlocks - 1)
    #expect(onNPU == (execution.usesNPU ? once + furtherBlocks : 0))
    #expect(onCPU == (execution.usesNPU ? 0 : once))
  }

  /// Blocks of rows are converted product by product. One row, and all rows on the CPU, are quantised
  /// once for the products that meet them: queries, keys and values; the attention's output; gate and
  /// up; down; and the output head. The CPU scales results back as it stores them.
  @Test(arguments: Execution.all)
  func activationsAreConvertedOnceForThoseWhoMeetThem(_ execution: Execution) {
    let (quantised, dequantised) = execution.plan.operations.reduce(into: (0, 0)) {
      switch $1.operation {
      case .quantise: $0.0 += 1
      case .dequantise: $0.1 += 1
      default: break
      }
    }
    let layers = execution.point.model.layerCount
    let inBlocks = execution.usesNPU && execution.point.promptTokenCount > 1
    let wholePasses = execution.point.outputTokenCount - (inBlocks ? 1 : 0)
    let blocks = inBlocks ? 7 * layers * execution.promptBlocks : 0
    let heads = execution.point.outputTokenCount
    #expect(quantised == blocks + wholePasses * 4 * layers + heads)
    #expect(
      dequantised == (execution.usesNPU ? blocks + wholePasses * 7 * layers + heads : 0))
  }

  /// Products on the CPU and attention, so all but the padding that the NPU's driver adds.
  @Test func theCPUDoesTheMultiplicationsOfTheModelAndNoMore() throws {
    let execution = try Execution(.shipped("strawman", "tinyllama-1.1b", prompt: 64))
    let planned = execution.plan.operations.reduce(Int64(0)) { sum, planned in
      switch planned.operation {
      case .multiplyOnCPU(let product): sum + product.multiplyAccumulates
      case .attention(let count, _): sum + count
      default: sum
      }
    }
    let expected = execution.point.model.prefillOperations(promptTokens: 64).reduce(Int64(0)) {
      switch $1 {
      case .multiply(_, let product): $0 + product.multiplyAccumulates
      case .attention(let count, _): $0 + count
      case .elementwise: $0
      }
    }
    #expect(planned == expected)
  }

  @Test func aModelBeyondOneWindowSwitchesWindows() throws {
    func switches(_ design: String, _ model: String) throws -> Int {
      try Execution(.shipped(design, model, prompt: 64)).plan.operations.filter {
        $0.operation == .switchNPUWindow
      }.count
    }
    // 7.5 GiB lie in two windows of 4 GiB; they are met in order, once.
    #expect(try switches("flexserve", "llama-3.1-8b") == 1)
    #expect(try switches("flexserve", "llama-3.2-3b") == 0)
    #expect(try switches("strawman", "llama-3.1-8b") == 0)
  }
}
