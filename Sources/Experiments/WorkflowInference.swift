import ConfigurationReader
import DeviceModel
import Glibc
import Quantities
import ScenarioFiles
import ServingDesigns
import Workloads

/// The steps of a scenario's workflows, as the strawman's reported response latencies have them.
///
/// A design that keeps nothing takes as long for a list of steps as for each alone, so all lists of the
/// scenario's grammar can be tried with a table of single steps. Every list whose latency is within the
/// reading's uncertainty of the strawman's bar explains it; the simplest one is taken. What the others
/// would have given is told beside it: that is how little the strawman's bar says.
public struct WorkflowInference: Sendable {
  public struct Range: Sendable {
    /// In seconds.
    public var least: Double
    public var most: Double
    /// Lists that were tried.
    public var count: Int
  }

  public struct Fit: Sendable {
    /// The simplest list: fewest steps; then fewest tokens generated before the last step; then fewest
    /// tokens of prompts; then models that stand first in the grammar; then the first in its order.
    public var workflow: Workflow
    public var reported: Double
    public var uncertainty: Double
    /// Of the chosen list, on the strawman, in seconds.
    public var predicted: Double
    /// Lists that explain the bar, by their numbers of steps.
    public var listCounts: [(stepCount: Int, lists: Int)]
    /// What lists that explain the bar give, by design: those with as few steps as the chosen one, and
    /// all.
    public var ranges: [(design: String, fewest: Range, all: Range)]
  }

  /// The share of prompts that is the same in every run: one number for all workflows, which rows of
  /// other designs with the role fit decide, under the steps that the scenario has.
  public struct ShareFit: Sendable {
    public var written: Ratio
    /// The share with the least sum of squared logarithms of predicted over reported; of two that are as
    /// good, the smaller one.
    public var inferred: Ratio
    /// Each share that was tried, with its sum.
    public var tried: [(share: Ratio, squares: Double)]
    /// The rows that it was fitted to.
    public var rows: [(workflow: String, design: String)]
  }

  public var fits: [Fit]
  /// Nil where no row of another design has the role fit.
  public var share: ShareFit?
  /// Workflows that no list of the grammar explains.
  public var unexplained: [String]

  /// - Parameter sampleSize: lists of each workflow, at equal distances among all that explain its bar,
  ///   that are run on designs that keep something.
  /// - Throws: `InferenceError`; what reading the reference and running the designs throws.
  public init(_ resolved: ResolvedScenario, sampleSize: Int, jobs: Int) async throws {
    guard case .workflows(let study) = resolved.scenario.subject, let grammar = study.grammar else {
      throw InferenceError(
        description: "\(resolved.scenario.name): expected a grammar, in which to look for steps,"
          + " found none")
    }
    let bars = try resolved.strawmanBars()
    let designs = resolved.scenario.designs
    guard designs.contains(Strawman.name) else {
      throw InferenceError(description: "expected \(Strawman.name) among the designs, found none")
    }
    var tables: [(design: String, table: StepTable)] = []
    for design in designs where try resolved.keepsNothing(design) {
      tables.append((design, try await StepTable(grammar, design, resolved, jobs: jobs)))
    }
    guard let strawman = tables.first(where: { $0.design == Strawman.name })?.table else {
      throw InferenceError(
        description: "expected a \(Strawman.name) that keeps nothing between requests")
    }
    fits = []
    unexplained = []
    share = try await Self.share(resolved, study, jobs: jobs)
    for workflow in study.workflows {
      guard let bar = bars.first(where: { $0.labels == [workflow.name] }) else { continue }
      let sequences = grammar.workflows.first { $0.workflow == workflow.name }?.sequences ?? []
      let search = ListSearch(
        grammar, sequences, strawman, around: bar.value, within: bar.uncertainty,
        sampleSize: sampleSize, others: tables.map(\.table))
      guard let chosen = search.simplest else {
        unexplained.append(workflow.name)
        continue
      }
      var ranges = tables.enumerated().map { place, entry in
        (
          design: entry.design, fewest: search.fewest.ranges[place],
          all: search.all.ranges[place]
        )
      }
      for design in designs where !tables.contains(where: { $0.design == design }) {
        func run(_ lists: [StepList]) async throws -> Range {
          var points: [WorkloadPoint] = []
          for list in lists {
            let workflow = grammar.workflow(list, named: workflow.name)
            points.append(
              try resolved.firstPoint(ResolvedScenario.variant(study, workflow), design: design))
          }
          let times = try await runPoints(points, designs: resolved.catalog, jobs: jobs)
            .map { $0.responseLatency?.seconds ?? 0 }
          return Range(least: times.min() ?? 0, most: times.max() ?? 0, count: times.count)
        }
        ranges.append(
          (design, try await run(search.fewest.sample), try await run(search.all.sample)))
      }
      fits.append(
        Fit(
          workflow: grammar.workflow(chosen, named: workflow.name), reported: bar.value,
          uncertainty: bar.uncertainty, predicted: strawman.latency(of: chosen).seconds,
          listCounts: search.counts, ranges: ranges))
    }
  }
}

extension WorkflowInference {
  private static let sharePercents = Int64(0)...95

  private static func share(
    _ resolved: ResolvedScenario, _ study: WorkflowStudy, jobs: Int
  ) async throws -> ShareFit? {
    let rows = try resolved.library.referenceWorkloads(of: resolved.scenario).filter {
      $0.role == .fit && $0.design != Strawman.name
        && resolved.scenario.designs.contains($0.design)
    }
    guard !rows.isEmpty else { return nil }
    var tried: [(share: Ratio, squares: Double)] = []
    for percent in sharePercents {
      var other = study
      other.prefixShare = .percent(percent)
      let points = try rows.compactMap { row in
        try study.workflows.first { [$0.name] == row.labels }.map {
          try resolved.firstPoint(ResolvedScenario.variant(other, $0), design: row.design)
        }
      }
      let records = try await runPoints(points, designs: resolved.catalog, jobs: jobs)
      let squares = zip(rows, records).reduce(0.0) { sum, pair in
        let error = log((pair.1.responseLatency?.seconds ?? 0) / pair.0.value)
        return sum + error * error
      }
      tried.append((other.prefixShare, squares))
    }
    // The list begins with the smallest share; `min` takes the first of equals.
    guard let best = tried.min(by: { $0.squares < $1.squares }) else { return nil }
    return ShareFit(
      written: study.prefixShare, inferred: best.share, tried: tried,
      rows: rows.map { ($0.labels.joined(separator: " "), $0.design) })
  }
}

/// A list of steps, as places in a grammar.
struct StepList: Hashable, Sendable {
  /// The roles of all steps.
  var roles: [Int]
  /// Of all steps but the last: model, prompt and output of its role in one number, the output turning
  /// fastest.
  var earlier: [Int]
  /// Model and prompt of the last in one number.
  var last: Int
}

extension WorkflowGrammar.Role {
  var earlierCount: Int { lastCount * outputTokens.count }
  var lastCount: Int { models.count * promptTokens.count }

  func step(earlier number: Int) -> (model: Int, prompt: Int, output: Int) {
    let (model, prompt) = step(last: number / outputTokens.count)
    return (model, prompt, outputTokens[number % outputTokens.count])
  }

  /// The model's place, and the prompt's tokens.
  func step(last number: Int) -> (model: Int, prompt: Int) {
    (number / promptTokens.count, promptTokens[number % promptTokens.count])
  }
}

extension WorkflowGrammar {
  /// What makes a list simpler than another of as many steps.
  struct Rank: Comparable {
    var outputTokens: Int
    var promptTokens: Int
    var models: Int

    static func < (left: Self, right: Self) -> Bool {
      (left.outputTokens, left.promptTokens, left.models)
        < (right.outputTokens, right.promptTokens, right.models)
    }
  }

  func rank(of list: StepList) -> Rank {
    let last = roles[list.roles[list.roles.count - 1]].step(last: list.last)
    var rank = Rank(outputTokens: 0, promptTokens: last.prompt, models: last.model)
    for (role, number) in zip(list.roles, list.earlier) {
      let step = roles[role].step(earlier: number)
      rank.outputTokens += step.output
      rank.promptTokens += step.prompt
      rank.models += step.model
    }
    return rank
  }

  /// The list as a workflow; what the last step generates after its first token is not measured, so it
  /// generates no more.
  func workflow(_ list: StepList, named name: String) -> Workflow {
    var steps: [Workflow.Step] = []
    func add(_ role: Int, model: Int, prompt: Int, output: Int, toolTime: SimulatedDuration) {
      let role = roles[role]
      let before = steps.count { $0.role == role.name || $0.role.hasPrefix(role.name + "-") }
      steps.append(
        Workflow.Step(
          role: before == 0 ? role.name : "\(role.name)-\(before + 1)", model: role.models[model],
          promptTokens: prompt, outputTokens: output, toolTime: toolTime))
    }
    for (role, number) in zip(list.roles, list.earlier) {
      let step = roles[role].step(earlier: number)
      add(role, model: step.model, prompt: step.prompt, output: step.output, toolTime: toolTime)
    }
    let role = list.roles[list.roles.count - 1]
    let last = roles[role].step(last: list.last)
    add(role, model: last.model, prompt: last.prompt, output: 1, toolTime: .zero)
    return Workflow(name: name, steps: steps)
  }
}

/// What every step of a grammar takes alone, on a design that keeps nothing.
struct StepTable: Sendable {
  /// By role: from a step's arrival to its last token, and what the next one waits for then, by the
  /// number of `StepList.earlier`.
  var earlier: [[SimulatedDuration]]
  /// By role: times to first token, by the number of `StepList.last`.
  var last: [[SimulatedDuration]]

  func latency(of list: StepList) -> SimulatedDuration {
    zip(list.roles, list.earlier).reduce(last[list.roles[list.roles.count - 1]][list.last]) {
      $0 + earlier[$1.0][$1.1]
    }
  }
}

extension StepTable {
  init(
    _ grammar: WorkflowGrammar, _ design: String, _ resolved: ResolvedScenario, jobs: Int
  ) async throws {
    earlier = []
    last = []
    let catalog = resolved.catalog
    for (place, role) in grammar.roles.enumerated() {
      let points = try (0..<role.earlierCount).map { number in
        let list = StepList(roles: [place, place], earlier: [number], last: 0)
        let step = grammar.workflow(list, named: "step").steps[0]
        let variant = ResolvedScenario.WorkloadVariant(labels: [], models: [step.model]) {
          models, _ in
          Workflow(name: "step", steps: [step]).workload(
            rounds: 0, pause: .zero, prefixShare: .zero, models: models)
        }
        return try resolved.firstPoint(variant, design: design)
      }
      let times = try await mapConcurrently(points, jobs: jobs, progress: { _ in }) { point in
        Result { try point.runAlone(designs: catalog) }
      }.map { try $0.get() }
      earlier.append(times.map { $0.lastToken + max(.zero, $0.busyAfter - grammar.toolTime) })
      last.append((0..<role.lastCount).map { times[$0 * role.outputTokens.count].firstToken })
    }
  }
}

extension WorkloadPoint {
  /// The one request of a workload: until its first and its last token, and from there until nothing is
  /// left to do.
  fileprivate func runAlone(designs: DesignCatalog) throws -> (
    firstToken: SimulatedDuration, lastToken: SimulatedDuration, busyAfter: SimulatedDuration
  ) {
    var session = ServingSession(
      try point.design(from: designs), pricing: point.pricing, mergesSteps: true)
    let outcome = try session.serve(workload)[0]
    return (
      outcome.timeToFirstToken, outcome.endToEndLatency, session.end - outcome.lastToken
    )
  }
}

/// All lists of a grammar whose latency is close to a reported one.
struct ListSearch {
  /// Lists by their numbers of steps.
  private(set) var counts: [(stepCount: Int, lists: Int)] = []
  private(set) var simplest: StepList?
  /// Of the lists with the fewest steps, and of all.
  private(set) var fewest: Collection
  private(set) var all: Collection

  /// Lists that are met one after the other.
  struct Collection {
    /// Lists at equal distances among all, in the order of the search.
    private(set) var sample: [StepList] = []
    private var targets: ArraySlice<Int>
    private var number = 0
    private var ends: [(least: Int64, most: Int64)]

    init(total: Int, sampleSize: Int, tables: Int) {
      let wanted = min(sampleSize, total)
      targets = (0..<wanted).map { (2 * $0 + 1) * total / (2 * wanted) }[...]
      ends = Array(repeating: (.max, .min), count: tables)
    }

    /// The shortest and longest latencies, by table.
    var ranges: [WorkflowInference.Range] {
      ends.map {
        WorkflowInference.Range(
          least: SimulatedDuration(picoseconds: $0.least).seconds,
          most: SimulatedDuration(picoseconds: $0.most).seconds, count: number)
      }
    }

    mutating func add(_ list: StepList, _ tables: [StepTable]) {
      for place in tables.indices {
        let latency = tables[place].latency(of: list).picoseconds
        ends[place] = (min(ends[place].least, latency), max(ends[place].most, latency))
      }
      if number == targets.first {
        sample.append(list)
        targets.removeFirst()
      }
      number += 1
    }
  }

  /// - Complexity: for n steps with e choices each, O(e^(n-2) log e) for each choice of the last, and
  ///   what is found.
  init(
    _ grammar: WorkflowGrammar, _ sequences: [[Int]], _ table: StepTable, around seconds: Double,
    within uncertainty: Double, sampleSize: Int, others: [StepTable]
  ) {
    func picoseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1e12).rounded()) }
    let window = picoseconds(seconds - uncertainty)...picoseconds(seconds + uncertainty)
    // Short sequences first; Swift's sort is stable.
    let finders = sequences.sorted { $0.count < $1.count }.map { Finder($0, table, window) }
    let lists = finders.map { $0.count() }
    for (finder, count) in zip(finders, lists) {
      if let place = counts.firstIndex(where: { $0.stepCount == finder.roles.count }) {
        counts[place].lists += count
      } else {
        counts.append((finder.roles.count, count))
      }
    }
    let first = counts.first { $0.lists > 0 }
    fewest = Collection(
      total: first?.lists ?? 0, sampleSize: sampleSize, tables: others.count)
    all = Collection(
      total: lists.reduce(0, +), sampleSize: sampleSize, tables: others.count)
    var best: (list: StepList, rank: WorkflowGrammar.Rank)?
    for (finder, count) in zip(finders, lists) where count > 0 {
      finder.visit { list in
        all.add(list, others)
        guard list.roles.count == first?.stepCount else { return }
        fewest.add(list, others)
        let rank = grammar.rank(of: list)
        if best == nil || rank < best!.rank
          || (rank == best!.rank && list.precedes(best!.list))
        {
          best = (list, rank)
        }
      }
    }
    simplest = best?.list
  }

  /// Finds lists of one sequence of roles in a stated order: all but the second last step in the
  /// grammar's order, and that one by its time.
  private struct Finder {
    let roles: [Int]
    let table: StepTable
    let window: ClosedRange<Int64>
    /// Choices of the second last step, the shortest first; empty where there is none.
    let sorted: [(number: Int, time: Int64)]

    init(_ roles: [Int], _ table: StepTable, _ window: ClosedRange<Int64>) {
      self.roles = roles
      self.table = table
      self.window = window
      let times = roles.count > 1 ? table.earlier[roles[roles.count - 2]] : []
      sorted = times.indices.map { ($0, times[$0].picoseconds) }
        .sorted { $0.1 != $1.1 ? $0.1 < $1.1 : $0.0 < $1.0 }
    }

    func count() -> Int {
      var count = 0
      search { _, _, range in count += range.count }
      return count
    }

    func visit(_ body: (StepList) -> Void) {
      search { earlier, last, range in
        for place in range {
          let second = sorted.isEmpty ? [] : [sorted[place].number]
          body(StepList(roles: roles, earlier: earlier + second, last: last))
        }
      }
    }

    /// Calls `body` with the steps that are chosen one by one, the last step, and the places of those
    /// that may stand between them.
    private func search(_ body: ([Int], Int, Range<Int>) -> Void) {
      let lasts = table.last[roles[roles.count - 1]]
      func extend(_ chosen: [Int], _ sum: Int64) {
        if chosen.count < roles.count - 2 {
          let choices = table.earlier[roles[chosen.count]]
          for number in choices.indices {
            let next = sum + choices[number].picoseconds
            if next <= window.upperBound { extend(chosen + [number], next) }
          }
          return
        }
        for last in lasts.indices {
          let before = sum + lasts[last].picoseconds
          if roles.count == 1 {
            if window.contains(before) { body([], last, 0..<1) }
            continue
          }
          let first = firstPlace { before + $0 >= window.lowerBound }
          let end = firstPlace { before + $0 > window.upperBound }
          if first < end { body(chosen, last, first..<end) }
        }
      }
      extend([], 0)
    }

    /// The first place whose time meets a condition that all later ones meet, too.
    private func firstPlace(_ meets: (Int64) -> Bool) -> Int {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if meets(sorted[middle].time) { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }
}

extension StepList {
  /// Of two lists of as many steps, the first in the grammar's order.
  fileprivate func precedes(_ other: StepList) -> Bool {
    let (mine, others) = (roles + earlier + [last], other.roles + other.earlier + [other.last])
    return mine.lexicographicallyPrecedes(others)
  }
}

extension ResolvedScenario {
  /// Whether a design gives everything back after each request, so that none finds anything of another.
  func keepsNothing(_ design: String) throws -> Bool {
    guard catalog[design]?.parameters.contains(where: { $0.name == "retention" }) ?? false,
      let model = scenario.models.first
    else { return false }
    let variant = WorkloadVariant(labels: [], models: [model]) { models, _ in
      var workload = Workload()
      workload.add(
        Workload.Item(
          Request(model: models[model]!, promptTokenCount: 1, outputTokenCount: 1), .at(.zero)))
      return workload
    }
    return try firstPoint(variant, design: design).point.designParameters.choice("retention")
      == "release"
  }
}
