import Quantities
import ServingDesigns
import Testing

@testable import Workloads

@Suite struct WorkflowTests {
  private static let workflow = Workflow(
    name: "w",
    steps: [
      Workflow.Step(
        role: "plan", model: "a", promptTokens: 101, outputTokens: 5, toolTime: .seconds(2)),
      Workflow.Step(
        role: "act", model: "b", promptTokens: 40, prefixTokens: 30, outputTokens: 1,
        toolTime: .seconds(7)),
    ])
  private static let models = ["a": model("a"), "b": model("b")]

  private static func workload(_ rounds: Int, share: Int64 = 0) -> Workload {
    workflow.workload(
      rounds: rounds, pause: .seconds(60), prefixShare: .percent(share), models: models)
  }

  @Test func onlyTheLastRoundCounts() {
    let items = Self.workload(2).items
    #expect(items.map(\.isCounted) == [false, false, false, false, true, true])
    #expect(items.map(\.request.session) == [1, 1, 2, 2, 3, 3])
    #expect(
      items.map(\.arrival) == [
        .at(.zero), .after(0, .seconds(2)), .after(1, .seconds(60)), .after(2, .seconds(2)),
        .after(3, .seconds(60)), .after(4, .seconds(2)),
      ])
  }

  /// Half of 101 tokens is 50 whole ones; where a step says how many, the share says nothing; and one
  /// token is the prompt's own.
  @Test(arguments: [(Int64(0), nil), (50, 50), (100, 100)])
  func aShareOfEveryPromptIsItsRoles(share: Int64, tokens: Int?) {
    let items = Self.workload(0, share: share).items
    #expect(items[0].request.prefix?.tokenCount == tokens)
    #expect(items[1].request.prefix == SharedPrefix(name: "w/act", tokenCount: 30))
  }

  @Test func aRoleHasOnePrefixInAllRounds() {
    let prefixes = Self.workload(3, share: 50).items.map(\.request.prefix?.name)
    #expect(Set(prefixes) == ["w/plan", "w/act"])
  }

  @Test func aTraceIsReplayedAsItIs() {
    let trace = Trace(entries: [
      Trace.Entry(arrival: .zero + .seconds(3), model: "b", promptTokens: 7, outputTokens: 2),
      Trace.Entry(
        arrival: .zero, model: "a", promptTokens: 9, outputTokens: 1,
        prefix: SharedPrefix(name: "p", tokenCount: 4), session: 5),
    ])
    let items = trace.workload(models: Self.models).items
    #expect(items.map(\.arrival) == [.at(.zero + .seconds(3)), .at(.zero)])
    #expect(items.map(\.request.model.name) == ["b", "a"])
    #expect(items[1].request.prefix?.tokenCount == 4 && items[1].request.session == 5)
  }
}
