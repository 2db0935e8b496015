import Quantities
import ServingDesigns

/// Requests and when each arrives. The design is not in it: all designs face the same requests.
public struct Workload: Hashable, Sendable {
  public enum Arrival: Hashable, Sendable {
    case at(SimulatedTime)
    /// So long after the last token of an earlier request, by its place, exists.
    case after(Int, SimulatedDuration)
  }

  public struct Item: Hashable, Sendable {
    public var request: Request
    public var arrival: Arrival
    /// Whether it belongs to what is measured, and not to what comes before that.
    public var isCounted: Bool

    public init(_ request: Request, _ arrival: Arrival, isCounted: Bool = true) {
      self.request = request
      self.arrival = arrival
      self.isCounted = isCounted
    }
  }

  public private(set) var items: [Item] = []

  public init() {}

  /// - Precondition: a request arrives after earlier ones alone.
  public mutating func add(_ item: Item) {
    if case .after(let place, let delay) = item.arrival {
      precondition(
        items.indices.contains(place) && delay >= .zero,
        "request \(items.count) cannot come after request \(place)")
    }
    items.append(item)
  }

  public var countedItems: [Item] { items.filter(\.isCounted) }

  /// Mean of a number of tokens over the requests that are counted, rounded to the nearest, halves up.
  public func mean(_ tokens: (Request) -> Int) -> Int {
    let counted = countedItems
    precondition(!counted.isEmpty, "a workload without a request that counts")
    let sum = counted.reduce(0) { $0 + tokens($1.request) }
    return (2 * sum + counted.count) / (2 * counted.count)
  }
}
