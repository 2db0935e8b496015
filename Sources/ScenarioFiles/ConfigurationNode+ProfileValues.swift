import ConfigurationReader
import DeviceModel
import Quantities

extension ConfigurationNode {
  /// A key of device profiles, such as `npu.modeSwitch`.
  func profileKey() -> ProfileKey? {
    word(
      among: ProfileKey.all.map(\.path), called: "a key of a profile, such as npu.modeSwitch"
    ).flatMap(ProfileKey.named)
  }

  /// A value of a key that is no curve. Counts may be in quotes here, as all other values may.
  func profileQuantity(of key: ProfileKey) -> ProfileQuantity? {
    string(expecting: key.kind.expectation).flatMap { profileQuantity(parsing: $0, of: key) }
  }

  /// A value of a key, whose text was read already.
  func profileQuantity(parsing text: String, of key: ProfileKey) -> ProfileQuantity? {
    do throws(ProfileValueError) {
      return try ProfileQuantity(parsing: text, for: key)
    } catch {
      fail("\(error)")
      return nil
    }
  }

  /// A text that can replace a key's value: another value, or a factor such as `x1.15`.
  func replacement(of key: ProfileKey) -> String? {
    guard let text = string(expecting: key.kind.expectation) else { return nil }
    if text.hasPrefix("x") {
      if (try? Ratio(parsing: String(text.dropFirst()))) != nil { return text }
      fail("expected a factor such as \"x1.15\", found \(found)")
      return nil
    }
    return profileQuantity(parsing: text, of: key).map { _ in text }
  }
}
