import ConfigurationReader
import DeviceModel
import Experiments
import FoundationEssentials
import ModelArchitecture
import Quantities
import ScenarioFiles
import ServingDesigns
import Testing

/// What `--set key=text,text` gives to the cold-TTFT scenario, whose axes are cut to one value.
private func points(_ settings: [(String, [String])]) throws -> [ExperimentPoint] {
  let scenario = try library.scenario("\(library.root)/paper/cold-ttft.yaml")
  let small = [("designs", ["flexserve"]), ("models", ["llama-3.2-3b"]), ("promptTokens", ["64"])]
  let overrides = (small + settings).map { key, texts in
    SettingAxis(key: key, texts: texts, origin: .commandLine)
  }
  return try ResolvedScenario(scenario, library: library, overrides: overrides).points()
}

private func value(_ key: String, of point: ExperimentPoint) throws -> String {
  point.device[try #require(ProfileKey.named(key))].value.text
}

@Suite struct SettingTests {
  // MARK: What a setting can be

  @Test func aValueReplacesThatOfTheProfileAndSaysSo() throws {
    let point = try #require(try points([("device.npu.modeSwitch", ["0.5 ms"])]).first)
    #expect(try value("npu.modeSwitch", of: point) == "500 us")
    let key = try #require(ProfileKey.named("npu.modeSwitch"))
    #expect(point.device[key].source == "set to 0.5 ms")
    #expect(point.device[key].confidence == .assumed)
    #expect(point.settings.map(\.text) == ["0.5 ms"])
    #expect(point.id == "llama-3.2-3b/64+1/8 GiB/device.npu.modeSwitch=0.5 ms/flexserve")
  }

  /// The profile's mode switch takes 0.21 ms, its storage reads 2630640176 B/s, its NPU has three
  /// cores and its fastest page allocation by size takes 30 ms: spans are rounded up, rates and
  /// counts down.
  @Test(
    arguments: [
      ("npu.modeSwitch", "x1.15", "241.5 us"), ("npu.modeSwitch", "x1", "210 us"),
      ("npu.modeSwitch", "x0", "0 s"), ("npu.modeSwitch", "x50 %", "105 us"),
      ("storage.readBandwidth", "x0.5", "1.315320088 GB/s"),
      ("storage.readBandwidth", "x0.3333", "876.79237 MB/s"),
      ("npu.coreCount", "x1.4", "4"), ("npu.clock", "x0.9", "900 MHz"),
      ("dram.capacity", "x2", "32 GiB"),
      (
        "memory.pageAllocation.bySize", "x1.15", "34.5 ms at 512 MiB to 3.059 s at 9 GiB, 10 points"
      ),
    ])
  func aFactorMultipliesTheProfilesValue(key: String, factor: String, text: String) throws {
    let point = try #require(try points([("device.\(key)", [factor])]).first)
    #expect(try value(key, of: point) == text)
  }

  @Test func aListIsAnAxisAndTwoListsAreAllTheirPairs() throws {
    let points = try points([
      ("device.npu.modeSwitch", ["0.1 ms", "x2"]), ("design.blockWindow", ["1", "2", "4"]),
    ])
    #expect(
      points.map { $0.settings.map(\.text) } == [
        ["0.1 ms", "1"], ["0.1 ms", "2"], ["0.1 ms", "4"], ["x2", "1"], ["x2", "2"], ["x2", "4"],
      ])
    #expect(points.map { $0.designParameters.count("blockWindow") } == [1, 2, 4, 1, 2, 4])
    #expect(
      try points.map { try value("npu.modeSwitch", of: $0) }
        == Array(repeating: "100 us", count: 3) + Array(repeating: "420 us", count: 3))
    #expect(Set(points.map(\.id)).count == 6)
  }

  @Test func aKeyOfTheScenarioReplacesItsAxis() throws {
    let points = try points([
      ("promptTokens", ["32", "96"]), ("designs", ["strawman", "flexserve"]),
      ("backgroundMemory", ["4 GiB"]), ("precision", ["fp16"]), ("gemmFidelity", ["roofline"]),
      ("seed", ["7"]),
    ])
    #expect(points.map(\.promptTokenCount) == [32, 32, 96, 96])
    #expect(points.map(\.design) == ["strawman", "flexserve", "strawman", "flexserve"])
    #expect(points.allSatisfy { $0.backgroundMemory == ByteCount(bytes: 4 << 30) })
    #expect(points.allSatisfy { $0.precision == .fp16 && $0.gemmFidelity == .roofline })
    #expect(points.allSatisfy { $0.seed == 7 && $0.settings.isEmpty })
  }

  @Test func anotherDeviceCanBeTaken() throws {
    let point = try #require(try points([("device", ["rk3588"])]).first)
    #expect(point.device.name == "rk3588")
    #expect(try value("storage.readBandwidth", of: point) == "2 GB/s")
  }

  @Test func ofTwoSettingsOfOneKeyTheLaterCounts() throws {
    let points = try points([
      ("device.npu.modeSwitch", ["0.1 ms", "0.2 ms"]), ("device.npu.modeSwitch", ["0.3 ms"]),
      ("seed", ["1", "2"]), ("seed", ["3"]),
    ])
    #expect(points.count == 1)
    #expect(try value("npu.modeSwitch", of: points[0]) == "300 us")
    #expect(points[0].seed == 3)
  }

  @Test func aModelsNumbersCanBeSetForAllModelsOrForOne() throws {
    let models = ("models", ["llama-3.2-1b", "qwen2.5-0.5b"])
    let all = try points([models, ("model.layers", ["4"])])
    #expect(all.map(\.model.layerCount) == [4, 4])
    let one = try points([models, ("model.qwen2.5-0.5b.layers", ["4"])])
    #expect(one.map(\.model.layerCount) == [16, 4])
  }

  @Test func aDesignsParameterCanBeSetForAllDesignsThatHaveItOrForOne() throws {
    let designs = ("designs", ["strawman", "strawman-opt", "flexserve"])
    let all = try points([designs, ("design.blockWindow", ["8"])])
    #expect(all.dropFirst().map { $0.designParameters.count("blockWindow") } == [8, 8])
    let one = try points([designs, ("design.flexserve.blockWindow", ["8"])])
    #expect(one.dropFirst().map { $0.designParameters.count("blockWindow") } == [2, 8])
  }

  @Test func aSettingReplacesThatOfTheScenario() throws {
    var scenario = try library.scenario("\(library.root)/paper/cold-ttft.yaml")
    scenario.settings = [
      SettingAxis(
        key: "device.npu.modeSwitch", texts: ["x2", "x3"],
        origin: .file("a.yaml", line: 1, column: 1))
    ]
    let override = SettingAxis(key: "device.npu.modeSwitch", texts: ["x1"], origin: .commandLine)
    let points = try ResolvedScenario(scenario, library: library, overrides: [override]).points()
    #expect(Set(points.map { $0.settings.map(\.text) }) == [["x1"]])
  }

  // MARK: What it cannot be

  @Test(
    arguments: [
      (
        "device.npu.modeSwich", "1 ms",
        #"a device has no value "npu.modeSwich"; did you mean "device.npu.modeSwitch"?"#
      ),
      (
        "device.npu.modeSwitch", "0.5",
        #"expected a duration with a unit, such as "0.21 ms", found "0.5" (the unit is missing)"#
      ),
      (
        "device.npu.modeSwitch", "210 µs",
        #"expected a duration with a unit, such as "0.21 ms", found "210 µs" (the unit "µs" is"#
          + #" not known; did you mean "us"?)"#
      ),
      ("device.npu.modeSwitch", "xfast", #"expected a factor such as "x1.15", found "xfast""#),
      ("device.npu.modeSwitch", "x-1", #"expected a factor such as "x1.15", found "x-1""#),
      ("device.npu.modeSwitch", "x", #"expected a factor such as "x1.15", found "x""#),
      ("device.storage.readBandwidth", "x0", #"expected more than zero, found "x0""#),
      ("device.storage.readBandwidth", "0 GB/s", #"expected more than zero, found "0 GB/s""#),
      ("device.npu.coreCount", "x0.3", #"expected more than zero, found "x0.3""#),
      (
        "device.npu.coreCount", "3.5",
        #"expected a whole number, such as "128", found "3.5" (it has a point)"#
      ),
      ("device.cpu.littleCoreThroughput", "x3", #"expected at most 100 %, found "x3""#),
      (
        "device.memory.pageAllocation.bySize", "30 ms",
        #"expected a factor for the curve, such as "x1.15", found "30 ms" (a curve's points stand"#
          + " in the profile)"
      ),
      (
        "model.layer", "4",
        #"a model has no key "layer"; known are layers, hiddenSize, feedForwardSize,"#
          + " attentionHeads, keyValueHeads, headSize, vocabulary; did you mean \"layers\"?"
      ),
      ("model.layers", "0", "expected a whole number from 1 to 1024, found 0"),
      (
        "model.layers", "4.5",
        #"expected a whole number, such as "128", found "4.5" (it has a point)"#
      ),
      (
        "design.window", "4",
        #"no design of this scenario has a parameter "window"; known are allocation, blockWindow,"#
          + " cachePolicy, cacheShare, cacheSize, compute, context, history, idleWindow,"
          + " inlineDecryption, memory, npuHandOver, pipeline, prefetch, prefixReuse,"
          + " protectionAtArrival, rateThreshold, refill, rowTask"
      ),
      ("design.blockWindow", "65", #"expected a whole number from 1 to 64, found "65""#),
      ("design.allocation", "hole", #"expected one of whole, perChunk, found "hole""#),
      (
        "npu.modeSwitch", "1 ms",
        "expected a key of the scenario, or one that begins with device., model. or design."
      ),
      (
        "promptToken", "64",
        "expected a key of the scenario, or one that begins with device., model. or design.;"
          + #" did you mean "promptTokens"?"#
      ),
      ("promptTokens", "0", "expected a whole number from 1 to 131072, found 0"),
      (
        "promptTokens", "x2",
        #"expected a whole number, such as "128", found "x2" (the number is not decimal)"#
      ),
      ("outputTokens", "16385", "expected a whole number from 1 to 16384, found 16385"),
      (
        "designs", "flexserv",
        "expected one of nw-base, strawman, strawman-opt, flexserve, tz-llm, found \"flexserv\";"
          + " did you mean \"flexserve\"?"
      ),
      (
        "backgroundMemory", "8",
        #"expected a size with a unit, such as "8 GiB", found "8" (the unit is missing)"#
      ),
      (
        "precision", "int4",
        #"expected one of int8, fp16, found "int4"; did you mean "int8"?"#
      ),
      ("gemmFidelity", "exact", #"expected one of roofline, tile, systolic, found "exact""#),
      ("seed", "-1", "expected a whole number from 0 to 9223372036854775807, found -1"),
    ])
  func aSettingIsRefusedWithItsReason(key: String, text: String, reason: String) {
    let error = #expect(throws: SettingError.self) { try points([(key, [text])]) }
    #expect(error?.description == "\(key)=\(text): \(reason)")
  }

  @Test func aSettingOfAScenarioIsRefusedAtItsPlace() throws {
    var scenario = try library.scenario("\(library.root)/paper/cold-ttft.yaml")
    scenario.settings = [
      SettingAxis(
        key: "design.blockWindow", texts: ["1", "65"],
        origin: .file("a.yaml", line: 17, column: 23))
    ]
    let resolved = try ResolvedScenario(scenario, library: library)
    let error = #expect(throws: ConfigurationError.self) { try resolved.points() }
    #expect(
      error?.description
        == "a.yaml:17:23: set.design.blockWindow: expected a whole number from 1 to 64,"
        + #" found "65""#)
  }

  @Test func anAxisHasEachValueOnce() {
    let error = #expect(throws: SettingError.self) {
      try points([("promptTokens", ["64", "128", "64"])])
    }
    #expect(
      error?.description
        == #"promptTokens=64,128,64: expected each value once, found "64" again"#)
    let repeated = #expect(throws: SettingError.self) {
      try points([("design.blockWindow", ["2", "4", "2"])])
    }
    #expect(
      repeated?.description
        == #"design.blockWindow=2,4,2: expected each value once, found "2" again"#)
  }

  @Test func aWrongValueAmongRightOnesIsNamed() {
    let error = #expect(throws: SettingError.self) {
      try points([("design.blockWindow", ["1", "2", "65"])])
    }
    #expect(
      error?.description
        == #"design.blockWindow=65: expected a whole number from 1 to 64, found "65""#)
  }
}
