import DeviceModel
import Quantities
import ScenarioFiles

/// How much slower a program gets while a contiguous range is allocated beside it, where moving pages is
/// all that disturbs it.
///
/// A page that moves is out of the program's table until it has been copied, and an access to it waits;
/// the thread that moves it takes a core and memory traffic. How long it takes to move a page, and how
/// many are moved, is what the allocation's own price says: what it takes longer than in an empty
/// memory, over min(size, load) bytes, of which the program's share is as large as its share of the load.
/// Locks that both need are no part of it: no source says what they cost.
struct AllocationInterference {
  /// The allocation's time, and what of it is spent on moving pages.
  var allocation: SimulatedDuration
  var moving: SimulatedDuration
  var movedPages: Int64
  /// The program's pages, those of the load among them.
  var ownPages: Int64
  /// Of the load.
  var ownShare: Double
  /// What the program and the moves would like of the memory controller, over what it has.
  var traffic: Double
  /// What the program takes for a page that it overwrites.
  var touch: SimulatedDuration

  /// - Parameters:
  ///   - load: of all programs together.
  ///   - workingSet: of the program, at most `load`.
  /// - Throws: `DeviceModelError` where the allocation cannot be had or priced.
  init(
    size: ByteCount, load: ByteCount, workingSet: ByteCount, on device: DeviceProfile
  ) throws(DeviceModelError) {
    var loaded = DevicePricing(
      profile: device, backgroundMemory: load, precision: .int8, fidelity: .roofline)
    var empty = loaded.beside(.zero)
    let pageSize = loaded.memoryGeometry.pageSize
    let moved = min(size, load)
    allocation = try loaded.cost(of: .allocateContiguous(size)).duration
    moving = max(.zero, allocation - (try empty.cost(of: .allocateContiguous(size)).duration))
    movedPages = moved.pages(of: pageSize)
    ownPages = max(1, workingSet.pages(of: pageSize))
    ownShare = Double(min(workingSet, load).bytes) / Double(max(1, load.bytes))
    let overwriting = try loaded.cost(of: .zero(pageSize))
    touch = overwriting.duration
    let wanted = overwriting.demands.first { $0.unit == .memoryBandwidth }?.amount ?? 0
    // A move reads and writes.
    let moves = moving > .zero ? 2 * Double(moved.bytes) / moving.seconds : 0
    traffic = (Double(wanted) + moves) / Double(loaded.capacity(of: .memoryBandwidth))
  }

  /// The share of the allocation in which a page moves.
  private var movingShare: Double { moving.seconds / allocation.seconds }

  /// For a program whose accesses do not follow the moves, and that does nothing but overwrite its pages
  /// as fast as one core can: an access meets the page that is moving by chance, and then half of the
  /// move is left.
  var slowdown: Double {
    guard movedPages > 0 else { return max(1, traffic) }
    let wait = moving.seconds / Double(movedPages) / 2
    let chance = movingShare * ownShare / Double(ownPages)
    return max(1, traffic) * (1 + chance * wait / touch.seconds)
  }

  /// For one that waits for each of its pages' whole move: more than that, its own pages cannot cost.
  var mostSlowdown: Double { 1 / (1 - movingShare * ownShare) }

  /// The same where, for a while, only its pages are moved.
  var mostPeak: Double { 1 / (1 - movingShare) }
}

/// How much slower a program was beside a contiguous allocation, as it was reported.
public struct ReferenceInterference: Sendable {
  public enum Quantity: String, CaseIterable, Sendable {
    case mean
    case peak
  }

  /// The device it was measured on.
  public var device: String
  public var quantity: Quantity
  public var size: ByteCount
  /// Of all programs together.
  public var backgroundMemory: ByteCount
  public var workingSet: ByteCount
  public var slowdown: Double
  public var role: ReferenceRole
}

/// A reported slowdown beside the model's.
public struct ComparedInterference: Sendable {
  public var reference: ReferenceInterference
  /// Of a program whose accesses do not follow the moves.
  public var predicted: Double
  /// What waiting for its own pages can cost any program.
  public var most: Double

  /// - Throws: `DeviceModelError`.
  init(_ reference: ReferenceInterference, on device: DeviceProfile) throws {
    let interference = try AllocationInterference(
      size: reference.size, load: reference.backgroundMemory, workingSet: reference.workingSet,
      on: device)
    self.reference = reference
    predicted = interference.slowdown
    most =
      switch reference.quantity {
      case .mean: interference.mostSlowdown
      case .peak: interference.mostPeak
      }
  }
}

extension ScenarioLibrary {
  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public func referenceInterference() throws -> [ReferenceInterference] {
    let table = try reference(
      "interference.csv",
      columns: [
        "device", "quantity", "size_gib", "background_gib", "working_set_gib", "slowdown", "role",
        "source",
      ])
    var reader = FieldReader(table)
    let values = table.rows.map { row in
      ReferenceInterference(
        device: reader.word(row, "device", among: deviceNames),
        quantity: reader.value(row, "quantity"), size: reader.gibibytes(row, "size_gib"),
        backgroundMemory: reader.gibibytes(row, "background_gib"),
        workingSet: reader.gibibytes(row, "working_set_gib"),
        slowdown: reader.number(row, "slowdown"), role: reader.value(row, "role"))
    }
    for (row, value) in zip(table.rows, values) where value.workingSet > value.backgroundMemory {
      reader.refuse(row, "working_set_gib", "expected at most the load")
    }
    try reader.finish()
    return values
  }
}
