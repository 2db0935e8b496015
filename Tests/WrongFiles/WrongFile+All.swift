extension WrongFile {
  /// Every file that must be refused.
  public static let all =
    scenarios + yaml + devices + models + designs + claims + calibrations + references
}
