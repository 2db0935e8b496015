/// A rectangular array of multiply-accumulate cells through which operands move a cell a cycle.
///
/// Products that do not fit the array are folded, and a fold starts when the one before has drained
/// (no fold overlaps another, and a partly filled fold costs as much as a full one). These are the
/// cycle counts of SCALE-Sim 2 and 3 in their stall-free mode
/// (https://github.com/scalesim-project/scale-sim-v2), which prints the index of the last cycle:
/// one less. It is exact arithmetic to test against and no prediction of a product: real arrays
/// hide the preload of weights, and memory is never waited for here.
public struct SystolicArray: Hashable, Sendable {
  /// Which operand stays in the cells while the others pass.
  public enum Dataflow: String, CaseIterable, Sendable, CustomStringConvertible {
    case weightStationary = "ws"
    case outputStationary = "os"
    case inputStationary = "is"

    public var description: String {
      switch self {
      case .weightStationary: "weight-stationary"
      case .outputStationary: "output-stationary"
      case .inputStationary: "input-stationary"
      }
    }
  }

  public var rows: Int
  public var columns: Int
  public var dataflow: Dataflow

  public init(rows: Int, columns: Int, dataflow: Dataflow) {
    precondition(rows > 0 && columns > 0, "an array of \(rows)x\(columns) cells")
    self.rows = rows
    self.columns = columns
    self.dataflow = dataflow
  }

  /// Cycles of a product, from the first operand that enters to the last result that leaves.
  public func cycles(_ product: MatrixMultiply) -> Int64 {
    // What is laid along the array's rows and columns, and the cycles that a fold streams after its
    // stationary operand came in (`rows` cycles; results stay where they arise and need none).
    let (down, across, streamed, preload) =
      switch dataflow {
      case .weightStationary: (product.inner, product.columns, product.rows, rows)
      case .outputStationary: (product.rows, product.columns, product.inner, 0)
      case .inputStationary: (product.inner, product.rows, product.columns, rows)
      }
    let folds =
      Int64(down.dividedRoundingUp(by: rows)) * Int64(across.dividedRoundingUp(by: columns))
    return folds * Int64(preload + rows + columns + streamed - 2)
  }
}
