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
      replacing: """
        parameters:
          allocation: { value: whole, source: "two figures", confidence: derived }
          blockWindow: { value: 2, source: "double buffering", confidence: assumed }
          context: { value: 2048, source: "an engine", confidence: assumed }
          rowTask: { value: attention, source: "a figure", confidence: derived }
          protectionAtArrival: { value: "off", source: "an idle time before", confidence: assumed }
          npuHandOver: { value: modeSwitch, source: "a section", confidence: measured }
          idleWindow: { value: 0, source: "one request", confidence: assumed }
          compute: { value: npu, source: "a section", confidence: measured }
          memory: { value: pages, source: "a section", confidence: measured }
          pipeline: { value: "on", source: "a section", confidence: measured }
          cachePolicy: { value: stall-free, source: "a section", confidence: derived }
          rateThreshold: { value: 25, source: "an example", confidence: measured }
          history: { value: 64, source: "an hour", confidence: assumed }
          prefixReuse: { value: "on", source: "a section", confidence: measured }
          prefetch: { value: "on", source: "a section", confidence: measured }
          refill: { value: "on", source: "a section", confidence: measured }
          cacheSize: { value: 4096, source: "a section", confidence: measured }
          cacheShare: { value: 100, source: "nothing said", confidence: assumed }
          inlineDecryption: { value: "off", source: "a section", confidence: measured }

        """,
      with: "",
      says: """
        FILE:1:1: missing key "parameters"
        """),
  ]
}
