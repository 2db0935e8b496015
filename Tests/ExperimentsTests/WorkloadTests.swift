import DeviceModel
import ModelArchitecture
import Quantities
import ResultFiles
import ScenarioFiles
import ServingDesigns
import Testing
import Workloads

@testable import Experiments

/// Sessions of many requests.
@Suite struct WorkloadTests {
  private static let small = try! library.model(named: "qwen2.5-0.5b").model
  private static let other = try! library.model(named: "qwen3-0.6b").model

  private static func workload(
    _ items: [(ModelArchitecture, prompt: Int, output: Int, Workload.Arrival)]
  ) -> Workload {
    var workload = Workload()
    for (model, prompt, output, arrival) in items {
      workload.add(
        Workload.Item(
          Request(model: model, promptTokenCount: prompt, outputTokenCount: output), arrival))
    }
    return workload
  }

  private static func serve(_ design: String, _ workload: Workload) throws -> WorkloadRecord {
    try WorkloadPoint(
      point: .shipped(design, "qwen2.5-0.5b", prompt: 1), labels: [], workload: workload
    ).run()
  }

  static let designs = DesignCatalog.standard.names

  /// Steps of an operation are merged here, which can move the end of one that has less than it wants
  /// by as many picoseconds as it has steps.
  @Test(arguments: designs)
  func oneRequestTakesAsLongAsAPointOfItsOwn(design: String) throws {
    let alone = try ExperimentPoint.shipped(design, "qwen2.5-0.5b", prompt: 200, output: 3).run()
    let served = try Self.serve(
      design, Self.workload([(Self.small, 200, 3, .at(.zero))])
    ).requests[0]
    #expect(abs((served.timeToFirstToken - alone.timeToFirstToken).picoseconds) < 100_000)
    #expect(abs((served.endToEndLatency - alone.endToEndLatency).picoseconds) < 100_000)
    #expect(served.waiting == .zero)
  }

  /// The second arrives while the first is served, and waits for its end.
  @Test(arguments: designs)
  func whoArrivesMeanwhileWaits(design: String) throws {
    let requests = try Self.serve(
      design,
      Self.workload([
        (Self.small, 100, 2, .at(.zero)), (Self.other, 100, 2, .at(.zero + .milliseconds(1))),
      ])
    ).requests
    #expect(requests[1].arrival == .zero + .milliseconds(1))
    #expect(requests[1].begin >= requests[0].lastToken)
    #expect(requests[1].waiting > .zero)
  }

  @Test(arguments: designs)
  func waitingAndKindsSumToTheTimeToFirstToken(design: String) throws {
    let requests = try Self.serve(
      design,
      Self.workload(
        (0..<4).map { number in
          (
            number % 2 == 0 ? Self.small : Self.other, 60 + number, 2,
            .at(.zero + .milliseconds(Int64(number) * 200))
          )
        })
    ).requests
    for request in requests {
      let kinds = request.breakdown.values.reduce(SimulatedDuration.zero) { $0 + $1 }
      #expect(request.waiting + kinds == request.timeToFirstToken)
    }
  }

  /// Not after the plan's end, and not after all is given back.
  @Test(arguments: designs)
  func aThinkTimeBeginsWithTheLastToken(design: String) throws {
    let requests = try Self.serve(
      design,
      Self.workload([
        (Self.small, 50, 3, .at(.zero)), (Self.small, 50, 3, .after(0, .milliseconds(5))),
        (Self.small, 50, 3, .after(0, .seconds(30))),
      ])
    ).requests
    #expect(requests[1].arrival == requests[0].lastToken + .milliseconds(5))
    #expect(requests[2].arrival == requests[0].lastToken + .seconds(30))
  }

  @Test(arguments: ["strawman", "strawman-opt"])
  func whoKeepsNothingTakesAsLongForEachRequest(design: String) throws {
    let requests = try Self.serve(
      design,
      Self.workload([
        (Self.small, 80, 2, .at(.zero)), (Self.other, 80, 2, .after(0, .seconds(5))),
        (Self.small, 80, 2, .after(1, .seconds(5))),
      ])
    ).requests
    #expect(requests[0].timeToFirstToken == requests[2].timeToFirstToken)
    #expect(requests[0].endToEndLatency == requests[2].endToEndLatency)
    #expect(requests[0].bytesRead == requests[2].bytesRead)
    #expect(requests[0].bytesRead == Self.small.weightBytes(.int8))
  }

  @Test func whatIsKeptIsNotReadAgain() throws {
    let record = try Self.serve(
      "flexserve",
      Self.workload([
        (Self.small, 80, 1, .at(.zero)), (Self.small, 80, 1, .after(0, .seconds(5))),
      ]))
    #expect(record.requests[1].bytesRead == .zero)
    #expect(record.requests[1].stall < record.requests[0].stall)
    #expect(record.bytesRead == Self.small.weightBytes(.int8))
  }

  // MARK: Scenarios

  static func resolved(_ path: String, _ settings: [(String, [String])]) throws -> ResolvedScenario
  {
    try ResolvedScenario(
      library.scenario("\(library.root)/\(path).yaml"), library: library,
      overrides: settings.map { SettingAxis(key: $0.0, texts: $0.1, origin: .commandLine) })
  }

  @Test(arguments: ["paper/multi-model", "paper/workflows", "workloads/morning"])
  func allDesignsFaceTheSameRequests(path: String) throws {
    var workloads: [String: Workload] = [:]
    for point in try Self.resolved(path, []).workloadPoints() {
      let key = point.labels.map(\.text).joined(separator: "/")
      if let known = workloads[key] { #expect(point.workload == known) }
      workloads[key] = point.workload
    }
    #expect(!workloads.isEmpty)
  }

  @Test func aRunHasAtLeastTwoHundredRequests() throws {
    for point in try Self.resolved("paper/multi-model", []).workloadPoints() {
      #expect(point.workload.countedItems.count >= 200)
    }
  }

  @Test func theNumberOfJobsChangesNothing() async throws {
    let resolved = try Self.resolved(
      "workloads/assistants",
      [
        ("requestCount", ["6"]), ("modelGroups", ["small"]), ("datasets", ["questions"]),
      ])
    var files: [ResultFile] = []
    for jobs in [1, 3] {
      files.append(
        ResultFile(
          try await runPoints(try resolved.workloadPoints(), jobs: jobs),
          of: resolved))
    }
    #expect(files[0].runs == files[1].runs)
    #expect(try files[0].isOf(resolved))
    #expect(
      try !files[0].isOf(
        Self.resolved(
          "workloads/assistants",
          [("requestCount", ["7"]), ("modelGroups", ["small"]), ("datasets", ["questions"])])))
  }

  /// Full generation of all steps but the last, and the last one's time to first token.
  @Test func theResponseLatencyOfAWorkflow() throws {
    let point = try #require(
      Self.resolved("paper/workflows", [("workflows", ["Smart-Alarm"])]).workloadPoints().last)
    let record = try point.run()
    #expect(record.requests.count == 2)
    #expect(
      record.responseLatency
        == record.requests[0].endToEndLatency + record.requests[1].timeToFirstToken)
  }

  // MARK: Inference

  private static let grammar = WorkflowGrammar(
    roles: [
      WorkflowGrammar.Role(
        name: "decide", models: ["a", "b"], promptTokens: [1, 2], outputTokens: [1, 2]),
      WorkflowGrammar.Role(
        name: "answer", models: ["b"], promptTokens: [2, 3, 4], outputTokens: [1]),
    ],
    workflows: [], toolTime: .zero)
  /// One step, two of two roles and of one, three.
  private static let sequences = [[1], [0, 1, 1], [0, 1], [0, 0]]

  /// Every list of a small grammar by hand, beside what the search finds.
  @Test(arguments: [(9.0, 1.0), (5, 0.5), (20, 3), (1, 0.1)])
  func theSearchFindsEveryList(value: Double, uncertainty: Double) {
    let table = StepTable(
      earlier: [[3, 1, 4, 1, 5, 9, 2, 6], [2, 6, 5]].map { $0.map { .seconds($0) } },
      last: [[2, 7, 1, 8], [2, 8, 1]].map { $0.map { .seconds($0) } })
    let search = ListSearch(
      Self.grammar, Self.sequences, table, around: value, within: uncertainty, sampleSize: 3,
      others: [table])
    var expected: [Int: [StepList]] = [:]
    for roles in Self.sequences {
      var lists: [[Int]] = [[]]
      for role in roles.dropLast() {
        lists = lists.flatMap { list in table.earlier[role].indices.map { list + [$0] } }
      }
      for list in lists {
        for last in table.last[roles[roles.count - 1]].indices {
          let candidate = StepList(roles: roles, earlier: list, last: last)
          if abs(table.latency(of: candidate).seconds - value) <= uncertainty {
            expected[roles.count, default: []].append(candidate)
          }
        }
      }
    }
    #expect(search.counts.map(\.stepCount) == [1, 2, 3])
    for (stepCount, lists) in search.counts {
      #expect(lists == expected[stepCount]?.count ?? 0, "\(stepCount) steps")
    }
    let fewest = expected.keys.min().map { expected[$0]! } ?? []
    let best = fewest.min { a, b in
      let (rank, other) = (Self.grammar.rank(of: a), Self.grammar.rank(of: b))
      return rank != other
        ? rank < other
        : (a.roles + a.earlier + [a.last]).lexicographicallyPrecedes(
          b.roles + b.earlier + [b.last])
    }
    #expect(search.simplest == best)
    #expect(search.all.sample.count == min(3, expected.values.reduce(0) { $0 + $1.count }))
    #expect(search.fewest.sample.allSatisfy(fewest.contains))
  }

  /// Tokens generated count first, then tokens of prompts, then models; a role that comes again has a
  /// number.
  @Test func theShortestListIsTheSimplest() {
    // Model b, 2 + 1 tokens; model a, 1 + 2 tokens; the last: b, 3 tokens.
    let list = StepList(roles: [0, 0, 1], earlier: [6, 1], last: 1)
    let workflow = Self.grammar.workflow(list, named: "w")
    #expect(workflow.steps.map(\.role) == ["decide", "decide-2", "answer"])
    #expect(workflow.steps.map(\.model) == ["b", "a", "b"])
    #expect(workflow.steps.map(\.promptTokens) == [2, 1, 3])
    #expect(workflow.steps.map(\.outputTokens) == [1, 2, 1])
    #expect(
      Self.grammar.rank(of: list)
        == WorkflowGrammar.Rank(outputTokens: 3, promptTokens: 6, models: 1))
    func rank(_ output: Int, _ prompt: Int, _ models: Int) -> WorkflowGrammar.Rank {
      WorkflowGrammar.Rank(outputTokens: output, promptTokens: prompt, models: models)
    }
    #expect(rank(1, 9, 9) < rank(2, 1, 0))
    #expect(rank(1, 1, 9) < rank(1, 2, 0))
    #expect(rank(1, 1, 0) < rank(1, 1, 1))
  }

  /// The table of single steps gives what a session of the whole workflow gives, also where the next
  /// step waits until memory is given back.
  @Test(arguments: ["0 s", "1 s"])
  func stepsOfWhoKeepsNothingAddUp(toolTime: String) async throws {
    let toolTime = try SimulatedDuration(parsing: toolTime)
    let grammar = WorkflowGrammar(
      roles: [
        WorkflowGrammar.Role(
          name: "any", models: ["qwen3-0.6b", "qwen3-1.7b"], promptTokens: [64, 96],
          outputTokens: [2])
      ],
      workflows: [], toolTime: toolTime)
    let resolved = try Self.resolved("paper/workflows", [])
    guard case .workflows(let study) = resolved.scenario.subject else { return }
    for design in ["strawman", "strawman-opt"] {
      #expect(try resolved.keepsNothing(design))
      let table = try await StepTable(grammar, design, resolved, jobs: 2)
      let list = StepList(roles: [0, 0, 0], earlier: [1, 2], last: 1)
      let variant = ResolvedScenario.variant(study, grammar.workflow(list, named: "w"))
      let record = try resolved.firstPoint(variant, design: design).run()
      #expect(record.responseLatency == table.latency(of: list))
    }
    #expect(try !resolved.keepsNothing("flexserve"))
  }

  /// Bars that were made with a median give it back.
  @Test(arguments: [1, 23])
  func aMedianIsFoundAgain(median: Int) async throws {
    var resolved = try Self.resolved(
      "paper/multi-model",
      [
        ("datasets", ["Alpaca"]), ("modelGroups", ["Qwen3-0.6B+Qwen3-1.7B"]),
        ("requestCount", ["3"]), ("warmUp", ["1"]), ("designs", ["strawman"]),
      ])
    guard case .mix(var study) = resolved.scenario.subject else { return }
    let written = study.datasets[0].promptTokens
    study.datasets[0].promptTokens = .median(median)
    resolved.scenario.settings = []
    resolved.scenario.subject = .mix(study)
    let point = try resolved.workloadPoints()[0]
    let bar = ReferenceWorkload(
      labels: point.labels.map(\.text), design: "strawman",
      value: try point.run().record.timeToFirstToken.seconds, uncertainty: 0.1, role: .fit)
    study.datasets[0].promptTokens = written
    resolved.scenario.subject = .mix(study)
    let inference = try await MixInference(resolved, bars: [bar], jobs: 2)
    #expect(inference.fits.map(\.inferred) == [median])
    #expect(inference.fits[0].bars[0].error.magnitude < 1e-9)
  }
}
