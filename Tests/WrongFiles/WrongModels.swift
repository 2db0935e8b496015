extension WrongFile {
  static let models: [WrongFile] = [
    WrongFile(
      "a file name that differs from the name inside", .model,
      replacing: "model: llama-3.2-3b", with: "model: llama-3.2-1b",
      says: """
        FILE:1:8: model: expected the file's name llama-3.2-3b, found "llama-3.2-1b"
        """),
    WrongFile(
      "a misspelt key", .model,
      replacing: "hiddenSize:", with: "hidenSize:",
      says: """
        FILE:4:1: unknown key "hidenSize"; did you mean "hiddenSize"?
        """),
    WrongFile(
      "a missing key", .model,
      replacing: "vocabulary: 128256\n", with: "",
      says: """
        FILE:1:1: missing key "vocabulary"
        """),
    WrongFile(
      "no source", .model,
      replacing: "source: \"a public configuration\"\n", with: "",
      says: """
        FILE:1:1: missing key "source"
        """),
    WrongFile(
      "an empty source", .model,
      replacing: #""a public configuration""#, with: #""""#,
      says: """
        FILE:2:9: source: expected a text, found ""
        """),
    WrongFile(
      "no layers", .model,
      replacing: "layers: 28", with: "layers: 0",
      says: """
        FILE:3:9: layers: expected a whole number from 1 to 1024, found 0
        """),
    WrongFile(
      "too many layers", .model,
      replacing: "layers: 28", with: "layers: 1025",
      says: """
        FILE:3:9: layers: expected a whole number from 1 to 1024, found 1025
        """),
    WrongFile(
      "key and value heads that do not divide the heads", .model,
      replacing: "keyValueHeads: 8", with: "keyValueHeads: 7",
      says: """
        FILE:7:16: keyValueHeads: expected a divisor of the 24 attention heads, found 7
        """),
    WrongFile(
      "a boolean spelled yes", .model,
      replacing: "tiedEmbedding: true", with: "tiedEmbedding: yes",
      says: """
        FILE:10:16: tiedEmbedding: expected true or false, found "yes"
        """),
    WrongFile(
      "a boolean with a capital", .model,
      replacing: "tiedEmbedding: true", with: "tiedEmbedding: True",
      says: """
        FILE:10:16: tiedEmbedding: expected true or false, found "True"
        """),
    WrongFile(
      "a boolean in quotes", .model,
      replacing: "tiedEmbedding: true", with: #"tiedEmbedding: "true""#,
      says: """
        FILE:10:16: tiedEmbedding: expected true or false, found the text "true" in quotes
        """),
    WrongFile(
      "a number in quotes", .model,
      replacing: "layers: 28", with: "layers: '28'",
      says: """
        FILE:3:9: layers: expected a whole number, found the text "28" in quotes
        """),
    WrongFile(
      "a number with a unit", .model,
      replacing: "vocabulary: 128256", with: "vocabulary: 128 Ki",
      says: """
        FILE:9:13: vocabulary: expected a whole number, such as "128", found "128 Ki" (it has a \
        space)
        """),
    WrongFile(
      "a list instead of a number", .model,
      replacing: "layers: 28", with: "layers: [28]",
      says: """
        FILE:3:9: layers: expected a whole number, found a list
        """),
    WrongFile(
      "a key given twice", .model,
      replacing: "headSize: 128", with: "headSize: 128\nlayers: 32",
      says: """
        FILE:9:1: expected each key once, found "layers" again (first in line 3)
        """),
  ]
}
