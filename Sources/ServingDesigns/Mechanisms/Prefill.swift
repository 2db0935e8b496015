import DeviceModel
import ModelArchitecture
import Quantities

/// The unit that runs products with weights. Everything else runs on the CPU either way.
enum ComputeMechanism {
  case cpu
  case npu(protected: Bool)
}

/// How a prompt becomes its first token.
struct Prefill {
  var compute: ComputeMechanism
  /// Blocks of rows that may be between the start of their quantising and the end of their
  /// dequantising.
  var blockWindow: Int

  /// Plans the prefill; each layer waits for its weights.
  ///
  /// - Parameter chunks: for each chunk of the model's weights, the steps after which it is there.
  /// - Returns: the step at whose end the first token exists.
  func plan(
    _ request: Request, chunks: [[Plan.Step]], on device: DeviceView, into plan: inout Plan,
    after start: [Plan.Step]
  ) -> Plan.Step {
    let model = request.model
    let parts = model.weightChunks(device.precision)
    let tokenised = plan.add(.tokenise(tokens: request.promptTokenCount), after: start)
    // Looking the prompt's rows up takes nothing, but the table must be there.
    var last = [tokenised] + chunks[0]
    var reached = parts[0].bytes
    let operations = model.layerOperations(tokens: request.promptTokenCount, context: 0)
    for layer in 0..<model.layerCount {
      last += chunks[layer + 1]
      let begin = reached
      reached = reached + parts[layer + 1].bytes
      if case .npu = compute, begin.window(device.npuWindow) != reached.window(device.npuWindow) {
        last = [plan.add(.switchNPUWindow, after: last)]
      }
      for operation in operations {
        last = add(operation, on: device, into: &plan, after: last)
      }
    }
    if !model.tiesEmbedding { last += chunks[chunks.count - 1] }
    // One row through the output head is a stream of weights; the CPU takes it as fast, without
    // a launch and a padded block.
    for operation in model.headOperations {
      last = addOnCPU(operation, into: &plan, after: last)
    }
    return last[0]
  }

  private func add(
    _ operation: ModelOperation, on device: DeviceView, into plan: inout Plan,
    after start: [Plan.Step]
  ) -> [Plan.Step] {
    guard case .npu(let protected) = compute, case .multiply(_, let product) = operation else {
      return addOnCPU(operation, into: &plan, after: start)
    }
    return addOnNPU(product, protected: protected, on: device, into: &plan, after: start)
  }

  private func addOnCPU(
    _ operation: ModelOperation, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    switch operation {
    case .elementwise(_, let bytes): [plan.add(.elementwise(bytes), after: start)]
    case .attention(let count):
      [plan.add(.attention(multiplyAccumulates: count), after: start)]
    case .multiply(_, let product): [plan.add(.multiplyOnCPU(product), after: start)]
    }
  }

  /// A product on the NPU, in blocks of rows: while the NPU multiplies one block, the CPU
  /// quantises the next and dequantises the one before.
  ///
  /// Every block is padded to the driver's block of rows and of columns, on the host's side too:
  /// it converts what the NPU will read and what the NPU has written.
  private func addOnNPU(
    _ product: MatrixMultiply, protected: Bool, on device: DeviceView, into plan: inout Plan,
    after start: [Plan.Step]
  ) -> [Plan.Step] {
    let rows = device.npuRowBlock
    let inner = device.npuPadded(product.inner)
    let columns = device.npuPadded(product.columns)
    let block = MatrixMultiply(rows: rows, inner: inner, columns: columns)
    var finished: [Plan.Step] = []
    var multiplied: [Plan.Step] = []
    for index in 0..<((product.rows + rows - 1) / rows) {
      var waits = start
      if index >= blockWindow { waits.append(finished[index - blockWindow]) }
      let quantised = plan.add(.quantise(rows: rows, columns: inner), after: waits)
      multiplied = [
        plan.add(.multiplyOnNPU(block, protected: protected), after: multiplied + [quantised])
      ]
      finished.append(
        plan.add(.dequantise(rows: rows, columns: columns), after: multiplied))
    }
    return [finished[finished.count - 1]]
  }
}

extension ByteCount {
  /// Which window of the NPU's page tables a byte offset lies in.
  fileprivate func window(_ size: ByteCount) -> Int64 { max(0, bytes - 1) / size.bytes }
}
