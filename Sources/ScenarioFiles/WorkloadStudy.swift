import ConfigurationReader
import Quantities
import Workloads

/// Models that share a device.
public struct ModelGroup: Hashable, Sendable {
  public var name: String
  public var models: [String]
}

/// What a scenario of request mixes says beside its designs: a point a group and data set.
public struct MixStudy: Hashable, Sendable {
  public var groups: [ModelGroup]
  public var datasets: [Dataset]
  /// Of each run, after those of the warm-up.
  public var requestCount: Int
  public var warmUp: Int
  public var arrivals: ArrivalProcess
}

/// What a scenario of workflows says beside its designs: a point a workflow.
public struct WorkflowStudy: Hashable, Sendable {
  public var workflows: [Workflow]
  /// Runs of a workflow before the one that is measured.
  public var rounds: Int
  /// Between two runs.
  public var pause: SimulatedDuration
  /// What part of a prompt belongs to the step's role, where the step does not say.
  public var prefixShare: Ratio
  /// Where the steps were looked for, if they were inferred.
  public var grammar: WorkflowGrammar?
}

/// The lists of steps among which inference looks, declared before it does.
public struct WorkflowGrammar: Hashable, Sendable {
  /// What a step may be that plays a role.
  public struct Role: Hashable, Sendable {
    public var name: String
    public var models: [String]
    public var promptTokens: [Int]
    public var outputTokens: [Int]

    public init(name: String, models: [String], promptTokens: [Int], outputTokens: [Int]) {
      self.name = name
      self.models = models
      self.promptTokens = promptTokens
      self.outputTokens = outputTokens
    }
  }

  /// What a workflow may be: the roles of its steps, one after the other.
  public struct Sequences: Hashable, Sendable {
    public var workflow: String
    /// Places in `roles`.
    public var sequences: [[Int]]

    public init(workflow: String, sequences: [[Int]]) {
      self.workflow = workflow
      self.sequences = sequences
    }
  }

  public var roles: [Role]
  public var workflows: [Sequences]
  public var toolTime: SimulatedDuration

  public init(roles: [Role], workflows: [Sequences], toolTime: SimulatedDuration) {
    self.roles = roles
    self.workflows = workflows
    self.toolTime = toolTime
  }
}

/// What a scenario of a trace says beside its designs.
public struct TraceStudy: Hashable, Sendable {
  /// As the scenario names it: a path from the scenario's folder.
  public var file: String
  /// What happens to the memory of other programs, besides what they hold all the time.
  public var growth: [MemoryGrowth] = []
}

/// Memory that other programs get, or give back, in the course of a scenario.
public struct MemoryGrowth: Hashable, Sendable {
  public var at: SimulatedDuration
  public var size: ByteCount
  /// Whether they get it.
  public var gets: Bool
  /// How long getting it takes while nobody must reclaim.
  public var over: SimulatedDuration

  /// More than any of these devices has.
  static let most = ByteCount.gibibytes(1024)

  public init(at: SimulatedDuration, size: ByteCount, gets: Bool, over: SimulatedDuration) {
    self.at = at
    self.size = size
    self.gets = gets
    self.over = over
  }

  var text: String {
    gets ? "\(at.text): gets \(size.text) over \(over.text)" : "\(at.text): frees \(size.text)"
  }
}

extension TraceStudy {
  /// What happens to others' memory, in words; empty where it stays as it is.
  public var growthText: String { growth.map(\.text).joined(separator: ", ") }
}

extension MixStudy {
  /// All models of all groups, each once.
  var models: [String] { groups.flatMap(\.models).uniqued }
}

extension WorkflowStudy {
  var models: [String] {
    (workflows.flatMap { $0.steps.map(\.model) } + (grammar?.roles.flatMap(\.models) ?? [])).uniqued
  }
}

extension Array where Element: Hashable {
  /// Each once, in order of first appearance.
  fileprivate var uniqued: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension ConfigurationNode {
  func mixStudy(models: [String]) -> MixStudy? {
    let groups = need("modelGroups")?.named { name, node -> ModelGroup? in
      node.axisValues { $0.word(among: models) }.map { ModelGroup(name: name, models: $0) }
    }
    let datasets = need("datasets")?.named { $1.dataset(named: $0) }
    let count = need("requestCount")?.wholeNumber(in: Scenario.requestCountRange)
    let warmUp = need("warmUp")?.wholeNumber(in: 0...Scenario.requestCountRange.upperBound)
    let arrivals = need("arrivals")?.arrivals()
    guard let groups, let datasets, let count, let warmUp, let arrivals else { return nil }
    return MixStudy(
      groups: groups, datasets: datasets, requestCount: Int(count), warmUp: Int(warmUp),
      arrivals: arrivals)
  }

  func workflowStudy(models: [String]) -> WorkflowStudy? {
    let workflows = need("workflows")?.named { $1.workflow(named: $0, models: models) }
    let rounds = need("rounds")?.wholeNumber(in: 0...100)
    let pause = need("pause")?.time()
    let shareNode = need("prefixShare")
    let share = shareNode?.quantity(Ratio.self)
    if let share, share > .one {
      shareNode?.fail("expected at most 100 %, found \(share.text)")
    }
    let grammar = optional("grammar")?.grammar(models: models)
    guard let workflows, let rounds, let pause, let share else { return nil }
    return WorkflowStudy(
      workflows: workflows, rounds: Int(rounds), pause: pause, prefixShare: share,
      grammar: grammar)
  }

  func traceStudy() -> TraceStudy? {
    let file = need("trace")?.string(expecting: "a file of comma-separated values")
    let growth = optional("memoryGrowth").map { $0.memoryGrowth() } ?? []
    guard let file, let growth else { return nil }
    return TraceStudy(file: file, growth: growth)
  }

  /// A list of what other programs get and free, each after the one before.
  private func memoryGrowth() -> [MemoryGrowth]? {
    guard let items = list(expecting: "a list of what other programs get and free") else {
      return nil
    }
    var held = ByteCount.zero
    var last = SimulatedDuration.zero
    var growth: [MemoryGrowth] = []
    for (number, item) in items.enumerated() {
      // What is wrong with one says nothing of those before.
      guard let part = item.growthPart(), growth.count == number else { continue }
      if part.at < last {
        item.fail(
          "expected none before the one above it ends, at \(last.text), found \(part.at.text)")
      }
      last = part.at + part.over
      if !part.gets, part.size > held {
        item.fail("expected at most \(held.text) to be freed, found \(part.size.text)")
      }
      held = part.gets ? held + part.size : max(part.size, held) - part.size
      growth.append(part)
    }
    return growth.count == items.count ? growth : nil
  }

  private func growthPart() -> MemoryGrowth? {
    let gets = optional("frees") == nil
    guard expectMapping(keys: gets ? ["at", "gets", "over"] : ["at", "frees"]) else { return nil }
    let at = need("at")?.time()
    let sizeNode = need(gets ? "gets" : "frees")
    let size = sizeNode?.quantity(ByteCount.self)
    let isSensible = size.map { $0 > .zero && $0 <= MemoryGrowth.most } ?? false
    if let size, !isSensible {
      sizeNode?.fail(
        "expected a size above zero and at most \(MemoryGrowth.most.text), found \(size.text)")
    }
    let over = gets ? need("over")?.time() : .zero
    guard let at, let size, isSensible, let over else { return nil }
    return MemoryGrowth(at: at, size: size, gets: gets, over: over)
  }

  /// The values of a mapping that must not be empty, by their keys.
  private func named<Value>(
    _ read: (String, ConfigurationNode) -> Value?
  ) -> [Value]? {
    guard let entries = entries() else { return nil }
    guard !entries.isEmpty else {
      fail("expected at least one name, found an empty mapping")
      return nil
    }
    let values = entries.compactMap { read($0.key, $0.value) }
    return values.count == entries.count ? values : nil
  }

  /// One value or a list of them without repeats; nil if one is wrong.
  private func axisValues<Value: Hashable>(_ read: (ConfigurationNode) -> Value?) -> [Value]? {
    guard let items = oneOrList() else { return nil }
    let values = items.compactMap(read)
    guard values.count == items.count else { return nil }
    items.failOnRepeats(values)
    return values
  }

  private func dataset(named name: String) -> Dataset? {
    expectMapping(keys: ["promptTokens", "outputTokens", "turns", "thinkTime"])
    let prompts = need("promptTokens")?.distribution(in: Scenario.promptTokenRange)
    let outputs = need("outputTokens")?.distribution(in: Scenario.outputTokenRange)
    let turns = optional("turns")?.distribution(in: 1...1000)
    var conversation: Dataset.Conversation?
    if optional("turns") != nil {
      if let thinkTime = need("thinkTime")?.time(), let turns {
        conversation = Dataset.Conversation(turns: turns, thinkTime: thinkTime)
      }
    } else if let thinkTime = optional("thinkTime") {
      fail(
        atKey: "thinkTime",
        "expected no thinkTime without turns, between which it lies, found \(thinkTime.found)")
    }
    guard let prompts, let outputs else { return nil }
    return Dataset(
      name: name, promptTokens: prompts, outputTokens: outputs, conversation: conversation)
  }

  /// A number of tokens, or a mapping with the one key that names a distribution.
  private func distribution(in range: ClosedRange<Int64>) -> TokenDistribution? {
    let kinds = ["uniform", "quantiles", "median"]
    guard let entries = isMapping ? entries() : [] else { return nil }
    guard !entries.isEmpty else {
      if isMapping || isList {
        fail(
          "expected a whole number, or a mapping with one of \(kinds.joined(separator: ", ")),"
            + " found \(found)")
        return nil
      }
      return wholeNumber(in: range).map { .constant(Int($0)) }
    }
    guard expectMapping(keys: kinds), entries.count == 1, kinds.contains(entries[0].key) else {
      if entries.count > 1 {
        fail("expected one of \(kinds.joined(separator: ", ")), found \(entries.count) keys")
      }
      return nil
    }
    let value = entries[0].value
    if entries[0].key == "median" {
      // The longest of the shape is about eleven times as long.
      return value.wholeNumber(in: 1...(range.upperBound / 12)).map { .median(Int($0)) }
    }
    guard let items = value.list(expecting: "a list of numbers of tokens") else { return nil }
    let numbers = items.compactMap { $0.wholeNumber(in: range) }.map(Int.init)
    guard numbers.count == items.count else { return nil }
    let isUniform = entries[0].key == "uniform"
    guard isUniform ? numbers.count == 2 : numbers.count > 1 else {
      value.fail("expected \(isUniform ? "two" : "at least two") numbers, found \(numbers.count)")
      return nil
    }
    if let place = numbers.indices.dropFirst().first(where: { numbers[$0] < numbers[$0 - 1] }) {
      items[place].fail(
        "expected none below the one before it, which is \(numbers[place - 1]), found"
          + " \(numbers[place])")
      return nil
    }
    return isUniform ? .uniform(numbers[0]...numbers[1]) : .quantiles(numbers)
  }

  private func arrivals() -> ArrivalProcess? {
    let kinds = ["closed", "poisson", "constant", "bursts"]
    guard let kind = need("kind")?.word(among: kinds) else {
      if !isMapping { fail("expected a mapping with the key kind, found \(found)") }
      return nil
    }
    switch kind {
    case "closed":
      expectMapping(keys: ["kind", "thinkTime"])
      return need("thinkTime")?.time().map { .closed(thinkTime: $0) }
    case "bursts":
      expectMapping(keys: ["kind", "interval", "size"])
      let interval = need("interval")?.time(above: .zero)
      let size = need("size")?.wholeNumber(in: 1...Scenario.requestCountRange.upperBound)
      guard let interval, let size else { return nil }
      return .bursts(interval: interval, size: Int(size))
    default:
      expectMapping(keys: ["kind", "interval"])
      return need("interval")?.time(above: .zero).map {
        kind == "poisson" ? .poisson(interval: $0) : .constant(interval: $0)
      }
    }
  }

  /// A duration of at most a day.
  private func time(above least: SimulatedDuration? = nil) -> SimulatedDuration? {
    guard let time = quantity(SimulatedDuration.self) else { return nil }
    let longest = SimulatedDuration.seconds(86_400)
    if let least, time <= least {
      fail("expected a duration above \(least.text), found \(time.text)")
      return nil
    }
    guard time <= longest else {
      fail("expected a duration of at most \(longest.text), found \(time.text)")
      return nil
    }
    return time
  }

  private func workflow(named name: String, models: [String]) -> Workflow? {
    expectMapping(keys: ["steps"])
    guard let items = need("steps")?.list(expecting: "a list of steps") else { return nil }
    let steps = items.compactMap { $0.step(models: models) }
    guard steps.count == items.count else { return nil }
    // One role is one prefix, of one model.
    items.failOnRepeats(steps.map(\.role), of: "role")
    return Workflow(name: name, steps: steps)
  }

  private func step(models: [String]) -> Workflow.Step? {
    expectMapping(
      keys: ["role", "model", "promptTokens", "prefixTokens", "outputTokens", "toolTime"])
    let role = need("role")?.string()
    let model = need("model")?.word(among: models)
    let prompt = need("promptTokens")?.wholeNumber(in: Scenario.promptTokenRange).map(Int.init)
    let prefixNode = optional("prefixTokens")
    let prefix = prefixNode?.wholeNumber(in: 0...Scenario.promptTokenRange.upperBound)
    if let prompt, let prefix, prefix >= prompt {
      prefixNode?.fail("expected fewer than the prompt's \(prompt), found \(prefix)")
    }
    let output = need("outputTokens")?.wholeNumber(in: Scenario.outputTokenRange).map(Int.init)
    let toolTime = need("toolTime")?.time()
    guard let role, let model, let prompt, let output, let toolTime else { return nil }
    return Workflow.Step(
      role: role, model: model, promptTokens: prompt, prefixTokens: prefix.map(Int.init),
      outputTokens: output, toolTime: toolTime)
  }

  private func grammar(models: [String]) -> WorkflowGrammar? {
    expectMapping(keys: ["roles", "sequences", "toolTime"])
    let roles = need("roles")?.named { $1.role(named: $0, models: models) }
    let names = roles?.map(\.name) ?? []
    let sequences = need("sequences")?.named { name, node -> WorkflowGrammar.Sequences? in
      guard let items = node.list(expecting: "a list of lists of roles") else { return nil }
      let lists = items.compactMap { item -> [Int]? in
        guard let steps = item.list(expecting: "a list of roles"), !names.isEmpty else {
          return nil
        }
        guard (1...4).contains(steps.count) else {
          item.fail("expected 1 to 4 roles, found \(steps.count)")
          return nil
        }
        let places = steps.compactMap { $0.word(among: names).flatMap(names.firstIndex) }
        return places.count == steps.count ? places : nil
      }
      guard lists.count == items.count else { return nil }
      items.failOnRepeats(lists)
      return WorkflowGrammar.Sequences(workflow: name, sequences: lists)
    }
    let toolTime = need("toolTime")?.time()
    guard let roles, let sequences, let toolTime else { return nil }
    return WorkflowGrammar(roles: roles, workflows: sequences, toolTime: toolTime)
  }

  private func role(named name: String, models: [String]) -> WorkflowGrammar.Role? {
    expectMapping(keys: ["models", "promptTokens", "outputTokens"])
    let named = need("models")?.axisValues { $0.word(among: models) }
    let prompts = need("promptTokens")?.counts(in: Scenario.promptTokenRange)
    let outputs = need("outputTokens")?.counts(in: Scenario.outputTokenRange)
    guard let named, let prompts, let outputs else { return nil }
    return WorkflowGrammar.Role(
      name: name, models: named, promptTokens: prompts, outputTokens: outputs)
  }

  /// Counts one by one, or at equal distances: `{ from: 32, to: 512, by: 16 }`.
  private func counts(in range: ClosedRange<Int64>) -> [Int]? {
    guard isMapping else { return axisValues { $0.wholeNumber(in: range).map(Int.init) } }
    expectMapping(keys: ["from", "to", "by"])
    let from = need("from")?.wholeNumber(in: range)
    let toNode = need("to")
    let to = toNode?.wholeNumber(in: range)
    let by = need("by")?.wholeNumber(in: 1...range.upperBound)
    guard let from, let to, let by else { return nil }
    guard from <= to else {
      toNode?.fail("expected at least \(from), where it begins, found \(to)")
      return nil
    }
    return stride(from: from, through: to, by: Int(by)).map(Int.init)
  }
}
