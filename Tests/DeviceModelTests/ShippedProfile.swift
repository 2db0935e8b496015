import Foundation
import Quantities

@testable import DeviceModel

/// The profile of the NanoPC-T6 as it is shipped, for prices worked by hand.
///
/// Profiles are read by a module above this one; the few shapes of line that the shipped files
/// have are read here with plain string functions.
enum ShippedProfile {
  /// All shipped values but the fitted ones, which stay as they were when the examples here were
  /// worked by hand: another fit must not break arithmetic.
  static let nanoPC = fitted.reduce(read("nanopc-t6", extending: read("rk3588"))) { texts, fit in
    var texts = texts
    texts[fit.key] = fit.value
    return texts
  }.profile

  private static let fitted = [
    "cpu.littleCoreThroughput": "36.3 %", "cpu.hostElementRate": "153 Melements/s",
    "cpu.cachedMacRate": "51.8 GMAC/s", "cpu.streamingMacRate": "30 GMAC/s",
    "npu.blockDimension": "2048", "npu.featureSlice": "128 KiB",
    "npu.coreStreamBandwidth": "12 GB/s", "npu.streamBandwidth": "30.94 GB/s",
    "cpu.weightStreamBandwidth": "12.8 GB/s", "memory.processMapPerPage": "204.916 ns",
  ]

  /// Paths and texts of the values in a device file, in front of those it extends.
  private static func read(
    _ name: String, extending base: [String: String] = [:]
  ) -> [String: String] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Scenarios/devices/\(name).yaml")
    guard let content = try? String(contentsOf: file, encoding: .utf8) else {
      preconditionFailure("\(file.path): cannot be read")
    }
    var values = base
    var path: [Substring] = []
    for line in content.split(separator: "\n") {
      let text = line.drop { $0 == " " }
      guard !text.isEmpty, text.first != "#", let colon = text.firstIndex(of: ":") else { continue }
      // Two spaces a level.
      path.removeLast(path.count - min(path.count, (line.count - text.count) / 2))
      path.append(text[..<colon])
      let rest = text[text.index(after: colon)...]
      if let value = rest.between("{ value: ", ", source:") {
        values[path.joined(separator: ".")] = value.filter { $0 != "\"" }
      } else if let points = rest.between(" [[", "]]") {
        values[path.dropLast().joined(separator: ".")] = String(points)
      }
    }
    return values
  }
}

extension Substring {
  fileprivate func between(_ opening: String, _ closing: String) -> Substring? {
    guard let start = range(of: opening), let end = range(of: closing) else { return nil }
    return self[start.upperBound..<end.lowerBound]
  }
}

extension [String: String] {
  fileprivate var profile: DeviceProfile {
    var values: [ProfileKey: SourcedValue] = [:]
    for key in ProfileKey.all {
      guard let text = self[key.path] else { preconditionFailure("no value for \(key.path)") }
      values[key] = SourcedValue(
        value: key.kind == .curve ? .curve(.reading(text)) : .reading(text, key),
        source: "shipped", confidence: .measured, range: [], givenBy: "shipped")
    }
    return DeviceProfile(name: "nanopc-t6", summary: "", values: values)
  }
}

extension ProfileQuantity {
  fileprivate static func reading(_ text: String, _ key: ProfileKey) -> ProfileQuantity {
    guard let value = try? ProfileQuantity(parsing: text, for: key) else {
      preconditionFailure("\(key.path): \(text)")
    }
    return value
  }
}

extension Curve {
  /// Points as they stand in a file, without the outer brackets.
  fileprivate static func reading(_ text: String) -> Curve {
    Curve(
      points: text.components(separatedBy: "], [").map { pair in
        let parts = pair.filter { $0 != "\"" }.components(separatedBy: ", ")
        guard parts.count == 2, let amount = try? ByteCount(parsing: parts[0]),
          let duration = try? SimulatedDuration(parsing: parts[1])
        else { preconditionFailure("a point of a curve: \(pair)") }
        return Point(amount: amount, duration: duration)
      })
  }
}

extension DevicePricing {
  /// Prices on the shipped profile, at 8 GiB of background load unless said otherwise.
  static func shipped(
    load: ByteCount = .gibibytes(8), precision: Precision = .int8,
    fidelity: GEMMFidelity = .tile
  ) -> DevicePricing {
    DevicePricing(
      profile: ShippedProfile.nanoPC, backgroundMemory: load, precision: precision,
      fidelity: fidelity)
  }
}

/// Random numbers that a seed repeats: the SplitMix64 generator.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
