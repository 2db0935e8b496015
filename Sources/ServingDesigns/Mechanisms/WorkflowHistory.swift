/// Workflows as they went: which models were asked for, in which order, with which prefixes.
///
/// FlexServe keeps "past workflows as ordered lists of (model, prompt-KV) pairs; on a match" what
/// followed then is fetched beforehand.
struct WorkflowHistory: Hashable, Sendable {
  struct Step: Hashable, Sendable {
    var model: String
    var prefix: String?
  }

  private struct Run: Hashable, Sendable {
    var session: Int
    var steps: [Step]
  }

  /// Runs that are remembered.
  private static let length = 32
  /// The one that a request came to last at the end.
  private var runs: [Run] = []

  /// Notes a request and returns what followed the last time that a run began as this one has.
  mutating func record(_ step: Step, session: Int) -> [Step] {
    var run = Run(session: session, steps: [])
    if let place = runs.firstIndex(where: { $0.session == session }) {
      run = runs.remove(at: place)
    } else if runs.count == Self.length {
      runs.removeFirst()
    }
    run.steps.append(step)
    let alike = runs.last { earlier in
      earlier.steps.count > run.steps.count && earlier.steps.starts(with: run.steps)
    }
    runs.append(run)
    return alike.map { Array($0.steps.dropFirst(run.steps.count)) } ?? []
  }
}
