extension WrongFile {
  static let references: [WrongFile] = [
    WrongFile(
      "an empty file", .reference,
      text: "",
      says: """
        FILE:1:1: expected a row of column names, found none
        """),
    WrongFile(
      "a header alone", .reference,
      text: "model,prompt_tokens,output_tokens,background_gib,design,metric,value,error,role\n",
      says: """
        FILE:2:1: expected a row of values, found none
        """),
    WrongFile(
      "a misspelt column", .reference,
      replacing: "prompt_tokens", with: "prompt_token",
      says: """
        FILE:2:7: unknown column "prompt_token"; did you mean "prompt_tokens"?
        """),
    WrongFile(
      "a missing column", .reference,
      replacing: "error,", with: "",
      says: """
        FILE:2:1: missing column "error"
        """),
    WrongFile(
      "a column too many", .reference,
      replacing: ",role\n", with: ",role,note\n",
      says: """
        FILE:2:81: unknown column "note"; known are model, prompt_tokens, output_tokens, \
        background_gib, design, metric, value, error, role
        """),
    WrongFile(
      "a column twice", .reference,
      replacing: "error", with: "model",
      says: """
        FILE:2:1: missing column "error"
        FILE:2:70: expected each column once, found "model" again
        """),
    WrongFile(
      "a field too few", .reference,
      replacing: "llama-3.2-3b,64,1,8,flexserve", with: "llama-3.2-3b,64,1,flexserve",
      says: """
        FILE:3:65: expected 9 fields, found 8
        """),
    WrongFile(
      "a field too many", .reference,
      replacing: "0.07,target", with: "0.07,target,read off",
      says: """
        FILE:3:68: expected 9 fields, found 10
        """),
    WrongFile(
      "a wrong role", .reference,
      replacing: "0.07,target", with: "0.07,targt",
      says: """
        FILE:3:61: role: expected one of input, fit, target, found "targt"; did you mean "target"?
        """),
    WrongFile(
      "a role with a space", .reference,
      replacing: "0.07,target", with: "0.07, target",
      says: """
        FILE:3:61: role: expected one of input, fit, target, found " target"; did you mean "target"?
        """),
    WrongFile(
      "a quote that is not closed", .reference,
      replacing: #""llama-3.2-3b",128"#, with: #""llama-3.2-3b,128"#,
      says: """
        FILE:5:1: expected a closing quote, found the end of the line
        """),
    WrongFile(
      "a quote inside a field", .reference,
      replacing: #""llama-3.2-3b",128"#, with: #"llama-"3.2"-3b,128"#,
      says: """
        FILE:5:7: expected quotes around the whole field, found one inside
        """),
    WrongFile(
      "a quote that is closed too soon", .reference,
      replacing: #""llama-3.2-3b",128"#, with: #""llama"-3.2-3b,128"#,
      says: """
        FILE:5:8: expected a comma after the closing quote, found "-"
        """),
    WrongFile(
      "several mistakes", .reference,
      replacing: "0.07,target\nllama-3.2-3b,128,1,8,flexserve,time_to_first_token,2.35,0.07,fit",
      with: "0.07,goal\nllama-3.2-3b,128,1,8,flexserve,time_to_first_token,2.35,fit",
      says: """
        FILE:3:61: role: expected one of input, fit, target, found "goal"
        FILE:4:60: expected 9 fields, found 8
        """),
    WrongFile(
      "an unknown model", .reference,
      replacing: #""llama-3.2-3b",128"#, with: #""llama-3.2-3c",128"#,
      isReadable: true,
      says: """
        FILE:5:1: model: expected one of \(modelNames), found "llama-3.2-3c"; did you mean \
        "llama-3.2-3b"?
        """),
    WrongFile(
      "an unknown design", .reference,
      replacing: "8,strawman", with: "8,strawmen",
      isReadable: true,
      says: """
        FILE:5:24: design: expected one of \(designNames), found "strawmen"; did you mean \
        "strawman"?
        """),
    WrongFile(
      "an unknown metric", .reference,
      replacing: "8,strawman,time_to_first_token", with: "8,strawman,time_to_first_tokens",
      isReadable: true,
      says: """
        FILE:5:33: metric: expected one of time_to_first_token, end_to_end_latency, \
        decode_tokens_per_second, response_latency, found "time_to_first_tokens"; did you mean \
        "time_to_first_token"?
        """),
    WrongFile(
      "a word instead of a time", .reference,
      replacing: "13.1", with: "long",
      isReadable: true,
      says: """
        FILE:5:53: value: expected a number above zero, found "long"
        """),
    WrongFile(
      "a time of zero", .reference,
      replacing: "13.1", with: "0",
      isReadable: true,
      says: """
        FILE:5:53: value: expected a number above zero, found "0"
        """),
    WrongFile(
      "a number of tokens with a fraction", .reference,
      replacing: #""llama-3.2-3b",128"#, with: #""llama-3.2-3b",12.8"#,
      isReadable: true,
      says: """
        FILE:5:16: prompt_tokens: expected a whole number above zero, found "12.8"
        """),
    WrongFile(
      "a size with its unit", .reference,
      replacing: "128,1,8,strawman", with: "128,1,8 GiB,strawman",
      isReadable: true,
      says: """
        FILE:5:22: background_gib: expected a number of GiB, found "8 GiB"
        """),
  ]
}
