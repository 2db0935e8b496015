import DeviceModel
import Quantities
import ServingDesigns
import SimulationKernel

/// A point that could not be run, with the reason.
public struct PointFailure: Error, Sendable, CustomStringConvertible {
  public var pointID: String
  public var reason: String

  public var description: String { "point \(pointID): \(reason)" }
}

extension ExperimentPoint {
  /// Runs the point: its design plans, its device prices, the kernel times.
  ///
  /// A function of the point and of this program's version; nothing else comes in.
  /// - Throws: `PointFailure` when the design is unknown, or when the device cannot do or price
  ///   what the design wants.
  public func run(designs: DesignCatalog = .standard) throws(PointFailure) -> PointRecord {
    do {
      let plan = try plan(designs: designs)
      guard plan.tokens.count == outputTokenCount, let firstToken = plan.tokens.first,
        let lastToken = plan.tokens.last
      else {
        throw PointFailure(
          pointID: id,
          reason: "the design plans \(plan.tokens.count) tokens, not \(outputTokenCount)")
      }
      var executor = PlanExecutor(pricing: pricing)
      let job = try executor.submit(plan)
      executor.runToEnd()

      let path = executor.criticalPath(to: firstToken, of: job)
      var breakdown: [OperationKind: SimulatedDuration] = [:]
      for span in path {
        breakdown[OperationKind.allCases[Int(span.kind)], default: .zero] =
          breakdown[OperationKind.allCases[Int(span.kind)], default: .zero]
          + (span.end - span.start)
      }
      return PointRecord(
        point: self, timeToFirstToken: executor.span(of: firstToken, in: job).end - .zero,
        endToEndLatency: executor.span(of: lastToken, in: job).end - .zero, breakdown: breakdown,
        eventCount: executor.eventCount)
    } catch let failure as PointFailure {
      throw failure
    } catch {
      throw PointFailure(pointID: id, reason: "\(error)")
    }
  }

  /// What the point's design wants done for its request.
  func plan(designs: DesignCatalog) throws -> Plan {
    guard let type = designs[design] else {
      throw PointFailure(pointID: id, reason: "no design is called \(design)")
    }
    var design = try type.init(parameters: designParameters)
    let directives = design.respond(to: .requestArrived(request), on: DeviceView(pricing))
    guard directives.count == 1, case .submit(let plan) = directives[0] else {
      throw PointFailure(pointID: id, reason: "the design answers a request with no plan")
    }
    return plan
  }
}

/// Runs points, several at once, and returns what each gave, in the points' order.
///
/// Runs go in parallel across points and never inside one, and results are kept by number, so the
/// number of jobs changes nothing but the time it takes.
/// - Parameter progress: called after each point with how many are done.
public func runAllPoints(
  _ points: [ExperimentPoint], designs: DesignCatalog = .standard, jobs: Int,
  progress: @Sendable (Int) -> Void = { _ in }
) async -> [Result<PointRecord, PointFailure>] {
  precondition(jobs > 0, "\(jobs) jobs")
  var results = [Result<PointRecord, PointFailure>?](repeating: nil, count: points.count)
  await withTaskGroup(of: (Int, Result<PointRecord, PointFailure>).self) { group in
    var next = 0
    func addNext() {
      guard next < points.count else { return }
      let index = next
      let point = points[index]
      next += 1
      group.addTask {
        (index, Result { () throws(PointFailure) in try point.run(designs: designs) })
      }
    }
    for _ in 0..<jobs { addNext() }
    var done = 0
    while let (index, result) = await group.next() {
      results[index] = result
      done += 1
      progress(done)
      addNext()
    }
  }
  // Every index was run: the group ended.
  return results.map { $0! }
}

/// Runs points as `runAllPoints` does.
/// - Throws: `PointFailure` of the first point, in order, that failed.
public func runPoints(
  _ points: [ExperimentPoint], designs: DesignCatalog = .standard, jobs: Int
) async throws -> [PointRecord] {
  try await runAllPoints(points, designs: designs, jobs: jobs).map { try $0.get() }
}
