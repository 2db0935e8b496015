import ArgumentParser

/// The program's exit codes; the same numbers as in sysexits.h where those fit.
enum Exit {
  static let good = ExitCode(0)
  /// A claim is broken, or points failed.
  static let failed = ExitCode(1)
  static let inconclusive = ExitCode(3)
  /// A run breaks a rule of isolation, or a certificate one of isolation or of its schedule.
  static let isolationViolated = ExitCode(4)
  static let usage = ExitCode(64)
  /// A wrong scenario, profile, claim, certificate or result file.
  static let badData = ExitCode(65)
  static let missingInput = ExitCode(66)
  static let missingProgram = ExitCode(69)
  static let internalError = ExitCode(70)
  static let cannotCreate = ExitCode(73)
  /// Standard output took less than was printed.
  static let cannotPrint = ExitCode(74)
}
