import DeviceModel
import ModelArchitecture
import Quantities

/// Where the memory of a request comes from, and how it is kept from others.
enum MemoryMechanism {
  /// Ordinary pages, reachable by the operating system.
  case ordinaryPages
  /// A contiguous range that a region of the address-space controller grows over; so many threads move
  /// what is in the way.
  case contiguousRegion(migrationThreads: Int)
  /// Ordinary pages that leave the normal world's stage-2 table.
  case recallablePages

  /// The bytes that memory for `size` takes: a region ends on the controller's granule.
  func held(for size: ByteCount, on device: DeviceView) -> ByteCount {
    guard case .contiguousRegion = self else { return size }
    return device.regionGranularity * size.pages(of: device.regionGranularity)
  }

  /// Getting `size` bytes more than the `held` ones that the request has.
  func allocate(_ size: ByteCount, beyond held: ByteCount) -> DeviceOperation {
    switch self {
    case .ordinaryPages, .recallablePages: .allocatePages(size, beyond: held)
    case .contiguousRegion(let threads):
      .allocateContiguous(size, beyond: held, threads: threads)
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

  /// Plans the way back of buffers, last ones first: nothing is left in them, nobody but the
  /// operating system reaches them, and its allocator has them again.
  ///
  /// - Parameter isMapped: whether the NPU's table has them.
  /// - Returns: the steps after which all of it is the operating system's.
  @discardableResult
  func release(
    _ buffers: [Buffer], isMapped: Bool, into plan: inout Plan, after start: [Plan.Step]
  ) -> [Plan.Step] {
    var last = start
    for buffer in buffers.reversed() {
      func add(_ operation: DeviceOperation) {
        last = [plan.add(operation, after: last, on: [buffer])]
      }
      if isMapped { add(.unmapFromNPU(buffer.size)) }
      switch self {
      case .ordinaryPages: add(.freePages(buffer.size))
      case .contiguousRegion:
        add(.zero(buffer.size))
        add(.shrinkProtectedRegion(buffer.size))
        add(.freeContiguous(buffer.size))
      case .recallablePages:
        add(.zero(buffer.size))
        add(.unprotectPages(buffer.size))
        add(.freePages(buffer.size))
      }
    }
    return last
  }

  /// A region ends where its last buffer does.
  var goesBackInAnyOrder: Bool {
    if case .contiguousRegion = self { false } else { true }
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
