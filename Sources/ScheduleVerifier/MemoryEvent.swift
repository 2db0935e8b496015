/// A line of the memory log.
struct MemoryEvent: Sendable {
  var line: Int
  /// In picoseconds.
  var time: Int64
  var operation: Int?
  var action: MemoryAction
}

/// What happens to pages, or to who can reach them.
enum MemoryAction: Sendable {
  enum Hiding: String, CaseIterable { case stage2, region }
  enum Content: String, CaseIterable { case ciphertext, plain }
  enum Secrecy: String, CaseIterable { case secret, open }
  enum Mode: String, CaseIterable { case normal, protected }
  enum Origin: String, CaseIterable { case decryption, computing }
  enum Reader: String, CaseIterable { case npu, cpu }
  enum Cleaning: String, CaseIterable { case zeroed, encrypted }
  enum Intruder: String, CaseIterable { case cpu, dma, npu }
  enum Outcome: String, CaseIterable { case fault, allowed }

  typealias Pages = [Range<Int64>]

  case take(Pages, Secrecy)
  case load(Pages, Content)
  case hide(Pages, Hiding)
  case flush(Pages)
  case blockDMA(Pages)
  case mapNPU(Pages, Mode)
  case unmapNPU(Pages, Mode)
  case plaintext(Pages, Origin)
  case read(Pages, Reader)
  case clean(Pages, Cleaning)
  case ciphertext(Pages)
  case store(Pages)
  case show(Pages)
  case give(Pages)
  case mode(Mode)
  case region(index: Int64, pages: Range<Int64>)
  case attempt(page: Int64, Intruder, Outcome)
}
