/// Random numbers for one purpose: SplitMix64 (Steele, Lea and Flood, 2014), started from a seed and a
/// name, so that what one purpose draws does not move another's numbers.
///
/// The same on every machine: whole-number arithmetic alone.
public struct RandomStream: Sendable {
  private var state: UInt64

  public init(seed: Int64, purpose: String) {
    // FNV-1a over the name, then over the seed's bytes.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for byte in purpose.utf8 { mix(byte) }
    for shift in stride(from: 0, to: 64, by: 8) {
      mix(UInt8(truncatingIfNeeded: seed >> Int64(shift)))
    }
    state = hash
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  /// A number from 0 up to, and without, `bound`: the high half of a product, which favours no number
  /// by more than `bound` in 2^64.
  /// - Precondition: `bound` is above zero.
  public mutating func next(below bound: Int64) -> Int64 {
    precondition(bound > 0, "a number below \(bound)")
    return Int64(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
