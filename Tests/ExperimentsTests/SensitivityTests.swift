import DeviceModel
import Quantities
import ServingDesigns
import Testing

@testable import Experiments

/// A slower device is never faster, and whatever has a price shows somewhere.
@Suite struct SensitivityTests {
  /// Values of a profile that are slower together.
  struct Part: Sendable, CustomTestStringConvertible {
    var paths: [String]

    var testDescription: String { paths.joined(separator: " and ") }

    /// A device on which these take 15 % longer.
    var slower: DeviceProfile {
      paths.reduce(board) { device, path in
        // The paths are those of the catalogue.
        let key = ProfileKey.named(path)!
        let isSpan = [.duration, .curve, .count].contains(key.kind)
        let factor = isSpan ? Ratio(115, over: 100) : Ratio(100, over: 115)
        return device.replacing(key, with: board[key].value.scaled(by: factor), source: "slower")
      }
    }
  }

  /// Everything that has a speed or a price. The two slices of an allocator measure one thing, and
  /// meet in a point, so that one cannot move without the other.
  static let parts: [Part] = {
    let slices = [
      ["memory.pageAllocation.bySize", "memory.pageAllocation.byLoad"],
      ["memory.contiguousAllocation.bySize", "memory.contiguousAllocation.byLoad"],
    ]
    let counted = ["world.switchCycles", "firewall.accessesPerUpdate"]
    let single = ProfileKey.all.filter {
      [.duration, .bandwidth, .frequency, .macRate, .elementRate, .ratio].contains($0.kind)
    }
    return (slices + (counted + single.map(\.path)).map { [$0] }).map(Part.init)
  }()

  /// What shows nowhere, and why.
  static let silent = [
    "storage.readLatency": "this board's is part of its measured bandwidth, and zero",
    "cpu.decodePerLayer": "the vendor's runtime decodes with it, no design does",
    "stage2.slowdown": "other programs are slowed, no request is",
    "npu.libraryRun": "the vendor's library runs products with it, no design does",
    "cpu.coreWakeUp": "only a recall wakes the framework",
    "memory.watermarkScale": "nobody asks for memory where others' stays as it is",
    "memory.recallPerPage": "only a recall chooses pages",
    "memory.zeroBandwidth": "memory is cleaned after the last token",
    "memory.freePerPage": "memory goes back after the last token",
    "npu.unmapPerPage": "memory goes back after the last token",
    "stage2.mapPerPage": "memory goes back after the last token",
    "crypto.encryptBandwidth":
      "only keys and values are encrypted, and no request's are written back",
    "storage.writeBandwidth": "only keys and values are written back, and no request's are",
    "framework.boot": "no framework starts anew as shipped",
    "framework.perVocabularyEntry": "no framework starts anew as shipped",
    "npu.driverReattach": "the NPU is handed over by a mode switch",
  ]

  /// Two tokens: the second goes through what only single rows meet.
  static let points: [ExperimentPoint] = try! DesignCatalog.standard.names.flatMap { design in
    try [("llama-3.1-8b", 64), ("tinyllama-1.1b", 1), ("tinyllama-1.1b", 256)].map {
      try ExperimentPoint.shipped(design, $0.0, prompt: $0.1, output: 2)
    }
  }

  static let asShipped = try! points.map { try $0.run() }

  @Test(arguments: parts)
  func aSlowerPartMakesNoDesignFasterAndSomeDesignSlower(_ part: Part) throws {
    let device = part.slower
    var slowed: [String] = []
    for (point, before) in zip(Self.points, Self.asShipped) {
      var point = point
      point.device = device
      let after = try point.run()
      #expect(after.timeToFirstToken >= before.timeToFirstToken, "\(part): \(point.id)")
      #expect(after.endToEndLatency >= before.endToEndLatency, "\(part): \(point.id)")
      if after.endToEndLatency > before.endToEndLatency { slowed.append(point.id) }
    }
    let isSilent = part.paths.contains { Self.silent[$0] != nil }
    #expect(slowed.isEmpty == isSilent, "\(part) slows \(slowed)")
  }

  /// After 64 tokens the next layer still waits for its weights.
  @Test func aSlowerWindowSwitchShowsWhereComputingTakesLonger() throws {
    var point = try ExperimentPoint.shipped("flexserve", "llama-3.1-8b", prompt: 256)
    let before = try point.run().timeToFirstToken
    point.device = Part(paths: ["npu.windowSwitch"]).slower
    // One switch of 0.1 ms.
    #expect(try point.run().timeToFirstToken - before == .microseconds(15))
  }

  @Test func moreBackgroundLoadMakesNoDesignFasterButForTheReadingError() throws {
    for design in DesignCatalog.standard.names {
      var slowest = SimulatedDuration.zero
      for load in Int64(0)...10 {
        let time = try ExperimentPoint.shipped(
          design, "tinyllama-1.1b", prompt: 1, background: .gibibytes(load)
        ).run().timeToFirstToken
        // The points of the figure are read to 0.05 s.
        #expect(time + .milliseconds(50) >= slowest, "\(design) at \(load) GiB")
        slowest = max(slowest, time)
      }
    }
  }

  @Test func aLongerPromptMakesNoDesignFaster() throws {
    for design in DesignCatalog.standard.names {
      var before = SimulatedDuration.zero
      for prompt in [1, 2, 63, 64, 65, 128, 129, 500] {
        let time = try ExperimentPoint.shipped(design, "qwen2.5-0.5b", prompt: prompt)
          .run().timeToFirstToken
        #expect(time >= before, "\(design) at \(prompt)")
        before = time
      }
    }
  }

  /// A roofline has no fill and no tail, so it is never above the tiles.
  @Test func tilesTakeNoLessThanTheRoofline() throws {
    for (design, prompt) in [("nw-base", 64), ("flexserve", 200)] {
      func run(_ fidelity: GEMMFidelity) throws -> PointRecord {
        try ExperimentPoint.shipped(
          design, "tinyllama-1.1b", prompt: prompt, fidelity: fidelity
        ).run()
      }
      let (tiled, roofline) = (try run(.tile), try run(.roofline))
      #expect(tiled.timeToFirstToken >= roofline.timeToFirstToken)
      #expect(tiled.eventCount > roofline.eventCount)
    }
  }
}
