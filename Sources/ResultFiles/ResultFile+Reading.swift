internal import CHDF5
import Glibc

extension ResultFile {
  /// Reads a file that `write(to:)` made.
  /// - Throws: `ResultFileError.missing` or `.malformed`.
  public init(reading path: String) throws(ResultFileError) {
    guard access(path, F_OK) == 0 else { throw .missing(path: path) }
    do throws(HDF5Failure) {
      try self.init(hdf5: path)
    } catch {
      throw .malformed(path: path, reason: error.reason)
    }
  }

  private init(hdf5 path: String) throws(HDF5Failure) {
    let file = try open("not an HDF5 file") {
      H5Fopen(path, chdf5_read_only(), hid_t(H5P_DEFAULT))
    }
    guard H5Aexists(file.identifier, "schema_version") > 0 else {
      throw HDF5Failure(reason: "it has no schema_version, so it is no result file")
    }
    let version = try Self.readInteger("schema_version", on: file)
    guard version == Self.schemaVersion else {
      throw HDF5Failure(
        reason: "its schema_version is \(version), and this program reads \(Self.schemaVersion)")
    }
    title = ""
    provenance = []
    for name in try Self.attributeNames(of: file)
    where !["Conventions", "schema_version"].contains(name) {
      let text = try Self.readText(name, on: file)
      if name == "title" { title = text } else { provenance.append((name, text)) }
    }
    runs = try Self.readTable("runs", dimension: "run", in: file)
  }

  private static func readTable(
    _ name: String, dimension: String, in file: borrowing HDF5Object
  ) throws(HDF5Failure) -> ResultTable {
    let owner = file.identifier
    guard H5Lexists(owner, name, hid_t(H5P_DEFAULT)) > 0 else {
      throw HDF5Failure(reason: "it has no group /\(name)")
    }
    let group = try open("group /\(name)") { H5Gopen2(owner, name, hid_t(H5P_DEFAULT)) }
    var columns: [ResultColumn] = []
    for link in try linkNames(of: group) {
      let column = try readColumn(link, in: group)
      if let first = columns.first, column.values.count != first.values.count {
        throw HDF5Failure(
          reason: "/\(name)/\(link) has \(column.values.count) values, and /\(name)/\(first.name)"
            + " has \(first.values.count)")
      }
      columns.append(column)
    }
    guard columns.contains(where: { $0.name == dimension }) else {
      throw HDF5Failure(reason: "the group /\(name) has no dimension \(dimension)")
    }
    return ResultTable(dimension: dimension, columns: columns.filter { $0.name != dimension })
  }

  private static let largestRowCount = 100_000_000

  private static func readColumn(
    _ name: String, in group: borrowing HDF5Object
  ) throws(HDF5Failure) -> ResultColumn {
    let owner = group.identifier
    let dataset = try open("column \(name)") { H5Dopen2(owner, name, hid_t(H5P_DEFAULT)) }
    let space = try open("space of \(name)") { H5Dget_space(dataset.identifier) }
    guard H5Sget_simple_extent_ndims(space.identifier) == 1 else {
      throw HDF5Failure(reason: "the column \(name) has not one dimension")
    }
    let count = Int(H5Sget_simple_extent_npoints(space.identifier))
    // A file can claim any length without holding a value.
    guard (0...largestRowCount).contains(count) else {
      throw HDF5Failure(
        reason: "the column \(name) has \(count) values; at most \(largestRowCount) are read")
    }
    let type = try open("type of \(name)") { H5Dget_type(dataset.identifier) }
    let values: ColumnValues
    switch H5Tget_class(type.identifier) {
    case H5T_INTEGER:
      var numbers = [Int64](repeating: 0, count: count)
      try read(dataset, chdf5_native_int64(), name, &numbers)
      values = .integers(numbers)
    case H5T_FLOAT:
      var numbers = [Double](repeating: 0, count: count)
      try read(dataset, chdf5_native_double(), name, &numbers)
      values = .reals(numbers)
    case H5T_STRING where H5Tis_variable_str(type.identifier) > 0:
      var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      try read(dataset, type.identifier, name, &pointers)
      values = .strings(pointers.map { $0.map { String(cString: $0) } ?? "" })
      H5Dvlen_reclaim(type.identifier, space.identifier, hid_t(H5P_DEFAULT), &pointers)
    default:
      throw HDF5Failure(reason: "the column \(name) is neither numbers nor variable-length text")
    }
    let hasUnits = H5Aexists(dataset.identifier, "units") > 0
    let hasName = H5Aexists(dataset.identifier, "long_name") > 0
    return ResultColumn(
      name: name, units: hasUnits ? try readText("units", on: dataset) : "",
      longName: hasName ? try readText("long_name", on: dataset) : "", values: values)
  }

  private static func read(
    _ dataset: borrowing HDF5Object, _ type: hid_t, _ name: String,
    _ buffer: UnsafeMutableRawPointer
  ) throws(HDF5Failure) {
    let owner = dataset.identifier
    try check("values of \(name)") {
      H5Dread(owner, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), buffer)
    }
  }

  private static func linkNames(
    of group: borrowing HDF5Object
  ) throws(HDF5Failure) -> [String] {
    var information = H5G_info_t()
    let owner = group.identifier
    try check("links") { H5Gget_info(owner, &information) }
    return try (0..<information.nlinks).map { index throws(HDF5Failure) in
      try name { buffer, size in
        H5Lget_name_by_idx(
          owner, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, index, buffer, size, hid_t(H5P_DEFAULT))
      }
    }
  }

  private static func attributeNames(
    of object: borrowing HDF5Object
  ) throws(HDF5Failure) -> [String] {
    let owner = object.identifier
    var information = H5O_info_t()
    try check("attributes") { chdf5_object_info(owner, &information) }
    return try (0..<information.num_attrs).map { index throws(HDF5Failure) in
      try name { buffer, size in
        H5Aget_name_by_idx(
          owner, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, index, buffer, size, hid_t(H5P_DEFAULT))
      }
    }
  }

  /// A name that HDF5 copies into a buffer, after telling how long it is.
  private static func name(
    _ copy: (UnsafeMutablePointer<CChar>?, Int) -> Int
  ) throws(HDF5Failure) -> String {
    let length = copy(nil, 0)
    guard length > 0 else { throw HDF5Failure(reason: "it does not keep names in their order") }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
      _ = copy(buffer.baseAddress, length + 1)
      return buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }

  private static func readInteger(
    _ name: String, on object: borrowing HDF5Object
  ) throws(HDF5Failure) -> Int64 {
    let owner = object.identifier
    let attribute = try open("attribute \(name)") { H5Aopen(owner, name, hid_t(H5P_DEFAULT)) }
    try expectOneValue(name, attribute)
    var number: Int64 = 0
    try check("attribute \(name)") {
      H5Aread(attribute.identifier, chdf5_native_int64(), &number)
    }
    return number
  }

  private static func readText(
    _ name: String, on object: borrowing HDF5Object
  ) throws(HDF5Failure) -> String {
    let owner = object.identifier
    let attribute = try open("attribute \(name)") { H5Aopen(owner, name, hid_t(H5P_DEFAULT)) }
    let type = try open("type of \(name)") { H5Aget_type(attribute.identifier) }
    guard H5Tis_variable_str(type.identifier) > 0 else {
      throw HDF5Failure(reason: "the attribute \(name) is no variable-length text")
    }
    try expectOneValue(name, attribute)
    var pointer: UnsafeMutablePointer<CChar>?
    try check("attribute \(name)") { H5Aread(attribute.identifier, type.identifier, &pointer) }
    defer { H5free_memory(pointer) }
    return pointer.map { String(cString: $0) } ?? ""
  }
  /// More of them would be read into the place of one.
  private static func expectOneValue(
    _ name: String, _ attribute: borrowing HDF5Object
  ) throws(HDF5Failure) {
    let owner = attribute.identifier
    let space = try open("space of \(name)") { H5Aget_space(owner) }
    guard H5Sget_simple_extent_npoints(space.identifier) == 1 else {
      throw HDF5Failure(reason: "the attribute \(name) has not one value")
    }
  }
}
