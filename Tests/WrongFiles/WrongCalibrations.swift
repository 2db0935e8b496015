extension WrongFile {
  static let calibrations: [WrongFile] = [
    WrongFile(
      "an unknown device", .calibration,
      replacing: "device: nanopc-t6", with: "device: nanopc",
      says: """
        FILE:2:9: device: expected one of \(deviceNames), found "nanopc"
        """),
    WrongFile(
      "an unknown scenario", .calibration,
      replacing: "scenario: cold-ttft", with: "scenario: warm-ttft",
      says: """
        FILE:13:15: fits[1].scenario: expected one of \(scenarioNames), found "warm-ttft"
        """),
    WrongFile(
      "designs without the scenario that they are run in", .calibration,
      replacing: "    scenario: cold-ttft\n", with: "",
      says: """
        FILE:8:5: fits[1]: missing key "scenario"
        """),
    WrongFile(
      "a value that devices do not have", .calibration,
      replacing: "[cpu.hostElementRate]", with: "[cpu.hostElementsRate]",
      says: """
        FILE:9:18: fits[1].parameters[0]: expected a key of a profile, such as npu.modeSwitch, \
        found "cpu.hostElementsRate"; did you mean "cpu.hostElementRate"?
        """),
    WrongFile(
      "a value that is fitted twice", .calibration,
      replacing: "[cpu.hostElementRate]", with: "[cpu.hostElementRate, cpu.hostElementRate]",
      says: """
        FILE:9:39: fits[1].parameters[1]: expected each value once, found "cpu.hostElementRate" \
        again
        """),
    WrongFile(
      "an unknown operation", .calibration,
      replacing: "operations: [prefill.npu]", with: "operations: [prefill.gpu]",
      says: """
        FILE:15:18: fits[1].operations[0]: expected one of allocate.flex-mem, allocate.contiguous, \
        npu-mapping.protected, npu-mapping.unprotected, npu-launch.protected, \
        npu-launch.unprotected, npu-mode-switch, protection-enable, storage-read, decrypt, \
        prefill.npu, prefill.npu.decrypting, prefill.cpu, found "prefill.gpu"; did you mean \
        "prefill.npu"?
        """),
    WrongFile(
      "an unknown design", .calibration,
      replacing: "[strawman-opt, flexserve]", with: "[strawman-opt, tz-llms]",
      says: """
        FILE:14:29: fits[1].designs[1]: expected one of \(designNames), found "tz-llms"; \
        did you mean "tz-llm"?
        """),
    WrongFile(
      "a ratio of one operation", .calibration,
      replacing: "[[prefill.cpu, prefill.npu]]", with: "[[prefill.cpu]]",
      says: """
        FILE:6:14: fits[0].ratios[0]: expected a pair of operations in a list, found 1 item
        """),
    WrongFile(
      "operations that are no pair", .calibration,
      replacing: "[[prefill.cpu, prefill.npu]]", with: "[prefill.cpu, prefill.npu]",
      says: """
        FILE:6:14: fits[0].ratios[0]: expected a pair of operations in a list, found "prefill.cpu"
        FILE:6:27: fits[0].ratios[1]: expected a pair of operations in a list, found "prefill.npu"
        """),
    WrongFile(
      "nothing to fit to", .calibration,
      replacing: "    ratios: [[prefill.cpu, prefill.npu]]\n", with: "",
      says: """
        FILE:4:5: fits[0]: expected designs, operations, ratios or measurements to fit to, found none \
        of them
        """),
    WrongFile(
      "nothing to fit", .calibration,
      replacing: "    parameters: [cpu.littleCoreThroughput]\n", with: "",
      says: """
        FILE:4:5: fits[0]: missing key "parameters"
        """),
    WrongFile(
      "a candidate that is no value of its key", .calibration,
      replacing: "[1024, 2048]", with: "[1024, 2 Ki]",
      says: """
        FILE:12:22: fits[1].candidates.values[1]: expected a whole number, such as "128", found "2 \
        Ki" (it has a space)
        """),
    WrongFile(
      "a candidate given twice", .calibration,
      replacing: "[1024, 2048]", with: "[1024, 1024]",
      says: """
        FILE:12:22: fits[1].candidates.values[1]: expected each value once, found "1024" again
        """),
    WrongFile(
      "candidates without a key", .calibration,
      replacing: "      key: npu.blockDimension\n", with: "",
      says: """
        FILE:11:7: fits[1].candidates: missing key "key"
        """),
    WrongFile(
      "two fits with one name", .calibration,
      replacing: "id: npu-path", with: "id: beside-each-other",
      says: """
        FILE:8:9: fits[1].id: expected each id once, found "beside-each-other" again
        """),
    WrongFile(
      "a fit without its reason", .calibration,
      replacing: "    why: \"the host's share decides\"\n", with: "",
      says: """
        FILE:8:5: fits[1]: missing key "why"
        """),
  ]
}
