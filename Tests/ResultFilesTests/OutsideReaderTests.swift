import Foundation
import ResultFiles
import Testing

/// Readers that are not ours see the columns by name, with units, as netCDF-4 has it.
@Suite struct OutsideReaderTests {
  let folder = TemporaryFolder()

  static let columns = ResultTable(
    dimension: "run",
    columns: [
      ResultColumn(
        name: "design", units: "", longName: "serving design",
        values: .strings(["flexserve", "größer", "模型"])),
      ResultColumn(
        name: "time_to_first_token", units: "ns", longName: "first token - arrival",
        values: .integers([1, 2, 1 << 60])),
      ResultColumn(
        name: "decode_tokens_per_second", units: "s-1", longName: "a rate",
        values: .reals([0.5, -0.25, 3])),
    ])

  private func write() throws -> String {
    let path = folder.file("r.h5")
    try ResultFile(title: "Kaltstart – 模型", provenance: [], runs: Self.columns).write(to: path)
    return path
  }

  // MARK: xarray

  static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../Scripts/read_with_xarray.py").path

  /// xarray is no part of this project's set-up: where it is missing, Swift Testing lists the test
  /// as skipped with this reason, and `theLayoutIsNetCDFs` looks at the same layout from C.
  static let hasXarray = (try? run("python3", script))?.status == 0

  @Test(.enabled(if: hasXarray, "python3 has not all of xarray, h5netcdf and netCDF4"))
  func xarrayReadsColumnsByNameWithBothEngines() throws {
    let result = try Self.run("python3", Self.script, try write())
    // Nanoseconds stay whole numbers: "ns" is none of the words that xarray takes for a duration.
    #expect(
      result.output == """
        title Kaltstart – 模型
        schema_version 1
        dimension run 3
        column run int64 ('run',) {'units': '1', 'long_name': 'number of the run'}
        values ['0', '1', '2']
        column design str ('run',) {'long_name': 'serving design'}
        values ["'flexserve'", "'größer'", "'模型'"]
        column time_to_first_token int64 ('run',) \
        {'units': 'ns', 'long_name': 'first token - arrival'}
        values ['1', '2', '1152921504606846976']
        column decode_tokens_per_second float64 ('run',) {'units': 's-1', 'long_name': 'a rate'}
        values ['0.5', '-0.25', '3.0']
        frame ['design', 'time_to_first_token', 'decode_tokens_per_second']

        """)
    #expect(result.status == 0)
  }

  // MARK: h5dump

  static let hasH5dump = (try? run("h5dump", "--version"))?.status == 0

  /// h5dump comes with HDF5's tools, which the library alone does not need.
  @Test(.enabled(if: hasH5dump, "h5dump is not installed"))
  func h5dumpShowsTheLayout() throws {
    let result = try Self.run("h5dump", "--properties", "--group=/runs", try write())
    #expect(result.status == 0)
    let words = result.output.split { " \n".contains($0) }.joined(separator: " ")
    for expected in [
      // The dimension, and who is attached to it.
      #"ATTRIBUTE "CLASS" { DATATYPE H5T_STRING { STRSIZE 16;"#, #"(0): "DIMENSION_SCALE""#,
      #"ATTRIBUTE "NAME" {"#, #"(0): "run""#, #"ATTRIBUTE "REFERENCE_LIST""#,
      #"ATTRIBUTE "DIMENSION_LIST""#, #"ATTRIBUTE "_Netcdf4Dimid""#,
      // Types, checksums and units.
      "DATATYPE H5T_STD_I64LE", "DATATYPE H5T_IEEE_F64LE", "CHECKSUM FLETCHER32",
      #"ATTRIBUTE "units""#, #"(0): "ns""#, #"(0): "s-1""#,
      // Labels of variable length, in UTF-8.
      "STRSIZE H5T_VARIABLE; STRPAD H5T_STR_NULLTERM; CSET H5T_CSET_UTF8;",
      #"(0): "flexserve","#, "(0): 1, 2, 1152921504606846976",
    ] {
      #expect(words.contains(expected))
    }
  }

  /// Runs a program that is looked for as a shell does.
  private static func run(
    _ arguments: String...
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
