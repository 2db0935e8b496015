import Quantities

/// Sizes that say what memory there is and in which pieces it is protected.
public struct MemoryGeometry: Hashable, Sendable {
  public var capacity: ByteCount
  public var pageSize: ByteCount
  /// Regions of the address-space controller.
  public var regionLimit: Int64
  /// They begin and end on multiples of this.
  public var regionGranule: ByteCount

  public init(
    capacity: ByteCount, pageSize: ByteCount, regionLimit: Int64, regionGranule: ByteCount
  ) {
    self.capacity = capacity
    self.pageSize = pageSize
    self.regionLimit = regionLimit
    self.regionGranule = regionGranule
  }

  public var pageCount: Int64 { capacity.bytes / pageSize.bytes }
  /// The granule in pages.
  public var regionGranulePages: Int64 { regionGranule.bytes / pageSize.bytes }
}

extension DevicePricing {
  public var memoryGeometry: MemoryGeometry {
    MemoryGeometry(
      capacity: profile.bytes(.dramCapacity), pageSize: profile.bytes(.pageSize),
      regionLimit: profile.count(.regionLimit), regionGranule: profile.bytes(.regionGranularity))
  }
}
