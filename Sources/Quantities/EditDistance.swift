/// How many typing mistakes lie between two texts: a letter too many, too few,
/// another one, or two neighbours swapped.
///
/// The optimal string alignment distance (no part is edited twice), counted in
/// Unicode scalars. Time is the product of the lengths.
public func editDistance(_ left: String, _ right: String) -> Int {
  let left = Array(left.unicodeScalars)
  let right = Array(right.unicodeScalars)
  // Row i holds the distances from the first i scalars of `left`.
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for i in left.indices {
    var row = [i + 1]
    for j in right.indices {
      var best = min(last[j] + (left[i] == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[right.count]
}

/// The candidate that was probably meant, or nil if none is near.
///
/// One that differs in case alone comes first; then the one with the fewest
/// typing mistakes, at most one for every three letters and never in every
/// letter. Of equally near ones, the first given.
public func nearest(to text: String, among candidates: [String]) -> String? {
  nearest(to: text, among: candidates, atMost: max(1, text.unicodeScalars.count / 3))
}

/// The end of a message about a word that is not known: `; did you mean "..."?`, or nothing where no
/// candidate is near.
public func suggestion(for text: String, among candidates: [String]) -> String {
  nearest(to: text, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
}

func nearest(to text: String, among candidates: [String], atMost limit: Int) -> String? {
  let lowercased = text.lowercased()
  if let sameLetters = candidates.first(where: { $0.lowercased() == lowercased }) {
    return sameLetters
  }
  var found: (candidate: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(text, candidate)
    let length = max(text.unicodeScalars.count, candidate.unicodeScalars.count)
    if distance <= limit, distance < length, distance < found?.distance ?? .max {
      found = (candidate, distance)
    }
  }
  return found?.candidate
}
