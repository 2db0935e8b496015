import DeviceModel
import ModelArchitecture
import Quantities

/// How TZ-LLM brings weights into its regions.
///
/// The life of a chunk: the contiguous memory behind a region's end is allocated; ciphertext is read
/// into it while the normal world's storage driver reaches it; the region grows over it; it is decrypted
/// in place. Reading needs no core. Allocating and decrypting are done by the threads that compute:
/// ready computing goes first, then what is to be decrypted, since it is needed before what is to be
/// allocated.
struct Restoration {
  /// Whether each chunk can be used as soon as it is there, or each stage is done for all first, by
  /// threads that have nothing else to do.
  var isPipelined: Bool
  var migrationThreads: Int
  /// Sizes of micro-operations; nil where steps are not preempted.
  var allocationStep: ByteCount?
  var decryptionStep: ByteCount?
  /// Whether an NPU will read the weights.
  var servesNPU: Bool

  /// Plans what is missing of a model and returns, for each chunk in file order, the steps after which
  /// it can be used.
  ///
  /// - Parameters:
  ///   - weights: a buffer for each of `chunks`.
  ///   - present: how many of them, from the first, hold their weights already.
  ///   - hasWorkspace: whether the workspace is there from an earlier request.
  func plan(
    _ chunks: [WeightChunk], in weights: [Buffer], present count: Int, workspace: Buffer,
    hasWorkspace: Bool, into plan: inout Plan, after start: [Plan.Step]
  ) -> [[Plan.Step]] {
    let missing = Array(weights[count...])
    let sizes = chunks[count...].map(\.bytes)
    var held = weights[..<count].size + (hasWorkspace ? workspace.size : .zero)
    var last = start
    func allocate(_ buffer: Buffer) {
      let getting = DeviceOperation.allocateContiguous(
        buffer.size, beyond: held, threads: migrationThreads)
      last = [plan.add(restoring(getting, in: allocationStep), after: last, on: [buffer])]
      last = [plan.add(.mapIntoProcess(buffer.size), after: last, on: [buffer])]
      held = held + buffer.size
    }
    if !hasWorkspace {
      allocate(workspace)
      last = protect(workspace, into: &plan, after: last)
    }
    let hasMemory = last

    var steps = missing.map { buffer in
      allocate(buffer)
      return last
    }
    if !isPipelined { steps = all(steps) }
    for (index, buffer) in missing.enumerated() {
      steps[index] = [plan.add(.readStorage(sizes[index]), after: steps[index], on: [buffer])]
    }
    if !isPipelined { steps = all(steps) }
    for (index, buffer) in missing.enumerated() {
      steps[index] = protect(buffer, into: &plan, after: steps[index])
    }
    if !isPipelined { steps = all(steps) }
    for (index, buffer) in missing.enumerated() {
      let decrypting = restoring(.decrypt(sizes[index]), in: decryptionStep)
      steps[index] = [plan.add(decrypting, after: steps[index], on: [buffer])]
    }
    // What is there can be used once the workspace is.
    return Array(repeating: hasMemory, count: count) + (isPipelined ? steps : all(steps))
  }

  private func restoring(_ operation: DeviceOperation, in step: ByteCount?) -> DeviceOperation {
    isPipelined ? .restore(operation, microOperation: step) : operation
  }

  private func protect(
    _ buffer: Buffer, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    let growing = DeviceOperation.growProtectedRegion(buffer.size, region: buffer.region ?? 0)
    let grown = plan.add(growing, after: start, on: [buffer])
    return [
      servesNPU ? plan.add(.letNPUReach(buffer.size, true), after: [grown], on: [buffer]) : grown
    ]
  }

  /// Plans the way back of buffers, last ones first, from the ends of their regions.
  /// - Returns: the steps after which all are the operating system's again.
  func release(
    _ buffers: [Buffer], into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    var last = start
    for buffer in buffers.reversed() {
      func add(_ operation: DeviceOperation) {
        last = [plan.add(operation, after: last, on: [buffer])]
      }
      if servesNPU { add(.letNPUReach(buffer.size, false)) }
      add(.zero(buffer.size))
      add(.shrinkProtectedRegion(buffer.size, region: buffer.region ?? 0))
      add(.freeContiguous(buffer.size))
    }
    return last
  }

  private func all(_ steps: [[Plan.Step]]) -> [[Plan.Step]] {
    let all = steps.flatMap { $0 }
    return Array(repeating: all, count: steps.count)
  }
}
