extension WrongFile {
  static let devices: [WrongFile] = [
    WrongFile(
      "a file name that differs from the name inside", .device,
      replacing: "device: nanopc-t6", with: "device: nanopc-t7",
      says: """
        FILE:1:9: device: expected the file's name nanopc-t6, found "nanopc-t7"
        """),
    WrongFile(
      "a device to extend that is not there", .device,
      replacing: "extends: rk3588", with: "extends: rk3589",
      says: """
        FILE:2:10: extends: expected one of \(deviceNames), found "rk3589"; did you mean "rk3588"?
        """),
    WrongFile(
      "a device that extends itself", .device,
      replacing: "extends: rk3588", with: "extends: nanopc-t6",
      says: """
        FILE:2:10: extends: expected no circle, found nanopc-t6 -> nanopc-t6
        """),
    WrongFile(
      "values that nobody gives", .device,
      replacing: "extends: rk3588\n", with: "",
      says: """
        FILE:1:1: missing cpu.littleCoreCount, cpu.bigCoreClock, cpu.teamSize, cpu.hostElementRate, \
        cpu.streamingMacRate, cpu.activationCache, cpu.streamBandwidth, cpu.weightStreamBandwidth \
        and 61 more: neither this profile nor what it extends gives them
        """),
    WrongFile(
      "no summary", .device,
      replacing: "summary: \"A board\"\n", with: "",
      says: """
        FILE:1:1: missing key "summary"
        """),
    WrongFile(
      "an unknown group of values", .device,
      replacing: "storage:", with: "disk:",
      says: """
        FILE:18:1: unknown key "disk"; known are device, extends, summary, cpu, dram, memory, \
        framework, world, firewall, stage2, storage, crypto, npu
        """),
    WrongFile(
      "a misspelt value", .device,
      replacing: "  modeSwitch:", with: "  modeSwich:",
      says: """
        FILE:21:3: npu: unknown key "modeSwich"; did you mean "modeSwitch"?
        """),
    WrongFile(
      "a list instead of a group", .device,
      replacing: """
        storage:
          readBandwidth: { value: "2.5 GB/s", source: "a review", confidence: reported }
        """,
      with: "storage: [readBandwidth]",
      says: """
        FILE:18:10: storage: expected a mapping with the keys readBandwidth, writeBandwidth, \
        readLatency, found a \
        list
        """),
    WrongFile(
      "a value alone", .device,
      replacing:
        #"bigCoreCount: { value: 4, source: "data sheet", confidence: measured, range: ["2", "8"] }"#,
      with: "bigCoreCount: 4",
      says: """
        FILE:5:17: cpu.bigCoreCount: expected a mapping with the keys value, source, confidence, \
        range, found "4"
        """),
    WrongFile(
      "a value that is null", .device,
      replacing: #"value: "0.21 ms""#, with: "value:",
      says: """
        FILE:22:11: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        nothing
        """),
    WrongFile(
      "no value", .device,
      replacing: "    value: \"0.21 ms\"\n", with: "",
      says: """
        FILE:22:5: npu.modeSwitch: missing key "value"
        """),
    WrongFile(
      "a value without its source", .device,
      replacing: "    source: \"a table\"\n", with: "",
      says: """
        FILE:22:5: npu.modeSwitch: missing key "source"
        """),
    WrongFile(
      "an empty source", .device,
      replacing: #"source: "a table""#, with: #"source: """#,
      says: """
        FILE:23:13: npu.modeSwitch.source: expected a text, found ""
        """),
    WrongFile(
      "a value without its confidence", .device,
      replacing: ", confidence: reported", with: "",
      says: """
        FILE:19:18: storage.readBandwidth: missing key "confidence"
        """),
    WrongFile(
      "a wrong word for confidence", .device,
      replacing: "confidence: reported", with: "confidence: guessed",
      says: """
        FILE:19:71: storage.readBandwidth.confidence: expected one of measured, reported, derived, \
        assumed, found "guessed"
        """),
    WrongFile(
      "a misspelt word for confidence", .device,
      replacing: "confidence: reported", with: "confidence: measurd",
      says: """
        FILE:19:71: storage.readBandwidth.confidence: expected one of measured, reported, derived, \
        assumed, found "measurd"; did you mean "measured"?
        """),
    WrongFile(
      "a duration without its unit", .device,
      replacing: #""0.21 ms""#, with: #""0.21""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "0.21" (the unit is missing)
        """),
    WrongFile(
      "a duration in an unknown unit", .device,
      replacing: #""0.21 ms""#, with: #""0.21 msec""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "0.21 msec" (the unit "msec" is not one of ps, ns, us, ms, s, min, h)
        """),
    WrongFile(
      "microseconds with the sign for micro", .device,
      replacing: #""0.21 ms""#, with: #""210 µs""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "210 µs" (the unit "µs" is not known; did you mean "us"?)
        """),
    WrongFile(
      "a duration with a sign", .device,
      replacing: #""0.21 ms""#, with: #""-0.21 ms""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "-0.21 ms" (the number has a sign)
        """),
    WrongFile(
      "a duration with an exponent", .device,
      replacing: #""0.21 ms""#, with: #""21e-2 ms""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "21e-2 ms" (the number has an exponent)
        """),
    WrongFile(
      "a duration finer than a picosecond", .device,
      replacing: #""0.21 ms""#, with: #""0.0000000001 ms""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "0.0000000001 ms" (it is not a whole number of picoseconds)
        """),
    WrongFile(
      "a duration of more than 64 bits", .device,
      replacing: #""0.21 ms""#, with: #""3000 h""#,
      says: """
        FILE:22:12: npu.modeSwitch.value: expected a duration with a unit, such as "0.21 ms", found \
        "3000 h" (it is more than 9223372036854775807 picoseconds)
        """),
    WrongFile(
      "a size where a rate belongs", .device,
      replacing: #""2.5 GB/s""#, with: #""2.5 GB""#,
      says: """
        FILE:19:27: storage.readBandwidth.value: expected a rate with a unit, such as "25.6 GB/s", \
        found "2.5 GB" (the unit "GB" is not known; did you mean "GB/s"?)
        """),
    WrongFile(
      "a rate of zero", .device,
      replacing: #""2.5 GB/s""#, with: #""0 GB/s""#,
      says: """
        FILE:19:27: storage.readBandwidth.value: expected more than zero, found "0 GB/s"
        """),
    WrongFile(
      "a rate in bits", .device,
      replacing: #""2.5 GB/s""#, with: #""20 Gbit/s""#,
      says: """
        FILE:19:27: storage.readBandwidth.value: expected a rate with a unit, such as "25.6 GB/s", \
        found "20 Gbit/s" (the unit "Gbit/s" is not one of B/s, KiB/s, MiB/s, GiB/s, TiB/s, kB/s, \
        MB/s, GB/s, TB/s)
        """),
    WrongFile(
      "a computing rate in unknown operations", .device,
      replacing: #""51.8 GMAC/s""#, with: #""51.8 GFLOP/s""#,
      says: """
        FILE:11:27: cpu.cachedMacRate.value: expected a rate with a unit, such as "29.7 GMAC/s", \
        found "51.8 GFLOP/s" (the unit "GFLOP/s" is not one of MAC/s, kMAC/s, MMAC/s, GMAC/s, \
        TMAC/s, elements/s, kelements/s, Melements/s, Gelements/s, Telements/s)
        """),
    WrongFile(
      "a count in quotes", .device,
      replacing: "value: 4", with: #"value: "4""#,
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected a whole number, found the text "4" in quotes
        """),
    WrongFile(
      "a count of zero", .device,
      replacing: "value: 4", with: "value: 0",
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected more than zero, found "0"
        """),
    WrongFile(
      "a negative count", .device,
      replacing: "value: 4", with: "value: -4",
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected more than zero, found "-4"
        """),
    WrongFile(
      "a count with a fraction", .device,
      replacing: "value: 4", with: "value: 4.5",
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected a whole number, such as "128", found "4.5" (it \
        has a point)
        """),
    WrongFile(
      "a count with leading zeros", .device,
      replacing: "value: 4", with: "value: 04",
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected a whole number, such as "128", found "04" (the \
        number has leading zeros)
        """),
    WrongFile(
      "a count with a unit", .device,
      replacing: "value: 4", with: "value: 4 cores",
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected a whole number, such as "128", found "4 cores" \
        (it has a space)
        """),
    WrongFile(
      "a count beyond all reason", .device,
      replacing: "value: 4", with: "value: 4000000000",
      says: """
        FILE:5:26: cpu.bigCoreCount.value: expected at most 1073741824, found "4000000000"
        """),
    WrongFile(
      "a ratio above 100 %", .device,
      replacing: #""36.3 %""#, with: #""136.3 %""#,
      says: """
        FILE:7:12: cpu.littleCoreThroughput.value: expected at most 100 %, found "136.3 %"
        """),
    WrongFile(
      "a percentage without a space", .device,
      replacing: #""36.3 %""#, with: #""36.3%""#,
      says: """
        FILE:7:12: cpu.littleCoreThroughput.value: expected a ratio or a percentage, such as "0.42" \
        or "17.9 %", found "36.3%" (the space between the number and the unit is missing)
        """),
    WrongFile(
      "a value outside its range", .device,
      replacing: #"value: "0.21 ms""#, with: #"value: "2.1 ms""#,
      says: """
        FILE:25:12: npu.modeSwitch.range: expected ends around 2.1 ms, found 100 us to 1 ms
        """),
    WrongFile(
      "a range whose ends are swapped", .device,
      replacing: #"["0.1 ms", "1 ms"]"#, with: #"["1 ms", "0.1 ms"]"#,
      says: """
        FILE:25:12: npu.modeSwitch.range: expected ends around 210 us, found 1 ms to 100 us
        """),
    WrongFile(
      "a range with one end", .device,
      replacing: #"["0.1 ms", "1 ms"]"#, with: #"["0.1 ms"]"#,
      says: """
        FILE:25:12: npu.modeSwitch.range: expected the lowest and the highest value in a list, \
        found 1 item
        """),
    WrongFile(
      "a range of another kind", .device,
      replacing: #"["0.1 ms", "1 ms"]"#, with: #"["0.1 ms", "1 MB"]"#,
      says: """
        FILE:25:23: npu.modeSwitch.range[1]: expected a duration with a unit, such as "0.21 ms", \
        found "1 MB" (the unit "MB" is not one of ps, ns, us, ms, s, min, h)
        """),
    WrongFile(
      "a text instead of a range", .device,
      replacing: #"["0.1 ms", "1 ms"]"#, with: "0.1 to 1 ms",
      says: """
        FILE:25:12: npu.modeSwitch.range: expected the lowest and the highest value in a list, \
        found "0.1 to 1 ms"
        """),
    WrongFile(
      "a value for a curve", .device,
      replacing: #"points: [["1 GiB", "40 ms"], ["8 GiB", "560 ms"]]"#, with: #"value: "40 ms""#,
      says: """
        FILE:15:7: memory.pageAllocation.bySize: unknown key "value"; known are points, source, \
        confidence
        FILE:15:7: memory.pageAllocation.bySize: missing key "points"
        """),
    WrongFile(
      "a range for a curve", .device,
      replacing: #"source: "a figure""#,
      with: "source: \"a figure\"\n      range: [\"30 ms\", \"600 ms\"]",
      says: """
        FILE:17:7: memory.pageAllocation.bySize: unknown key "range"; known are points, source, \
        confidence
        """),
    WrongFile(
      "a curve with one point", .device,
      replacing: #"[["1 GiB", "40 ms"], ["8 GiB", "560 ms"]]"#, with: #"[["1 GiB", "40 ms"]]"#,
      says: """
        FILE:15:15: memory.pageAllocation.bySize.points: expected at least two points, found one
        """),
    WrongFile(
      "a curve without points", .device,
      replacing: #"[["1 GiB", "40 ms"], ["8 GiB", "560 ms"]]"#, with: "[]",
      says: """
        FILE:15:15: memory.pageAllocation.bySize.points: expected at least one item, found an empty \
        list
        """),
    WrongFile(
      "a curve whose amounts descend", .device,
      replacing: #"[["1 GiB", "40 ms"], ["8 GiB", "560 ms"]]"#,
      with: #"[["8 GiB", "560 ms"], ["1 GiB", "40 ms"]]"#,
      says: """
        FILE:15:38: memory.pageAllocation.bySize.points[1][0]: expected more than 8 GiB, found 1 GiB
        """),
    WrongFile(
      "a curve with an amount twice", .device,
      replacing: #"["8 GiB", "560 ms"]]"#, with: #"["1024 MiB", "560 ms"]]"#,
      says: """
        FILE:15:37: memory.pageAllocation.bySize.points[1][0]: expected more than 1 GiB, found 1 GiB
        """),
    WrongFile(
      "a point with three parts", .device,
      replacing: #"["8 GiB", "560 ms"]]"#, with: #"["8 GiB", "560 ms", "570 ms"]]"#,
      says: """
        FILE:15:36: memory.pageAllocation.bySize.points[1]: expected a pair such as ["8 GiB", "0.56 \
        s"], found 3 items
        """),
    WrongFile(
      "a point whose parts are swapped", .device,
      replacing: #"["8 GiB", "560 ms"]]"#, with: #"["560 ms", "8 GiB"]]"#,
      says: """
        FILE:15:37: memory.pageAllocation.bySize.points[1][0]: expected a size with a unit, such as \
        "8 GiB", found "560 ms" (the unit "ms" is not one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB)
        FILE:15:47: memory.pageAllocation.bySize.points[1][1]: expected a duration with a unit, \
        such as "0.21 ms", found "8 GiB" (the unit "GiB" is not one of ps, ns, us, ms, s, min, h)
        """),
    WrongFile(
      "a point that is no pair", .device,
      replacing: #"["8 GiB", "560 ms"]]"#, with: #""8 GiB"]"#,
      says: """
        FILE:15:36: memory.pageAllocation.bySize.points[1]: expected a pair such as ["8 GiB", "0.56 \
        s"], found "8 GiB"
        """),
  ]
}
