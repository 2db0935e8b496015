import ModelArchitecture

/// Which models were asked for lately, and with how long prompts.
///
/// FlexServe logs invocations "for example over the last hour"; a design knows no clock, so the window
/// is a number of invocations.
struct InvocationHistory: Hashable, Sendable {
  struct Invocation: Hashable, Sendable {
    var model: String
    /// Tokens that had to be computed: the prompt's, less those whose keys and values were there.
    var computedTokens: Int
  }

  private let length: Int
  /// The last one at the end.
  private(set) var invocations: [Invocation] = []

  init(length: Int) { self.length = length }

  mutating func record(_ model: String, computedTokens: Int) {
    if invocations.count == length { invocations.removeFirst() }
    invocations.append(Invocation(model: model, computedTokens: computedTokens))
  }

  /// Models by falling number of invocations; of equal ones the one used last comes first.
  var models: [(name: String, count: Int)] {
    var counts: [(name: String, count: Int)] = []
    for invocation in invocations.reversed() {
      if let place = counts.firstIndex(where: { $0.name == invocation.model }) {
        counts[place].count += 1
      } else {
        counts.append((invocation.model, 1))
      }
    }
    // Swift's sort is stable.
    return counts.sorted { $0.count > $1.count }
  }

  /// Models by the instant of their last invocation, the latest first.
  var recentModels: [String] {
    var names: [String] = []
    for invocation in invocations.reversed() where !names.contains(invocation.model) {
      names.append(invocation.model)
    }
    return names
  }

  func count(of model: String) -> Int {
    invocations.reduce(0) { $0 + ($1.model == model ? 1 : 0) }
  }

  /// How often a model met each number of tokens, in the order of their first coming.
  func computedTokens(of model: String) -> [(tokens: Int, count: Int)] {
    var counts: [(tokens: Int, count: Int)] = []
    for invocation in invocations where invocation.model == model {
      if let place = counts.firstIndex(where: { $0.tokens == invocation.computedTokens }) {
        counts[place].count += 1
      } else {
        counts.append((invocation.computedTokens, 1))
      }
    }
    return counts
  }

  /// The models worth keeping something of: those whose share of the invocations reaches a threshold,
  /// or else the three with most (FlexServe, section on history-driven caching).
  func frequentModels(threshold percent: Int) -> [String] {
    let models = models
    let frequent = models.filter { $0.count * 100 >= percent * invocations.count }
    return (frequent.isEmpty ? Array(models.prefix(3)) : frequent).map(\.name)
  }
}
