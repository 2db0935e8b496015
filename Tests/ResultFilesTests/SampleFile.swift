import Foundation
import ResultFiles

/// A folder of its own for a test, gone when the test ends.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "result-files-\(UUID().uuidString)").path
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Names of all files in it, sorted.
  var names: [String] { try! FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// The bytes of a file; nil when it is not there.
func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

extension ResultFile {
  /// Every kind of column, with labels beyond ASCII.
  static let sample = ResultFile(
    title: "Zeit bis zum ersten Wort – 初回トークンまで",
    provenance: [("program", "flexbench"), ("empty", ""), ("lines", "one\ntwo\n")],
    runs: ResultTable(
      dimension: "run",
      columns: [
        ResultColumn(
          name: "design", units: "", longName: "serving design",
          values: .strings(["flexserve", "", "größer", "模型 🚀"])),
        ResultColumn(
          name: "time_to_first_token", units: "ns", longName: "first token - arrival",
          values: .integers([1, -1, .max, .min])),
        ResultColumn(
          name: "device.npu.modeSwitch", units: "s-1", longName: "a rate",
          values: .reals([0.1, -0.0, .infinity, .leastNonzeroMagnitude])),
      ]))

  /// A table of integers, reals and labels with so many rows.
  static func rows(_ count: Int) -> ResultFile {
    ResultFile(
      title: "\(count) rows", provenance: [],
      runs: ResultTable(
        dimension: "run",
        columns: [
          ResultColumn(
            name: "label", units: "", longName: "labels",
            values: .strings((0..<count).map { "run \($0 % 7)" })),
          ResultColumn(
            name: "count", units: "1", longName: "integers",
            values: .integers((0..<count).map { Int64($0) * 1_000_003 % 65_537 })),
          ResultColumn(
            name: "real", units: "s", longName: "reals",
            values: .reals((0..<count).map { Double($0) / 8 })),
        ]))
  }
}
