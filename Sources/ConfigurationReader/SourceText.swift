import Yams

/// The characters of a document, found by the parser's marks.
struct SourceText {
  private let scalars: [Unicode.Scalar]
  private let lineStarts: [Int]

  init(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    self.scalars = scalars
    lineStarts = [0] + scalars.indices.filter { scalars[$0] == "\n" }.map { $0 + 1 }
  }

  /// The character at a mark; nil at the end of the text.
  subscript(mark: Mark) -> Unicode.Scalar? {
    let index = index(mark)
    return index < scalars.count ? scalars[index] : nil
  }

  /// What stands at a mark, up to the next space or punctuation of lists and mappings.
  func word(at mark: Mark) -> String {
    let word = scalars[min(index(mark), scalars.count)...].prefix {
      !$0.properties.isWhitespace && !",[]{}".unicodeScalars.contains($0)
    }
    return String(String.UnicodeScalarView(word))
  }

  /// The text with the first letter of a key at a mark replaced, so that every other place stays
  /// what it was.
  func renamingKey(at mark: Mark, with scalar: Unicode.Scalar) -> String {
    var changed = scalars
    let isQuoted = self[mark] == "\"" || self[mark] == "'"
    let index = index(mark) + (isQuoted ? 1 : 0)
    if index < changed.count { changed[index] = scalar }
    return String(String.UnicodeScalarView(changed))
  }

  private func index(_ mark: Mark) -> Int {
    lineStarts[min(mark.line, lineStarts.count) - 1] + mark.column - 1
  }
}
