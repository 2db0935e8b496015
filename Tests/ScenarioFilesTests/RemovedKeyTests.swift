import ConfigurationReader
import ScenarioFiles
import Testing

@Suite struct RemovedKeyTests {
  /// What a file may leave out, and what then holds:
  /// - a scenario's `notes`, `set` and, unless it is about policies, `reference`: there are none;
  /// - a scenario's `metric`: it is about the time to first token;
  /// - its `operatingSystem`: a benign one; `earlierRequests` and `steps`: there are none;
  /// - its `grammar`, or a workflow of it, where nothing is to be inferred; a model group, a data set or
  ///   a workflow, as long as one is left;
  /// - the `range` of a profile's value: none is known;
  /// - a profile's value, or a group of them, where it extends a profile that gives them;
  /// - `candidates`, and all but one of `designs`, `operations` and `ratios` of a fit;
  ///   `scenario` where there are no designs.
  private static func mayBeLeftOut(_ key: KeyInFile, of path: String, _ text: String) -> Bool {
    switch path.split(separator: "/")[0] {
    case "paper", "tz-llm", "isolation", "workloads", "memory":
      ["notes", "set", "metric", "memoryGrowth", "operatingSystem", "earlierRequests", "grammar"]
        .contains(key.path) || key.path.hasPrefix("steps") || key.path.hasPrefix("set.")
        || isOneOfSeveral(key) || key.path.hasPrefix("grammar.sequences.")
        || key.path == "reference" && !text.contains("\npolicies:")
    case "calibration":
      key.path == "fits.candidates"
        || ["fits.designs", "fits.operations"].contains(key.path)
          && !leavesNothingToFitTo(key.textWithout)
    case "devices":
      key.name == "range"
        || (text.contains("\nextends:")
          && !["device", "extends", "summary", "value", "points", "source", "confidence"]
            .contains(key.name))
    default: false
    }
  }

  /// Whether it names one of several things of a kind, and some of them are left.
  private static func isOneOfSeveral(_ key: KeyInFile) -> Bool {
    let parts = key.path.split(separator: ".", maxSplits: 1)
    guard ["modelGroups", "datasets", "workflows"].contains(parts[0]), parts.count == 2 else {
      return false
    }
    // Names hold dots, too; the keys below them are known.
    let below = [
      ".promptTokens", ".outputTokens", ".turns", ".thinkTime", ".steps", ".median", ".uniform",
      ".quantiles",
    ]
    return !below.contains { key.path.contains($0) }
      && !key.textWithout.contains("\(parts[0]): {}")
  }

  private static func leavesNothingToFitTo(_ text: String) -> Bool {
    text.split(separator: "\n  - ").dropFirst().contains { fit in
      !["designs", "operations", "ratios", "measurements"].contains {
        fit.contains("\n    \($0):")
      }
    }
  }

  @Test(arguments: shippedPaths.filter { $0.hasSuffix(".yaml") })
  func nothingIsDefaulted(path: String) throws {
    let copy = try TemporaryLibrary()
    let text = try copy.library.text(of: path)
    let keys = KeyInFile.all(in: text)
    #expect(keys.count >= 2)
    for key in keys {
      try copy.write(key.textWithout, to: path)
      if Self.mayBeLeftOut(key, of: path, text) {
        #expect(throws: Never.self, "\(key.path)") { try copy.library.readFile(path) }
        continue
      }
      let error = #expect(throws: ConfigurationError.self, "\(key.path)") {
        try copy.library.readFile(path)
      }
      let message = error?.description ?? ""
      switch key.name {
      // A claim without a record needs all else; a profile that extends none needs all values.
      case "record", "extends": #expect(message.contains("missing"))
      // Without them it is about requests, which need others.
      case "trace", "workflows", "sections": #expect(message.contains("missing key \"models\""))
      case "median", "uniform", "quantiles":
        #expect(message.contains("expected a whole number, or a mapping with one of"))
      // The roles that are left do not have it.
      case let name where key.path == "grammar.roles.\(name)":
        #expect(message.contains("expected one of"))
      // Who frees nothing gets something.
      case "frees": #expect(message.contains("missing key \"gets\""))
      case "turns": #expect(message.contains("expected no thinkTime without turns"))
      case let name where key.path == "modelGroups.\(name)" || key.path == "datasets.\(name)":
        #expect(message.contains("expected at least one name, found an empty mapping"))
      case "operations" where key.path == "operations":
        #expect(message.contains("missing key \"designs\""))
      case "designs" where key.path == "fits.designs", "operations", "ratios", "measurements":
        #expect(message.contains("expected designs, operations, ratios or measurements"))
      default:
        #expect(
          message.contains("missing key \"\(key.name)\"")
            || message.contains("missing \(key.path)"), "\(key.path): \(message)")
      }
    }
  }

  @Test(arguments: shippedPaths.filter { $0.hasSuffix(".csv") })
  func noColumnIsDefaulted(path: String) throws {
    let copy = try TemporaryLibrary()
    let lines = try copy.library.text(of: path).split(separator: "\n")
    let header = try #require(lines.first { !$0.hasPrefix("#") }).split(separator: ",")
    // Of a trace, whose requests need no prefix.
    let optional =
      path.hasPrefix("workloads/") || path.hasPrefix("memory/")
      ? ["prefix", "prefix_tokens", "session"] : []
    for column in header where !optional.contains(String(column)) {
      let others = header.filter { $0 != column }
      let rows = [others, others.map { _ in "1" }].map { $0.joined(separator: ",") }
      try copy.write(rows.joined(separator: "\n"), to: path)
      let error = #expect(throws: ConfigurationError.self) { try copy.library.readFile(path) }
      #expect(
        error?.description == "\(copy.library.path(path)):1:1: missing column \"\(column)\"")
    }
  }

  /// The finder of keys is checked by what it must find.
  @Test func keysAreFoundInBlocksListsAndBraces() {
    let text = """
      # a: comment
      a: 1
      b:
        c: { d: "x, y: {", e: [1, { f: 2 }] }
      g:
        - h: 1
          i: 2
        - h: 3
      """
    let keys = KeyInFile.all(in: text)
    #expect(keys.map(\.path) == ["a", "b", "b.c", "b.c.d", "b.c.e", "g", "g.h", "g.i", "g.h"])
    func without(_ index: Int) -> String { keys[index].textWithout }
    #expect(
      without(2) == text.replacing("b:\n  c: { d: \"x, y: {\", e: [1, { f: 2 }] }", with: "b: {}"))
    #expect(without(0) == text.replacing("a: 1\n", with: ""))
    #expect(
      without(1) == text.replacing("b:\n  c: { d: \"x, y: {\", e: [1, { f: 2 }] }\n", with: ""))
    #expect(without(3) == text.replacing(" d: \"x, y: {\",", with: ""))
    #expect(without(4) == text.replacing(", e: [1, { f: 2 }]", with: ""))
    #expect(without(6) == text.replacing("- h: 1\n    i: 2", with: "- i: 2"))
    #expect(without(7) == text.replacing("    i: 2\n", with: ""))
  }
}

/// A key of a YAML file, written as this project writes them, and the file without it.
struct KeyInFile {
  var name: String
  /// Names from the outside in, without places in lists.
  var path: String
  var textWithout: String

  /// All keys of a file, from top to bottom.
  static func all(in text: String) -> [KeyInFile] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
    var outer: [(column: Int, name: String)] = []
    var keys: [KeyInFile] = []
    for (index, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let isItem = line.dropFirst(indent).starts(with: "- ")
      let column = indent + (isItem ? 2 : 0)
      guard let name = keyName(line.dropFirst(column)) else { continue }
      outer.removeAll { $0.column >= column }
      let parents = outer.map(\.name) + [name]
      let path = parents.joined(separator: ".")
      outer.append((column, name))

      // Its value is what follows further to the right.
      let end =
        lines[(index + 1)...].firstIndex { next in
          !next.isEmpty && next.prefix { $0 == " " }.count <= column
        } ?? lines.count
      var rest = lines
      if isItem, end < lines.count, lines[end].prefix(while: { $0 == " " }).count == column {
        rest[end].replaceSubrange(indent..<column, with: "- ")
      }
      rest.removeSubrange(index..<end)
      if !isItem { leaveEmptyMapping(in: &rest, above: index, column) }
      keys.append(KeyInFile(name: name, path: path, textWithout: joined(rest)))

      for (inner, without) in braceKeys(line) {
        var changed = lines
        changed[index] = without
        keys.append(
          KeyInFile(name: inner, path: "\(path).\(inner)", textWithout: joined(changed)))
      }
    }
    return keys
  }

  /// Writes `{}` where the key removed was the only one.
  private static func leaveEmptyMapping(
    in lines: inout [[Character]], above index: Int, _ column: Int
  ) {
    func isBlank(_ line: [Character]) -> Bool {
      line.first { $0 != " " } ?? "#" == "#"
    }
    func indent(_ line: [Character]) -> Int { line.prefix { $0 == " " }.count }
    if lines.allSatisfy(isBlank) { return lines.append(Array("{}")) }
    guard let parent = lines[..<index].lastIndex(where: { !isBlank($0) }),
      lines[parent].last == ":", indent(lines[parent]) < column,
      lines[index...].first(where: { !isBlank($0) }).map(indent) ?? 0 < column
    else { return }
    lines[parent] += " {}"
  }

  private static func joined(_ lines: [[Character]]) -> String {
    lines.map { String($0) }.joined(separator: "\n")
  }

  /// The key that a text begins with.
  private static func keyName(_ text: some Collection<Character>) -> String? {
    let name = text.prefix { $0.isLetter || $0.isNumber || $0 == "." }
    let rest = text.dropFirst(name.count)
    guard !name.isEmpty, rest.first == ":", rest.dropFirst().first ?? " " == " " else {
      return nil
    }
    return String(name)
  }

  /// The keys between the first brace of a line and its partner, each with the line without it.
  private static func braceKeys(_ line: [Character]) -> [(name: String, without: [Character])] {
    guard let start = line.firstIndex(of: "{") else { return [] }
    // A brace in a quoted value begins nothing.
    if line[..<start].contains("\"") { return [] }
    var parts: [Range<Int>] = []
    var depth = 0
    var isQuoted = false
    var partStart = start + 1
    for index in start..<line.count {
      switch line[index] {
      case "\"": isQuoted.toggle()
      case _ where isQuoted: break
      case "{", "[": depth += 1
      case "}", "]":
        depth -= 1
        if depth == 0 { parts.append(partStart..<index) }
      case "," where depth == 1:
        parts.append(partStart..<index)
        partStart = index + 1
      default: break
      }
    }
    return parts.compactMap { part in
      guard let name = keyName(line[part].drop { $0 == " " }) else { return nil }
      // With the comma after it, or the one before it if it is the last.
      let isLast = part == parts.last
      var without = line
      var range = isLast ? part : part.lowerBound..<part.upperBound + 1
      if isLast, part.lowerBound > start + 1 {
        range = part.lowerBound - 1..<part.upperBound - (line[part].last == " " ? 1 : 0)
      }
      without.removeSubrange(range)
      return (name, without)
    }
  }
}
