import Quantities

/// Amounts of free memory at which Linux's reclaim changes what it does.
public struct Watermarks: Hashable, Sendable {
  /// Below it, whoever allocates must reclaim first.
  public var least: ByteCount
  /// Below it, background reclaim wakes up.
  public var low: ByteCount
  /// At it, background reclaim goes to sleep.
  public var high: ByteCount
}
