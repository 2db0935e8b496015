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

  /// Whether decryption is taken to cost nothing.
  var decryptsAtNoCost = false

  enum NPUMapping {
    case none
    case unprotected
    case protected
  }

  /// Plans the loading of what is missing of a model and returns, for each chunk in file order, the
  /// steps after which it can be used.
  ///
  /// The life of a chunk: memory is allocated, mapped into the serving process and for the NPU;
  /// ciphertext is read into it while it is ordinary memory; it is protected; it is decrypted in
  /// place. Without protection the weights are stored as they are. The workspace (keys, values and
  /// activations) is protected as soon as it is there.
  ///
  /// - Parameters:
  ///   - weights: a buffer for each of `chunks`.
  ///   - present: how many of them, from the first, hold their weights already.
  ///   - hasWorkspace: whether the workspace is there from an earlier request.
  func plan(
    _ chunks: [WeightChunk], in weights: [Buffer], present count: Int, workspace: Buffer,
    hasWorkspace: Bool = false,
    into plan: inout Plan, after start: [Plan.Step]
  ) -> [[Plan.Step]] {
    let missing = Array(weights[count...])
    let sizes = chunks[count...].map(\.bytes)
    let whole = (hasWorkspace ? [] : [workspace]) + (allocation == .whole ? missing : [])
    var held = weights[..<count].size + (hasWorkspace ? workspace.size : .zero)
    var lastAllocation =
      whole.isEmpty ? start : get(whole, beyond: held, into: &plan, after: start)
    held = held + whole.size
    if !hasWorkspace, let protecting = memory.protect(workspace.size) {
      lastAllocation = [plan.add(protecting, after: lastAllocation, on: [workspace])]
    }

    var steps: [[Plan.Step]] = []
    for (buffer, bytes) in zip(missing, sizes) {
      if allocation == .perChunk {
        lastAllocation = get([buffer], beyond: held, into: &plan, after: lastAllocation)
        held = held + buffer.size
      }
      steps.append([plan.add(.readStorage(bytes), after: lastAllocation, on: [buffer])])
    }
    if memory.isProtected {
      // Serial designs finish each stage for all chunks before the next stage begins.
      if !isPipelined { steps = usable(steps) }
      for (index, buffer) in missing.enumerated() {
        if let protecting = memory.protect(buffer.size) {
          steps[index] = [plan.add(protecting, after: steps[index], on: [buffer])]
        }
      }
      if !isPipelined { steps = usable(steps) }
      for (index, buffer) in missing.enumerated() {
        let decrypting: DeviceOperation =
          decryptsAtNoCost ? .decryptAtNoCost(sizes[index]) : .decrypt(sizes[index])
        steps[index] = [plan.add(decrypting, after: steps[index], on: [buffer])]
      }
    }
    // What is there can be used once the workspace is.
    return Array(repeating: lastAllocation, count: count) + usable(steps)
  }

  /// Allocates and maps buffers beyond the `held` bytes.
  private func get(
    _ buffers: [Buffer], beyond held: ByteCount, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    let size = buffers.size
    var step = plan.add(memory.allocate(size, beyond: held), after: start, on: buffers)
    step = plan.add(.mapIntoProcess(size), after: [step], on: buffers)
    switch npuMapping {
    case .none: break
    case .unprotected:
      step = plan.add(.mapForNPU(size, protected: false), after: [step], on: buffers)
    case .protected:
      step = plan.add(.mapForNPU(size, protected: true), after: [step], on: buffers)
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
