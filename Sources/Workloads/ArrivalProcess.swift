import Quantities
import SimulationKernel

/// When requests reach the serving process.
public enum ArrivalProcess: Hashable, Sendable {
  /// One user: the next request a think time after the last token of the one before.
  case closed(thinkTime: SimulatedDuration)
  /// Many users who know nothing of each other: gaps are exponentially distributed.
  case poisson(interval: SimulatedDuration)
  /// A clock.
  case constant(interval: SimulatedDuration)
  /// `size` at once, again and again.
  case bursts(interval: SimulatedDuration, size: Int)

  /// The gap between a request's arrival and the one before it, of an open process.
  /// - Parameter number: of the request, from 1.
  func gap(
    before number: Int, from stream: inout RandomStream
  ) -> SimulatedDuration {
    switch self {
    case .closed(let thinkTime): thinkTime
    case .poisson(let interval): interval.scaled(by: Self.negativeLogarithm(stream.next()))
    case .constant(let interval): interval
    case .bursts(let interval, let size): number % size == 0 ? interval : .zero
    }
  }

  /// Binary digits after the point of `negativeLogarithm`.
  static let fractionBits = 40
  /// The natural logarithm of 2, times 2^40.
  private static let naturalLogarithmOfTwo: UInt128 = 762_123_384_786

  /// The negative natural logarithm of `place` / 2^64, times 2^40; of 0 as of 1.
  ///
  /// No function of the C library, whose last bits differ between machines: the binary digits of the
  /// logarithm come one by one, from squaring. Right to about 2^-39.
  static func negativeLogarithm(_ place: UInt64) -> UInt64 {
    let place = max(1, place)
    let shift = place.leadingZeroBitCount
    // In [1, 2), with 63 binary digits.
    var mantissa = place << UInt64(shift)
    var digits: UInt128 = 0
    for _ in 0..<fractionBits {
      let square = mantissa.multipliedFullWidth(by: mantissa)
      // In [1, 4), with 62 digits of the high half.
      digits <<= 1
      if square.high >> 63 == 1 {
        digits |= 1
        mantissa = square.high
      } else {
        mantissa = square.high << 1 | square.low >> 63
      }
    }
    // log2 of the place is 63 - shift + digits; of 2^64 it is 64.
    let whole = UInt128(1 + shift) << UInt128(fractionBits)
    return UInt64(((whole - digits) * naturalLogarithmOfTwo) >> UInt128(fractionBits))
  }
}

extension SimulatedDuration {
  /// Times a factor with `ArrivalProcess.fractionBits` binary digits, rounded down.
  fileprivate func scaled(by factor: UInt64) -> SimulatedDuration {
    SimulatedDuration(
      picoseconds: Int64(
        (Int128(picoseconds) * Int128(factor)) >> Int128(ArrivalProcess.fractionBits)))
  }
}

extension ArrivalProcess {
  /// In words, for people.
  public var text: String {
    switch self {
    case .closed(let thinkTime): "\(thinkTime.text) after the last token of the one before"
    case .poisson(let interval): "at random, every \(interval.text) on average"
    case .constant(let interval): "every \(interval.text)"
    case .bursts(let interval, let size): "\(size) at once, every \(interval.text)"
    }
  }
}
