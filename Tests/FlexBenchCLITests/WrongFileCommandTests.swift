import Foundation
import Testing
import WrongFiles

/// The whole table of wrong files through the program, in a copy of the library.
struct WrongFileCommandTests {
  @Test(arguments: WrongFile.all)
  func aWrongFileIsRefusedWithItsMessagesAndNothingIsWritten(file: WrongFile) throws {
    let folder = try TemporaryFolder()
    let library = "\(folder.path)/Scenarios"
    try FileManager.default.copyItem(
      atPath: "\(Program.package)/Scenarios", toPath: library)
    let path = try file.install(into: library)
    let before = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()

    let outcome = try Program.run(
      file.arguments(path: path, library: library), in: folder.path)
    #expect(outcome.code == 65)
    #expect(outcome.errors == file.text(readFrom: path) + "\n")
    #expect(outcome.output == "")
    #expect(
      try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() == before,
      "nothing is written")
  }

  @Test func thereAreEnough() {
    #expect(WrongFile.all.count >= 40)
  }
}

extension WrongFile {
  /// A command that reads the file.
  fileprivate func arguments(path: String, library: String) -> [String] {
    switch kind {
    case .scenario: ["run", path]
    case .device, .model, .design: ["run", "\(library)/paper/cold-ttft.yaml"]
    case .claims: ["check", path]
    case .calibration: ["calibrate", path]
    case .reference: ["validate", "--library", library]
    }
  }
}
