/// A mistake made on purpose, to show that it is found.
///
/// Each changes what a run did to memory, once, in the way a wrong implementation would. A design
/// without the mechanism has nothing to break: region designs flush no translations, for instance.
public enum Sabotage: String, CaseIterable, Sendable {
  case skipProtection = "skip-protection"
  case lateProtection = "late-protection"
  case doubleMapping = "double-mapping"
  case skipStage2 = "skip-stage2"
  case keepTranslations = "keep-translations"
  case keepDeviceEntries = "keep-device-entries"
  case keepNPUEntry = "keep-npu-entry"
  case skipNPUMapping = "skip-npu-mapping"
  case skipModeSwitch = "skip-mode-switch"
  case leaveProtectedMode = "leave-protected-mode"
  case skipZeroing = "skip-zeroing"
  case earlyReturn = "early-return"
  case giveHidden = "give-hidden"
  case endStage2Early = "end-stage2-early"
  case earlyDecryption = "early-decryption"
  case plaintextOnStorage = "plaintext-on-storage"
  case skipRegion = "skip-region"
  case halfGranule = "half-granule"
  case giveTwice = "give-twice"
  case useAfterGiving = "use-after-giving"
  case skipEncryption = "skip-encryption"

  /// The rule that it breaks.
  public var rule: IsolationRule {
    switch self {
    case .skipProtection, .lateProtection, .doubleMapping, .skipStage2, .skipEncryption:
      .plaintextReachable
    case .keepTranslations, .keepDeviceEntries, .keepNPUEntry: .staleEntry
    case .skipNPUMapping, .skipModeSwitch, .leaveProtectedMode: .npuAccess
    case .skipZeroing, .earlyReturn, .giveHidden, .endStage2Early: .dirtyReturn
    case .earlyDecryption, .plaintextOnStorage: .plaintextOrigin
    case .skipRegion, .halfGranule: .regionLimits
    case .giveTwice, .useAfterGiving: .frameOwnership
    }
  }

  public var meaning: String {
    switch self {
    case .skipProtection: "secret memory is never protected"
    case .lateProtection: "memory is decrypted into before it is protected"
    case .doubleMapping: "the NPU's normal table has secret memory too"
    case .skipStage2: "stage-2 protection is never switched on"
    case .keepTranslations: "no flush after pages left the stage-2 table"
    case .keepDeviceEntries: "other devices' SMMUs keep entries of protected pages"
    case .keepNPUEntry: "the NPU's table keeps entries of memory that goes back"
    case .skipNPUMapping: "the NPU works on memory that its table lacks"
    case .skipModeSwitch: "the NPU is never switched to protected mode"
    case .leaveProtectedMode: "the NPU is back in normal mode while it works on secrets"
    case .skipZeroing: "memory goes back as it is"
    case .earlyReturn: "memory can be reached again before it is zeroed"
    case .giveHidden: "the operating system gets memory that is still protected"
    case .endStage2Early: "stage-2 protection goes off while secrets lie behind it"
    case .earlyDecryption: "decryption begins before ciphertext is there"
    case .plaintextOnStorage: "storage holds plaintext"
    case .skipRegion: "the region's end is not moved"
    case .halfGranule: "the region's end is moved by half a granule too much"
    case .giveTwice: "the operating system hands out memory that is in use"
    case .useAfterGiving: "memory is read into after it was given back"
    case .skipEncryption: "keys and values are written to storage as they are"
    }
  }

  /// Makes the mistake in a log.
  /// - Returns: whether there was anything to break.
  func apply(to log: inout MemoryLog) -> Bool {
    switch self {
    case .skipProtection: log.drop(onSecret: [.hideFromStage2, .hideInRegion])
    case .lateProtection:
      log.move(
        [.plaintext(byDecryption: true)], before: [.hideFromStage2, .moveRegion(grows: true)])
    case .doubleMapping:
      // An NPU of the secure world is never in normal mode.
      !log.ownsNPU
        && log.insert(.mapForNPU(protected: false), after: .mapForNPU(protected: true))
    case .skipStage2: log.dropFirst { $0 == .beginStage2 }
    case .endStage2Early: log.endStage2Early()
    case .useAfterGiving: log.insert(.load(isCiphertext: true), after: .give)
    case .keepTranslations: log.drop(onSecret: [.flush])
    case .keepDeviceEntries: log.drop(onSecret: [.blockDevices])
    case .keepNPUEntry: log.dropFirst { if case .unmapFromNPU = $0 { true } else { false } }
    case .skipNPUMapping: log.dropFirst { if case .mapForNPU = $0 { true } else { false } }
    case .skipModeSwitch: log.dropFirst { $0 == .switchNPU(toProtected: true) }
    case .leaveProtectedMode:
      log.insertLeaving()
    case .skipZeroing: log.drop(onSecret: [.clean(isZeroed: true)])
    case .earlyReturn: log.move([.show], before: [.clean(isZeroed: true)])
    case .giveHidden: log.drop(onSecret: [.show])
    case .earlyDecryption:
      log.move([.plaintext(byDecryption: true)], before: [.load(isCiphertext: true)])
    case .plaintextOnStorage:
      log.replace(.load(isCiphertext: true), with: .load(isCiphertext: false))
    case .skipRegion: log.dropFirst { $0 == .moveRegion(grows: true) }
    case .halfGranule:
      log.replace(.moveRegion(grows: true), with: .overshootRegion)
    case .giveTwice: log.insert(.take, after: .take)
    case .skipEncryption:
      log.replace(.ciphertext, with: .plaintext(byDecryption: false))
        || log.dropFirst { $0 == .clean(isZeroed: false) }
    }
  }
}

extension MemoryLog {
  private func isSecret(_ logged: LoggedAction) -> Bool {
    logged.buffer.flatMap { buffers[$0] }?.isSecret ?? false
  }

  fileprivate mutating func dropFirst(_ matches: (MemoryAction) -> Bool) -> Bool {
    guard let place = actions.firstIndex(where: { matches($0.action) }) else { return false }
    actions.remove(at: place)
    return true
  }

  /// Drops the first of some actions on secret memory.
  fileprivate mutating func drop(onSecret dropped: [MemoryAction]) -> Bool {
    guard
      let place = actions.firstIndex(where: { dropped.contains($0.action) && isSecret($0) })
    else { return false }
    actions.remove(at: place)
    return true
  }

  fileprivate mutating func replace(_ old: MemoryAction, with new: MemoryAction) -> Bool {
    guard let place = actions.firstIndex(where: { $0.action == old }) else { return false }
    actions[place].action = new
    return true
  }

  fileprivate mutating func insert(_ new: MemoryAction, after old: MemoryAction) -> Bool {
    guard let place = actions.firstIndex(where: { $0.action == old }) else { return false }
    return insert(new, at: place + 1, on: actions[place].buffer)
  }

  fileprivate mutating func insert(
    _ new: MemoryAction, after old: MemoryAction, on buffer: Int?
  ) -> Bool {
    guard let place = actions.firstIndex(where: { $0.action == old }) else { return false }
    return insert(new, at: place + 1, on: buffer)
  }

  private mutating func insert(_ new: MemoryAction, at place: Int, on buffer: Int?) -> Bool {
    var action = actions[place - 1]
    action.action = new
    action.buffer = buffer
    actions.insert(action, at: place)
    return true
  }

  /// Lets one of some actions come before an earlier one on the same memory.
  fileprivate mutating func move(_ moved: [MemoryAction], before: [MemoryAction]) -> Bool {
    for (place, logged) in actions.enumerated() where moved.contains(logged.action) {
      guard
        let earlier = actions[..<place].lastIndex(where: {
          before.contains($0.action) && $0.buffer == logged.buffer
        })
      else { continue }
      var action = actions.remove(at: place)
      action.time = actions[earlier].time
      action.operation = actions[earlier].operation
      actions.insert(action, at: earlier)
      return true
    }
    return false
  }

  /// Stage 2 ends as soon as something behind it has been decrypted.
  fileprivate mutating func endStage2Early() -> Bool {
    guard actions.contains(where: { $0.action == .beginStage2 }) else { return false }
    return insert(.endStage2, after: .plaintext(byDecryption: true), on: nil)
  }

  /// The NPU leaves protected mode before it reads memory in it.
  fileprivate mutating func insertLeaving() -> Bool {
    guard
      let place = actions.firstIndex(where: { $0.action == .readByNPU && isSecret($0) })
    else { return false }
    var action = actions[place]
    action.action = .switchNPU(toProtected: false)
    action.buffer = nil
    actions.insert(action, at: place)
    return true
  }
}
