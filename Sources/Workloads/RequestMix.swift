import ModelArchitecture
import Quantities
import ServingDesigns
import SimulationKernel

/// What prompts and answers are like.
public struct Dataset: Hashable, Sendable {
  public var name: String
  public var promptTokens: TokenDistribution
  public var outputTokens: TokenDistribution
  /// Turns of a conversation; nil where every request stands alone.
  public var conversation: Conversation?

  /// Requests that go on with what was said before: the prompt is all of that, and new tokens.
  public struct Conversation: Hashable, Sendable {
    public var turns: TokenDistribution
    /// From the last token of an answer to the next turn.
    public var thinkTime: SimulatedDuration

    public init(turns: TokenDistribution, thinkTime: SimulatedDuration) {
      self.turns = turns
      self.thinkTime = thinkTime
    }
  }

  public init(
    name: String, promptTokens: TokenDistribution, outputTokens: TokenDistribution,
    conversation: Conversation? = nil
  ) {
    self.name = name
    self.promptTokens = promptTokens
    self.outputTokens = outputTokens
    self.conversation = conversation
  }
}

/// Requests of one data set to several models.
public struct RequestMix: Hashable, Sendable {
  public var models: [ModelArchitecture]
  public var dataset: Dataset
  /// Requests that count.
  public var requestCount: Int
  /// Requests before them.
  public var warmUp: Int
  public var arrivals: ArrivalProcess
  public var seed: Int64

  public init(
    models: [ModelArchitecture], dataset: Dataset, requestCount: Int, warmUp: Int,
    arrivals: ArrivalProcess, seed: Int64
  ) {
    precondition(!models.isEmpty && requestCount > 0 && warmUp >= 0, "a mix of nothing")
    self.models = models
    self.dataset = dataset
    self.requestCount = requestCount
    self.warmUp = warmUp
    self.arrivals = arrivals
    self.seed = seed
  }

  /// The requests, from one random stream each for models, prompts, answers, turns and gaps: neither
  /// a data set nor a group of models moves the draws of another.
  ///
  /// Models come in random order, and each as often as the others of as many requests, or conversations,
  /// as there are requests in all.
  public var workload: Workload {
    var workload = Workload()
    var streams = Streams(seed: seed)
    let total = warmUp + requestCount
    let order = streams.shuffled(total)
    var arrival: Workload.Arrival = .at(.zero)
    var time = SimulatedTime.zero
    var session = 0
    while workload.items.count < total {
      let model = models[order[session] % models.count]
      if session > 0 {
        let gap = arrivals.gap(before: session, from: &streams.gaps)
        if case .closed = arrivals {
          arrival = .after(workload.items.count - 1, gap)
        } else {
          time += gap
          arrival = .at(time)
        }
      }
      let turns = dataset.conversation.map { $0.turns.draw(from: &streams.turns) } ?? 1
      var soFar = 0
      for turn in 0..<turns where workload.items.count < total {
        let new = dataset.promptTokens.draw(from: &streams.prompts)
        let output = dataset.outputTokens.draw(from: &streams.outputs)
        var prompt = soFar + new
        var prefix: SharedPrefix?
        if let conversation = dataset.conversation {
          // The first turn has the text's first token in common with the next, and one of its own.
          prompt = max(2, prompt)
          prefix = SharedPrefix(
            name: "conversation \(session + 1)", tokenCount: max(1, soFar), grows: true)
          if turn > 0 { arrival = .after(workload.items.count - 1, conversation.thinkTime) }
        }
        workload.add(
          Workload.Item(
            Request(
              model: model, promptTokenCount: prompt, outputTokenCount: output, prefix: prefix,
              session: dataset.conversation == nil ? nil : session + 1),
            arrival, isCounted: workload.items.count >= warmUp))
        soFar = prompt + output
      }
      session += 1
    }
    return workload
  }

  private struct Streams {
    var models: RandomStream
    var prompts: RandomStream
    var outputs: RandomStream
    var turns: RandomStream
    var gaps: RandomStream

    init(seed: Int64) {
      func stream(_ purpose: String) -> RandomStream { RandomStream(seed: seed, purpose: purpose) }
      models = stream("models of requests")
      prompts = stream("prompt tokens of requests")
      outputs = stream("output tokens of requests")
      turns = stream("turns of conversations")
      gaps = stream("gaps between arrivals")
    }

    /// The numbers below `count` in random order (Fisher and Yates).
    mutating func shuffled(_ count: Int) -> [Int] {
      var numbers = Array(0..<count)
      for place in stride(from: count - 1, to: 0, by: -1) {
        numbers.swapAt(place, Int(models.next(below: Int64(place + 1))))
      }
      return numbers
    }
  }
}
