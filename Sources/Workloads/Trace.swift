import ModelArchitecture
import Quantities
import ServingDesigns

/// Requests as they were recorded, or made by another program.
public struct Trace: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var arrival: SimulatedTime
    public var model: String
    public var promptTokens: Int
    public var outputTokens: Int
    public var prefix: SharedPrefix?
    public var session: Int?

    public init(
      arrival: SimulatedTime, model: String, promptTokens: Int, outputTokens: Int,
      prefix: SharedPrefix? = nil, session: Int? = nil
    ) {
      self.arrival = arrival
      self.model = model
      self.promptTokens = promptTokens
      self.outputTokens = outputTokens
      self.prefix = prefix
      self.session = session
    }
  }

  /// In the order of the file; of two that arrive at once the first comes first.
  public var entries: [Entry]

  public init(entries: [Entry]) { self.entries = entries }

  /// - Parameter models: the models that the entries name.
  public func workload(models: [String: ModelArchitecture]) -> Workload {
    var workload = Workload()
    for entry in entries {
      guard let model = models[entry.model] else {
        preconditionFailure("no model is called \(entry.model)")
      }
      workload.add(
        Workload.Item(
          Request(
            model: model, promptTokenCount: entry.promptTokens,
            outputTokenCount: entry.outputTokens, prefix: entry.prefix, session: entry.session),
          .at(entry.arrival)))
    }
    return workload
  }
}
