import ArgumentParser
import Experiments
import ScenarioFiles
import Statistics

struct CalibrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate",
    abstract: "Fit values of a device to the points that a calibration file names.",
    usage: "flexbench calibrate <calibration> [options]",
    discussion: """
      Only points with the role fit and operations with the role input are used. The profile is \
      not changed: what is found is printed beside what the profile has. It takes a minute or two.

      With --leave-one-out each point is also predicted by a fit that did not see it: the error \
      that the fitted constants have on points of the same kind.
      """)

  @Argument(help: ArgumentHelp("Calibration file.", valueName: "calibration"))
  var calibration: String

  @Flag(help: "Also fit without each point in turn and predict it; takes minutes.")
  var leaveOneOut = false

  @OptionGroup var libraryOptions: LibraryOptions
  @OptionGroup var format: FormatOptions

  func run() async throws {
    let library = try libraryOptions.open(for: calibration)
    let calibration = try Calibration(try library.calibration(calibration), library: library)
    let results = try calibration.run(leaveOneOut: leaveOneOut)
    if format.json {
      try printJSON(results.map(FitSummary.init))
      return
    }
    for result in results { try printText(result) }
  }

  private func printText(_ result: FitResult) throws {
    print(wrapped("\(result.id): \(result.why)", indent: "  "))
    var values = TextTable([("value", .left), ("profile", .right), ("fitted", .right)])
    for value in result.values {
      values.add([value.key.path, value.before.text, value.after.text])
    }
    print(values.text)
    for candidate in result.candidateCosts {
      print("  with \(candidate.text): sum of squared log errors \(fixed(candidate.cost, 4))")
    }
    print(result.pointTable("fitted to", reported: "reported").text)
    let reported = result.points.map(\.reported)
    let fitted = try ErrorSummary(predicted: result.points.map(\.predicted), reported: reported)
    print("mean |error| \(percent(fitted.meanAbsolute)), worst \(signedPercent(fitted.worst))")
    let leftOut = result.points.compactMap(\.leftOut)
    if leftOut.count == reported.count {
      let errors = try ErrorSummary(predicted: leftOut, reported: reported)
      print(
        "left out: mean |error| \(percent(errors.meanAbsolute)),"
          + " worst \(signedPercent(errors.worst))")
    }
    print()
  }
}

extension FitResult {
  /// The points of a fit with their errors, and those of fits that did not see them.
  func pointTable(_ name: String, reported: String) -> TextTable {
    var table = TextTable([
      (name, .left), (reported, .right), ("fitted", .right), ("error", .right),
      ("left out", .right),
    ])
    for point in points {
      table.add([
        point.name, fixed(point.reported, 3), fixed(point.predicted, 3),
        signedPercent(point.predicted / point.reported - 1),
        point.leftOut.map { signedPercent($0 / point.reported - 1) } ?? "-",
      ])
    }
    return table
  }
}

/// A fit as JSON.
private struct FitSummary: Encodable {
  struct Value: Encodable {
    var key: String
    var profile: String
    var fitted: String
  }

  struct Point: Encodable {
    var name: String
    var reported: Double
    var predicted: Double
    var leftOut: Double?
  }

  var id: String
  var why: String
  var values: [Value]
  var points: [Point]

  init(_ result: FitResult) {
    id = result.id
    why = result.why
    values = result.values.map {
      Value(key: $0.key.path, profile: $0.before.text, fitted: $0.after.text)
    }
    points = result.points.map {
      Point(
        name: $0.name, reported: $0.reported, predicted: $0.predicted, leftOut: $0.leftOut)
    }
  }
}
