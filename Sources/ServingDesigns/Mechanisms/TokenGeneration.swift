import DeviceModel
import ModelArchitecture
import Quantities

/// The unit that runs products with weights. Everything else runs on the CPU either way.
enum ComputeMechanism {
  case cpu
  case npu(protected: Bool)
}

/// How many products of a row, or of a block of rows, go into a task of the NPU, which is launched once.
///
/// A launch takes as long as streaming 39 MB, more than most matrices of a layer have, so it decides
/// how fast an NPU decodes. The paper does not say what its engine does. Its decode rates of
/// Llama-3.1-8B, with the rate at which the NPU streams weights, leave room for two launches a layer;
/// and with as many in a prefill its cold points are met better than with one a product.
public enum NPUTaskExtent: String, CaseIterable, Sendable {
  /// Each product is a task: seven a layer.
  case product
  /// Products of the same activations are a task: four a layer.
  case activations
  /// A task goes on to the layer's attention, which the CPU computes, and from there to the layer's
  /// end: two a layer. The element-wise steps in between do not end it.
  case attention
}

/// Where a request's model and its workspace lie.
struct ModelMemory {
  /// A buffer for each chunk; none where a plan is not about memory.
  var weights: [Buffer] = []
  var workspace: [Buffer] = []

  /// What a pass works on while it goes through a chunk.
  func reached(_ chunk: Int) -> [Buffer] {
    weights.isEmpty ? workspace : workspace + [weights[chunk]]
  }
}

/// How a prompt becomes its first token, and each token the next.
struct TokenGeneration {
  var compute: ComputeMechanism
  /// Blocks of rows that may be between the start of their quantising and the end of their
  /// dequantising.
  var blockWindow: Int
  /// Which products an NPU runs as one task.
  var rowTask: NPUTaskExtent
  /// How the NPU comes into the secure world for each product, and goes back; nil where it is there
  /// for a whole request.
  var productHandOver: NPUHandOver?

  /// Plans all tokens of a request and marks them in the plan.
  ///
  /// - Parameters:
  ///   - reused: how many of the prompt's first tokens have their keys and values already.
  ///   - chunks: for each chunk of the model's weights, the steps after which it is there.
  ///   - memory: where weights and workspace lie.
  func plan(
    _ request: Request, reusing reused: Int = 0, chunks: [[Plan.Step]], memory: ModelMemory,
    on device: DeviceView,
    into plan: inout Plan, after start: [Plan.Step]
  ) {
    var last = prefill(
      request, reusing: reused, chunks: chunks, memory: memory, on: device, into: &plan,
      after: start)
    plan.markToken(last)
    let model = request.model
    let parts = model.weightChunks(device.precision)
    // Every chunk is there by now: the prefill has used them all.
    let present = [[Plan.Step]](repeating: [], count: parts.count)
    for produced in 1..<request.outputTokenCount {
      var begin = [last]
      if case .npu = compute, parts.total.window(device.npuWindow) != 0 {
        begin = [plan.add(.switchNPUWindow, after: begin)]
      }
      last = forward(
        model, tokens: 1, context: request.promptTokenCount + produced - 1, chunks: present,
        memory: memory, on: device, into: &plan, after: begin)
      plan.markToken(last)
    }
  }

  /// Plans the prefill; each layer waits for its weights.
  ///
  /// - Returns: the step at whose end the first token exists.
  func prefill(
    _ request: Request, reusing reused: Int = 0, chunks: [[Plan.Step]], memory: ModelMemory,
    on device: DeviceView,
    into plan: inout Plan, after start: [Plan.Step]
  ) -> Plan.Step {
    let tokenised = plan.add(.tokenise(tokens: request.promptTokenCount), after: start)
    return forward(
      request.model, tokens: request.promptTokenCount - reused, context: reused, chunks: chunks,
      memory: memory, on: device, into: &plan, after: [tokenised])
  }

  /// What one layer takes for `tokens` new tokens when nothing else runs, about: of a product in b
  /// blocks, with h and n for a block on the host and on the NPU, b max(h, n) + min(h, n); the last
  /// block counts as the others.
  func layerTime(
    _ model: ModelArchitecture, tokens: Int, on device: DeviceView
  ) -> SimulatedDuration {
    var time = SimulatedDuration.zero
    for operation in model.layerOperations(tokens: tokens, context: 0) {
      switch operation {
      case .elementwise(_, let bytes): time = time + device.duration(of: .elementwise(bytes))
      case .attention(let count, let keysAndValues):
        time =
          time
          + device.duration(
            of: .attention(multiplyAccumulates: count, keysAndValues: keysAndValues))
      case .multiply(_, let product):
        guard case .npu(let protected) = compute else {
          time = time + device.duration(of: .multiplyOnCPU(product))
          continue
        }
        let rows = min(device.npuRowBlock, product.rows)
        let block = device.npuPadded(product, rows: rows)
        let host =
          device.duration(of: .quantise(rows: rows, columns: block.inner))
          + device.duration(of: .dequantise(rows: rows, columns: block.columns))
        let npu = device.duration(of: .multiplyOnNPU(block, protected: protected))
        let count = (product.rows + rows - 1) / rows
        time = time + max(host, npu) * Int64(count) + min(host, npu)
      }
    }
    return time
  }

  /// One pass of `tokens` new tokens, which follow `context` earlier ones, through all layers and
  /// of the last of them through the output head.
  private func forward(
    _ model: ModelArchitecture, tokens: Int, context: Int, chunks: [[Plan.Step]],
    memory: ModelMemory, on device: DeviceView, into plan: inout Plan, after start: [Plan.Step]
  ) -> Plan.Step {
    let parts = model.weightChunks(device.precision)
    // Looking the tokens' rows up takes nothing, but the table must be there.
    var last = start + chunks[0]
    var reached = parts[0].bytes
    let operations = model.layerOperations(tokens: tokens, context: context)
    // All layers are like the first one.
    var firstLayer = 0..<0
    for layer in 0..<model.layerCount {
      last += chunks[layer + 1]
      let begin = reached
      reached = reached + parts[layer + 1].bytes
      if case .npu = compute, begin.window(device.npuWindow) != reached.window(device.npuWindow) {
        last = [plan.add(.switchNPUWindow, after: last)]
      }
      if firstLayer.isEmpty {
        let place = plan.workNumbers.count
        last = add(
          operations, memory: memory.reached(layer + 1), on: device, into: &plan, after: last)
        firstLayer = place..<plan.workNumbers.count
      } else {
        last = [
          plan.repeatOperations(firstLayer, after: last, on: memory.reached(layer + 1))
        ]
      }
    }
    if !model.tiesEmbedding { last += chunks[chunks.count - 1] }
    return add(
      model.headOperations, memory: memory.reached(model.tiesEmbedding ? 0 : chunks.count - 1),
      on: device, into: &plan, after: last)[0]
  }

  /// Operations that wait for each other, one after the other, with the memory that they work on.
  private func add(
    _ operations: [ModelOperation], memory: [Buffer], on device: DeviceView, into plan: inout Plan,
    after start: [Plan.Step]
  ) -> [Plan.Step] {
    var last = start
    for (place, operation) in operations.enumerated() {
      switch operation {
      case .elementwise(_, let bytes): last = [plan.add(.elementwise(bytes), after: last)]
      case .attention(let count, let keysAndValues):
        last = [
          plan.add(
            .attention(multiplyAccumulates: count, keysAndValues: keysAndValues), after: last)
        ]
      case .multiply(_, let product):
        if case .npu(let protected) = compute, product.rows > 1 {
          last = addBlocks(
            product, launch: rowTask.begins(at: place, of: operations), protected: protected,
            memory: memory, on: device, into: &plan, after: last)
        } else {
          // Products that follow each other meet the same activations, quantised once.
          if place == 0 || !operations[place - 1].isProduct {
            last = [
              plan.add(.quantise(rows: product.rows, columns: product.inner), after: last)
            ]
          }
          last = [
            addWhole(
              product, launch: rowTask.begins(at: place, of: operations), memory: memory,
              into: &plan, after: last)
          ]
        }
      }
    }
    return last
  }

  /// A product as one operation: on the CPU, which scales results back as it stores them, or of one
  /// row on the NPU. That needs no padding to the driver's blocks: those fill slices of many rows.
  private func addWhole(
    _ product: MatrixMultiply, launch: Bool, memory: [Buffer], into plan: inout Plan,
    after start: [Plan.Step]
  ) -> Plan.Step {
    guard case .npu(let protected) = compute else {
      return plan.add(.multiplyOnCPU(product), after: start, on: memory)
    }
    let multiplied = plan.add(
      .multiplyOnNPU(product, protected: protected, launch: launch, handOver: productHandOver),
      after: start, on: memory)
    return plan.add(.dequantise(rows: 1, columns: product.columns), after: [multiplied])
  }

  /// A product on the NPU, in blocks of rows: while the NPU multiplies one block, the CPU
  /// quantises the next and dequantises the one before.
  ///
  /// Every block is padded to the driver's block of columns, on the host's side too: it converts what
  /// the NPU will read and what the NPU has written. The last block has the rows that are left. (The
  /// points that the paper's board is fitted to have whole blocks and cannot tell.)
  private func addBlocks(
    _ product: MatrixMultiply, launch: Bool, protected: Bool, memory: [Buffer],
    on device: DeviceView, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    let rowBlock = device.npuRowBlock
    var finished: [Plan.Step] = []
    var multiplied: [Plan.Step] = []
    for index in 0..<((product.rows + rowBlock - 1) / rowBlock) {
      let rows = min(rowBlock, product.rows - index * rowBlock)
      let block = device.npuPadded(product, rows: rows)
      var waits = start
      if index >= blockWindow { waits.append(finished[index - blockWindow]) }
      let quantised = plan.add(.quantise(rows: rows, columns: block.inner), after: waits)
      multiplied = [
        plan.add(
          .multiplyOnNPU(
            block, protected: protected, launch: launch, handOver: productHandOver),
          after: multiplied + [quantised], on: memory)
      ]
      finished.append(
        plan.add(.dequantise(rows: rows, columns: block.columns), after: multiplied))
    }
    return [finished[finished.count - 1]]
  }
}

extension NPUTaskExtent {
  /// Whether the product at `place` among a row's operations begins a task.
  fileprivate func begins(at place: Int, of operations: [ModelOperation]) -> Bool {
    let earlier = operations[..<place]
    switch self {
    case .product: return true
    case .activations: return !(earlier.last?.isProduct ?? false)
    case .attention:
      let sinceAttention = earlier.lastIndex { $0.isAttention }.map { earlier[$0...] } ?? earlier
      return !sinceAttention.contains { $0.isProduct }
    }
  }
}

extension ModelOperation {
  fileprivate var isProduct: Bool { if case .multiply = self { true } else { false } }
  fileprivate var isAttention: Bool { if case .attention = self { true } else { false } }
}

extension [WeightChunk] {
  fileprivate var total: ByteCount { reduce(.zero) { $0 + $1.bytes } }
}

extension ByteCount {
  /// Which window of the NPU's page tables the last of these bytes lies in.
  fileprivate func window(_ size: ByteCount) -> Int64 { max(0, bytes - 1) / size.bytes }
}
