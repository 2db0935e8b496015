import Experiments
import FoundationEssentials
import ResultFiles
import ScenarioFiles

// Scenarios that are not about single requests.
extension RunCommand {
  /// Sees to it that what follows a run's memory is asked for where there is one.
  func checkExaminations(_ scenarios: [ResolvedScenario]) throws {
    let options = [
      ("--sabotage", sabotage != nil), ("--certificate", certificate != nil), ("--cost", cost),
    ]
    guard let option = options.first(where: \.1)?.0,
      let other = scenarios.first(where: { !$0.scenario.subject.isExaminable })
    else { return }
    throw UsageError(
      description: "\(option): expected scenarios whose points are requests or workloads, found"
        + " \(other.scenario.name)")
  }

  func runOperations(_ resolved: ResolvedScenario) throws -> Summary {
    let records = try complete(
      try resolved.operationPoints().map { point -> Result<OperationRecord, PointFailure> in
        do throws(PointFailure) { return .success(try point.run()) } catch {
          return .failure(error)
        }
      })
    let file = output ?? "Results/\(resolved.scenario.name).h5"
    try ResultFile(records, of: resolved).write(to: file)
    return summarise(
      resolved, file: file, points: records.count,
      events: records.reduce(0) { $0 + $1.eventCount })
  }

  func runPolicies(_ resolved: ResolvedScenario) async throws -> Summary {
    guard let inference = try resolved.inference() else {
      preconditionFailure("\(resolved.scenario.name) is no scenario of policies")
    }
    let points = try resolved.policyPoints(inference)
    let progress = Progress(resolved.scenario.name, total: points.count)
    let records = try complete(
      await runPolicyPoints(
        points, designs: FlexBench.catalog,
        jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount, progress: progress.show))
    let file = output ?? "Results/\(resolved.scenario.name).h5"
    try ResultFile(records, of: resolved, inference: inference).write(to: file)
    return summarise(
      resolved, file: file, points: records.count,
      events: records.reduce(0) { $0 + $1.record.eventCount }, found: inference.listing)
  }

  /// What lies beside the file that is written, or in Results, is read; nothing is run.
  func runSections(_ resolved: ResolvedScenario, _ names: [String]) throws -> Summary {
    let file = output ?? "Results/\(resolved.scenario.name).h5"
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    let means = try SectionMeans(
      names, designs: resolved.scenario.designs, resultsFolder: folder.isEmpty ? "." : folder)
    try ResultFile(means, of: resolved).write(to: file)
    return summarise(resolved, file: file, points: means.rows.count, events: 0)
  }

  func runWorkloads(_ resolved: ResolvedScenario) async throws -> Summary {
    let points = try resolved.workloadPoints()
    let records = try await examined(points, of: resolved.scenario.name)
    let file = output ?? "Results/\(resolved.scenario.name).h5"
    try ResultFile(records, of: resolved).write(to: file)
    return summarise(
      resolved, file: file, points: records.count,
      events: records.reduce(0) { $0 + $1.eventCount })
  }

  /// - Throws: `PointFailures` with all that failed.
  func complete<Record>(_ results: [Result<Record, PointFailure>]) throws -> [Record] {
    let failures = results.compactMap { result in
      if case .failure(let failure) = result { failure } else { nil }
    }
    guard failures.isEmpty else {
      throw PointFailures(failures: failures, total: results.count)
    }
    return results.compactMap { try? $0.get() }
  }
}

extension ScenarioSubject {
  /// Whether its points are sessions that have a certificate.
  fileprivate var isExaminable: Bool {
    switch self {
    case .requests, .mix, .workflows, .trace: true
    case .operations, .policies, .sections: false
    }
  }
}
