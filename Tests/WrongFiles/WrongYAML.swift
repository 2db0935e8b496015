extension WrongFile {
  /// Files that no reader gets to see, because of their form.
  static let yaml: [WrongFile] = [
    WrongFile(
      "a key given twice", .scenario,
      replacing: "seed: 1", with: "device: rk3588",
      says: """
        FILE:14:1: expected each key once, found "device" again (first in line 6)
        """),
    WrongFile(
      "a key given three times", .scenario,
      replacing: "scenario: small\n", with: "scenario: small\ndevice: rk3588\ndevice: rk3588\n",
      says: """
        FILE:4:1: expected each key once, found "device" again (first in line 3)
        FILE:8:1: expected each key once, found "device" again (first in line 3)
        """),
    WrongFile(
      "a key given twice, once in quotes", .scenario,
      replacing: "seed: 1", with: "\"seed\": 1\nseed: 2",
      says: """
        FILE:15:1: expected each key once, found "seed" again (first in line 14)
        """),
    WrongFile(
      "an anchor and its alias", .scenario,
      replacing: "[strawman, flexserve]", with: "&both [strawman, flexserve]\nothers: *both",
      says: """
        FILE:7:10: designs: expected a value, found the anchor &both; write the value out wherever \
        it is meant
        """),
    WrongFile(
      "an alias without an anchor", .scenario,
      replacing: "[strawman, flexserve]", with: "*both",
      says: """
        FILE:7:10: expected a value, found the alias *both; write the value out
        """),
    WrongFile(
      "a merge key", .scenario,
      replacing: "set:\n", with: "set:\n  <<: { device.npu.clock: x2 }\n",
      says: """
        FILE:16:3: set: expected a key, found the merge key <<; write out what it would merge
        """),
    WrongFile(
      "a tag", .scenario,
      replacing: "seed: 1", with: "seed: !!str 1",
      says: """
        FILE:14:7: seed: expected a value without a tag, found !!str
        """),
    WrongFile(
      "a tag on a key", .scenario,
      replacing: "seed: 1", with: "!!str seed: 1",
      says: """
        FILE:14:1: expected a value without a tag, found !!str
        """),
    WrongFile(
      "a list as key", .scenario,
      replacing: "seed: 1", with: "[seed]: 1",
      says: """
        FILE:14:1: expected a text as key, found a list
        """),
    WrongFile(
      "two documents", .scenario,
      replacing: "reference: cold-ttft.csv\n",
      with: "reference: cold-ttft.csv\n---\nscenario: another\n",
      says: """
        FILE:19:1: expected one document, found another
        """),
    WrongFile(
      "a tab before a key", .scenario,
      replacing: "  design.blockWindow", with: "\tdesign.blockWindow",
      says: """
        FILE:17:1: expected spaces, found a tab
        """),
    WrongFile(
      "a quote that is not closed", .scenario,
      replacing: #""A small experiment""#, with: #""A small experiment"#,
      says: """
        FILE:5:6: not YAML: did not find expected key (while parsing a block mapping begun in line \
        2)
        """),
    WrongFile(
      "a bracket that is not closed", .scenario,
      replacing: "[strawman, flexserve]", with: "[strawman, flexserve",
      says: """
        FILE:8:7: not YAML: did not find expected ',' or ']' (while parsing a flow sequence begun \
        in line 7)
        """),
    WrongFile(
      "a key that is not in line with the others", .scenario,
      replacing: "  design.blockWindow", with: "   design.blockWindow",
      says: """
        FILE:17:4: not YAML: did not find expected key (while parsing a block mapping begun in line \
        16)
        """),
    WrongFile(
      "a colon in a text without quotes", .scenario,
      replacing: #""A small experiment""#, with: "A small experiment: the first",
      says: """
        FILE:3:26: not YAML: mapping values are not allowed in this context
        """),
    WrongFile(
      "a character that begins nothing", .scenario,
      replacing: "precision: int8", with: "precision: @int8",
      says: """
        FILE:12:12: not YAML: found character that cannot start any token (while scanning for the \
        next token)
        """),
    WrongFile(
      "a control character", .scenario,
      replacing: #""A small"#, with: "\"A\u{7} small",
      says: """
        FILE:3:10: expected text, found the control character U+0007
        """),
    WrongFile(
      "a byte order mark", .scenario,
      replacing: "# A small", with: "\u{FEFF}# A small",
      says: """
        FILE:1:1: expected text, found a byte order mark (U+FEFF)
        """),
    WrongFile(
      "deeply nested lists", .scenario,
      replacing: "[64, 128]",
      with: String(repeating: "[", count: 80) + "64" + String(repeating: "]", count: 80),
      says: """
        FILE:9:79: expected at most 64 levels of nesting, found more
        """),
    WrongFile(
      "very deeply nested lists", .scenario,
      replacing: "[64, 128]",
      with: String(repeating: "[", count: 3000) + "64" + String(repeating: "]", count: 3000),
      says: """
        FILE:9:16: expected at most 64 levels of nesting, found more
        """),
    WrongFile(
      "an empty file", .scenario,
      text: "",
      says: """
        FILE:1:1: expected a mapping, found an empty file
        """),
    WrongFile(
      "comments alone", .scenario,
      text: "# Nothing yet.\n",
      says: """
        FILE:1:1: expected a mapping, found an empty file
        """),
    WrongFile(
      "a list instead of a mapping", .scenario,
      text: "- scenario: small\n- device: nanopc-t6\n",
      says: """
        FILE:1:1: expected a mapping with the keys scenario, title, notes, device, designs, models, \
        promptTokens, outputTokens, backgroundMemory, precision, gemmFidelity, seed, \
        operatingSystem, earlierRequests, steps, metric, set, reference, found a list
        """),
    WrongFile(
      "a word instead of a mapping", .scenario,
      text: "small\n",
      says: """
        FILE:1:1: expected a mapping with the keys scenario, title, notes, device, designs, models, \
        promptTokens, outputTokens, backgroundMemory, precision, gemmFidelity, seed, \
        operatingSystem, earlierRequests, steps, metric, set, reference, found "small"
        """),
    WrongFile(
      "more than four mebibytes", .scenario,
      text: Kind.scenario.rightText + "#" + String(repeating: " ", count: 4 << 20),
      says: """
        FILE:1:1: expected at most 4 MiB, found 4194697 bytes
        """),
    WrongFile(
      "a letter that is not UTF-8", .scenario,
      bytes: Array("scenario: caf".utf8) + [0xE9] + Array("\n".utf8),
      says: """
        FILE:1:14: expected UTF-8 text, found the byte 0xE9
        """),
  ]
}
