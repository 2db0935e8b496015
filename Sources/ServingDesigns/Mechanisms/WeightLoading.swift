import DeviceModel
import ModelArchitecture
import Quantities

/// How weights come from storage into memory that the compute unit can use.
struct WeightLoading {
  var memory: MemoryMechanism
  var allocation: AllocationOrder
  /// Whether each chunk can be used as soon as it is there, or all must be there first.
  var isPipelined: Bool
  /// Whether an NPU will read the weights, and with which SMMU entries.
  var npuMapping: NPUMapping

  enum NPUMapping {
    case none
    case unprotected
    case protected
  }

  /// Plans the loading of a whole model and returns, for each chunk in file order, the steps
  /// after which it can be used.
  ///
  /// The life of a chunk: memory is allocated, mapped into the serving process and for the NPU;
  /// ciphertext is read into it while it is ordinary memory; it is protected; it is decrypted in
  /// place. Without protection the weights are stored as they are. The workspace (keys, values and
  /// activations) is protected as soon as it is there.
  func plan(
    _ chunks: [WeightChunk], workspace: ByteCount, into plan: inout Plan,
    after start: [Plan.Step]
  ) -> [[Plan.Step]] {
    let total = chunks.reduce(workspace) { $0 + $1.bytes }
    var held = allocation == .whole ? total : workspace
    var lastAllocation = get(held, beyond: .zero, into: &plan, after: start)
    if let protecting = memory.protect(workspace) {
      lastAllocation = [plan.add(protecting, after: lastAllocation)]
    }

    var present: [[Plan.Step]] = []
    for chunk in chunks {
      if allocation == .perChunk {
        lastAllocation = get(chunk.bytes, beyond: held, into: &plan, after: lastAllocation)
        held = held + chunk.bytes
      }
      present.append([plan.add(.readStorage(chunk.bytes), after: lastAllocation)])
    }
    guard memory.isProtected else { return usable(present) }

    // Serial designs finish each stage for all chunks before the next stage begins.
    if !isPipelined { present = usable(present) }
    for (index, chunk) in chunks.enumerated() {
      if let protecting = memory.protect(chunk.bytes) {
        present[index] = [plan.add(protecting, after: present[index])]
      }
    }
    if !isPipelined { present = usable(present) }
    for (index, chunk) in chunks.enumerated() {
      present[index] = [plan.add(.decrypt(chunk.bytes), after: present[index])]
    }
    return usable(present)
  }

  /// Allocates and maps `size` bytes more than the `held` ones.
  private func get(
    _ size: ByteCount, beyond held: ByteCount, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    var step = plan.add(memory.allocate(size, beyond: held), after: start)
    step = plan.add(.mapIntoProcess(size), after: [step])
    switch npuMapping {
    case .none: break
    case .unprotected: step = plan.add(.mapForNPU(size, protected: false), after: [step])
    case .protected: step = plan.add(.mapForNPU(size, protected: true), after: [step])
    }
    return [step]
  }

  /// What each chunk waits for: itself when pipelined, else everything.
  private func usable(_ steps: [[Plan.Step]]) -> [[Plan.Step]] {
    if isPipelined { return steps }
    let all = steps.flatMap { $0 }
    return Array(repeating: all, count: steps.count)
  }
}
