import DeviceModel
import Quantities

/// A way in which memory goes back to the operating system, as a paper measured it alone.
///
/// What is measured ends where the operating system has its memory: what follows in the background
/// is planned, and is not part of the time.
public enum GiveBackWay: String, CaseIterable, Sendable {
  /// Recallable pages: only choosing them is waited for (asynchronous), and weights are chosen, which
  /// storage has already (two stages).
  case recall
  /// Weights are chosen, and everything is waited for.
  case recallTwoStage = "recall.two-stage"
  /// Keys and values are chosen, which storage must have first, and everything is waited for.
  case recallNeither = "recall.neither"
  /// As `recall`, until a program can use the page that is cleaned last, which it touched right after
  /// the choice was answered: it waits for the cleaning, and for a fault in stage 2.
  case recallEarlyTouch = "recall.early-touch"
  /// A contiguous range from the end of a region.
  case contiguous = "give-back.contiguous"

  public var meaning: String {
    switch self {
    case .recall: "recallable pages, asynchronous and in two stages"
    case .recallTwoStage: "recallable pages, in two stages, all of it waited for"
    case .recallNeither: "recallable pages with keys and values, written back before they go"
    case .recallEarlyTouch:
      "recallable pages, asynchronous, the last one touched before it is clean"
    case .contiguous: "a contiguous range from the end of a protected region"
    }
  }

  /// What is encrypted and written in one piece; encrypting one overlaps writing the one before.
  static let writeBackBlock = ByteCount.mebibytes(4)

  func plan(_ size: ByteCount, into plan: inout Plan) -> Plan.Step {
    switch self {
    case .recall:
      let chosen = plan.add(.chooseForRecall(size), after: [])
      Self.clean(size, into: &plan, after: [chosen])
      return chosen
    case .recallTwoStage:
      let chosen = plan.add(.chooseForRecall(size), after: [])
      return Self.clean(size, into: &plan, after: [chosen])
    case .recallNeither:
      let chosen = plan.add(.chooseForRecall(size), after: [])
      var written: [Plan.Step] = []
      var left = size
      while left > .zero {
        let block = min(left, Self.writeBackBlock)
        let encrypted = plan.add(.encrypt(block), after: [chosen])
        written.append(plan.add(.writeStorage(block), after: [encrypted]))
        left = left - block
      }
      return Self.clean(size, into: &plan, after: written)
    case .recallEarlyTouch:
      let chosen = plan.add(.chooseForRecall(size), after: [])
      let cleaned = Self.clean(size, into: &plan, after: [chosen])
      // The way into the monitor falls into the waiting; a fault is priced as one, at its end.
      return plan.add(.faultInStage2, after: [cleaned])
    case .contiguous:
      let zeroed = plan.add(.zero(size), after: [])
      let shrunk = plan.add(.shrinkProtectedRegion(size), after: [zeroed])
      return plan.add(.freeContiguous(size), after: [shrunk])
    }
  }

  /// Recallable pages leave the NPU's table, lose their content, and are ordinary pages again.
  @discardableResult
  private static func clean(
    _ size: ByteCount, into plan: inout Plan, after start: [Plan.Step]
  ) -> Plan.Step {
    let unmapped = plan.add(.unmapFromNPU(size), after: start)
    let zeroed = plan.add(.zero(size), after: [unmapped])
    let shown = plan.add(.unprotectPages(size), after: [zeroed])
    return plan.add(.freePages(size), after: [shown])
  }
}
