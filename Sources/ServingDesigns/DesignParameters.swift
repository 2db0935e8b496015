import Quantities

/// A parameter of a design: named, typed, documented, and an axis if a sweep wants it.
public struct DesignParameter: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// One of these words.
    case choice([String])
    /// A whole number in this range.
    case count(ClosedRange<Int64>)
  }

  public var name: String
  public var kind: Kind
  public var meaning: String

  public init(_ name: String, _ kind: Kind, _ meaning: String) {
    self.name = name
    self.kind = kind
    self.meaning = meaning
  }

  /// What a value must look like, for messages.
  public var expectation: String {
    switch kind {
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
  }

  /// Whether a text is a value of this parameter.
  public func accepts(_ text: String) -> Bool {
    switch kind {
    case .choice(let words): words.contains(text)
    case .count(let range):
      if let number = try? parseWholeNumber(text) { range.contains(number) } else { false }
    }
  }
}

/// The values of a design's parameters, as texts that were checked against their kinds.
public struct DesignParameters: Hashable, Sendable {
  private var values: [String: String]

  /// - Throws: `DesignParameterError` unless `values` has exactly the design's parameters, each
  ///   with a text that it accepts.
  public init(
    _ values: [String: String], for parameters: [DesignParameter]
  ) throws(DesignParameterError) {
    for parameter in parameters {
      guard let text = values[parameter.name] else { throw .missing(parameter) }
      guard parameter.accepts(text) else { throw .refused(parameter, found: text) }
    }
    if let unknown = values.keys.filter({ key in !parameters.contains { $0.name == key } }).min() {
      throw .unknown(unknown, known: parameters.map(\.name))
    }
    self.values = values
  }

  /// The word chosen for a parameter that `init` has checked.
  public func choice(_ name: String) -> String { value(name) }

  /// The word chosen for a parameter that `init` has checked, as the value that it stands for.
  /// - Precondition: the parameter's words are `Value`'s raw values.
  func word<Value: RawRepresentable<String>>(_ parameter: DesignParameter) -> Value {
    guard let word = Value(rawValue: choice(parameter.name)) else {
      preconditionFailure(
        "\(parameter.name) is not one of its own words: \(choice(parameter.name))")
    }
    return word
  }

  /// The number given for a parameter that `init` has checked.
  public func count(_ name: String) -> Int {
    guard let number = try? parseWholeNumber(value(name)) else {
      preconditionFailure("the parameter \(name) is no number: \(value(name))")
    }
    return Int(number)
  }

  private func value(_ name: String) -> String {
    guard let text = values[name] else { preconditionFailure("no parameter \(name)") }
    return text
  }
}

public enum DesignParameterError: Error, Hashable, Sendable, CustomStringConvertible {
  case missing(DesignParameter)
  case refused(DesignParameter, found: String)
  case unknown(String, known: [String])

  public var description: String {
    switch self {
    case .missing(let parameter):
      "\(parameter.name): expected \(parameter.expectation), found nothing"
    case .refused(let parameter, let found):
      "\(parameter.name): expected \(parameter.expectation), found \"\(found)\""
    case .unknown(let name, let known):
      "\(name): unknown parameter; known are \(known.joined(separator: ", "))"
    }
  }
}
