import CHDF5
import Foundation
import ResultFiles
import Testing

/// What is no result file is refused with the reason, and never read as something else.
@Suite struct MalformedFileTests {
  let folder = TemporaryFolder()

  private func refusal(of path: String) -> String? {
    do throws(ResultFileError) {
      _ = try ResultFile(reading: path)
      return nil
    } catch {
      guard case .malformed(path, let reason) = error else { return "not malformed: \(error)" }
      return reason
    }
  }

  // MARK: Bytes

  @Test func aFileThatIsNotThereIsMissing() {
    #expect(throws: ResultFileError.missing(path: "/no/such.h5")) {
      try ResultFile(reading: "/no/such.h5")
    }
  }

  @Test(arguments: ["", "text\n", String(repeating: "x", count: 100_000)])
  func anotherKindOfFileIsRefused(content: String) throws {
    try Data(content.utf8).write(to: URL(filePath: folder.file("r.h5")))
    let reason = try #require(refusal(of: folder.file("r.h5")))
    #expect(reason.hasPrefix("not an HDF5 file: "))
  }

  @Test func aFolderIsRefused() throws {
    let reason = try #require(refusal(of: folder.path))
    #expect(reason.hasPrefix("not an HDF5 file: "))
  }

  @Test(arguments: [4, 9000])
  func aFileThatEndsTooSoonIsRefused(rows: Int) throws {
    try ResultFile.rows(rows).write(to: folder.file("whole.h5"))
    let whole = try #require(bytes(folder.file("whole.h5")))
    let lengths =
      Array(stride(from: 0, to: whole.count, by: max(1, whole.count / 200)))
      + Array((whole.count - 8)..<whole.count)
    for length in lengths {
      try whole.prefix(length).write(to: URL(filePath: folder.file("r.h5")))
      #expect(
        refusal(of: folder.file("r.h5"))?.hasPrefix("not an HDF5 file: ") == true,
        "\(length) of \(whole.count) bytes")
    }
  }

  @Test func aChangedNumberIsNoticed() throws {
    // The row 3 of the reals: 3 / 8.
    try ResultFile.rows(4).write(to: folder.file("r.h5"))
    var whole = try #require(bytes(folder.file("r.h5")))
    let value = withUnsafeBytes(of: (0.375).bitPattern.littleEndian) { Data($0) }
    let place = try #require(whole.firstRange(of: value))
    whole[place.lowerBound] ^= 1
    try whole.write(to: URL(filePath: folder.file("r.h5")))
    let reason = try #require(refusal(of: folder.file("r.h5")))
    #expect(reason.hasPrefix("values of real: "))
  }

  @Test func aChangedNameIsNoticed() throws {
    try ResultFile.rows(4).write(to: folder.file("r.h5"))
    var whole = try #require(bytes(folder.file("r.h5")))
    let place = try #require(whole.firstRange(of: Data("schema_version".utf8)))
    whole[place.lowerBound] ^= 1
    try whole.write(to: URL(filePath: folder.file("r.h5")))
    #expect(refusal(of: folder.file("r.h5")) != nil)
  }

  // MARK: Layout

  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reason: String
    var make: @Sendable (HandmadeFile) -> Void

    init(
      _ description: String, _ reason: String, _ make: @escaping @Sendable (HandmadeFile) -> Void
    ) {
      testDescription = description
      self.reason = reason
      self.make = make
    }
  }

  static let examples = [
    Example("no version", "it has no schema_version, so it is no result file") {
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("a newer version", "its schema_version is 2, and this program reads 1") {
      $0.number("schema_version", [2])
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("no version yet", "its schema_version is 0, and this program reads 1") {
      $0.number("schema_version", [0])
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("a version that is a text", "attribute schema_version: ") {
      $0.text("schema_version", "1")
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("two versions", "the attribute schema_version has not one value") {
      $0.number("schema_version", [1, 2])
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("a title that is a number", "the attribute title is no variable-length text") {
      $0.number("schema_version", [1])
      $0.number("title", [7])
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("a title of fixed length", "the attribute title is no variable-length text") {
      $0.number("schema_version", [1])
      $0.text("title", "results", isFixed: true)
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("two titles", "the attribute title has not one value") {
      $0.number("schema_version", [1])
      $0.text("title", "results", count: 2)
      $0.column("run", in: $0.group("runs"), [0])
    },
    Example("no runs", "it has no group /runs") {
      $0.number("schema_version", [1])
      $0.column("run", in: $0.group("rows"), [0])
    },
    Example("runs that are no group", "group /runs: ") {
      $0.number("schema_version", [1])
      $0.column("runs", in: $0.identifier, [0])
    },
    Example("no rows", "the group /runs has no dimension run") {
      $0.number("schema_version", [1])
      _ = $0.group("runs")
    },
    Example("no dimension", "the group /runs has no dimension run") {
      $0.number("schema_version", [1])
      $0.column("events", in: $0.group("runs"), [5])
    },
    Example("unequal lengths", "/runs/events has 2 values, and /runs/run has 3") {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0, 1, 2])
      $0.column("events", in: runs, [5, 6])
    },
    Example("a column of two dimensions", "the column events has not one dimension") {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0, 1])
      $0.column("events", in: runs, [5, 6], shape: [2, 1])
    },
    Example("a column without a dimension", "the column events has not one dimension") {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0])
      $0.column("events", in: runs, [5], shape: [])
    },
    Example(
      "labels of fixed length", "the column design is neither numbers nor variable-length text"
    ) {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0])
      $0.column("design", in: runs, type: $0.fixedText(9), shape: [1])
    },
    Example("a column that is a group", "column events: ") {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0])
      _ = $0.group("events", in: runs)
    },
    Example("a unit that is a number", "the attribute units is no variable-length text") {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      let events = $0.column("run", in: runs, [0])
      $0.number("units", [1], on: events)
    },
    // 2^60 values of which the file holds none.
    Example(
      "a claim of values", "the column events has 1152921504606846976 values; at most "
    ) {
      $0.number("schema_version", [1])
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0])
      $0.column("events", in: runs, type: chdf5_int32_le(), shape: [1 << 60])
    },
    Example("names without an order", "it does not keep names in their order") {
      $0.number("schema_version", [1])
      $0.column("run", in: $0.group("runs", isOrdered: false), [0])
    },
  ]

  @Test(arguments: examples)
  func anotherLayoutIsRefused(_ example: Example) throws {
    HandmadeFile.write(folder.file("r.h5"), example.make)
    let reason = try #require(refusal(of: folder.file("r.h5")))
    #expect(reason.hasPrefix(example.reason), "\(reason)")
  }

  /// The examples above differ from this one in what their names say.
  @Test func aHandmadeFileOfTheLayoutIsRead() throws {
    HandmadeFile.write(folder.file("r.h5")) {
      $0.number("schema_version", [1])
      $0.text("title", "by hand")
      $0.text("program", "none")
      let runs = $0.group("runs")
      $0.column("run", in: runs, [0, 1])
      $0.column("events", in: runs, [5, 6])
    }
    let file = try ResultFile(reading: folder.file("r.h5"))
    #expect(file.title == "by hand")
    #expect(file.provenance.map(\.name) == ["program"])
    #expect(
      file.runs.columns == [
        ResultColumn(name: "events", units: "", longName: "", values: .integers([5, 6]))
      ])
  }
}

/// An HDF5 file made call by call, for layouts that `ResultFile` does not write.
struct HandmadeFile {
  let identifier: hid_t

  static func write(_ path: String, _ make: (HandmadeFile) -> Void) {
    let creation = ordered(chdf5_class_file_create())
    let file = H5Fcreate(path, chdf5_truncate(), creation, hid_t(H5P_DEFAULT))
    precondition(file >= 0, "\(path) cannot be made")
    make(HandmadeFile(identifier: file))
    // Objects that are open keep a file open: these are given back with it.
    for type in [H5F_OBJ_DATASET, H5F_OBJ_GROUP, H5F_OBJ_ATTR] {
      var open = [hid_t](repeating: -1, count: 64)
      let count = H5Fget_obj_ids(file, type, open.count, &open)
      for object in open.prefix(Int(count)) { H5Idec_ref(object) }
    }
    H5Pclose(creation)
    precondition(H5Fclose(file) >= 0, "\(path) cannot be closed")
  }

  private static func ordered(_ class: hid_t) -> hid_t {
    let list = H5Pcreate(`class`)
    H5Pset_link_creation_order(list, chdf5_creation_order())
    H5Pset_attr_creation_order(list, chdf5_creation_order())
    return list
  }

  func group(_ name: String, in owner: hid_t? = nil, isOrdered: Bool = true) -> hid_t {
    let creation = isOrdered ? Self.ordered(chdf5_class_group_create()) : hid_t(H5P_DEFAULT)
    let group = H5Gcreate2(
      owner ?? identifier, name, hid_t(H5P_DEFAULT), creation, hid_t(H5P_DEFAULT))
    precondition(group >= 0, "group \(name)")
    return group
  }

  /// A column of integers; with another shape than their number, if one is given.
  @discardableResult
  func column(_ name: String, in owner: hid_t, _ values: [Int64], shape: [hsize_t]? = nil) -> hid_t
  {
    let dataset = column(
      name, in: owner, type: chdf5_int64_le(), shape: shape ?? [hsize_t(values.count)])
    let status = H5Dwrite(
      dataset, chdf5_native_int64(), hid_t(H5S_ALL), hid_t(H5S_ALL), hid_t(H5P_DEFAULT), values)
    precondition(status >= 0, "values of \(name)")
    return dataset
  }

  /// A column without values. No room is set aside for them.
  @discardableResult
  func column(_ name: String, in owner: hid_t, type: hid_t, shape: [hsize_t]) -> hid_t {
    let space =
      shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(CInt(shape.count), shape, nil)
    let dataset = H5Dcreate2(
      owner, name, type, space, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    precondition(dataset >= 0, "column \(name)")
    H5Sclose(space)
    return dataset
  }

  func fixedText(_ length: Int) -> hid_t {
    let type = H5Tcopy(chdf5_c_string())
    H5Tset_size(type, length)
    return type
  }

  func number(_ name: String, _ values: [Int64], on owner: hid_t? = nil) {
    attribute(name, chdf5_int64_le(), count: values.count, on: owner, values)
  }

  func text(_ name: String, _ text: String, count: Int = 1, isFixed: Bool = false) {
    if isFixed {
      attribute(name, fixedText(text.utf8.count), count: count, on: nil, Array(text.utf8))
    } else {
      text.withCString { pointer in
        let pointers = [UnsafePointer<CChar>?](repeating: pointer, count: count)
        attribute(name, fixedText(chdf5_variable_length()), count: count, on: nil, pointers)
      }
    }
  }

  private func attribute(
    _ name: String, _ type: hid_t, count: Int, on owner: hid_t?, _ values: UnsafeRawPointer
  ) {
    var size = hsize_t(count)
    let space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &size, nil)
    let attribute = H5Acreate2(
      owner ?? identifier, name, type, space, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    precondition(H5Awrite(attribute, type, values) >= 0, "attribute \(name)")
    H5Aclose(attribute)
    H5Sclose(space)
  }
}
