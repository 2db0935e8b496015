import ConfigurationReader
import Quantities
import ServingDesigns

/// What a scenario's points are.
public enum ScenarioSubject: Hashable, Sendable {
  /// A request each, by the designs named.
  case requests
  /// An operation each, measured alone.
  case operations([NamedOperation])
  /// Many requests each, under a policy of keeping the model's memory, beside an application.
  case policies(PolicyStudy)
  /// Many requests each, of one data set to a group of models.
  case mix(MixStudy)
  /// A workflow each, after some runs of it.
  case workflows(WorkflowStudy)
  /// The requests of a trace, a row of results each.
  case trace(TraceStudy)
  /// No runs of its own: the mean of the mean speed-ups of other scenarios, by their names.
  case sections([String])
}

/// An operation that gives memory back, by its way and its size.
public struct NamedOperation: Hashable, Sendable {
  public var way: GiveBackWay
  public var size: ByteCount

  /// As files have it: `recall 8 GiB`.
  public var text: String { "\(way.rawValue) \(size.text)" }

  public var operation: MeasuredOperation { .giveBack(size, way) }

  public init(way: GiveBackWay, size: ByteCount) {
    self.way = way
    self.size = size
  }

  /// - Throws: `QuantityError`.
  public init(parsing text: String) throws(QuantityError) {
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    let names = GiveBackWay.allCases.map(\.rawValue)
    guard let way = parts.first.flatMap(GiveBackWay.init(rawValue:)) else {
      let hint = suggestion(for: parts.first ?? "", among: names)
      throw QuantityError(
        expectation: "one of \(names.joined(separator: ", ")) and a size", found: text,
        reason: "no operation has this name\(hint)")
    }
    let size = try ByteCount(parsing: parts.count == 2 ? parts[1] : "")
    guard size > .zero else {
      throw QuantityError(
        expectation: "a size above zero", found: text, reason: "nothing would be given back")
    }
    self.init(way: way, size: size)
  }
}

/// When a model's memory goes back, and how it is kept from others while it is there.
public enum RetentionPolicy: String, CaseIterable, Sendable {
  case strawmanNoCache = "strawman-no-cache"
  case strawmanAlwaysCache = "strawman-always-cache"
  case strawmanCacheTimeout = "strawman-cache-timeout"
  case optimizedNoCache = "strawman-opt-no-cache"
  case optimizedAlwaysCache = "strawman-opt-always-cache"
  case optimizedCacheTimeout = "strawman-opt-cache-timeout"
  case flexServeCacheTimeout = "flexserve-cache-timeout"
  case flexServe = "flexserve"

  /// How long a model's memory is held after a request.
  public enum Holding: Hashable, Sendable {
    case never
    case always
    case untilTimeout
    /// The operating system takes back what it needs, at once.
    case recalled
  }

  public var design: String {
    switch self {
    case .strawmanNoCache, .strawmanAlwaysCache, .strawmanCacheTimeout: "strawman"
    case .optimizedNoCache, .optimizedAlwaysCache, .optimizedCacheTimeout: "strawman-opt"
    case .flexServeCacheTimeout, .flexServe: "flexserve"
    }
  }

  public var holding: Holding {
    switch self {
    case .strawmanNoCache, .optimizedNoCache: .never
    case .strawmanAlwaysCache, .optimizedAlwaysCache: .always
    case .strawmanCacheTimeout, .optimizedCacheTimeout, .flexServeCacheTimeout: .untilTimeout
    case .flexServe: .recalled
    }
  }
}

/// A program of the normal world whose speed is measured between requests.
public enum NormalApplication: String, CaseIterable, Sendable {
  case sysbench
  case pgbench
  case memtier
  case appStartup = "app-startup"

  /// Whether its result is a time, not a rate. Where conditions change, a time is the mean of times and
  /// a rate the mean of rates.
  public var isTimed: Bool { self == .appStartup }

  /// What is lost at a speed that is 1 without inference, in what the program is measured by: the part
  /// of its rate, or what its time is longer by. Losses of parts of the time add up, each times its
  /// part.
  public func loss(atSpeed speed: Double) -> Double { isTimed ? 1 / speed - 1 : 1 - speed }

  /// The inverse of `loss(atSpeed:)`.
  public func speed(atLoss loss: Double) -> Double { isTimed ? 1 / (1 + loss) : 1 - loss }
}

/// What a scenario of policies says beside its models and prompts.
public struct PolicyStudy: Hashable, Sendable {
  public var policies: [RetentionPolicy]
  public var applications: [NormalApplication]
  /// Mean time from the end of a request to the next one's arrival.
  public var period: SimulatedDuration
  /// Of each run, after a first one that is not counted.
  public var requestCount: Int
  /// What the operating system leaves of a model's weights that it can recall.
  public var cacheSize: ByteCount
}

extension ScenarioSubject {
  /// A subject's kind, as the keys of a file tell it.
  enum Kind {
    case requests
    case operations
    case policies
    case mix
    case workflows
    case trace
    case sections

    init(of root: ConfigurationNode) {
      if root.optional("operations") != nil {
        self = .operations
      } else if ["policies", "applications"].contains(where: { root.optional($0) != nil }) {
        self = .policies
      } else if ["modelGroups", "datasets"].contains(where: { root.optional($0) != nil }) {
        self = .mix
      } else if root.optional("workflows") != nil {
        self = .workflows
      } else if root.optional("trace") != nil {
        self = .trace
      } else if root.optional("sections") != nil {
        self = .sections
      } else {
        self = .requests
      }
    }

    /// Keys that are axes, and that `--set` can replace.
    var axisKeys: [String] {
      switch self {
      case .requests: Scenario.axisKeys
      case .operations: ["operations", "backgroundMemory", "seed"]
      case .policies:
        [
          "policies", "applications", "models", "promptTokens", "outputTokens", "precision",
          "gemmFidelity", "seed",
        ]
      case .mix: ["designs", "modelGroups", "datasets"] + Self.machineKeys
      case .workflows: ["designs", "workflows"] + Self.machineKeys
      case .trace: ["designs"] + Self.machineKeys
      case .sections: ["designs", "seed"]
      }
    }

    private static let machineKeys = ["backgroundMemory", "precision", "gemmFidelity", "seed"]

    /// Keys of one number that `--set` can replace.
    var settableSingleKeys: [String] {
      switch self {
      case .requests, .operations, .policies, .trace, .sections: []
      case .mix: ["requestCount", "warmUp"]
      case .workflows: ["rounds", "prefixShare"]
      }
    }

    /// Metrics that its results have.
    var metrics: [Metric] {
      Metric.allCases.filter { $0 != .responseLatency || self == .workflows }
    }

    /// Keys of one value.
    var singleKeys: [String] {
      switch self {
      case .requests: ["operatingSystem", "earlierRequests", "steps", "metric"]
      case .operations: []
      case .policies: ["period", "requestCount", "cacheSize"]
      case .mix: ["requestCount", "warmUp", "arrivals", "metric"]
      case .workflows: ["rounds", "pause", "prefixShare", "grammar", "metric"]
      case .trace: ["trace", "memoryGrowth", "metric"]
      case .sections: ["sections"]
      }
    }

    /// Keys of other subjects, with what stands in their place.
    fileprivate var replacedKeys: [String] {
      switch self {
      case .requests: []
      case .operations:
        Scenario.axisKeys.filter { !axisKeys.contains($0) } + ["policies", "applications"]
      case .policies: ["designs", "backgroundMemory"]
      case .mix, .workflows, .trace: ["models", "promptTokens", "outputTokens"]
      case .sections: Scenario.axisKeys.filter { !axisKeys.contains($0) }
      }
    }

    fileprivate var key: String {
      switch self {
      case .requests: "designs"
      case .operations: "operations"
      case .policies: "policies"
      case .mix: "modelGroups"
      case .workflows: "workflows"
      case .trace: "trace"
      case .sections: "sections"
      }
    }
  }

  var kind: Kind {
    switch self {
    case .requests: .requests
    case .operations: .operations
    case .policies: .policies
    case .mix: .mix
    case .workflows: .workflows
    case .trace: .trace
    case .sections: .sections
    }
  }

  /// The models that it names; none of a kind whose models are an axis, or stand in another file.
  var models: [String] {
    switch self {
    case .requests, .operations, .policies, .trace, .sections: []
    case .mix(let study): study.models
    case .workflows(let study): study.models
    }
  }
}

extension ConfigurationNode {
  /// Notes every key that a scenario of this kind does not have.
  func expectKeys(of kind: ScenarioSubject.Kind) {
    let refused = kind.replacedKeys.filter { optional($0) != nil }
    expectMapping(
      keys: ["scenario", "title", "notes", "device"] + kind.axisKeys + kind.singleKeys
        + ["set", "reference"] + refused)
    for key in refused {
      fail(
        atKey: key,
        "expected no \(key) beside \(kind.key), which decides it, found \(optional(key)!.found)")
    }
  }

  /// What the scenario is about, beside the axes that several kinds share.
  func subject(_ kind: ScenarioSubject.Kind, models: [String]) -> ScenarioSubject? {
    switch kind {
    case .requests: return .requests
    case .mix: return mixStudy(models: models).map { .mix($0) }
    case .workflows: return workflowStudy(models: models).map { .workflows($0) }
    case .trace: return traceStudy().map { .trace($0) }
    case .sections:
      guard let items = need("sections")?.list(expecting: "a list of scenarios") else { return nil }
      let names = items.compactMap { $0.string() }
      items.failOnRepeats(names, of: "scenario")
      return names.count == items.count ? .sections(names) : nil
    case .operations:
      return .operations(
        axis("operations") { item in
          guard
            let text = item.string(expecting: "an operation and a size, such as \"recall 8 GiB\"")
          else { return nil }
          do throws(QuantityError) {
            return try NamedOperation(parsing: text)
          } catch {
            item.fail("\(error)")
            return nil
          }
        })
    case .policies:
      let policies: [RetentionPolicy] = axis("policies") {
        $0.word(among: RetentionPolicy.allCases.map(\.rawValue))
          .flatMap(RetentionPolicy.init(rawValue:))
      }
      let applications: [NormalApplication] = axis("applications") {
        $0.word(among: NormalApplication.allCases.map(\.rawValue))
          .flatMap(NormalApplication.init(rawValue:))
      }
      let periodNode = need("period")
      let period = periodNode?.quantity(SimulatedDuration.self)
      if let period, period < Self.shortestPeriod || period > Self.longestPeriod {
        periodNode?.fail(
          "expected a duration from \(Self.shortestPeriod.text) to \(Self.longestPeriod.text),"
            + " found \(period.text)")
      }
      let count = need("requestCount")?.wholeNumber(in: Scenario.requestCountRange)
      let cache = need("cacheSize")?.quantity(ByteCount.self)
      // What the policies cost applications comes from there.
      _ = need("reference")
      guard let period, let count, let cache else { return nil }
      return .policies(
        PolicyStudy(
          policies: policies, applications: applications, period: period,
          requestCount: Int(count), cacheSize: cache))
    }
  }

  private static let shortestPeriod = SimulatedDuration.milliseconds(1)
  private static let longestPeriod = SimulatedDuration.seconds(86_400)
}

extension Scenario {
  /// Keys of the scenario itself that `--set` can replace.
  public var settableKeys: [String] {
    subject.kind.axisKeys + subject.kind.settableSingleKeys
  }

  static let requestCountRange: ClosedRange<Int64> = 1...1_000_000

  /// The designs that its points are run by.
  static func designs(of study: PolicyStudy) -> [String] {
    var designs: [String] = []
    for policy in study.policies where !designs.contains(policy.design) {
      designs.append(policy.design)
    }
    return designs
  }

  /// Replaces an axis of the subject's own by what `--set` gives.
  /// - Returns: whether the key is one.
  /// - Throws: `SettingError` when a text is no value for the key.
  mutating func replaceSubjectAxis(
    _ key: String, with texts: [String]
  ) throws(SettingError) -> Bool {
    switch subject {
    case .requests, .trace, .sections: return false
    case .mix(var study):
      switch key {
      case "modelGroups":
        study.groups = try chosen(key, texts, of: study.groups, called: \.name)
        models = study.models
      case "datasets":
        study.datasets = try chosen(key, texts, of: study.datasets, called: \.name)
      case "requestCount":
        study.requestCount = try Self.single(key, texts, in: Self.requestCountRange)
      case "warmUp":
        study.warmUp = try Self.single(
          key, texts, in: 0...Self.requestCountRange.upperBound)
      default: return false
      }
      subject = .mix(study)
    case .workflows(var study):
      switch key {
      case "workflows":
        study.workflows = try chosen(key, texts, of: study.workflows, called: \.name)
        models = study.models
      case "rounds": study.rounds = try Self.single(key, texts, in: 0...100)
      case "prefixShare":
        do throws(QuantityError) {
          study.prefixShare = try Ratio(parsing: texts.joined(separator: ","))
        } catch {
          throw SettingError(key: key, text: texts.joined(separator: ","), reason: "\(error)")
        }
        guard study.prefixShare <= .one else {
          throw SettingError(
            key: key, text: texts.joined(separator: ","),
            reason: "expected at most 100 %, found \(study.prefixShare.text)")
        }
      default: return false
      }
      subject = .workflows(study)
    case .operations:
      guard key == "operations" else { return false }
      var operations: [NamedOperation] = []
      for text in texts {
        do throws(QuantityError) {
          operations.append(try NamedOperation(parsing: text))
        } catch {
          throw SettingError(key: key, text: text, reason: "\(error)")
        }
      }
      subject = .operations(operations)
    case .policies(var study):
      switch key {
      case "policies": study.policies = try Self.values(key, texts)
      case "applications": study.applications = try Self.values(key, texts)
      default: return false
      }
      designs = Self.designs(of: study)
      subject = .policies(study)
    }
    return true
  }

  /// Of things that a file describes, those that `--set` names.
  private func chosen<Value>(
    _ key: String, _ texts: [String], of values: [Value], called name: (Value) -> String
  ) throws(SettingError) -> [Value] {
    var result: [Value] = []
    for text in texts {
      let found = try word(key, text, values.map(name))
      result += values.filter { name($0) == found }
    }
    return result
  }

  private static func single(
    _ key: String, _ texts: [String], in range: ClosedRange<Int64>
  ) throws(SettingError) -> Int {
    guard texts.count == 1, let number = try? parseWholeNumber(texts[0]), range.contains(number)
    else {
      throw SettingError(
        key: key, text: texts.joined(separator: ","), reason: "expected \(range.expectation)")
    }
    return Int(number)
  }

  private static func values<Value: RawRepresentable<String> & CaseIterable>(
    _ key: String, _ texts: [String]
  ) throws(SettingError) -> [Value] {
    var values: [Value] = []
    for text in texts {
      // One of the raw values, checked on the line.
      values.append(Value(rawValue: try word(key, text, Value.allCases.map(\.rawValue)))!)
    }
    return values
  }
}
