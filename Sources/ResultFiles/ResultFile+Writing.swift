internal import CHDF5
import Glibc
import Synchronization

extension ResultFile {
  /// Writes the file: whole or not at all.
  ///
  /// The layout is netCDF-4's: in the group `/runs` a dimension scale `run`, and for each column a
  /// dataset attached to it, with `units` and `long_name`. Labels are variable-length UTF-8 (fixed
  /// ones become bytes in h5netcdf). No object carries a time, so equal results give equal bytes.
  /// The file is made in memory, written under a temporary name in the same folder, synchronised,
  /// and renamed; if anything fails, the temporary file is removed and an older file stays as it
  /// was. The folder is created when it is missing.
  /// - Throws: `ResultFileError.cannotWrite`.
  public func write(to path: String) throws(ResultFileError) {
    let folder = Self.folder(of: path)
    try Self.create(folder, for: path)
    // Renaming would put a file in the place of a device, and root may do that.
    var status = stat()
    guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw .cannotWrite(path: path, reason: "it is there and no regular file")
    }
    let number = Self.writeCount.add(1, ordering: .relaxed).newValue
    let temporary = "\(path).\(getpid()).\(number).tmp"
    do throws(HDF5Failure) {
      try Self.save(try image(named: temporary), to: temporary)
      try Self.system("rename") { rename(temporary, path) }
      try Self.synchronise(folder)
    } catch {
      unlink(temporary)
      throw .cannotWrite(path: path, reason: error.reason)
    }
  }

  /// Keeps writers in one process out of each other's temporary files.
  private static let writeCount = Atomic<Int>(0)

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func create(_ folder: String, for path: String) throws(ResultFileError) {
    var status = stat()
    if stat(folder, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw .cannotWrite(path: path, reason: "\(folder) is not a folder")
      }
      return
    }
    if folder.contains("/") { try create(Self.folder(of: folder), for: path) }
    // Somebody else may have made it in the meantime.
    do throws(HDF5Failure) {
      try system(folder) { mkdir(folder, 0o777) == 0 || errno == EEXIST ? 0 : -1 }
    } catch {
      throw .cannotWrite(path: path, reason: error.reason)
    }
  }

  private static func system(_ what: String, _ call: () -> CInt) throws(HDF5Failure) {
    if FaultInjection.isDue() { throw HDF5Failure(reason: "\(what): injected fault") }
    if call() != 0 {
      throw HDF5Failure(reason: "\(what): \(String(cString: strerror(errno)))")
    }
  }

  private static func save(_ image: [UInt8], to path: String) throws(HDF5Failure) {
    var descriptor: CInt = -1
    try system("create") {
      descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      return descriptor < 0 ? -1 : 0
    }
    // Closed here if anything fails, and below otherwise: a disk may be full only then.
    var isOpen = true
    defer { if isOpen { close(descriptor) } }
    var rest = image[...]
    while !rest.isEmpty {
      try system("write") {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        rest = rest.dropFirst(max(0, count))
        return count >= 0 || errno == EINTR ? 0 : -1
      }
    }
    try system("fsync") { fsync(descriptor) }
    isOpen = false
    try system("close") { close(descriptor) }
  }

  /// Makes a change of names in a folder last.
  private static func synchronise(_ folder: String) throws(HDF5Failure) {
    var descriptor: CInt = -1
    try system("open the folder") {
      descriptor = open(folder, O_RDONLY | O_CLOEXEC)
      return descriptor < 0 ? -1 : 0
    }
    defer { close(descriptor) }
    try system("fsync the folder") { fsync(descriptor) }
  }

  /// The bytes of the file.
  ///
  /// Made in memory, so that HDF5 itself never writes to a disk: when one fills up, HDF5 1.10
  /// can neither give up the file nor be asked anything more without crashing.
  /// - Parameter name: what HDF5 knows the file by; no two at once have the same.
  private func image(named name: String) throws(HDF5Failure) -> [UInt8] {
    let memory = FileMemory()
    // HDF5 knows it by its address alone; what is declared below is closed before this is left.
    defer { withExtendedLifetime(memory) {} }
    let creation = try properties(chdf5_class_file_create())
    let access = try open("access properties") { H5Pcreate(chdf5_class_file_access()) }
    try check("in memory") {
      H5Pset_fapl_core(access.identifier, FileMemory.increment, false)
    }
    try check("memory") { memory.serve(access.identifier) }
    // Readable by everything since HDF5 1.8, and after a crash.
    try check("library bounds") {
      H5Pset_libver_bounds(access.identifier, H5F_LIBVER_V18, H5F_LIBVER_V18)
    }
    let file = try open("create") {
      H5Fcreate(name, chdf5_truncate(), creation.identifier, access.identifier)
    }
    try writeText("Conventions", "CF-1.10", on: file)
    try writeText("title", title, on: file)
    try writeInteger("schema_version", Self.schemaVersion, on: file)
    for entry in provenance { try writeText(entry.name, entry.text, on: file) }
    try write(runs, group: "runs", in: file)
    try check("flush") { H5Fflush(file.identifier, H5F_SCOPE_GLOBAL) }
    let owner = file.identifier
    var size = 0
    try check("size") {
      size = H5Fget_file_image(owner, nil, 0)
      return size < 0 ? -1 : 0
    }
    try file.close("close")
    return memory.bytes(size)
  }

  /// Creation properties that keep names in order and leave times out. HDF5 stamps objects with
  /// the time of day unless told not to, and two equal runs must give equal bytes.
  private func properties(_ class: hid_t) throws(HDF5Failure) -> HDF5Object {
    let list = try open("creation properties") { H5Pcreate(`class`) }
    try check("no times") { H5Pset_obj_track_times(list.identifier, false) }
    try check("attribute order") {
      H5Pset_attr_creation_order(list.identifier, chdf5_creation_order())
    }
    if `class` != chdf5_class_dataset_create() {
      try check("link order") {
        H5Pset_link_creation_order(list.identifier, chdf5_creation_order())
      }
    }
    return list
  }

  private func write(
    _ table: ResultTable, group name: String, in file: borrowing HDF5Object
  ) throws(HDF5Failure) {
    let creation = try properties(chdf5_class_group_create())
    let owner = file.identifier
    let group = try open("group \(name)") {
      H5Gcreate2(owner, name, hid_t(H5P_DEFAULT), creation.identifier, hid_t(H5P_DEFAULT))
    }
    let numbers = ResultColumn(
      name: table.dimension, units: "1", longName: "number of the \(table.dimension)",
      values: .integers((0..<Int64(table.rowCount)).map { $0 }))
    let scale = try write(numbers, in: group)
    try check("scale \(table.dimension)") { H5DSset_scale(scale.identifier, table.dimension) }
    try writeDimensionNumber(on: scale)
    for column in table.columns {
      let dataset = try write(column, in: group)
      try check("scale of \(column.name)") {
        H5DSattach_scale(dataset.identifier, scale.identifier, 0)
      }
      try dataset.close("close \(column.name)")
    }
    try scale.close("close \(table.dimension)")
    try group.close("close \(name)")
  }

  /// Datasets above this are compressed; smaller ones gain nothing.
  private static let compressionThreshold = 64 << 10
  private static let chunkBytes = 256 << 10

  private func write(
    _ column: ResultColumn, in group: borrowing HDF5Object
  ) throws(HDF5Failure) -> HDF5Object {
    let owner = group.identifier
    var size = hsize_t(column.values.count)
    let space = try open("space") { H5Screate_simple(1, &size, nil) }
    let creation = try properties(chdf5_class_dataset_create())
    if size > 0 {
      // Checksums need chunks; variable-length texts lie outside them and get none.
      var chunk = min(size, hsize_t(Self.chunkBytes / 8))
      try check("chunks") { H5Pset_chunk(creation.identifier, 1, &chunk) }
      if !column.values.isText {
        if column.values.count * 8 > Self.compressionThreshold {
          try check("shuffle") { H5Pset_shuffle(creation.identifier) }
          try check("deflate") { H5Pset_deflate(creation.identifier, 4) }
        }
        try check("checksum") { H5Pset_fletcher32(creation.identifier) }
      }
    }
    let text = try textType(variable: true)
    let type =
      switch column.values {
      case .strings: text.identifier
      case .integers: chdf5_int64_le()
      case .reals: chdf5_double_le()
      }
    let dataset = try open("column \(column.name)") {
      H5Dcreate2(
        owner, column.name, type, space.identifier, hid_t(H5P_DEFAULT), creation.identifier,
        hid_t(H5P_DEFAULT))
    }
    try write(column.values, to: dataset, textType: text, name: column.name)
    if !column.units.isEmpty { try writeText("units", column.units, on: dataset) }
    try writeText("long_name", column.longName, on: dataset)
    return dataset
  }

  private func write(
    _ values: ColumnValues, to dataset: borrowing HDF5Object, textType: borrowing HDF5Object,
    name: String
  ) throws(HDF5Failure) {
    let owner = dataset.identifier
    func transfer(_ type: hid_t, _ bytes: UnsafeRawPointer?) throws(HDF5Failure) {
      try check("values of \(name)") {
        H5Dwrite(
          owner, type, hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), bytes)
      }
    }
    guard values.count > 0 else { return }
    switch values {
    case .integers(let numbers): try transfer(chdf5_native_int64(), numbers)
    case .reals(let numbers): try transfer(chdf5_native_double(), numbers)
    case .strings(let texts):
      let copies = texts.map { strdup($0) }
      defer { for copy in copies { free(copy) } }
      try transfer(textType.identifier, copies)
    }
  }

  private func textType(variable: Bool, length: Int = 0) throws(HDF5Failure) -> HDF5Object {
    let type = try open("text type") { H5Tcopy(chdf5_c_string()) }
    try check("text length") {
      H5Tset_size(type.identifier, variable ? chdf5_variable_length() : length)
    }
    try check("UTF-8") { H5Tset_cset(type.identifier, H5T_CSET_UTF8) }
    return type
  }

  private func writeText(
    _ name: String, _ text: String, on object: borrowing HDF5Object
  ) throws(HDF5Failure) {
    // Variable length: h5py shows fixed-length UTF-8 attributes as bytes.
    let type = try textType(variable: true)
    let space = try open("scalar") { H5Screate(H5S_SCALAR) }
    let owner = object.identifier
    let attribute = try open("attribute \(name)") {
      H5Acreate2(
        owner, name, type.identifier, space.identifier, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    }
    let copy = strdup(text)
    defer { free(copy) }
    try check("attribute \(name)") {
      withUnsafePointer(to: copy) { H5Awrite(attribute.identifier, type.identifier, $0) }
    }
  }

  private func writeInteger(
    _ name: String, _ number: Int64, on object: borrowing HDF5Object
  ) throws(HDF5Failure) {
    let space = try open("scalar") { H5Screate(H5S_SCALAR) }
    let owner = object.identifier
    let attribute = try open("attribute \(name)") {
      H5Acreate2(
        owner, name, chdf5_int64_le(), space.identifier, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    }
    try check("attribute \(name)") {
      withUnsafePointer(to: number) {
        H5Awrite(attribute.identifier, chdf5_native_int64(), $0)
      }
    }
  }

  /// netCDF-4's own number of the dimension; readers open files without it too.
  private func writeDimensionNumber(on scale: borrowing HDF5Object) throws(HDF5Failure) {
    let space = try open("scalar") { H5Screate(H5S_SCALAR) }
    let owner = scale.identifier
    let attribute = try open("attribute _Netcdf4Dimid") {
      H5Acreate2(
        owner, "_Netcdf4Dimid", chdf5_int32_le(), space.identifier, hid_t(H5P_DEFAULT),
        hid_t(H5P_DEFAULT))
    }
    try check("attribute _Netcdf4Dimid") {
      withUnsafePointer(to: Int32(0)) {
        H5Awrite(attribute.identifier, chdf5_native_int32(), $0)
      }
    }
  }
}

extension ColumnValues {
  fileprivate var isText: Bool {
    if case .strings = self { true } else { false }
  }
}

/// The memory in which HDF5 makes a file, kept when HDF5 is done with it.
///
/// HDF5 can also copy an open file, but the copy's checksum is that of a file open for writing, and
/// no reader takes it.
private final class FileMemory {
  /// By how much it grows at a time.
  static let increment = 1 << 20

  private var start: UnsafeMutableRawPointer?
  private var size = 0

  deinit { free(start) }

  /// Lets HDF5 take its memory from here. The file must be closed before this goes.
  func serve(_ accessProperties: hid_t) -> herr_t {
    var callbacks = H5FD_file_image_callbacks_t()
    callbacks.image_realloc = { _, size, _, memory in
      FileMemory.from(memory).grow(to: size)
    }
    // Nothing goes before `deinit`.
    callbacks.image_free = { _, _, _ in 0 }
    callbacks.udata = Unmanaged.passUnretained(self).toOpaque()
    callbacks.udata_copy = { $0 }
    callbacks.udata_free = { _ in 0 }
    return H5Pset_file_image_callbacks(accessProperties, &callbacks)
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> FileMemory {
    // Only what `serve` passed comes back.
    Unmanaged<FileMemory>.fromOpaque(pointer!).takeUnretainedValue()
  }

  /// New bytes are zero: HDF5 leaves gaps between objects, and equal files have equal gaps.
  private func grow(to newSize: Int) -> UnsafeMutableRawPointer? {
    guard let grown = realloc(start, newSize) else { return nil }
    if newSize > size { memset(grown + size, 0, newSize - size) }
    start = grown
    size = newSize
    return grown
  }

  /// The first bytes.
  func bytes(_ count: Int) -> [UInt8] {
    precondition(count <= size, "\(count) of \(size) bytes")
    return Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}
