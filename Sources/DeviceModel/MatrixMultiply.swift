/// The product of a `rows` x `inner` matrix of activations and an `inner` x `columns` matrix of
/// weights: what the literature calls M x K times K x N.
public struct MatrixMultiply: Hashable, Sendable {
  /// M: the tokens of the prompt that go through the matrix together.
  public var rows: Int
  /// K: the length of one dot product.
  public var inner: Int
  /// N: the outputs per row.
  public var columns: Int

  public init(rows: Int, inner: Int, columns: Int) {
    precondition(
      rows > 0 && inner > 0 && columns > 0, "a matrix product of \(rows)x\(inner)x\(columns)")
    self.rows = rows
    self.inner = inner
    self.columns = columns
  }

  /// M x K x N.
  public var multiplyAccumulates: Int64 { Int64(rows) * Int64(inner) * Int64(columns) }
}

/// How wide a number is, in weights and in the activations that meet them.
public enum Precision: String, CaseIterable, Sendable {
  case int8
  case fp16

  public var bytesPerElement: Int { self == .int8 ? 1 : 2 }
}

/// The numbers that an NPU multiplies.
///
/// Wider than `Precision`: products of 4-bit numbers were measured, but no model is offered at that
/// width, since neither the CPU's part nor the scales of 4-bit weights are modelled.
public enum OperandFormat: String, CaseIterable, Sendable {
  case int4
  case int8
  case fp16

  init(_ precision: Precision) {
    self =
      switch precision {
      case .int8: .int8
      case .fp16: .fp16
      }
  }

  var bits: Int {
    switch self {
    case .int4: 4
    case .int8: 8
    case .fp16: 16
    }
  }

  /// What the RK3588's products of such numbers come back as: 16-bit integers from 4-bit ones,
  /// 32-bit numbers otherwise.
  var resultBits: Int { self == .int4 ? 16 : 32 }
}

/// How many bits the numbers of a product have.
struct OperandWidths: Hashable {
  var activations: Int
  var weights: Int
  /// Of results that are not complete yet, in the buffer and in DRAM.
  var sums: Int
  var results: Int

  init(activations: Int, weights: Int, sums: Int, results: Int) {
    self.activations = activations
    self.weights = weights
    self.sums = sums
    self.results = results
  }

  /// Both operands alike; sums as wide as results.
  init(_ format: OperandFormat) {
    self.init(
      activations: format.bits, weights: format.bits, sums: format.resultBits,
      results: format.resultBits)
  }
}

/// How closely a matrix product on the NPU is timed.
public enum GEMMFidelity: String, CaseIterable, Sendable {
  /// The slower of computing everything and moving every operand once.
  case roofline
  /// Tiles that fit the on-chip buffer, fetched while the one before computes; an event per tile.
  case tile
  /// A weight-stationary systolic array of `npu.atom` x `npu.atom` cells a core whose folds do not
  /// overlap and never wait for memory. Exact arithmetic for tests; it predicts no device.
  case systolic
}
