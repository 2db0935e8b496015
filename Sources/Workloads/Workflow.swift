import ModelArchitecture
import Quantities
import ServingDesigns

/// What an agent does for one task: requests to models, one after the other.
public struct Workflow: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    /// What the request is for; the step's prefix is the role's.
    public var role: String
    public var model: String
    public var promptTokens: Int
    /// Tokens at the prompt's start that are the same in every run; nil where the share of the whole
    /// study holds.
    public var prefixTokens: Int?
    public var outputTokens: Int
    /// From its last token to the next step's request.
    public var toolTime: SimulatedDuration

    public init(
      role: String, model: String, promptTokens: Int, prefixTokens: Int? = nil, outputTokens: Int,
      toolTime: SimulatedDuration
    ) {
      self.role = role
      self.model = model
      self.promptTokens = promptTokens
      self.prefixTokens = prefixTokens
      self.outputTokens = outputTokens
      self.toolTime = toolTime
    }
  }

  public var name: String
  public var steps: [Step]

  public init(name: String, steps: [Step]) {
    precondition(!steps.isEmpty, "a workflow without a step")
    self.name = name
    self.steps = steps
  }

  /// The workflow, run so many times and then once more, which counts.
  ///
  /// - Parameters:
  ///   - rounds: runs before the one that counts.
  ///   - pause: from the last token of a run to the next run's first request.
  ///   - prefixShare: what part of a prompt is the role's, where a step does not say.
  ///   - models: the models that the steps name.
  public func workload(
    rounds: Int, pause: SimulatedDuration, prefixShare: Ratio,
    models: [String: ModelArchitecture]
  ) -> Workload {
    var workload = Workload()
    for round in 0...rounds {
      for (place, step) in steps.enumerated() {
        guard let model = models[step.model] else {
          preconditionFailure("\(name): no model is called \(step.model)")
        }
        var arrival = Workload.Arrival.at(.zero)
        if place > 0 {
          arrival = .after(workload.items.count - 1, steps[place - 1].toolTime)
        } else if round > 0 {
          arrival = .after(workload.items.count - 1, pause)
        }
        workload.add(
          Workload.Item(
            Request(
              model: model, promptTokenCount: step.promptTokens,
              outputTokenCount: step.outputTokens, prefix: prefix(of: step, share: prefixShare),
              session: round + 1),
            arrival, isCounted: round == rounds))
      }
    }
    return workload
  }

  private func prefix(of step: Step, share: Ratio) -> SharedPrefix? {
    let shared = Int(
      Int128(step.promptTokens) * Int128(share.partsPerBillion)
        / Int128(Ratio.one.partsPerBillion))
    let count = min(step.prefixTokens ?? shared, step.promptTokens - 1)
    return count > 0 ? SharedPrefix(name: "\(name)/\(step.role)", tokenCount: count) : nil
  }
}
