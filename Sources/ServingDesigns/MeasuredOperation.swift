import DeviceModel
import ModelArchitecture
import Quantities

/// An operation that a paper measured alone, as a plan that does just that.
///
/// The token mark of the plan stands at the end of what was measured.
public enum MeasuredOperation: Hashable, Sendable {
  case allocateProtectedPages(ByteCount)
  case allocateContiguous(ByteCount)
  case allocatePages(ByteCount)
  case mapForNPU(ByteCount, protected: Bool)
  case launchNPUTask(protected: Bool)
  case switchNPUMode
  case enableProtection
  case readStorage(ByteCount)
  case decrypt(ByteCount)
  /// A prefill whose weights are all in memory.
  case prefillOnNPU(ModelArchitecture, promptTokens: Int)
  /// The same while all weights are read and decrypted beside it.
  case prefillOnNPUWhileDecrypting(ModelArchitecture, promptTokens: Int)
  case prefillOnCPU(ModelArchitecture, promptTokens: Int)
  /// Memory on its way back to the operating system.
  case giveBack(ByteCount, GiveBackWay)

  /// - Parameters: as the designs' parameters of these names.
  public func plan(
    on device: DeviceView, blockWindow: Int, rowTask: NPUTaskExtent = .attention
  ) -> Plan {
    let generation = { compute in
      TokenGeneration(compute: compute, blockWindow: blockWindow, rowTask: rowTask)
    }
    var plan = Plan()
    let end: Plan.Step
    switch self {
    case .allocateProtectedPages(let size):
      let allocated = plan.add(.allocatePages(size), after: [])
      end = plan.add(.protectPages(size), after: [allocated])
    case .allocateContiguous(let size): end = plan.add(.allocateContiguous(size), after: [])
    case .allocatePages(let size): end = plan.add(.allocatePages(size), after: [])
    case .mapForNPU(let size, let protected):
      end = plan.add(.mapForNPU(size, protected: protected), after: [])
    case .launchNPUTask(let protected):
      // The smallest product: its own time is nanoseconds.
      let product = MatrixMultiply(rows: 1, inner: 1, columns: 1)
      end = plan.add(.multiplyOnNPU(product, protected: protected), after: [])
    case .switchNPUMode: end = plan.add(.switchNPUMode(protected: true), after: [])
    case .enableProtection: end = plan.add(.enableProtection, after: [])
    case .readStorage(let size): end = plan.add(.readStorage(size), after: [])
    case .decrypt(let size): end = plan.add(.decrypt(size), after: [])
    case .prefillOnNPU(let model, let tokens):
      end = prefill(model, tokens, generation(.npu(protected: true)), on: device, into: &plan)
    case .prefillOnNPUWhileDecrypting(let model, let tokens):
      for chunk in model.weightChunks(device.precision) {
        let read = plan.add(.readStorage(chunk.bytes), after: [])
        plan.add(.decrypt(chunk.bytes), after: [read])
      }
      end = prefill(model, tokens, generation(.npu(protected: true)), on: device, into: &plan)
    case .prefillOnCPU(let model, let tokens):
      end = prefill(model, tokens, generation(.cpu), on: device, into: &plan)
    case .giveBack(let size, let way): end = way.plan(size, into: &plan)
    }
    plan.markToken(end)
    return plan
  }

  private func prefill(
    _ model: ModelArchitecture, _ tokens: Int, _ generation: TokenGeneration,
    on device: DeviceView, into plan: inout Plan
  ) -> Plan.Step {
    let present = model.weightChunks(device.precision).map { _ in [Plan.Step]() }
    return generation.prefill(
      Request(model: model, promptTokenCount: tokens, outputTokenCount: 1), chunks: present,
      memory: ModelMemory(), on: device, into: &plan, after: [])
  }
}
