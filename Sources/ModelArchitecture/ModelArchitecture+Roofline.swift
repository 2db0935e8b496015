import DeviceModel
import Quantities

/// A model on an ideal machine, as roofline tools have it: operation by operation, each at the
/// slower of computing and moving its operands once.
public struct ModelRoofline {
  public var model: ModelArchitecture
  public var machine: Roofline
  public var weightBits: Int
  /// Of activations and of keys and values.
  public var activationBits: Int

  public init(
    model: ModelArchitecture, machine: Roofline, weightBits: Int, activationBits: Int
  ) {
    self.model = model
    self.machine = machine
    self.weightBits = weightBits
    self.activationBits = activationBits
  }

  private func time(rows: Int, inner: Int, columns: Int) -> SimulatedDuration {
    machine.time(
      of: MatrixMultiply(rows: rows, inner: inner, columns: columns),
      activationBits: activationBits, weightBits: weightBits, resultBits: activationBits
    ).duration
  }

  /// The products with weights of all layers.
  public func layerProducts(tokens: Int) -> SimulatedDuration {
    model.layerCount
      * model.layerMatrices.reduce(.zero) {
        $0 + time(rows: tokens, inner: $1.inner, columns: $1.columns)
      }
  }

  /// The same where q, k and v are one product and gate and up another, so that each reads its
  /// input once.
  public func fusedLayerProducts(tokens: Int) -> SimulatedDuration {
    let matrices = model.layerMatrices
    let fused = [[0, 1, 2], [3], [4, 5], [6]].map { members in
      time(
        rows: tokens, inner: matrices[members[0]].inner,
        columns: members.reduce(0) { $0 + matrices[$1].columns })
    }
    return model.layerCount * fused.reduce(.zero, +)
  }

  /// The output head for one token.
  public var outputHead: SimulatedDuration {
    time(rows: 1, inner: model.hiddenSize, columns: model.vocabularySize)
  }

  /// Attention of one new token over `context` earlier ones in all layers: keys and values are
  /// read, the query too, and the result is written; scores stay on the chip.
  public func decodeAttention(context: Int) -> SimulatedDuration {
    let numbers = 2 * model.querySize + 2 * model.keyValueSize * context
    return model.layerCount
      * machine.time(
        multiplyAccumulates: Int64(2 * model.querySize * context),
        bytes: ByteCount(bytes: Int64((numbers * activationBits + 7) / 8))
      ).duration
  }

  /// One more token after `context`.
  public func decode(context: Int) -> SimulatedDuration {
    layerProducts(tokens: 1) + decodeAttention(context: context) + outputHead
  }
}
