import Quantities

/// A piece of memory that a design holds: what is allocated, protected, filled, used, cleaned and
/// given back as one.
public struct Buffer: Hashable, Sendable {
  public enum Use: Hashable, Sendable {
    /// A chunk of a model's weights, by its number in file order.
    case weights(model: String, chunk: Int)
    /// Keys, values and activations of one request.
    case workspace
    /// Keys and values of a prefix that prompts to a model share.
    case keysAndValues(model: String, prefix: String)
    /// What goes to storage encrypted, on its way there.
    case outgoing
  }

  /// A number that its design gives once.
  public var number: Int
  public var size: ByteCount
  public var use: Use
  /// Whether others must not see what it holds.
  public var isSecret: Bool
  /// The region that it lies in, of a design that grows several; nil where memory comes from anywhere.
  public var region: Int?
}

/// Hands out numbers for buffers.
struct BufferNumbers: Hashable, Sendable {
  private var next = 0

  mutating func buffer(
    _ size: ByteCount, for use: Buffer.Use, isSecret: Bool, region: Int? = nil
  ) -> Buffer {
    next += 1
    return Buffer(number: next - 1, size: size, use: use, isSecret: isSecret, region: region)
  }
}

extension Collection<Buffer> {
  /// All of them together.
  var size: ByteCount { reduce(.zero) { $0 + $1.size } }
}
