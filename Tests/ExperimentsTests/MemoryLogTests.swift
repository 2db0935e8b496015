import DeviceModel
import Quantities
import ServingDesigns
import Testing

@testable import Experiments

/// A run's log leaves out reads that find what an earlier one found, and no violation with them.
@Suite struct MemoryLogTests {
  /// A few requests beside an operating system that does what it can.
  private static func session(
    _ point: ExperimentPoint, _ design: any ServingDesign, seed: Int64
  ) throws -> ServingSession {
    let hostile = HostileSystem(seed: seed)
    let arrival = OutsideEvent(time: .zero, event: .requestArrived(point.request))
    var first = ServingSession(design, pricing: point.pricing, interference: hostile)
    try first.run([arrival])
    let events = hostile.events(
      point.request, around: MemoryLog(first, everyRead: true).moments)
    var session = ServingSession(design, pricing: point.pricing, interference: hostile)
    try session.run([arrival] + events)
    return session
  }

  private struct Read: Hashable {
    var action: MemoryAction
    var buffer: Int?
  }

  private static func isRead(_ action: MemoryAction) -> Bool {
    action == .readByNPU || action == .readByCPU
  }

  /// Of each stretch between two changes, what is read, and first by whom and when.
  private static func firstReads(_ log: MemoryLog) -> [[Read: LoggedAction]] {
    var stretches: [[Read: LoggedAction]] = [[:]]
    for logged in log.actions {
      let read = Read(action: logged.action, buffer: logged.buffer)
      if !isRead(logged.action) {
        stretches.append([:])
      } else if stretches[stretches.count - 1][read] == nil {
        stretches[stretches.count - 1][read] = logged
      }
    }
    return stretches
  }

  @Test(arguments: DesignCatalog.standard.names)
  func theFirstReadOfEachStretchIsThere(design: String) throws {
    let point = try IsolationTests.point(design)
    for seed in Int64(1)...12 {
      let session = try Self.session(point, try point.design(from: .standard), seed: seed)
      let all = MemoryLog(session, everyRead: true)
      let short = MemoryLog(session, everyRead: false)
      let changes = [all, short].map { $0.actions.filter { !Self.isRead($0.action) } }
      #expect(changes[0].elementsEqual(changes[1]))
      #expect(Self.firstReads(all).elementsEqual(Self.firstReads(short)))
      #expect(all.nameless == short.nameless && all.buffers.count == short.buffers.count)
      #expect(short.actions.count < all.actions.count)
    }
  }

  /// Of what is not there nothing is missed.
  @Test(arguments: Sabotage.allCases, DesignCatalog.standard.names)
  func theFirstViolationIsTheSame(sabotage: Sabotage, design: String) throws {
    let point = try IsolationTests.point(design)
    for seed in Int64(1)...3 {
      let session = try Self.session(point, try point.design(from: .standard), seed: seed)
      var isSabotaged = false
      let found = [true, false].map { everyRead -> LoggedAction? in
        var log = MemoryLog(session, everyRead: everyRead)
        isSabotaged = sabotage.apply(to: &log)
        var checker = IsolationChecker(log, geometry: point.pricing.memoryGeometry)
        return checker.firstViolation()?.action
      }
      #expect(found[0] == found[1])
      #expect((found[0] != nil) == isSabotaged)
      #expect(isSabotaged || !(IsolationTests.breakable[sabotage]?.contains(design) ?? false))
    }
  }

  /// A design that forgets something is found in a run, whose log is the short one.
  @Test(arguments: ["protect", "zero", "let the NPU reach"])
  func whatADesignForgetsIsFound(step: String) throws {
    let point = try IsolationTests.point("flexserve")
    let forgetful = Forgetful(design: try point.design(from: .standard)) { operation in
      switch operation {
      case .protectPages: step == "protect"
      case .zero: step == "zero"
      case .mapForNPU: step == "let the NPU reach"
      default: false
      }
    }
    let session = try Self.session(point, forgetful, seed: 1)
    let found = [true, false].map { everyRead -> LoggedAction? in
      var checker = IsolationChecker(
        MemoryLog(session, everyRead: everyRead), geometry: point.pricing.memoryGeometry)
      return checker.firstViolation()?.action
    }
    #expect(found[0] != nil && found[0] == found[1])
  }
}

/// A design that waits for nothing where another does something.
private struct Forgetful: ServingDesign {
  static let name = "forgetful"
  static let summary = "another design without some of its steps"
  static let parameters: [DesignParameter] = []

  var design: any ServingDesign
  var forgets: @Sendable (DeviceOperation) -> Bool

  init(design: any ServingDesign, forgets: @escaping @Sendable (DeviceOperation) -> Bool) {
    self.design = design
    self.forgets = forgets
  }

  init(parameters: DesignParameters) throws {
    preconditionFailure("made of another design")
  }

  mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    design.respond(to: event, on: device).map { directive in
      guard case .submit(let plan) = directive else { return directive }
      var copy = Plan()
      copy.label = plan.label
      for planned in plan.operations {
        copy.add(
          forgets(planned.operation) ? .wait(.zero) : planned.operation,
          after: planned.dependencies, on: planned.buffers)
      }
      for token in plan.tokens { copy.markToken(token) }
      return .submit(copy)
    }
  }
}
