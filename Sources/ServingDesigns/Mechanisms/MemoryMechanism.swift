import DeviceModel
import ModelArchitecture
import Quantities

/// Where the memory of a request comes from, and how it is kept from others.
enum MemoryMechanism {
  /// Ordinary pages, reachable by the operating system.
  case ordinaryPages
  /// A contiguous range that a region of the address-space controller grows over.
  case contiguousRegion
  /// Ordinary pages that leave the normal world's stage-2 table.
  case recallablePages

  /// Getting `size` bytes more than the `held` ones that the request has.
  func allocate(_ size: ByteCount, beyond held: ByteCount) -> DeviceOperation {
    switch self {
    case .ordinaryPages, .recallablePages: .allocatePages(size, beyond: held)
    case .contiguousRegion: .allocateContiguous(size, beyond: held)
    }
  }

  /// What keeps `size` more bytes from others, once ciphertext lies in them.
  func protect(_ size: ByteCount) -> DeviceOperation? {
    switch self {
    case .ordinaryPages: nil
    case .contiguousRegion: .growProtectedRegion(size)
    case .recallablePages: .protectPages(size)
    }
  }

  var isProtected: Bool {
    switch self {
    case .ordinaryPages: false
    case .contiguousRegion, .recallablePages: true
    }
  }
}

/// When memory is allocated.
///
/// The paper lists allocation as the first step of each layer's pipeline, but its own figures do
/// not show it overlapped: at 128 and 256 tokens `strawman-opt` is slower than `flexserve` by the
/// whole difference of their allocations, whether computing is short or long. `whole` is what the
/// figures show: one call for the model, before the first byte is read. `perChunk` is what the text
/// says.
enum AllocationOrder: String, CaseIterable {
  case whole
  case perChunk
}
