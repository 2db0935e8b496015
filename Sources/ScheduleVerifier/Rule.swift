/// What a run must keep to. The text is the rule's name in messages and files.
public enum Rule: String, Hashable, Sendable, CaseIterable {
  // MARK: Isolation

  /// Serving takes pages of the operating system's and works in its own; pages lie in the DRAM.
  case frameOwnership = "frame-ownership"
  /// A secret page becomes plaintext by decryption or computation in hidden pages, never by a load;
  /// what is decrypted or kept encrypted is what was encrypted; what the NPU reads is plaintext.
  case plaintextOrigin = "plaintext-origin"
  /// A secret in plaintext is mapped neither for the normal world nor for an NPU in normal mode.
  case plaintextReachable = "plaintext-reachable"
  /// No translation of a CPU's or a device's outlives the permission it was made under.
  case staleEntry = "stale-entry"
  /// A device loads only into pages that it can reach.
  case deviceReach = "device-reach"
  /// The NPU reads hidden pages of its protected table, or in normal mode visible ones of the other.
  case npuAccess = "npu-access"
  /// A secret page comes back zeroed or encrypted.
  case dirtyReturn = "dirty-return"
  /// Regions keep to the controller's count and granule, and only they filter.
  case regionLimits = "region-limits"
  /// An access by the normal world ends as the state says.
  case attemptOutcome = "attempt-outcome"

  // MARK: Schedule

  /// A unit never runs more at once than its capacity.
  case exclusiveUse = "exclusive-use"
  /// An operation starts after all it waits for, and its pieces follow each other.
  case precedence
  /// An operation runs for its work, or longer where it shares a resource.
  case work
  /// A shared resource never gives more than its capacity.
  case bandwidth
  /// A result is an operation's end less the arrival.
  case reportedTimes = "reported-times"
  /// The memory log runs forwards, and an operation acts while it runs.
  case timeOrder = "time-order"
}
