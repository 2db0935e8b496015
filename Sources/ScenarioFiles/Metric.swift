/// Something that is measured in every run.
public enum Metric: String, CaseIterable, Sendable {
  case timeToFirstToken = "time_to_first_token"
  case endToEndLatency = "end_to_end_latency"
  case decodeRate = "decode_tokens_per_second"
  /// Of a workflow.
  case responseLatency = "response_latency"

  /// Of the column in result files, in the spelling of UDUNITS.
  public var units: String { isRate ? "s-1" : "ns" }

  /// Whether more of it is better.
  public var isRate: Bool { self == .decodeRate }

  /// What a value in result files is multiplied with to be read by people.
  public var displayScale: Double { isRate ? 1 : 1e-9 }

  /// The unit in which people read it.
  public var displayUnit: String { isRate ? "tokens per second" : "seconds" }

  /// What it is called in a sentence.
  public var title: String {
    switch self {
    case .timeToFirstToken: "Time to first token"
    case .endToEndLatency: "End-to-end latency"
    case .decodeRate: "Decode rate"
    case .responseLatency: "Response latency"
    }
  }

  /// The formula, over named instants.
  public var meaning: String {
    switch self {
    case .timeToFirstToken:
      "first output token exists in the serving process - request arrives there"
    case .endToEndLatency:
      "last output token exists in the serving process - request arrives there"
    case .decodeRate:
      "(output tokens - 1) / (last output token exists - first output token exists)"
    case .responseLatency:
      "end-to-end latencies of a workflow's steps but the last + the last one's time to first token"
    }
  }
}
