import Foundation
import ResultFiles
import Testing

@Suite struct RoundTripTests {
  let folder = TemporaryFolder()

  private func afterWriting(_ file: ResultFile) throws -> ResultFile {
    try file.write(to: folder.file("r.h5"))
    return try ResultFile(reading: folder.file("r.h5"))
  }

  @Test func whatIsWrittenIsRead() throws {
    let copy = try afterWriting(.sample)
    #expect(copy == .sample)
    // Equal numbers may differ in their bits: the sign of zero came back too.
    guard case .reals(let reals) = copy.runs["device.npu.modeSwitch"]?.values else {
      Issue.record("the column of reals is not one")
      return
    }
    #expect(reals[1].sign == .minus)
  }

  @Test func orderIsKeptAndNotThatOfTheAlphabet() throws {
    let names = ["zeta", "alpha", "mid", "a.b", "Z"]
    let file = ResultFile(
      title: "", provenance: names.map { ($0, "text") },
      runs: ResultTable(
        dimension: "run",
        columns: names.map {
          ResultColumn(name: $0, units: "1", longName: $0, values: .integers([1]))
        }))
    let copy = try afterWriting(file)
    #expect(copy.runs.columns.map(\.name) == names)
    #expect(copy.provenance.map(\.name) == names)
  }

  @Test func aTableWithoutRowsKeepsItsColumns() throws {
    let file = ResultFile.rows(0)
    let copy = try afterWriting(file)
    #expect(copy == file)
    #expect(copy.runs.columns.map(\.name) == ["label", "count", "real"])
  }

  @Test func aTableWithoutColumnsIsATable() throws {
    let file = ResultFile(
      title: "", provenance: [], runs: ResultTable(dimension: "run", columns: []))
    #expect(try afterWriting(file) == file)
  }

  @Test(arguments: [1, 2, 8192, 8193, 32_768, 32_769])
  func tablesAboutTheSizesOfChunksAreRead(rows: Int) throws {
    let file = ResultFile.rows(rows)
    #expect(try afterWriting(file) == file)
  }

  @Test func aLargeTableIsReadAndTakesLessRoomThanItsNumbers() throws {
    let count = 100_000
    let numbers = ResultFile(
      title: "", provenance: [],
      runs: ResultTable(
        dimension: "run", columns: ResultFile.rows(count).runs.columns.filter { $0.name != "label" }
      )
    )
    #expect(try afterWriting(numbers) == numbers)
    // Three columns of 8 bytes a value, the dimension's numbers among them, take a third of it.
    let size = try #require(bytes(folder.file("r.h5"))?.count)
    #expect(size < 3 * 8 * count / 3, "\(size) bytes")
    let labelled = ResultFile.rows(count)
    #expect(try afterWriting(labelled) == labelled)
  }

  @Test func numbersThatAreNoneComeBackAsNone() throws {
    let file = ResultFile(
      title: "", provenance: [],
      runs: ResultTable(
        dimension: "run",
        columns: [
          ResultColumn(name: "x", units: "1", longName: "", values: .reals([.nan, 1]))
        ]))
    guard case .reals(let reals) = try afterWriting(file).runs["x"]?.values else {
      Issue.record("the column of reals is not one")
      return
    }
    #expect(reals[0].isNaN && reals[1] == 1)
  }

  @Test func writingAgainReplacesTheFile() throws {
    try ResultFile.rows(1000).write(to: folder.file("r.h5"))
    #expect(try afterWriting(.sample) == .sample)
    #expect(folder.names == ["r.h5"])
  }

  @Test func missingFoldersAreMade() throws {
    try ResultFile.sample.write(to: folder.file("a/b/c.h5"))
    #expect(try ResultFile(reading: folder.file("a/b/c.h5")) == .sample)
  }

  // MARK: Equal bytes

  @Test(arguments: [0, 3, 20_000])
  func equalResultsGiveEqualBytes(rows: Int) throws {
    try ResultFile.rows(rows).write(to: folder.file("a.h5"))
    try ResultFile.rows(rows).write(to: folder.file("other-name.h5"))
    let first = try #require(bytes(folder.file("a.h5")))
    #expect(first == bytes(folder.file("other-name.h5")))
    // And so does what was read.
    try ResultFile(reading: folder.file("a.h5")).write(to: folder.file("b.h5"))
    #expect(first == bytes(folder.file("b.h5")))
  }

  @Test func anotherProcessWritesTheSameBytes() async throws {
    let path = folder.file("other.h5")
    await #expect(processExitsWith: .success) { [path = path as String] in
      try ResultFile.sample.write(to: path)
    }
    try ResultFile.sample.write(to: folder.file("own.h5"))
    let own = try #require(bytes(folder.file("own.h5")))
    #expect(own == bytes(path))
  }

  @Test func differentResultsGiveDifferentBytes() throws {
    try ResultFile.rows(3).write(to: folder.file("a.h5"))
    try ResultFile.rows(4).write(to: folder.file("b.h5"))
    #expect(bytes(folder.file("a.h5")) != bytes(folder.file("b.h5")))
  }

  // MARK: Mistakes of the program

  @Test func columnsOfDifferentLengthsTrap() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = ResultTable(
        dimension: "run",
        columns: [
          ResultColumn(name: "a", units: "", longName: "", values: .integers([1])),
          ResultColumn(name: "b", units: "", longName: "", values: .reals([])),
        ])
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("b has 0 values, not 1"))
  }

  @Test func twoColumnsOfOneNameTrap() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = ResultTable(
        dimension: "run",
        columns: [ResultColumn(name: "run", units: "", longName: "", values: .integers([1]))])
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("two columns are called run"))
  }
}
