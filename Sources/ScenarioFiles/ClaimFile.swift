import ConfigurationReader
import Quantities

/// What a claim compares.
public enum ClaimKind: String, CaseIterable, Sendable {
  /// The estimate lies within a margin of the target.
  case equivalence
  /// The estimate reaches the target.
  case atLeast
  /// The estimate, or every point, equals a recorded value to 1e-9.
  case exact
}

/// A statement about results that a gate can check.
public struct Claim: Sendable {
  public var id: String
  /// What it is about: one experiment, or several that are the sections of `mean_of_section_means`.
  public var parts: [Part]
  /// Both nil when `record` is given.
  public var baseline: String?
  public var design: String?
  public var estimator: String?
  /// An axis whose values are the sections of `mean_of_section_means`; nil where experiments are.
  public var section: String?
  public var kind: ClaimKind
  public var target: Double?
  /// Relative; for `equivalence` alone.
  public var margin: Double?
  /// A table of every point's value, beside the claim file: a regression record.
  public var record: String?
  public var why: String
  public var source: String
  /// The line of the claim file where it begins.
  public var line: Int

  /// Results of one experiment.
  public struct Part: Hashable, Sendable {
    /// Name of the scenario.
    public var experiment: String
    /// A column of `/runs`.
    public var metric: String
  }
}

/// The claims of a file.
public struct ClaimFile: Sendable {
  public var file: String
  public var claims: [Claim]

  /// - Parameters:
  ///   - estimators: names of estimators that a claim may use.
  ///   - metrics: names of metrics.
  /// - Throws: `ConfigurationError` with every problem of the file.
  public init(
    text: String, file: String, estimators: [String], metrics: [String], designs: [String]
  ) throws(ConfigurationError) {
    self = try YAMLDocument.decode(text: text, file: file) { root in
      root.expectMapping(keys: ["claims"])
      let nodes = root.need("claims")?.list() ?? []
      let claims = nodes.compactMap {
        Claim(reading: $0, estimators: estimators, metrics: metrics, designs: designs)
      }
      if claims.count == nodes.count {
        nodes.compactMap { $0.optional("id") }.failOnRepeats(claims.map(\.id), of: "id")
      }
      return ClaimFile(file: file, claims: claims)
    }
  }

  private init(file: String, claims: [Claim]) {
    self.file = file
    self.claims = claims
  }
}

extension Claim {
  fileprivate init?(
    reading node: ConfigurationNode, estimators: [String], metrics: [String], designs: [String]
  ) {
    node.expectMapping(
      keys: [
        "id", "metric", "experiment", "baseline", "design", "estimator", "section", "kind",
        "target", "margin", "record", "why", "source",
      ])
    let id = node.need("id")?.string()
    let parts = node.parts(metrics: metrics)
    let why = node.need("why")?.string()
    let source = node.need("source")?.string()
    let kind = node.need("kind")?.word(among: ClaimKind.allCases.map(\.rawValue))
      .flatMap(ClaimKind.init(rawValue:))
    record = node.optional("record")?.fileName()
    if kind == .exact, node.optional("record") != nil {
      for key in ["baseline", "design", "estimator", "section", "target", "margin"] {
        node.fail(atKey: key, "expected no \(key) beside a record of every point")
      }
      if let parts, parts.count > 1 {
        node.optional("experiment")?.fail(
          "expected one experiment beside a record of every point, found \(parts.count)")
      }
    } else if let kind {
      node.fail(atKey: "record", "expected a record with the kind exact alone")
      let comparison = Comparison(
        node, kind: kind, estimators: estimators, designs: designs,
        hasSections: (parts?.count ?? 1) > 1)
      baseline = comparison.baseline
      design = comparison.design
      estimator = comparison.estimator
      section = comparison.section
      target = comparison.target
      margin = comparison.margin
    }
    guard let id, let parts, let why, let source, let kind else { return nil }
    self.id = id
    self.parts = parts
    self.kind = kind
    self.why = why
    self.source = source
    line = node.place.line
  }
}

/// What a claim without a record needs; nil where it is missing or wrong, which is noted.
private struct Comparison {
  var baseline: String?
  var design: String?
  var estimator: String?
  var section: String?
  var target: Double?
  var margin: Double?

  private static let sectionEstimator = "mean_of_section_means"

  init(
    _ node: ConfigurationNode, kind: ClaimKind, estimators: [String], designs: [String],
    hasSections: Bool
  ) {
    baseline = node.need("baseline")?.word(among: designs)
    design = node.need("design")?.word(among: designs)
    if let design, design == baseline {
      node.optional("design")?.fail("expected another design than the baseline, found \(design)")
    }
    estimator = node.need("estimator")?.word(among: estimators)
    if hasSections {
      if let estimator, estimator != Self.sectionEstimator {
        node.optional("estimator")?.fail(
          "expected \(Self.sectionEstimator) for several experiments, found \(estimator)")
      }
      node.fail(atKey: "section", "expected no section beside several experiments")
    } else if estimator == Self.sectionEstimator {
      section = node.need("section")?.string()
    } else if estimator != nil {
      node.fail(
        atKey: "section", "expected a section with the estimator mean_of_section_means alone")
    }
    let targetNode = node.need("target")
    target = targetNode?.decimal()
    if let targetNode, target == 0 {
      targetNode.fail("expected more than 0, found \(targetNode.found)")
    }
    guard kind == .equivalence else {
      node.fail(atKey: "margin", "expected a margin with the kind equivalence alone")
      return
    }
    let marginNode = node.need("margin")
    let ratio = marginNode?.quantity(Ratio.self)
    margin = ratio?.value
    if let marginNode, let ratio, ratio == .zero || ratio >= .one {
      marginNode.fail("expected more than 0 % and less than 100 %, found \(marginNode.found)")
    }
  }
}

extension ConfigurationNode {
  /// One experiment and its metric, or as many metrics as experiments.
  fileprivate func parts(metrics: [String]) -> [Claim.Part]? {
    guard let experimentNode = need("experiment"), let metricNode = need("metric"),
      let experiments = experimentNode.oneOrList(), let columns = metricNode.oneOrList()
    else { return nil }
    let names = experiments.compactMap { $0.string() }
    let words = columns.compactMap { $0.word(among: metrics) }
    guard names.count == experiments.count, words.count == columns.count else { return nil }
    experiments.failOnRepeats(names, of: "experiment")
    guard names.count == words.count else {
      metricNode.fail(
        "expected a metric for each of \(names.count) experiments, found \(words.count)")
      return nil
    }
    return zip(names, words).map { Claim.Part(experiment: $0, metric: $1) }
  }

  /// The name of a file in the same folder.
  fileprivate func fileName() -> String? {
    guard let name = string() else { return nil }
    if name.contains("/") { fail("expected the name of a file beside this one, found \(found)") }
    return name
  }
}
