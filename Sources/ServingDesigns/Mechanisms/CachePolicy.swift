import ModelArchitecture
import Quantities

/// What stays of the models' weights when nobody uses them: of each the first chunks, since those are
/// needed first when it is asked for again.
enum CachePolicy: String, CaseIterable, Sendable {
  /// Nothing.
  case none
  /// As much as possible of the model used last, then of the one before, and so on.
  case leastRecentlyUsed = "lru"
  /// Equal parts of all frequent models.
  case fixedPrefix = "fixed-prefix"
  /// Where a byte saves most: see `StallFreeNeed`.
  case stallFree = "stall-free"
}

/// How long loading stalls a prefill, by how many of its first chunks are there already.
///
/// Chunk j of the weights (embedding, layers, output head) is needed at n_j, when all layers before
/// it are computed: n_j = (j - 1) c for layer j, with c the time that one layer takes for the prompt.
/// With k chunks resident, the rest, of M_k bytes, is first allocated and mapped, which takes a M_k,
/// and then comes one by one at the rate of storage or of decryption, whichever is slower: it is
/// there at
///
///     l_j(k) = a M_k + sum over i from k to j of r_i
///
/// Computing waits for each chunk in turn, so in the end it is late by the largest delay,
///
///     S(k) = max over j >= k of max(0, l_j(k) - n_j),
///
/// and the prefill is stall-free when S(k) = 0. Longer prompts (larger c) need less of the weights;
/// models that are asked for more often are worth more. With w_m(t) invocations of t tokens in the
/// history, keeping k chunks of model m saves w_m(t) (S_t(0) - S_t(k)) summed over t. Each further
/// chunk saves as much as it takes to allocate and load, until S is zero for one length of prompt
/// after the other: what is saved is concave in k, so giving each chunk in turn to the model where it
/// saves most a byte is optimal up to the last chunk. Of n invocations the share is known to one part in
/// the square root of n; models whose savings are closer than that share evenly.
struct StallFreeNeed {
  /// What is saved over the history with so many chunks resident, in seconds.
  let saved: [Double]

  /// - Parameters:
  ///   - loading: of each chunk, until it is there when the one before is.
  ///   - allocating: of each chunk, its allocation and its mapping.
  ///   - layerTimes: how often each length of prompt was met, and what a layer takes for it.
  /// - Complexity: O(chunks x lengths of prompts).
  init(
    loading: [SimulatedDuration], allocating: [SimulatedDuration],
    layerTimes: [(count: Int, time: SimulatedDuration)]
  ) {
    let chunks = loading.count
    // Sums over the first chunks, and of what is allocated of the last ones.
    var loaded = [0.0]
    for time in loading { loaded.append(loaded[loaded.count - 1] + time.seconds) }
    var allocated = [Double](repeating: 0, count: chunks + 1)
    for chunk in (0..<chunks).reversed() {
      allocated[chunk] = allocated[chunk + 1] + allocating[chunk].seconds
    }
    var saved = [Double](repeating: 0, count: chunks + 1)
    for (count, time) in layerTimes {
      let layer = time.seconds
      // max over j >= k of loaded(j) - n_j, for each k from the end.
      var latest = -Double.infinity
      var stalls = [Double](repeating: 0, count: chunks + 1)
      for chunk in (0..<chunks).reversed() {
        latest = max(latest, loaded[chunk + 1] - Double(max(0, chunk - 1)) * layer)
        stalls[chunk] = max(0, allocated[chunk] - loaded[chunk] + latest)
      }
      for chunk in 0...chunks { saved[chunk] += Double(count) * (stalls[0] - stalls[chunk]) }
    }
    self.saved = saved
  }
}

extension CachePolicy {
  /// A model that could stay.
  struct Candidate {
    var name: String
    var chunks: [ByteCount]
    /// At most so much of it.
    var limit: ByteCount
    /// How often it was asked for in the history.
    var count: Int
    /// Only the policy that goes by it needs it.
    var need: StallFreeNeed?
  }

  /// How many chunks of each candidate stay within `capacity`.
  ///
  /// - Parameter candidates: in the order in which they come first where nothing else decides.
  /// - Complexity: O(chunks of all candidates x candidates).
  func chunkCounts(_ candidates: [Candidate], within capacity: ByteCount) -> [String: Int] {
    var counts: [String: Int] = [:]
    switch self {
    case .none: break
    case .leastRecentlyUsed:
      var left = capacity
      for candidate in candidates {
        let (count, size) = candidate.fitting(min(left, candidate.limit))
        counts[candidate.name] = count
        left = left - size
      }
    case .fixedPrefix:
      let share = ByteCount(bytes: capacity.bytes / Int64(max(1, candidates.count)))
      for candidate in candidates {
        counts[candidate.name] = candidate.fitting(min(share, candidate.limit)).count
      }
    case .stallFree:
      var left = capacity
      var open = candidates.map { (candidate: $0, count: 0, size: ByteCount.zero) }
      while true {
        var gains: [(place: Int, gain: Double)] = []
        for (place, state) in open.enumerated() where state.count < state.candidate.chunks.count {
          let chunk = state.candidate.chunks[state.count]
          guard chunk <= left, state.size + chunk <= state.candidate.limit else { continue }
          guard let saved = state.candidate.need?.saved else { continue }
          let gain = (saved[state.count + 1] - saved[state.count]) / Double(chunk.bytes)
          if gain > 0 { gains.append((place, gain)) }
        }
        guard let best = gains.max(by: { $0.gain < $1.gain }) else { break }
        // What the history cannot tell apart shares evenly.
        let error = 1 / Double(open[best.place].candidate.count).squareRoot()
        let equals = gains.filter { $0.gain >= best.gain * (1 - error) }
        let chosen = equals.min { open[$0.place].size < open[$1.place].size } ?? best
        let chunk = open[chosen.place].candidate.chunks[open[chosen.place].count]
        open[chosen.place].count += 1
        open[chosen.place].size = open[chosen.place].size + chunk
        left = left - chunk
      }
      // What no stall asks for: a longer history might, and memory that nobody wants costs nothing.
      for state in open {
        let (count, size) = state.candidate.fitting(
          min(state.size + left, state.candidate.limit))
        counts[state.candidate.name] = max(count, state.count)
        if count > state.count { left = left - (size - state.size) }
      }
    }
    return counts
  }
}

extension CachePolicy.Candidate {
  /// How many first chunks fit so many bytes, and their size.
  func fitting(_ limit: ByteCount) -> (count: Int, size: ByteCount) {
    var size = ByteCount.zero
    var count = 0
    while count < chunks.count, size + chunks[count] <= limit {
      size = size + chunks[count]
      count += 1
    }
    return (count, size)
  }
}
