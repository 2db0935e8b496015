import ConfigurationReader
import ScenarioFiles
import Testing
import WrongFiles

@Suite struct WrongFileTests {
  @Test(arguments: WrongFile.all)
  func everythingWrongInAFileIsSaid(wrong: WrongFile) throws {
    #expect(wrong.occurrenceCount == 1, "what is replaced must be there once")
    let copy = try TemporaryLibrary()
    let path = try wrong.install(into: copy.library.root)
    if wrong.isReadable {
      #expect(throws: Never.self) { try copy.library.readFile(wrong.kind.path) }
    } else {
      let error = #expect(throws: ConfigurationError.self) {
        try copy.library.readFile(wrong.kind.path)
      }
      #expect(error?.description == wrong.text(readFrom: path))
    }
  }

  /// So that a row's message comes from its mistake and from nothing else.
  @Test(arguments: WrongFile.Kind.allCases)
  func whatTheMistakesAreMadeInIsRight(kind: WrongFile.Kind) throws {
    let copy = try TemporaryLibrary()
    try copy.write(kind.rightText, to: kind.path)
    try copy.library.readFile(kind.path)
  }

  @Test func theTableHasEachMistakeOnce() {
    let names = WrongFile.all.map(\.description)
    #expect(Set(names).count == names.count)
    #expect(names.count > 200)
    for wrong in WrongFile.all {
      #expect(!wrong.messages.isEmpty, "\(wrong)")
      for message in wrong.messages { #expect(message.hasPrefix("FILE:"), "\(wrong)") }
    }
  }

  // MARK: More than one file

  @Test func aCircleOfDevicesIsNamedWhereItCloses() throws {
    let copy = try TemporaryLibrary()
    for (name, base) in [("a", "b"), ("b", "c"), ("c", "b")] {
      try copy.write(
        "device: \(name)\nextends: \(base)\nsummary: \"a board\"\n", to: "devices/\(name).yaml")
    }
    let error = #expect(throws: ConfigurationError.self) { try copy.library.device(named: "a") }
    #expect(
      error?.description
        == "\(copy.library.path("devices/c.yaml")):2:10: extends: expected no circle,"
        + " found b -> c -> b")
  }

  @Test func aMistakeInWhatADeviceExtendsIsSaidOfThatFile() throws {
    let copy = try TemporaryLibrary()
    let path = "devices/rk3588.yaml"
    let text = try copy.library.text(of: path)
    try copy.write(text.replacing("\nsummary:", with: "\nsumary:"), to: path)
    let error = #expect(throws: ConfigurationError.self) {
      try copy.library.device(named: "nanopc-t6")
    }
    let message = try #require(error?.description)
    #expect(message.hasPrefix(copy.library.path(path)))
    #expect(message.hasSuffix(":1: unknown key \"sumary\"; did you mean \"summary\"?"))
  }

  @Test func aFileThatIsNotThereIsAnErrorOfItsOwn() throws {
    let copy = try TemporaryLibrary()
    let missing = copy.library.path("paper/no-such.yaml")
    #expect(throws: MissingFileError(file: missing, reason: "no such file")) {
      try copy.library.scenario(missing)
    }
    let folder = copy.library.path("paper")
    #expect(throws: MissingFileError(file: folder, reason: "it is a folder")) {
      try copy.library.scenario(folder)
    }
  }

  // MARK: What YAML makes dangerous

  /// Nine levels of nine aliases each are 387 million values; walking them would not end.
  @Test func aliasesOfAliasesAreRefusedWithoutBeingFollowed() {
    var text = "a0: &a0 [x]\n"
    for level in 1...9 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    let error = #expect(throws: ConfigurationError.self) {
      try YAMLDocument.decode(text: text, file: "a.yaml") { $0.string() }
    }
    #expect(error?.problems.count == 10)
    #expect(error?.problems.map(\.line) == Array(1...10))
  }

  @Test func windowsLineEndsChangeNeitherValuesNorPlaces() throws {
    let copy = try TemporaryLibrary()
    for path in ["paper/cold-ttft.yaml", "models/llama-3.1-8b.yaml", "reference/cold-ttft.csv"] {
      let text = try copy.library.text(of: path)
      try copy.write(text.replacing("\n", with: "\r\n"), to: path)
      try copy.library.readFile(path)
    }
    for wrong in WrongFile.all where ["a misspelt key", "a wrong role"].contains(wrong.name) {
      let path = try wrong.install(into: copy.library.root)
      let text = String(decoding: wrong.bytes, as: UTF8.self)
      try copy.write(text.replacing("\n", with: "\r\n"), to: wrong.kind.path)
      let error = #expect(throws: ConfigurationError.self) {
        try copy.library.readFile(wrong.kind.path)
      }
      #expect(error?.description == wrong.text(readFrom: path))
    }
  }

  @Test func aFieldInQuotesMayHoldCommasAndQuotes() throws {
    let table = try ReferenceTable(
      text: "# a comment\nname,value\n\"a, \"\"b\"\"\",1\n\n,2\n", file: "a.csv",
      columns: ["value", "name"])
    #expect(table.comments == ["a comment"])
    #expect(table.rows.map { $0.text("name") } == ["a, \"b\"", ""])
    #expect(table.rows.map { $0.text("value") } == ["1", "2"])
    #expect(table.rows.map(\.line) == [3, 5])
    #expect(
      table.problem(table.rows[0], "value", "expected less").description
        == "a.csv:3:12: value: expected less")
  }
}
