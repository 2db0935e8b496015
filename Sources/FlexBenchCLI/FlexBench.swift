import ArgumentParser
import ConfigurationReader
import Experiments
import Figures
import Glibc
import ResultFiles
import ScenarioFiles
import ScheduleVerifier
import ServingDesigns
import Statistics

/// The command line, as a library: a package with designs of its own builds its own `flexbench`.
///
///     import FlexBenchCLI
///     await FlexBench.main(designs: [MyDesign.self])
public enum FlexBench {
  /// The designs that commands know; set for the time of `main`.
  @TaskLocal static var catalog = DesignCatalog.standard

  /// Runs the command that the process's arguments name, and ends the process with its exit code.
  /// - Parameter designs: what is known beside the designs of this package.
  public static func main(designs: [any ServingDesign.Type] = []) async -> Never {
    let code = await $catalog.withValue(.adding(designs)) {
      await run(Array(CommandLine.arguments.dropFirst()))
    }
    // A document that was cut off must not pass for a whole one.
    if let reason = flushOutput() {
      printError("flexbench: standard output cannot be written: \(reason)")
      if code == Exit.good.rawValue { exit(Exit.cannotPrint.rawValue) }
    }
    exit(code)
  }

  /// Runs a command and returns its exit code. Results go to standard output, all else to
  /// standard error.
  static func run(_ arguments: [String]) async -> CInt {
    do {
      var command = try FlexBenchCommand.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return Exit.good.rawValue
    } catch let error as ExitCode {
      return error.rawValue
    } catch {
      if let code = exitCode(for: error) {
        printError(describe(error))
        return code.rawValue
      }
      // Help asked for is a result; what the parser refuses is an error.
      let code = FlexBenchCommand.exitCode(for: error)
      let message = FlexBenchCommand.fullMessage(for: error)
      if code.isSuccess { print(message) } else { printError(message) }
      return code.rawValue
    }
  }

  /// The documented exit code of each of the package's errors; nil for the parser's own.
  private static func exitCode(for error: any Error) -> ExitCode? {
    switch error {
    case is ConfigurationError, is CertificateError, is ResultContentError: Exit.badData
    case is SettingError, is UsageError: Exit.usage
    case is MissingFileError: Exit.missingInput
    case let error as ResultFileError:
      switch error {
      case .missing: Exit.missingInput
      case .malformed: Exit.badData
      case .cannotWrite: Exit.cannotCreate
      }
    case let error as FigureError:
      switch error {
      case .missingProgram: Exit.missingProgram
      case .failed: Exit.internalError
      case .cannotWrite: Exit.cannotCreate
      }
    case is WriteError: Exit.cannotCreate
    case let error as PointFailures:
      error.failures.contains { $0.violation != nil } ? Exit.isolationViolated : Exit.failed
    case is StatisticsError: Exit.internalError
    default: nil
    }
  }

  private static func describe(_ error: any Error) -> String {
    // Problems of files begin with the file's name, as compilers write them.
    error is ConfigurationError || error is CertificateError ? "\(error)" : "flexbench: \(error)"
  }
}

struct FlexBenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flexbench",
    abstract: "A deterministic benchmark of serving language models beside an untrusted OS.",
    discussion: """
      Start with:
        flexbench run Scenarios/paper/cold-ttft.yaml
        flexbench report Results/cold-ttft.h5
        flexbench validate

      Exit codes:
        0  good                           69  a helper program (gnuplot) is missing
        1  a claim is broken, or a point  70  internal error
           cannot be run                  73  an output file cannot be written
        3  inconclusive                   74  standard output cannot be written
        4  a run breaks a rule           130  interrupted
       64  wrong usage                   143  terminated
       65  a scenario, profile, claim,
           certificate or result file
           is wrong
       66  an input file is missing
      """,
    version: programVersion,
    subcommands: [
      RunCommand.self, ReportCommand.self, CheckCommand.self, ValidateCommand.self,
      VerifyCommand.self, PlotCommand.self, CalibrateCommand.self, InferCommand.self,
      ListCommand.self,
      DescribeCommand.self,
    ])
}
