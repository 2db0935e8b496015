import DeviceModel
import ModelArchitecture
import Quantities
import Testing

@testable import Experiments
@testable import ServingDesigns

/// Products tile by tile, as events of the kernel, against the closed form of their tiles.
@Suite struct TileEventTests {
  /// Every weight matrix of a layer as one product.
  static func products(_ model: ModelArchitecture, tokens: Int) -> [MatrixMultiply] {
    model.layerMatrices.map {
      MatrixMultiply(rows: tokens, inner: $0.inner, columns: $0.columns)
    }
  }

  /// The end of products that follow each other on an NPU where nothing else runs.
  static func executed(
    _ products: [MatrixMultiply], protected: Bool, pricing: DevicePricing
  ) throws -> (end: SimulatedDuration, eventCount: Int) {
    var plan = Plan()
    var last: [Plan.Step] = []
    for product in products {
      last = [plan.add(.multiplyOnNPU(product, protected: protected), after: last)]
    }
    var executor = PlanExecutor(pricing: pricing)
    let job = try executor.submit(plan)
    executor.runToEnd()
    return (executor.span(of: last[0], in: job).end - .zero, executor.eventCount)
  }

  /// As whole products, whose rows are more than a slice, and in the driver's padded blocks.
  @Test(arguments: library.modelNames, [64, 128, 256, 512])
  func everyModelsTilesTakeTheirClosedForm(_ name: String, tokens: Int) throws {
    let model = try library.model(named: name).model
    // Numbers of two bytes are half as many a slice: more tiles, and no other code.
    for precision in tokens == 64 ? Precision.allCases : [.int8] {
      let pricing = DevicePricing(
        profile: board, backgroundMemory: .zero, precision: precision, fidelity: .tile)
      let view = DeviceView(pricing)
      let whole = Self.products(model, tokens: tokens)
      let blocks = whole.flatMap { product in
        let block = MatrixMultiply(
          rows: view.npuRowBlock, inner: view.npuPadded(product.inner),
          columns: view.npuPadded(product.columns))
        return Array(
          repeating: block, count: (tokens + view.npuRowBlock - 1) / view.npuRowBlock)
      }
      for (products, protected) in [(whole, false), (blocks, true)] {
        let (end, eventCount) = try Self.executed(
          products, protected: protected, pricing: pricing)
        let closed = products.reduce(.zero) {
          $0 + pricing.tileClosedForm(of: $1, protected: protected)
        }
        #expect(end == closed, "\(name), \(tokens) tokens, \(precision)")
        // At least a wave of 3 x 1024 columns and a launch for every product.
        #expect(eventCount > 2 * products.count)
      }
    }
  }
}
