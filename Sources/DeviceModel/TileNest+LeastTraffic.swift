/// The sizes that the tiles of a product may have, dimension by dimension.
enum TileSizes: Hashable {
  /// Loops cut into at most so many factors in all, as the LOMA mapper of ZigZag cuts them before it
  /// orders them (`lpf_limit`; https://github.com/KULeuven-MICAS/zigzag): from the
  /// prime factors of each loop, the two smallest of the loop that has the most are multiplied until
  /// few enough are left. A tile is any product of a loop's factors. A low limit gives tiles that
  /// are far from the best, which is what the tool reports then.
  case loopFactors(limit: Int)

  /// Sizes to try, smallest first. Inputs and columns come in whole atoms.
  func candidates(for product: MatrixMultiply, atom: Int) -> (
    rows: [Int], inner: [Int], columns: [Int]
  ) {
    let limit =
      switch self {
      case .loopFactors(let limit): limit
      }
    // Among loops with as many factors the first gives way.
    var factors = [
      primeFactors(product.columns.dividedRoundingUp(by: atom)),
      primeFactors(product.inner.dividedRoundingUp(by: atom)), primeFactors(product.rows),
    ]
    while factors.reduce(0, { $0 + $1.count }) > limit {
      let longest = factors.map(\.count).max() ?? 0
      guard longest > 1, let loop = factors.firstIndex(where: { $0.count == longest }) else {
        break
      }
      factors[loop] = (factors[loop].dropFirst(2) + [factors[loop][0] * factors[loop][1]]).sorted()
    }
    let sizes = factors.map(Self.products)
    return (sizes[2], sizes[1].map { $0 * atom }, sizes[0].map { $0 * atom })
  }

  /// The products of all parts of a list, each once, smallest first.
  private static func products(of factors: [Int]) -> [Int] {
    Set(factors.reduce(into: [1]) { products, factor in products += products.map { $0 * factor } })
      .sorted()
  }
}

/// Smallest first.
private func primeFactors(_ number: Int) -> [Int] {
  var rest = number
  var factors: [Int] = []
  var divisor = 2
  while divisor * divisor <= rest {
    while rest % divisor == 0 {
      factors.append(divisor)
      rest /= divisor
    }
    divisor += 1
  }
  return rest > 1 ? factors + [rest] : factors
}

extension TileNest {
  /// The nest that moves the fewest bytes between DRAM and a buffer; of those, the first with the
  /// least `time`.
  ///
  /// Every order of the loops, every tile of `sizes` and every length of stay is looked at. These
  /// hold the usual schemes as special cases: slices of activations or of weights that stay, output
  /// tiles that stay, and inputs in parts with partial sums in DRAM. A part that will be replaced
  /// takes its room twice, so that the next one can come while it is used.
  ///
  /// - Returns: nil where not even the smallest tiles fit.
  /// - Complexity: the product of all choices; tens of thousands for three factors a loop.
  static func leastTraffic(
    for product: MatrixMultiply, sizes: TileSizes, atom: Int, buffer: Int64,
    widths: OperandWidths, time: (TileNest) -> Int64
  ) -> TileNest? {
    var least = Int64.max
    var nests: [TileNest] = []
    let candidates = sizes.candidates(for: product, atom: atom)
    for rows in candidates.rows {
      for inner in candidates.inner {
        for columns in candidates.columns {
          for order in orders {
            var nest = TileNest(
              tile: MatrixMultiply(rows: rows, inner: inner, columns: columns), order: order,
              levels: Levels(activations: 0, weights: 0, results: 0))
            let trips = nest.trips(of: product)
            let stays = ProductOperand.allCases.map {
              nest.stays(of: $0, product: product, trips: trips, widths: widths)
            }
            for a in stays[0] where a.room <= buffer {
              for w in stays[1] where a.room + w.room <= buffer {
                for r in stays[2] where a.room + w.room + r.room <= buffer {
                  let bytes = a.moved + w.moved + r.moved
                  if bytes > least { continue }
                  if bytes < least { nests = [] }
                  least = bytes
                  nest.levels = Levels(activations: a.level, weights: w.level, results: r.level)
                  nests.append(nest)
                }
              }
            }
          }
        }
      }
    }
    return nests.map { (nest: $0, time: time($0)) }.min { $0.time < $1.time }?.nest
  }

  private static let orders: [[ProductLoop]] = ProductLoop.allCases.flatMap { first in
    ProductLoop.allCases.filter { $0 != first }.flatMap { second in
      ProductLoop.allCases.filter { $0 != first && $0 != second }.map { [first, second, $0] }
    }
  }

  /// An operand's stay in the buffer: the room that it takes and the bytes that it moves in all.
  private struct Stay {
    var level: Int
    var room: Int64
    var moved: Int64
  }

  private func stays(
    of operand: ProductOperand, product: MatrixMultiply, trips: Indices, widths: OperandWidths
  ) -> [Stay] {
    let loops = ProductLoop.allCases.filter { $0 != operand.reuseLoop }
    let total = loops.reduce(1) { $0 * product[$1] }
    let all = (0...order.count).map { level in
      let inside = order[level...]
      let part = loops.reduce(1) { $0 * tile[$1] * (inside.contains($1) ? trips[$1] : 1) }
      let comings = inside.contains(operand.reuseLoop) ? 1 : trips[operand.reuseLoop]
      let room =
        switch operand {
        case .activations: part.bytes(bits: widths.activations)
        case .weights: part.bytes(bits: widths.weights)
        case .results: part.bytes(bits: widths.sums)
        }
      let moved =
        switch operand {
        case .activations: total.bytes(bits: widths.activations) * Int64(comings)
        case .weights: total.bytes(bits: widths.weights) * Int64(comings)
        case .results:
          total.bytes(bits: widths.results) + 2 * total.bytes(bits: widths.sums)
            * Int64(comings - 1)
        }
      return Stay(level: level, room: part < total ? 2 * room : room, moved: moved)
    }
    // Of stays that move as much, the shortest: it takes the least room and fetches the same.
    return all.indices.filter { index in
      !all[(index + 1)...].contains { $0.moved == all[index].moved }
    }.map { all[$0] }
  }
}
