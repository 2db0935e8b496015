extension WrongFile {
  static let designs: [WrongFile] = [
    WrongFile(
      "a design that the program does not know", .design,
      replacing: "design: flexserve", with: "design: flexserver",
      says: """
        FILE:1:9: design: expected one of \(designNames), found "flexserver"; did you mean \
        "flexserve"?
        """),
    WrongFile(
      "a file name that differs from the name inside", .design,
      replacing: "design: flexserve", with: "design: strawman-opt",
      says: """
        FILE:1:9: design: expected the file's name flexserve, found "strawman-opt"
        """),
    WrongFile(
      "a missing parameter", .design,
      replacing: """
          blockWindow: { value: 2, source: "double buffering", confidence: assumed }

        """,
      with: "",
      says: """
        FILE:3:3: parameters: missing key "blockWindow"
        """),
    WrongFile(
      "an unknown parameter", .design,
      replacing: "  blockWindow:", with: "  blockWindows:",
      says: """
        FILE:4:3: parameters: unknown key "blockWindows"; did you mean "blockWindow"?
        """),
    WrongFile(
      "a wrong word", .design,
      replacing: "value: whole", with: "value: hole",
      says: """
        FILE:3:24: parameters.allocation.value: expected one of whole, perChunk, found "hole"; did \
        you mean "whole"?
        """),
    WrongFile(
      "a number out of range", .design,
      replacing: "value: 2,", with: "value: 65,",
      says: """
        FILE:4:25: parameters.blockWindow.value: expected a whole number from 1 to 64, found 65
        """),
    WrongFile(
      "a number in quotes", .design,
      replacing: "value: 2,", with: #"value: "2","#,
      says: """
        FILE:4:25: parameters.blockWindow.value: expected a whole number, found the text "2" in \
        quotes
        """),
    WrongFile(
      "a value without its source", .design,
      replacing: #"source: "double buffering", "#, with: "",
      says: """
        FILE:4:16: parameters.blockWindow: missing key "source"
        """),
    WrongFile(
      "an unknown key beside a value", .design,
      replacing: #"source: "double buffering""#, with: #"source: "double buffering", note: none"#,
      says: """
        FILE:4:56: parameters.blockWindow: unknown key "note"; known are value, source, confidence
        """),
    WrongFile(
      "a parameter that is a value alone", .design,
      replacing: #"{ value: whole, source: "two figures", confidence: derived }"#, with: "whole",
      says: """
        FILE:3:15: parameters.allocation: expected a mapping with the keys value, source, \
        confidence, found "whole"
        """),
    WrongFile(
      "no parameters", .design,
      replacing: designParameters,
      with: "",
      says: """
        FILE:1:1: missing key "parameters"
        """),
  ]
}
