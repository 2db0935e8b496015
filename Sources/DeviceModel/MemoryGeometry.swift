import Quantities

/// Sizes that say what memory there is and in which pieces it is protected.
public struct MemoryGeometry: Hashable, Sendable {
  public var capacity: ByteCount
  public var pageSize: ByteCount
  /// Regions of the address-space controller.
  public var regionLimit: Int64
  /// They begin and end on multiples of this.
  public var regionGranule: ByteCount
  /// Memory set aside for each region of a design that grows several: that of region r begins at r
  /// times this.
  public var regionReach: ByteCount

  public init(
    capacity: ByteCount, pageSize: ByteCount, regionLimit: Int64, regionGranule: ByteCount,
    regionReach: ByteCount
  ) {
    self.capacity = capacity
    self.pageSize = pageSize
    self.regionLimit = regionLimit
    self.regionGranule = regionGranule
    self.regionReach = regionReach
  }

  public var pageCount: Int64 { capacity.bytes / pageSize.bytes }
  /// The granule in pages.
  public var regionGranulePages: Int64 { regionGranule.bytes / pageSize.bytes }
  /// Where the memory of a region begins.
  public func firstPage(ofRegion region: Int) -> Int64 {
    Int64(region) * (regionReach.bytes / pageSize.bytes)
  }
}

extension DevicePricing {
  public var memoryGeometry: MemoryGeometry {
    MemoryGeometry(
      capacity: profile.bytes(.dramCapacity), pageSize: profile.bytes(.pageSize),
      regionLimit: profile.count(.regionLimit), regionGranule: profile.bytes(.regionGranularity),
      regionReach: profile.bytes(.regionReach))
  }
}
