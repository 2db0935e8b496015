/// A loop of a matrix product.
enum ProductLoop: CaseIterable {
  case rows
  case inner
  case columns
}

/// What a matrix product reads and writes.
enum ProductOperand: CaseIterable {
  case activations
  case weights
  case results

  /// The loop over which it is used again: its elements do not depend on it.
  var reuseLoop: ProductLoop {
    switch self {
    case .activations: .columns
    case .weights: .rows
    case .results: .inner
    }
  }
}

/// How a product is cut into tiles, in which order they run, and how long operands stay.
struct TileNest: Hashable {
  /// The largest tile; those at the ends are smaller.
  var tile: MatrixMultiply
  /// Outermost first; each loop once.
  var order: [ProductLoop]
  /// For each operand, how many of the loops lie outside of its stay in the buffer. 0: everything
  /// it has stays to the end. 3: it leaves with the tile.
  ///
  /// An operand's part comes with the first tile that needs it. Results that leave before all
  /// inputs were added up are partial sums, and come back with the next inputs.
  var levels: Levels

  struct Levels: Hashable {
    var activations: Int
    var weights: Int
    var results: Int

    subscript(operand: ProductOperand) -> Int {
      switch operand {
      case .activations: activations
      case .weights: weights
      case .results: results
      }
    }
  }

  /// Equal tiles in a row, and what each fetches and writes.
  struct Run: Hashable {
    var count: Int
    var tile: MatrixMultiply
    var fetchesActivations: Bool
    var fetchesWeights: Bool
    var fetchesSums: Bool
    var writesSums: Bool
    var writesResults: Bool
  }

  /// Calls `body` with the tiles in order, those alike that follow each other together.
  func forEachRun(of product: MatrixMultiply, _ body: (Run) -> Void) {
    let (a, b, c) = (order[0], order[1], order[2])
    let trips = trips(of: product)
    var index = Indices()
    for outer in 0..<trips[a] {
      index[a] = outer
      for middle in 0..<trips[b] {
        index[b] = middle
        // The first, those between, the last: those between are alike.
        let last = trips[c] - 1
        for (first, count) in [(0, 1), (1, last - 1), (last, last > 0 ? 1 : 0)] where count > 0 {
          index[c] = first
          body(run(of: product, at: index, trips, count: count))
        }
      }
    }
  }

  private func run(
    of product: MatrixMultiply, at index: Indices, _ trips: Indices, count: Int
  ) -> Run {
    var size = tile
    for loop in ProductLoop.allCases {
      size[loop] = min(tile[loop], product[loop] - index[loop] * tile[loop])
    }
    let spills = isOutside(.inner, of: .results)
    let isLast = index.inner == trips.inner - 1
    return Run(
      count: count, tile: size, fetchesActivations: fetches(.activations, at: index),
      fetchesWeights: fetches(.weights, at: index),
      fetchesSums: spills && index.inner > 0, writesSums: spills && !isLast,
      writesResults: isLast)
  }

  /// Whether a loop goes on only after the operand's part has left the buffer.
  private func isOutside(_ loop: ProductLoop, of operand: ProductOperand) -> Bool {
    order[..<levels[operand]].contains(loop)
  }

  /// Once for each stay: with the first of the tiles that use the same part.
  private func fetches(_ operand: ProductOperand, at index: Indices) -> Bool {
    isOutside(operand.reuseLoop, of: operand) || index[operand.reuseLoop] == 0
  }

  /// How many tiles each loop has.
  func trips(of product: MatrixMultiply) -> Indices {
    var trips = Indices()
    for loop in ProductLoop.allCases {
      trips[loop] = product[loop].dividedRoundingUp(by: tile[loop])
    }
    return trips
  }

  /// A number for each loop.
  struct Indices: Hashable, LoopIndexed {
    var rows = 0
    var inner = 0
    var columns = 0
  }
}

/// Something with a number for each loop of a product.
protocol LoopIndexed {
  var rows: Int { get set }
  var inner: Int { get set }
  var columns: Int { get set }
}

extension LoopIndexed {
  subscript(loop: ProductLoop) -> Int {
    get {
      switch loop {
      case .rows: rows
      case .inner: inner
      case .columns: columns
      }
    }
    set {
      switch loop {
      case .rows: rows = newValue
      case .inner: inner = newValue
      case .columns: columns = newValue
      }
    }
  }
}

extension MatrixMultiply: LoopIndexed {}
