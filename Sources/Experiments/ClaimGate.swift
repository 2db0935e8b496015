import FoundationEssentials
import ResultFiles
import ScenarioFiles
import Statistics

/// What a gate found about one claim.
public struct ClaimOutcome: Sendable {
  public var claim: Claim
  public var verdict: Verdict
  /// The estimate, over seeds; nil where the claim compares a record.
  public var estimate: MeanInterval?
  /// The geometric mean of the first seed's ratios: what a reader should see beside any average.
  public var geometricMean: Double?
  /// The settings compared.
  public var settingCount: Int
  /// What is wrong, a line each; empty when the claim holds.
  public var findings: [String]
}

/// Checks claims against result files.
public struct ClaimGate: Sendable {
  public let file: ClaimFile
  private let resultsFolder: String
  private let folder: String

  /// - Parameter resultsFolder: where `NAME.h5` of each experiment lies.
  public init(_ file: ClaimFile, resultsFolder: String) {
    self.file = file
    self.resultsFolder = resultsFolder
    let parts = file.file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    folder = parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// Every claim's outcome, in the file's order, and what a reader of the verdicts must know of the
  /// results: which were made with changed values.
  /// - Throws: `ResultFileError`, `ResultContentError`, `MissingFileError`, `ConfigurationError`,
  ///   `StatisticsError`.
  public func check() throws -> (outcomes: [ClaimOutcome], notes: [String]) {
    var indices: [String: RunIndex] = [:]
    var notes: [String] = []
    func index(_ experiment: String) throws -> RunIndex {
      if let known = indices[experiment] { return known }
      let file = try read(experiment)
      indices[experiment] = file.index
      if !file.settings.isEmpty {
        notes.append("\(file.index.path) was made with \(file.settings.joined(separator: "; "))")
      }
      return file.index
    }
    let outcomes = try file.claims.map { claim in
      let parts = try claim.parts.map { (index: try index($0.experiment), metric: $0.metric) }
      return try claim.record.map { record in
        try compare(claim, record: record, with: parts[0].index)
      } ?? (parts.count > 1 ? estimate(claim, over: parts) : estimate(claim, from: parts[0].index))
    }
    return (outcomes, notes)
  }

  /// The mean of the experiments' mean ratios; the seeds that all of them have are paired.
  private func estimate(
    _ claim: Claim, over parts: [(index: RunIndex, metric: String)]
  ) throws -> ClaimOutcome {
    // The reader has seen to it that a claim without a record has all of these.
    guard let baseline = claim.baseline, let design = claim.design else {
      preconditionFailure("the claim \(claim.id) is not whole")
    }
    var pairs: [[SettingPair]] = []
    for part in parts {
      for (number, seed) in try part.index.pairs(
        baseline: baseline, design: design, metric: part.metric
      ).enumerated() {
        let section = part.index.path
        let named = seed.map {
          SettingPair(setting: [section], baseline: $0.baseline, design: $0.design)
        }
        if number < pairs.count { pairs[number] += named } else { pairs.append(named) }
      }
    }
    let whole = pairs.filter { Set($0.map(\.setting)).count == parts.count }
    return try outcome(of: claim, whole, axes: ["experiment"], section: "experiment")
  }

  /// The runs of an experiment, and the settings they were made with.
  private func read(_ experiment: String) throws -> (index: RunIndex, settings: [Substring]) {
    let path = "\(resultsFolder)/\(experiment).h5"
    let file = try ResultFile(reading: path)
    return (
      try RunIndex(file, path: path),
      file.provenanceText(ProvenanceName.settings).split(separator: "\n")
    )
  }

  private func estimate(_ claim: Claim, from index: RunIndex) throws -> ClaimOutcome {
    // The reader has seen to it that a claim without a record has all of these.
    guard let baseline = claim.baseline, let design = claim.design else {
      preconditionFailure("the claim \(claim.id) is not whole")
    }
    if let section = claim.section, !index.axes.contains(section) {
      throw ResultContentError(path: index.path, reason: "it has no axis \(section)")
    }
    return try outcome(
      of: claim,
      index.pairs(baseline: baseline, design: design, metric: claim.parts[0].metric),
      axes: index.axes, section: claim.section)
  }

  private func outcome(
    of claim: Claim, _ seeds: [[SettingPair]], axes: [String], section: String?
  ) throws -> ClaimOutcome {
    guard let target = claim.target,
      let estimator = claim.estimator.flatMap(Estimator.init(rawValue:))
    else { preconditionFailure("the claim \(claim.id) is not whole") }
    let estimates = try seeds.map { try estimator.estimate($0, axes: axes, section: section) }
    let judgement = try ReplicatedEstimate(estimates).judged(
      as: claim.kind, target: target, margin: claim.margin ?? 0)
    let geometricMean = try Estimator.geomean.estimate(seeds[0], axes: axes, section: nil)
    return ClaimOutcome(
      claim: claim, verdict: judgement.verdict, estimate: judgement.interval,
      geometricMean: geometricMean, settingCount: seeds[0].count, findings: [])
  }

  // MARK: Records

  private static let recordColumns = ["point_id", "value"]

  private func compare(
    _ claim: Claim, record: String, with index: RunIndex
  ) throws -> ClaimOutcome {
    let path = "\(folder)/\(record)"
    let table = try ReferenceTable(
      text: try ScenarioLibrary.read(path), file: path, columns: Self.recordColumns)
    var recorded: [String: Double] = [:]
    for row in table.rows {
      let id = row.text("point_id")
      guard let value = Double(row.text("value")), value > 0 else {
        throw table.error(row, "value", "expected a number above zero")
      }
      guard recorded.updateValue(value, forKey: id) == nil else {
        throw table.error(row, "point_id", "expected each point once")
      }
    }
    let ids = index.texts(RunColumn.pointID)
    let values = try index.numbers(claim.parts[0].metric)
    var findings: [String] = []
    for (id, value) in zip(ids, values) {
      guard let expected = recorded.removeValue(forKey: id) else {
        findings.append("\(id): not in the record")
        continue
      }
      if ExactEstimate.exact(value, recorded: expected) == .fail {
        findings.append("\(id): recorded \(expected), found \(value)")
      }
    }
    findings += recorded.keys.sorted().map { "\($0): in the record, not in the results" }
    return ClaimOutcome(
      claim: claim, verdict: findings.isEmpty ? .pass : .fail, estimate: nil,
      geometricMean: nil, settingCount: ids.count, findings: findings)
  }

  /// The records of all claims that have one, made anew from the results.
  /// - Returns: path and text of each record.
  /// - Throws: `ResultFileError`, `ResultContentError`.
  public func records() throws -> [(path: String, text: String)] {
    try file.claims.compactMap { claim in
      guard let record = claim.record else { return nil }
      let index = try read(claim.parts[0].experiment).index
      let rows = zip(index.texts(RunColumn.pointID), index.texts(claim.parts[0].metric))
      let lines =
        [
          "# A regression record of \(claim.parts[0].metric) in \(claim.parts[0].experiment): what this model gave,"
            + " not what is right.",
          "# Made by: flexbench check --record \(file.file)",
          Self.recordColumns.joined(separator: ","),
        ] + rows.map { "\"\($0)\",\($1)" }
      return ("\(folder)/\(record)", lines.joined(separator: "\n") + "\n")
    }
  }
}

extension ReplicatedEstimate {
  fileprivate func judged(
    as kind: ClaimKind, target: Double, margin: Double
  ) throws(StatisticsError) -> Judgement {
    switch kind {
    case .equivalence: try equivalence(target: target, margin: margin)
    case .atLeast: try atLeast(target: target)
    case .exact: try exact(recorded: target)
    }
  }
}
