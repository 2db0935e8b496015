/// One way of breaking a rule of memory: between whom, and what is wrong.
struct Breach: Hashable, Sendable {
  var rule: Rule
  var party: String
  var otherParty: String
  var reason: String

  init(_ rule: Rule, _ party: String, _ otherParty: String, _ reason: String) {
    (self.rule, self.party, self.otherParty, self.reason) = (rule, party, otherParty, reason)
  }

  private static let system = "the operating system"
  private static let normalCPU = "the normal world's CPU"
  private static let normalNPU = "the NPU in normal mode"
  private static let protectedNPU = "the NPU in protected mode"
  private static let devices = "other devices"

  // MARK: Ownership

  static let beyondDRAM = Breach(
    .frameOwnership, "serving", "nobody", "these pages lie beyond the DRAM")
  static let takenTwice = Breach(
    .frameOwnership, "serving", "serving itself", "pages are taken that serving has already")
  static let loadedElsewhere = Breach(
    .frameOwnership, "storage", system, "a load into pages that serving does not own")
  static let readElsewhere = Breach(
    .frameOwnership, "serving's CPU", system, "a read of pages that serving does not own")
  static let encryptedElsewhere = Breach(
    .frameOwnership, "encryption", system, "ciphertext goes to pages that serving does not own")
  static let storedElsewhere = Breach(
    .frameOwnership, "storage", system, "pages are written to storage that serving does not own")
  static let givenTwice = Breach(
    .frameOwnership, "serving", system, "pages are given that serving does not own")

  // MARK: Plaintext

  static let plainLoad = Breach(
    .plaintextOrigin, "storage", "serving's secret", "a secret comes from storage in plaintext")
  static let decryptedElsewhere = Breach(
    .plaintextOrigin, "decryption", system, "pages are decrypted that serving does not own")
  static let decryptedNothing = Breach(
    .plaintextOrigin, "decryption", "serving", "what is decrypted is not ciphertext")
  static let computedElsewhere = Breach(
    .plaintextOrigin, "computing", system, "results go to pages that serving does not own")
  static let computedInView = Breach(
    .plaintextOrigin, "computing", normalCPU, "secret results go to pages that are not hidden")
  static let encryptedNothing = Breach(
    .plaintextOrigin, "encryption", "serving", "what is encrypted is not plaintext")
  static let readNothing = Breach(
    .plaintextOrigin, "the NPU", "serving", "what is read is not plaintext")
  static let storedPlaintext = Breach(
    .plaintextReachable, "serving's secret", "storage", "plaintext is written to storage")
  static let plaintextMapped = Breach(
    .plaintextReachable, "serving's secret", normalCPU,
    "plaintext in pages that the normal world can map")
  static let plaintextInNormalTable = Breach(
    .plaintextReachable, "serving's secret", normalNPU,
    "plaintext in pages of the NPU's normal table")

  // MARK: Entries

  static let translationLeft = Breach(
    .staleEntry, "serving's secret", normalCPU,
    "plaintext in pages whose cached translations were not flushed after they were hidden")
  static let deviceEntryLeft = Breach(
    .staleEntry, "serving's secret", devices,
    "plaintext in pages that other devices were not blocked from")
  static let shownWhileProtected = Breach(
    .staleEntry, protectedNPU, normalCPU,
    "pages are shown that are still in the NPU's protected table")
  static let givenWhileProtected = Breach(
    .staleEntry, protectedNPU, system,
    "pages are given that are still in the NPU's protected table")
  static let givenWhileNormal = Breach(
    .staleEntry, normalNPU, system, "pages are given that are still in the NPU's normal table")

  // MARK: Devices

  static let loadedOutOfReach = Breach(
    .deviceReach, "storage", "serving", "a load into pages that storage cannot reach")
  static let readInView = Breach(
    .npuAccess, protectedNPU, normalCPU, "a protected job reads pages that are not hidden")
  static let readUnprotected = Breach(
    .npuAccess, protectedNPU, "serving", "a job reads pages outside the NPU's protected table")
  static let readHidden = Breach(
    .npuAccess, normalNPU, "serving", "a job in normal mode reads pages that are hidden")
  static let readUnmapped = Breach(
    .npuAccess, normalNPU, "serving", "a job reads pages outside the NPU's normal table")

  // MARK: Returning

  static let shownDirty = Breach(
    .dirtyReturn, "serving's secret", normalCPU,
    "pages are shown that are neither zeroed nor encrypted")
  static let givenDirty = Breach(
    .dirtyReturn, "serving's secret", system,
    "pages are given that are neither zeroed nor encrypted")
  static let givenHidden = Breach(
    .dirtyReturn, "serving's secret", system, "pages are given that were not shown")
  static let uncoveredDirty = Breach(
    .dirtyReturn, "serving's secret", normalCPU, "plaintext in pages that a region gives up")

  // MARK: Regions

  static let hiddenOutside = Breach(
    .regionLimits, "serving", "the region controller",
    "pages are hidden by a region and lie in none")
  static let shownInside = Breach(
    .regionLimits, "serving", "the region controller", "pages are shown that a region still covers")
}
