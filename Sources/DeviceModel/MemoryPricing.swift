import Quantities

/// What memory costs to get, from two measured slices of a surface over size and load.
///
/// Figure 1 of the FlexServe paper measures each allocator along two lines: size at one load, and
/// load at one size. What lies off those lines needs a mechanism, and each allocator has its own.
struct MemoryPricing {
  var pageSize: ByteCount
  var pagesBySize: Curve
  var pagesByLoad: Curve
  var contiguousBySize: Curve
  var contiguousByLoad: Curve
  var referenceLoad: ByteCount
  var referenceSize: ByteCount

  /// Ordinary pages.
  ///
  /// Getting pages costs by their number alone until memory runs short; then the operating
  /// system must first free some. It runs short when what is asked for and what others hold add
  /// up to too much, whichever of the two grew. So
  ///
  ///     T(s, b) = (A(s) - P(s + b0)) + P(s + b),   P(t) = max(0, B(t - s0) - B(0))
  ///
  /// with A the slice by size at load b0, B the slice by load at size s0.
  func pages(_ size: ByteCount, load: ByteCount) throws(DeviceModelError) -> SimulatedDuration {
    let bySize = try value(pagesBySize, "memory.pageAllocation.bySize", size)
    let usual = try shortage(size + referenceLoad)
    let now = try shortage(size + load)
    return max(.zero, bySize - usual) + now
  }

  /// P: the time added when `total` bytes are wanted or held.
  private func shortage(_ total: ByteCount) throws(DeviceModelError) -> SimulatedDuration {
    guard total > referenceSize else { return .zero }
    let path = "memory.pageAllocation.byLoad"
    let loaded = try value(pagesByLoad, path, total - referenceSize)
    return max(.zero, loaded - (try value(pagesByLoad, path, ByteCount(bytes: 0))))
  }

  /// A contiguous range.
  ///
  /// The kernel lends a contiguous area to movable pages of other programs until it is wanted
  /// back, so others' pages sit in it up to their own size, and a request for s bytes must move
  /// min(s, b) of them. Claiming costs c a byte; moving m bytes costs H(m), the slice by size
  /// less claiming; and a moved page costs more where free pages are scarce, by a factor that
  /// the slice by load gives:
  ///
  ///     T(s, b) = c s + H(min(s, b)) F(b),   c = B(0) / s0,   H(m) = A(m) - c m,
  ///     F(b) = (B(b) - c s0) / H(min(s0, b))
  ///
  /// Both slices are met where s <= b0; beyond, nothing more is in the way.
  ///
  /// - Parameter migrationSpeed: what several threads move while one moves 1.
  func contiguous(
    _ size: ByteCount, load: ByteCount, migrationSpeed: Ratio = .one
  ) throws(DeviceModelError) -> SimulatedDuration {
    let byLoad = "memory.contiguousAllocation.byLoad"
    let empty = try value(contiguousByLoad, byLoad, ByteCount(bytes: 0))
    func claim(_ bytes: ByteCount) -> SimulatedDuration {
      SimulatedDuration(
        picoseconds: Int64(
          Int128(empty.picoseconds) * Int128(bytes.bytes) / Int128(referenceSize.bytes)))
    }
    func move(_ bytes: ByteCount) throws(DeviceModelError) -> SimulatedDuration {
      let slice = try value(contiguousBySize, "memory.contiguousAllocation.bySize", bytes)
      return max(.zero, slice - claim(bytes))
    }
    // Asked first, so that a size beyond the measured ones is refused at any load.
    _ = try value(contiguousBySize, "memory.contiguousAllocation.bySize", size)
    let loaded = try value(contiguousByLoad, byLoad, load)
    let moved = try move(min(size, load))
    let movedAtReference = try move(min(referenceSize, load))
    guard movedAtReference > .zero else { return claim(size) }
    let moving =
      Int128(moved.picoseconds) * Int128(max(.zero, loaded - claim(referenceSize)).picoseconds)
      / Int128(movedAtReference.picoseconds)
    let shared = moving * 1_000_000_000 / Int128(migrationSpeed.partsPerBillion)
    return claim(size) + SimulatedDuration(picoseconds: Int64(shared))
  }

  private func value(
    _ curve: Curve, _ path: String, _ amount: ByteCount
  ) throws(DeviceModelError) -> SimulatedDuration {
    guard let value = curve.value(at: amount) else {
      throw .outsideCurve(path: path, amount: amount, last: curve.last)
    }
    return value
  }
}

/// A request that the device cannot meet, or that the profile cannot price.
public enum DeviceModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The profile's curve ends before this amount.
  case outsideCurve(path: String, amount: ByteCount, last: ByteCount)
  /// More memory than the device has.
  case outOfMemory(wanted: ByteCount, capacity: ByteCount)
  /// No memory at all.
  case nothingWanted
  /// More regions than the address-space controller has.
  case regionsExhausted(limit: Int64)
  /// A region whose end would not lie on the controller's granule.
  case unalignedRegion(size: ByteCount, granule: ByteCount)

  public var description: String {
    switch self {
    case .outsideCurve(let path, let amount, let last):
      "\(path) was measured up to \(last.text), and \(amount.text) is asked for"
    case .outOfMemory(let wanted, let capacity):
      "\(wanted.text) of memory are asked for; the device has \(capacity.text)"
    case .nothingWanted: "an allocation of no memory is asked for"
    case .unalignedRegion(let size, let granule):
      "a region's end is to move by \(size.text); the controller moves it by multiples of"
        + " \(granule.text)"
    case .regionsExhausted(let limit):
      "the address-space controller has \(limit) free regions, and one more is asked for"
    }
  }
}
