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

    func operation(_ size: ByteCount) -> DeviceOperation? {
      switch self {
      case .none: nil
      case .unprotected: .mapForNPU(size, protected: false)
      case .protected: .mapForNPU(size, protected: true)
      }
    }
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
  ///   - workspace: what is missing of it.
  ///   - others: what the serving process holds besides.
  func plan(
    _ chunks: [WeightChunk], in weights: [Buffer], present count: Int, workspace: [Buffer],
    beyond others: ByteCount = .zero, into plan: inout Plan, after start: [Plan.Step]
  ) -> [[Plan.Step]] {
    let missing = Array(weights[count...])
    let sizes = chunks[count...].map(\.bytes)
    var held = others + weights[..<count].size
    var ready = start
    func allocate(_ buffers: [Buffer]) {
      guard !buffers.isEmpty else { return }
      ready = get(buffers, beyond: held, into: &plan, after: ready)
      held = held + buffers.size
    }
    // What is there already can be used before the rest is allocated.
    let isTogether = allocation == .whole && count == 0
    allocate(workspace + (isTogether ? missing : []))
    for buffer in workspace {
      if let protecting = memory.protect(buffer.size) {
        ready = [plan.add(protecting, after: ready, on: [buffer])]
      }
    }
    let workspaceReady = ready
    if allocation == .whole, !isTogether { allocate(missing) }

    var steps: [[Plan.Step]] = []
    for (buffer, bytes) in zip(missing, sizes) {
      if allocation == .perChunk { allocate([buffer]) }
      steps.append([plan.add(.readStorage(bytes), after: ready, on: [buffer])])
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
        steps[index] = [plan.add(decryption(sizes[index]), after: steps[index], on: [buffer])]
      }
    }
    return Array(repeating: workspaceReady, count: count) + usable(steps)
  }

  /// Plans the way of one piece from storage into memory, where it is plaintext in the end.
  func fetch(
    _ buffer: Buffer, beyond held: ByteCount, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    var last = get([buffer], beyond: held, into: &plan, after: start)
    last = [plan.add(.readStorage(buffer.size), after: last, on: [buffer])]
    if let protecting = memory.protect(buffer.size) {
      last = [plan.add(protecting, after: last, on: [buffer])]
      last = [plan.add(decryption(buffer.size), after: last, on: [buffer])]
    }
    return last
  }

  /// What each piece takes until it is there when the one before is: storage or decryption, whichever
  /// is slower; and what getting memory for each takes, of one allocation for all.
  func durations(
    _ sizes: [ByteCount], on device: DeviceView
  ) -> [(loading: SimulatedDuration, allocating: SimulatedDuration)] {
    let total = sizes.reduce(.zero) { $0 + $1 }
    var together =
      device.duration(of: memory.allocate(total, beyond: .zero))
      + device.duration(of: .mapIntoProcess(total))
    if let mapping = npuMapping.operation(total) {
      together = together + device.duration(of: mapping)
    }
    return sizes.map { size in
      let decrypting = memory.isProtected ? device.duration(of: decryption(size)) : .zero
      let share = Int128(together.picoseconds) * Int128(size.bytes) / Int128(total.bytes)
      return (
        max(device.duration(of: .readStorage(size)), decrypting),
        SimulatedDuration(picoseconds: Int64(share))
      )
    }
  }

  private func decryption(_ size: ByteCount) -> DeviceOperation {
    decryptsAtNoCost ? .decryptAtNoCost(size) : .decrypt(size)
  }

  /// Allocates and maps buffers beyond the `held` bytes.
  private func get(
    _ buffers: [Buffer], beyond held: ByteCount, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    let size = buffers.size
    var step = plan.add(memory.allocate(size, beyond: held), after: start, on: buffers)
    step = plan.add(.mapIntoProcess(size), after: [step], on: buffers)
    if let mapping = npuMapping.operation(size) {
      step = plan.add(mapping, after: [step], on: buffers)
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
