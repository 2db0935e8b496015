import ConfigurationReader
import ModelArchitecture
import Quantities

extension ModelArchitecture {
  /// The model's numbers by the keys that files and settings use.
  public var fields: [(key: String, value: Int, meaning: String)] {
    ModelField.all.map { ($0.key, self[keyPath: $0.path], $0.meaning) }
  }

  /// Replaces one of the model's numbers.
  /// - Throws: `SettingError` when the key is unknown or the text is no value for it.
  public mutating func set(_ key: String, to text: String, named full: String) throws(SettingError)
  {
    guard let field = ModelField.all.first(where: { $0.key == key }) else {
      let keys = ModelField.all.map(\.key)
      let hint = suggestion(for: key, among: keys)
      throw SettingError(
        key: full, text: text,
        reason: "a model has no key \"\(key)\"; known are \(keys.joined(separator: ", "))\(hint)")
    }
    let number: Int64
    do throws(QuantityError) {
      number = try parseWholeNumber(text)
    } catch {
      throw SettingError(key: full, text: text, reason: "\(error)")
    }
    guard field.range.contains(number) else {
      throw SettingError(
        key: full, text: text,
        reason: "expected \(field.range.expectation), found \(number)")
    }
    self[keyPath: field.path] = Int(number)
  }
}
