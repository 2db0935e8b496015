import Quantities

/// A measured duration as a function of an amount of memory: straight lines between points.
public struct Curve: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    public var amount: ByteCount
    public var duration: SimulatedDuration

    public init(amount: ByteCount, duration: SimulatedDuration) {
      self.amount = amount
      self.duration = duration
    }
  }

  /// At least two points, by strictly ascending amount.
  public let points: [Point]

  /// - Precondition: at least two points, in strictly ascending order of amount.
  public init(points: [Point]) {
    precondition(points.count >= 2, "a curve needs two points, got \(points.count)")
    for (a, b) in zip(points, points.dropFirst()) {
      precondition(
        a.amount < b.amount, "a curve's amounts ascend, got \(a.amount) then \(b.amount)")
    }
    self.points = points
  }

  /// The largest amount that was measured.
  public var last: ByteCount { points[points.count - 1].amount }

  /// The curve's value; its difference to the measured point below is rounded towards zero, to the
  /// picosecond.
  ///
  /// Below the first point the first line is continued, not below zero: small requests are
  /// common and the curves are nearly straight there. Above the last point there is no value:
  /// the curves bend there, and a guess would look like a measurement.
  /// - Complexity: O(points).
  public func value(at amount: ByteCount) -> SimulatedDuration? {
    guard amount <= last else { return nil }
    let upper = max(1, points.firstIndex { $0.amount >= amount } ?? 1)
    let (a, b) = (points[upper - 1], points[upper])
    let rise = Int128(b.duration.picoseconds - a.duration.picoseconds)
    let offset =
      rise * Int128(amount.bytes - a.amount.bytes) / Int128(b.amount.bytes - a.amount.bytes)
    return SimulatedDuration(
      picoseconds: max(0, Int64(Int128(a.duration.picoseconds) + offset)))
  }

  /// The same curve with every duration multiplied, rounded up to the picosecond.
  public func scaled(by factor: Ratio) -> Curve {
    Curve(
      points: points.map {
        Point(amount: $0.amount, duration: $0.duration.scaledRoundingUp(by: factor))
      })
  }
}
