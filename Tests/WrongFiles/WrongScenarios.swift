extension WrongFile {
  static let scenarios: [WrongFile] = [
    WrongFile(
      "a misspelt key", .scenario,
      replacing: "title:", with: "titel:",
      says: """
        FILE:3:1: unknown key "titel"; did you mean "title"?
        """),
    WrongFile(
      "a key that nobody knows", .scenario,
      replacing: "reference: cold-ttft.csv", with: "reference: cold-ttft.csv\nworkload: chat",
      says: """
        FILE:19:1: unknown key "workload"; known are scenario, title, notes, device, designs, \
        models, promptTokens, outputTokens, backgroundMemory, precision, gemmFidelity, seed, \
        operatingSystem, earlierRequests, steps, metric, set, reference
        """),
    WrongFile(
      "a missing key", .scenario,
      replacing: "title: \"A small experiment\"\n", with: "",
      says: """
        FILE:2:1: missing key "title"
        """),
    WrongFile(
      "a missing axis", .scenario,
      replacing: "seed: 1\n", with: "",
      says: """
        FILE:2:1: missing key "seed"
        """),
    WrongFile(
      "a value that is not there", .scenario,
      replacing: "device: nanopc-t6", with: "device:",
      says: """
        FILE:6:8: device: expected one of \(deviceNames), found nothing
        """),
    WrongFile(
      "null instead of an axis", .scenario,
      replacing: "precision: int8", with: "precision: ~",
      says: """
        FILE:12:12: precision: expected one of int8, fp16, found nothing
        """),
    WrongFile(
      "a name with capitals", .scenario,
      replacing: "scenario: small", with: "scenario: Small",
      says: """
        FILE:2:11: scenario: expected a name of small letters, digits and dashes, found "Small"
        """),
    WrongFile(
      "an empty text", .scenario,
      replacing: #""A small experiment""#, with: #""""#,
      says: """
        FILE:3:8: title: expected a text, found ""
        """),
    WrongFile(
      "a text of spaces", .scenario,
      replacing: #""nothing is left open""#, with: #""  ""#,
      says: """
        FILE:5:5: notes[0]: expected a text, found "  "
        """),
    WrongFile(
      "an empty list of notes", .scenario,
      replacing: "\n  - \"nothing is left open\"", with: " []",
      says: """
        FILE:4:8: notes: expected at least one item, found an empty list
        """),
    WrongFile(
      "a text instead of a list of notes", .scenario,
      replacing: "\n  - \"nothing is left open\"", with: " nothing is left open",
      says: """
        FILE:4:8: notes: expected a list, found "nothing is left open"
        """),
    WrongFile(
      "a mapping instead of a text", .scenario,
      replacing: #"title: "A small experiment""#, with: #"title: { en: "A small experiment" }"#,
      says: """
        FILE:3:8: title: expected a text, found a mapping
        """),
    WrongFile(
      "an unknown device", .scenario,
      replacing: "device: nanopc-t6", with: "device: nanopc-t7",
      says: """
        FILE:6:9: device: expected one of \(deviceNames), found "nanopc-t7"; did you mean \
        "nanopc-t6"?
        """),
    WrongFile(
      "an unknown design", .scenario,
      replacing: "[strawman, flexserve]", with: "[strawman, flexserv]",
      says: """
        FILE:7:21: designs[1]: expected one of \(designNames), found "flexserv"; did you mean \
        "flexserve"?
        """),
    WrongFile(
      "an unknown model", .scenario,
      replacing: "[llama-3.2-3b]", with: "[llama-3.2-3b, mistral-7b]",
      says: """
        FILE:8:24: models[1]: expected one of \(modelNames), found "mistral-7b"
        """),
    WrongFile(
      "an unknown reference", .scenario,
      replacing: "cold-ttft.csv", with: "cold-tfft.csv",
      says: """
        FILE:18:12: reference: expected one of \(referenceNames), found "cold-tfft.csv"; did you \
        mean "cold-ttft.csv"?
        """),
    WrongFile(
      "an unknown metric", .scenario,
      replacing: "reference: cold-ttft.csv", with: "metric: decode_rate",
      says: """
        FILE:18:9: metric: expected one of time_to_first_token, end_to_end_latency, \
        decode_tokens_per_second, found "decode_rate"
        """),
    WrongFile(
      "a list of devices", .scenario,
      replacing: "device: nanopc-t6", with: "device: [nanopc-t6, rk3588]",
      says: """
        FILE:6:9: device: expected one of \(deviceNames), found a list
        """),
    WrongFile(
      "an empty axis", .scenario,
      replacing: "[64, 128]", with: "[]",
      says: """
        FILE:9:15: promptTokens: expected at least one item, found an empty list
        """),
    WrongFile(
      "a repeated value of an axis", .scenario,
      replacing: "[strawman, flexserve]", with: "[strawman, flexserve, strawman]",
      says: """
        FILE:7:32: designs[2]: expected each value once, found "strawman" again
        """),
    WrongFile(
      "one size written in two ways", .scenario,
      replacing: #"["0 GiB", "8 GiB"]"#, with: #"["8 GiB", "8192 MiB"]"#,
      says: """
        FILE:11:29: backgroundMemory[1]: expected each value once, found "8192 MiB" again
        """),
    WrongFile(
      "a mapping instead of an axis", .scenario,
      replacing: "[64, 128]", with: "{ from: 64, to: 128 }",
      says: """
        FILE:9:15: promptTokens: expected a whole number, found a mapping
        """),
    WrongFile(
      "leading zeros", .scenario,
      replacing: "[64, 128]", with: "[064, 128]",
      says: """
        FILE:9:16: promptTokens[0]: expected a whole number, such as "128", found "064" (the number \
        has leading zeros)
        """),
    WrongFile(
      "an underscore", .scenario,
      replacing: "[64, 128]", with: "[64, 1_28]",
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number, such as "128", found "1_28" (the \
        number has an underscore)
        """),
    WrongFile(
      "hexadecimal digits", .scenario,
      replacing: "[64, 128]", with: "[0x40, 128]",
      says: """
        FILE:9:16: promptTokens[0]: expected a whole number, such as "128", found "0x40" (the \
        number is not decimal)
        """),
    WrongFile(
      "an exponent", .scenario,
      replacing: "[64, 128]", with: "[64, 1e2]",
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number, such as "128", found "1e2" (the number \
        has an exponent)
        """),
    WrongFile(
      "a plus sign", .scenario,
      replacing: "[64, 128]", with: "[+64, 128]",
      says: """
        FILE:9:16: promptTokens[0]: expected a whole number, such as "128", found "+64" (the number \
        has a sign)
        """),
    WrongFile(
      "a fraction where a whole number belongs", .scenario,
      replacing: "[64, 128]", with: "[64, 128.5]",
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number, such as "128", found "128.5" (it has a \
        point)
        """),
    WrongFile(
      "a word instead of a number", .scenario,
      replacing: "[64, 128]", with: "[64, many]",
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number, such as "128", found "many" (the \
        number is missing)
        """),
    WrongFile(
      "a number in quotes", .scenario,
      replacing: "[64, 128]", with: #"[64, "128"]"#,
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number, found the text "128" in quotes
        """),
    WrongFile(
      "zero tokens", .scenario,
      replacing: "[64, 128]", with: "[0, 128]",
      says: """
        FILE:9:16: promptTokens[0]: expected a whole number from 1 to 131072, found 0
        """),
    WrongFile(
      "a negative number of tokens", .scenario,
      replacing: "[64, 128]", with: "[64, -128]",
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number from 1 to 131072, found -128
        """),
    WrongFile(
      "too many tokens", .scenario,
      replacing: "[64, 128]", with: "[64, 131073]",
      says: """
        FILE:9:20: promptTokens[1]: expected a whole number from 1 to 131072, found 131073
        """),
    WrongFile(
      "too many output tokens", .scenario,
      replacing: "outputTokens: 1", with: "outputTokens: 16385",
      says: """
        FILE:10:15: outputTokens: expected a whole number from 1 to 16384, found 16385
        """),
    WrongFile(
      "a seed beyond 64 bits", .scenario,
      replacing: "seed: 1", with: "seed: 9223372036854775808",
      says: """
        FILE:14:7: seed: expected a whole number, such as "128", found "9223372036854775808" (it \
        does not fit 64 bits)
        """),
    WrongFile(
      "a size without its unit", .scenario,
      replacing: #""8 GiB""#, with: #""8""#,
      says: """
        FILE:11:29: backgroundMemory[1]: expected a size with a unit, such as "8 GiB", found "8" \
        (the unit is missing)
        """),
    WrongFile(
      "a size in an unknown unit", .scenario,
      replacing: #""8 GiB""#, with: #""8 Gib""#,
      says: """
        FILE:11:29: backgroundMemory[1]: expected a size with a unit, such as "8 GiB", found "8 \
        Gib" (the unit "Gib" is not known; did you mean "GiB"?)
        """),
    WrongFile(
      "a size with a comma", .scenario,
      replacing: #""8 GiB""#, with: #""8,0 GiB""#,
      says: """
        FILE:11:29: backgroundMemory[1]: expected a size with a unit, such as "8 GiB", found "8,0 \
        GiB" (the number has a comma)
        """),
    WrongFile(
      "a unit that touches its number", .scenario,
      replacing: #""8 GiB""#, with: #""8GiB""#,
      says: """
        FILE:11:29: backgroundMemory[1]: expected a size with a unit, such as "8 GiB", found "8GiB" \
        (the space between the number and the unit is missing)
        """),
    WrongFile(
      "an unknown precision", .scenario,
      replacing: "precision: int8", with: "precision: int4",
      says: """
        FILE:12:12: precision: expected one of int8, fp16, found "int4"; did you mean "int8"?
        """),
    WrongFile(
      "an axis under set", .scenario,
      replacing: "  design.blockWindow: [1, 2]", with: "  promptTokens: [1, 2]",
      says: """
        FILE:17:3: set.promptTokens: expected a key that begins with device., model. or design., \
        found an axis, which stands beside set, not in it
        """),
    WrongFile(
      "a key under set that belongs nowhere", .scenario,
      replacing: "  design.blockWindow: [1, 2]", with: "  npu.modeSwitch: 1 ms",
      says: """
        FILE:17:3: set.npu.modeSwitch: expected a key that begins with device., model. or design., \
        found "npu.modeSwitch"
        """),
    WrongFile(
      "a value that is set twice", .scenario,
      replacing: #"["0.21 ms", x2]"#, with: "[x2, x2]",
      says: """
        FILE:16:31: set.device.npu.modeSwitch[1]: expected each value once, found "x2" again
        """),
    WrongFile(
      "a list instead of the settings", .scenario,
      replacing: "set:\n  device.npu.modeSwitch: [\"0.21 ms\", x2]\n  design.blockWindow: [1, 2]",
      with: "set: [x2]",
      says: """
        FILE:15:6: set: expected a mapping, found a list
        """),
    WrongFile(
      "a setting that the device does not have", .scenario,
      replacing: "device.npu.modeSwitch:", with: "device.npu.modeSwich:",
      says: """
        FILE:16:3: set.device.npu.modeSwich: a device has no value "npu.modeSwich"; did you mean \
        "device.npu.modeSwitch"?
        """),
    WrongFile(
      "a setting without its unit", .scenario,
      replacing: #"["0.21 ms", x2]"#, with: #"["0.21 ms", "0.42"]"#,
      says: """
        FILE:16:38: set.device.npu.modeSwitch[1]: expected a duration with a unit, such as "0.21 \
        ms", found "0.42" (the unit is missing)
        """),
    WrongFile(
      "a factor that is no number", .scenario,
      replacing: #"["0.21 ms", x2]"#, with: #"["0.21 ms", xfast]"#,
      says: """
        FILE:16:38: set.device.npu.modeSwitch[1]: expected a factor such as "x1.15", found "xfast"
        """),
    WrongFile(
      "a factor that leaves a rate of zero", .scenario,
      replacing: #"device.npu.modeSwitch: ["0.21 ms", x2]"#,
      with: "device.storage.readBandwidth: x0",
      isReadable: true,
      says: """
        FILE:16:33: set.device.storage.readBandwidth: expected more than zero, found "x0"
        """),
    WrongFile(
      "a setting that no design has", .scenario,
      replacing: "design.blockWindow:", with: "design.blockWidth:",
      isReadable: true,
      says: """
        FILE:17:22: set.design.blockWidth: no design of this scenario has a parameter "blockWidth"; \
        known are allocation, blockWindow, cachePolicy, cacheShare, cacheSize, compute, context, \
        frameworkStart, history, idleWindow, inlineDecryption, memory, migrationThreads, npuHandOver, \
        pipeline, prefetch, prefixReuse, protectionAtArrival, rateThreshold, refill, retention, rowTask
        """),
    WrongFile(
      "a setting that its design does not accept", .scenario,
      replacing: "[1, 2]\n", with: "[1, 65]\n",
      isReadable: true,
      says: """
        FILE:17:23: set.design.blockWindow: expected a whole number from 1 to 64, found "65"
        """),
    WrongFile(
      "several mistakes", .scenario,
      replacing: "scenario: small\ntitle: \"A small experiment\"",
      with: "scenario: Small\ntitel: \"A small experiment\"\nseeds: 2",
      says: """
        FILE:2:11: scenario: expected a name of small letters, digits and dashes, found "Small"
        FILE:3:1: unknown key "titel"; did you mean "title"?
        FILE:4:1: unknown key "seeds"; did you mean "seed"?
        """),
    WrongFile(
      "mistakes on every line", .scenario,
      replacing: """
        designs: [strawman, flexserve]
        models: [llama-3.2-3b]
        promptTokens: [64, 128]
        outputTokens: 1

        """,
      with: """
        designs: [straw, flexserve, flexserv]
        models: llama
        promptTokens: [64, 1.5, 2e2]

        """,
      says: """
        FILE:2:1: missing key "outputTokens"
        FILE:7:11: designs[0]: expected one of \(designNames), found "straw"
        FILE:7:29: designs[2]: expected one of \(designNames), found "flexserv"; did you mean \
        "flexserve"?
        FILE:8:9: models: expected one of \(modelNames), found "llama"
        FILE:9:20: promptTokens[1]: expected a whole number, such as "128", found "1.5" (it has a \
        point)
        FILE:9:25: promptTokens[2]: expected a whole number, such as "128", found "2e2" (the number \
        has an exponent)
        """),
  ]
}
