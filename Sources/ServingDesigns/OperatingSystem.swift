/// How the operating system beside the serving process behaves.
public enum OperatingSystem: String, CaseIterable, Sendable {
  /// It does what it is asked to.
  case benign
  /// From a seed, it delays allocations, wants memory back and sends tasks to the NPU at the worst
  /// moments, and tries to reach protected pages itself and through devices.
  case hostile
}
