import Quantities
import ServingDesigns
import Testing

@testable import Workloads

@Suite struct RequestMixTests {
  private static func mix(
    _ names: [String] = ["a", "b"], prompts: TokenDistribution = .median(100),
    arrivals: ArrivalProcess = .closed(thinkTime: .seconds(1)), count: Int = 200, warmUp: Int = 20,
    conversation: Dataset.Conversation? = nil, seed: Int64 = 1
  ) -> Workload {
    RequestMix(
      models: names.map(model),
      dataset: Dataset(
        name: "d", promptTokens: prompts, outputTokens: .uniform(1...9),
        conversation: conversation),
      requestCount: count, warmUp: warmUp, arrivals: arrivals, seed: seed
    ).workload
  }

  @Test(arguments: [2, 4, 5])
  func everyModelGetsAsManyRequests(modelCount: Int) {
    let names = (0..<modelCount).map { "model-\($0)" }
    let workload = Self.mix(names)
    #expect(workload.items.count == 220 && workload.countedItems.count == 200)
    for name in names {
      #expect(
        workload.items.count { $0.request.model.name == name } == 220 / modelCount)
    }
  }

  @Test func otherModelsGetTheSamePrompts() {
    let lengths = [["a", "b"], ["c", "d"]].map { names in
      Self.mix(names).items.map { [$0.request.promptTokenCount, $0.request.outputTokenCount] }
    }
    #expect(lengths[0] == lengths[1])
  }

  @Test func theSeedIsAllThatDecides() {
    #expect(Self.mix() == Self.mix())
    #expect(Self.mix() != Self.mix(seed: 2))
  }

  @Test func whatIsSentNextComesAfterTheLastAnswer() {
    for (place, item) in Self.mix().items.enumerated() {
      #expect(item.arrival == (place == 0 ? .at(.zero) : .after(place - 1, .seconds(1))))
      #expect(item.isCounted == (place >= 20))
    }
  }

  @Test func whoKnowsNothingOfAnswersDoesNotWaitForThem() {
    let workload = Self.mix(arrivals: .constant(interval: .seconds(3)), count: 5, warmUp: 0)
    #expect(
      workload.items.map(\.arrival)
        == (0..<5).map { .at(SimulatedTime.zero + .seconds(3) * $0) })
  }

  /// Every turn's prompt is what was said before and new tokens.
  @Test func aConversationGrows() {
    let workload = Self.mix(
      count: 50, warmUp: 0,
      conversation: Dataset.Conversation(turns: .uniform(1...4), thinkTime: .seconds(10)))
    var lengths: [Int] = []
    for (place, item) in workload.items.enumerated() {
      let request = item.request
      #expect(request.prefix?.grows == true)
      #expect(request.prefix?.name == "conversation \(request.session!)")
      guard place > 0, let before = Optional(workload.items[place - 1].request),
        before.session == request.session
      else {
        #expect(request.prefix?.tokenCount == 1)
        if place > 0 { #expect(item.arrival == .after(place - 1, .seconds(1))) }
        lengths.append(1)
        continue
      }
      lengths[lengths.count - 1] += 1
      #expect(request.model == before.model)
      #expect(request.prefix!.tokenCount == before.promptTokenCount + before.outputTokenCount)
      #expect(request.promptTokenCount > request.prefix!.tokenCount)
      #expect(item.arrival == .after(place - 1, .seconds(10)))
    }
    // The last one may have been cut off.
    #expect(lengths.allSatisfy { (1...4).contains($0) } && Set(lengths).count > 1)
  }

  @Test func aMeanIsRoundedToTheNearest() {
    var workload = Workload()
    for (place, prompt) in [9, 1, 2, 2].enumerated() {
      workload.add(
        Workload.Item(
          Request(model: model("a"), promptTokenCount: prompt, outputTokenCount: 1), .at(.zero),
          isCounted: place > 0))
    }
    // 5 / 3.
    #expect(workload.mean(\.promptTokenCount) == 2)
  }

  @Test func aRequestCannotWaitForALaterOne() async {
    await #expect(processExitsWith: .failure) {
      var workload = Workload()
      workload.add(
        Workload.Item(
          Request(model: model("a"), promptTokenCount: 1, outputTokenCount: 1),
          .after(0, .zero)))
    }
  }
}
