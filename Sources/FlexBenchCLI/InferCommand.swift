import ArgumentParser
import Experiments
import FoundationEssentials
import ScenarioFiles
import Workloads

struct InferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Infer a scenario's prompts or steps from what is reported of the strawman.",
    usage: "flexbench infer <scenario> [options]",
    discussion: """
      What the source of an experiment does not publish is taken from its strawman's times alone: \
      of a scenario of mixes the median of each data set's prompts, of one of workflows the steps. \
      The scenario is not changed: what to write into it is printed.

      The strawman keeps nothing, so steps add up, and every list of steps that the scenario's \
      grammar allows is tried. Many lists explain a bar equally well; the simplest is taken, and \
      what the others predict for the other designs is printed beside it. Designs that keep \
      something are run with some of the lists, at equal distances among all.
      """)

  @Argument(
    help: ArgumentHelp(
      "A scenario file, or a name that `flexbench list scenarios` shows.", valueName: "scenario"))
  var scenario: String

  @Option(
    help: ArgumentHelp(
      "Lists of each workflow that are run on designs that keep something.", valueName: "number"))
  var sample = 20

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Points that run at once; changes nothing but the time. Default: the machine's cores.",
      valueName: "number"))
  var jobs: Int?

  @OptionGroup var libraryOptions: LibraryOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1, found \(jobs).") }
    if !(1...10_000).contains(sample) {
      throw ValidationError("--sample must be 1 to 10000, found \(sample).")
    }
  }

  func run() async throws {
    let (library, path) = try libraryOptions.scenario(scenario)
    let resolved = try ResolvedScenario(try library.scenario(path), library: library)
    let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
    do {
      switch resolved.scenario.subject {
      case .mix:
        let inference = try await MixInference(resolved, jobs: jobs)
        if format.json {
          try printJSON(inference.fits.map(MedianSummary.init))
        } else {
          printMedians(inference)
        }
      case .workflows:
        let inference = try await WorkflowInference(resolved, sampleSize: sample, jobs: jobs)
        if format.json {
          try printJSON(inference.fits.map(StepsSummary.init))
        } else {
          printSteps(inference)
        }
      case .requests, .operations, .policies, .trace, .sections:
        throw UsageError(
          description: "\(resolved.scenario.name): expected a scenario of mixes or of workflows,"
            + " of which prompts or steps can be inferred")
      }
    } catch let error as InferenceError {
      throw UsageError(description: "\(error)")
    }
  }

  private func printMedians(_ inference: MixInference) {
    var table = TextTable([
      ("data set", .left), ("models", .left), ("reported", .right), ("predicted", .right),
      ("error", .right),
    ])
    for fit in inference.fits {
      for bar in fit.bars {
        table.add([
          fit.dataset.name, bar.group, fixed(bar.reported, 2), fixed(bar.predicted, 2),
          signedPercent(bar.error),
        ])
      }
    }
    print("Time to first token of the strawman, seconds, with the medians below")
    print(table.text)
    print()
    print("datasets:  # medians inferred from the strawman")
    for fit in inference.fits {
      let change = fit.written == fit.inferred ? "" : "  # the scenario has \(fit.written)"
      print("  \(fit.dataset.name): { promptTokens: { median: \(fit.inferred) } }\(change)")
    }
  }

  private func printSteps(_ inference: WorkflowInference) {
    guard let first = inference.fits.first else {
      print("no workflow is explained")
      return
    }
    let others = first.ranges.map(\.design).filter { $0 != "strawman" }
    var table = TextTable(
      [
        ("workflow", .left), ("strawman", .right), ("+/-", .right), ("chosen", .right),
      ] + first.listCounts.map { ("\($0.stepCount) steps", .right) })
    func text(_ range: WorkflowInference.Range) -> String {
      "\(fixed(range.least, 2)) to \(fixed(range.most, 2)) (\(range.count))"
    }
    for fit in inference.fits {
      table.add(
        [
          fit.workflow.name, fixed(fit.reported, 2), fixed(fit.uncertainty, 2),
          fixed(fit.predicted, 2),
        ] + fit.listCounts.map { "\($0.lists)" })
    }
    print("Response latency of the strawman, seconds, and how many lists of steps explain it")
    print(table.text)
    print()
    print("What those lists give for other designs, seconds (lists added up, or run)")
    for design in others {
      var ranges = TextTable([
        (design, .left), ("lists with the fewest steps", .right), ("all lists", .right),
      ])
      for fit in inference.fits {
        guard let range = fit.ranges.first(where: { $0.design == design }) else { continue }
        ranges.add([fit.workflow.name, text(range.fewest), text(range.all)])
      }
      print(ranges.text)
      print()
    }
    if let share = inference.share {
      print(
        wrapped(
          "One share of all prompts that is the same in every run, as FlexServe's bars of "
            + share.rows.map(\.workflow).joined(separator: ", ") + " have it", indent: ""))
      var table = TextTable([("share", .right), ("sum of squared log errors", .right)])
      for (value, squares) in share.tried { table.add([value.text, fixed(squares, 3)]) }
      print(table.text)
      print()
      let change =
        share.written == share.inferred ? "" : "  # the scenario has \(share.written.text)"
      print("prefixShare: \(share.inferred.text)\(change)")
      print()
    }
    for name in inference.unexplained { print("\(name): no list of the grammar explains its bar") }
    print("workflows:  # inferred from the strawman")
    for fit in inference.fits {
      print("  \(fit.workflow.name):")
      print("    steps:")
      for step in fit.workflow.steps {
        print(
          "      - { role: \(step.role), model: \(step.model), promptTokens: \(step.promptTokens),"
            + " outputTokens: \(step.outputTokens), toolTime: \"\(step.toolTime.text)\" }")
      }
    }
  }
}

/// The median of a data set as JSON.
private struct MedianSummary: Encodable {
  struct Bar: Encodable {
    var modelGroup: String
    var reported: Double
    var predicted: Double
  }

  var dataset: String
  var written: Int
  var inferred: Int
  var bars: [Bar]

  init(_ fit: MixInference.Fit) {
    dataset = fit.dataset.name
    written = fit.written
    inferred = fit.inferred
    bars = fit.bars.map {
      Bar(modelGroup: $0.group, reported: $0.reported, predicted: $0.predicted)
    }
  }
}

/// The steps of a workflow as JSON.
private struct StepsSummary: Encodable {
  struct Step: Encodable {
    var role: String
    var model: String
    var promptTokens: Int
    var outputTokens: Int
  }

  struct Range: Encodable {
    var design: String
    var least: Double
    var most: Double
    var lists: Int

    init(_ design: String, _ range: WorkflowInference.Range) {
      self.design = design
      least = range.least
      most = range.most
      lists = range.count
    }
  }

  var workflow: String
  var reported: Double
  var uncertainty: Double
  var predicted: Double
  var lists: [String: Int]
  var steps: [Step]
  /// Of the lists with as few steps as the chosen one, and of all.
  var fewestSteps: [Range]
  var allLists: [Range]

  init(_ fit: WorkflowInference.Fit) {
    workflow = fit.workflow.name
    reported = fit.reported
    uncertainty = fit.uncertainty
    predicted = fit.predicted
    lists = Dictionary(
      uniqueKeysWithValues: fit.listCounts.map { ("\($0.stepCount)", $0.lists) })
    steps = fit.workflow.steps.map {
      Step(
        role: $0.role, model: $0.model, promptTokens: $0.promptTokens,
        outputTokens: $0.outputTokens)
    }
    fewestSteps = fit.ranges.map { Range($0.design, $0.fewest) }
    allLists = fit.ranges.map { Range($0.design, $0.all) }
  }
}
