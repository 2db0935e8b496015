/// Whose a page is, what it holds, and who can reach it.
struct PageState: Hashable, Sendable {
  enum Content: UInt8 {
    /// Whatever the operating system left there.
    case foreign
    case ciphertext
    case plaintext
    case zeroed
  }

  var isServings = false
  var isSecret = false
  var content = Content.foreign

  /// Hidden since it was last shown, by either means.
  var isHidden = false
  /// Taken out of stage 2.
  var isUnmapped = false
  /// In a region, whose controller turns every access of the normal world down.
  var isFiltered = false
  /// Translations of it may be cached by CPUs of the normal world.
  var hasTranslations = true
  /// Other devices may reach it through their tables.
  var hasDeviceEntries = true
  var isInNormalTable = false
  var isInProtectedTable = false

  /// Whether the normal world can map and reach it.
  var isVisible: Bool { !isUnmapped && !isFiltered }

  /// Given up by its region and not shown yet: an access may end either way.
  var isOpening: Bool { isHidden && isVisible }

  /// Whether a CPU of the normal world reaches it through a translation made before.
  var isReachedByTranslation: Bool { hasTranslations && !isFiltered }

  var isReachedByDevices: Bool { hasDeviceEntries && !isFiltered }

  var isSecretPlaintext: Bool { isSecret && content == .plaintext }

  /// Whether it may be seen by anyone.
  var isClean: Bool { !isSecret || content == .zeroed || content == .ciphertext }

  var isExposedByNormalTable: Bool { isSecretPlaintext && isInNormalTable }

  /// Who can reach a secret in plaintext.
  func exposures(npuIsProtected: Bool) -> [Breach] {
    guard isSecretPlaintext else { return [] }
    var all: [Breach] = []
    if isVisible { all.append(.plaintextMapped) }
    if isInNormalTable, !npuIsProtected { all.append(.plaintextInNormalTable) }
    if !isVisible, isReachedByTranslation { all.append(.translationLeft) }
    if !isVisible, isReachedByDevices { all.append(.deviceEntryLeft) }
    return all
  }

  /// Whether an access by the normal world gets through.
  func allows(_ intruder: MemoryAction.Intruder, npuIsProtected: Bool) -> Bool {
    switch intruder {
    case .cpu: isVisible || isReachedByTranslation
    case .dma: isReachedByDevices
    case .npu: (isVisible || isInNormalTable) && !npuIsProtected
    }
  }
}
