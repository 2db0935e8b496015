import DeviceModel
import Quantities
import ServingDesigns

/// Follows what a session did to memory and finds the first rule that it broke.
///
/// Every run is checked, in release builds too. All of a buffer's pages are in one state, so an
/// action costs a few comparisons, whatever its size.
struct IsolationChecker {
  private let log: MemoryLog
  private let geometry: MemoryGeometry
  private var states: [State]
  private var frames: FrameMap
  private var isNPUProtected: Bool
  private var isStage2On: Bool
  private var wasNPUProtected = false
  /// In frames, by number; empty where nothing is protected so.
  private var regions: [Range<Int64>]

  fileprivate struct State {
    var isHeld = false
    var isSecret: Bool
    /// In the normal world's stage-2 table and outside of regions.
    var isVisible = true
    /// Out of the stage-2 table, whether that is in force or not.
    var isHiddenByStage2 = false
    var hasTranslations = true
    var hasDeviceEntries = true
    var isInNormalTable = false
    var isInProtectedTable = false
    var content = Content.foreign
  }

  fileprivate enum Content {
    case foreign
    case ciphertext
    case plaintext
    case zeroed

    var isClean: Bool { self == .ciphertext || self == .zeroed }
  }

  /// What is wrong with an action.
  struct Finding {
    var rule: IsolationRule
    var actor: String
  }

  init(_ log: MemoryLog, geometry: MemoryGeometry) {
    self.log = log
    self.geometry = geometry
    states = log.buffers.map { State(isSecret: $0?.isSecret ?? false) }
    frames = FrameMap(geometry)
    regions = Array(repeating: 0..<0, count: Int(geometry.regionLimit))
    isNPUProtected = log.ownsNPU
    isStage2On = log.startsProtected
  }

  /// The first action that breaks a rule, with the frames it is about.
  /// - Complexity: O(actions), besides finding frames.
  mutating func firstViolation() -> (action: LoggedAction, finding: Finding, pages: [Range<Int64>])?
  {
    for action in log.actions {
      if let finding = apply(action) {
        return (action, finding, action.buffer.map { frames.frames(of: $0) } ?? [])
      }
    }
    return nil
  }

  /// Whether an attempt gets through, the actions before having been given here in order; any other
  /// action is followed.
  mutating func outcome(of logged: LoggedAction) -> Bool {
    if case .attempt(let actor) = logged.action, let buffer = logged.buffer {
      return reaches(actor, buffer)
    }
    _ = apply(logged)
    return true
  }

  private mutating func apply(_ logged: LoggedAction) -> Finding? {
    switch logged.action {
    case .switchNPU(let toProtected): return switchNPU(toProtected)
    case .lendNPU:
      wasNPUProtected = isNPUProtected
      return switchNPU(false)
    case .returnNPU: return switchNPU(wasNPUProtected)
    case .beginStage2:
      isStage2On = true
      return nil
    case .endStage2:
      isStage2On = false
      return endStage2()
    case .runOtherTask:
      return isNPUProtected
        ? Finding(rule: .npuAccess, actor: "another program's task runs on the protected NPU") : nil
    default: break
    }
    // All others are about memory.
    let buffer = logged.buffer!
    switch logged.action {
    case .take, .attempt: break
    default:
      if !states[buffer].isHeld {
        return Finding(
          rule: .frameOwnership, actor: "something is done to memory that was given back")
      }
    }
    switch logged.action {
    case .take:
      guard !states[buffer].isHeld, frames.take(log.buffers[buffer]!) != nil else {
        return Finding(rule: .frameOwnership, actor: "the operating system gives what it has not")
      }
      states[buffer] = State(isHeld: true, isSecret: states[buffer].isSecret)
    case .load(let isCiphertext):
      if states[buffer].isSecret, !isCiphertext {
        return Finding(rule: .plaintextOrigin, actor: "storage holds secrets in plaintext")
      }
      states[buffer].content = isCiphertext ? .ciphertext : .plaintext
    case .hideFromStage2:
      // Taken out of a table that is not in force, a page is as visible as before.
      states[buffer].isHiddenByStage2 = true
      if isStage2On { states[buffer].isVisible = false }
    case .hideInRegion:
      // The controller filters addresses: translations and entries do not matter any more.
      guard isInRegion(buffer) else {
        return Finding(rule: .regionLimits, actor: "no region covers what is to be protected")
      }
      states[buffer].isVisible = false
      states[buffer].hasTranslations = false
      states[buffer].hasDeviceEntries = false
    // What is visible can be translated, and entered, again at any time.
    case .flush: if !states[buffer].isVisible { states[buffer].hasTranslations = false }
    case .blockDevices: if !states[buffer].isVisible { states[buffer].hasDeviceEntries = false }
    case .mapForNPU(let protected): setMapped(buffer, protected, true)
    case .unmapFromNPU(let protected): setMapped(buffer, protected, false)
    case .plaintext(let byDecryption):
      if byDecryption, states[buffer].content != .ciphertext {
        return Finding(rule: .plaintextOrigin, actor: "decryption of what is no ciphertext")
      }
      states[buffer].content = .plaintext
    case .readByNPU:
      if let finding = states[buffer].npuAccess(isProtected: isNPUProtected) { return finding }
    case .readByCPU:
      if states[buffer].content != .plaintext {
        return Finding(rule: .plaintextOrigin, actor: "the CPU computes with what is no plaintext")
      }
    case .clean(let isZeroed): states[buffer].content = isZeroed ? .zeroed : .ciphertext
    case .ciphertext: states[buffer].content = .ciphertext
    case .store:
      if states[buffer].isSecret, states[buffer].content == .plaintext {
        return Finding(rule: .plaintextReachable, actor: "storage gets plaintext")
      }
    case .show:
      if let finding = states[buffer].returning() { return finding }
      if isInRegion(buffer) {
        return Finding(rule: .regionLimits, actor: "a region covers what is to be reached again")
      }
      states[buffer].isHiddenByStage2 = false
      states[buffer].isVisible = true
      states[buffer].hasTranslations = true
      states[buffer].hasDeviceEntries = true
    case .give:
      if states[buffer].isSecret && !states[buffer].isVisible {
        return Finding(rule: .dirtyReturn, actor: "the operating system gets what it cannot reach")
      }
      if let finding = states[buffer].returning() { return finding }
      if states[buffer].isInNormalTable {
        return Finding(rule: .staleEntry, actor: "the NPU's normal table keeps an entry")
      }
      states[buffer].isHeld = false
      frames.give(log.buffers[buffer]!)
    case .moveRegion(let grows):
      if let finding = moveRegion(buffer, grows, overshoot: 0) { return finding }
    case .overshootRegion:
      let half = geometry.regionGranulePages / 2
      if let finding = moveRegion(buffer, true, overshoot: half) { return finding }
    case .attempt(let actor): return attempt(actor, buffer)
    case .switchNPU, .lendNPU, .returnNPU, .beginStage2, .endStage2, .runOtherTask: break
    }
    return states[buffer].reach(isNPUProtected: isNPUProtected)
  }

  // MARK: Rules about the NPU and regions

  private mutating func switchNPU(_ toProtected: Bool) -> Finding? {
    isNPUProtected = toProtected
    guard !toProtected else { return nil }
    for buffer in states.indices where states[buffer].isInNormalTable {
      if let finding = states[buffer].reach(isNPUProtected: false) { return finding }
    }
    return nil
  }

  /// What stage 2 alone hid is reached again, by what was never flushed or blocked, too.
  private mutating func endStage2() -> Finding? {
    for buffer in states.indices where states[buffer].isHeld && states[buffer].isHiddenByStage2 {
      if states[buffer].isSecret, !states[buffer].content.isClean {
        return Finding(rule: .dirtyReturn, actor: "stage 2 ends while it hides what is not cleaned")
      }
      states[buffer].isVisible = true
      states[buffer].hasTranslations = true
      states[buffer].hasDeviceEntries = true
    }
    return nil
  }

  private mutating func setMapped(_ buffer: Int, _ protected: Bool, _ isMapped: Bool) {
    if protected {
      states[buffer].isInProtectedTable = isMapped
    } else {
      states[buffer].isInNormalTable = isMapped
    }
  }

  private func isInRegion(_ buffer: Int) -> Bool {
    frames.frames(of: buffer).allSatisfy { stretch in
      regions.contains {
        $0.lowerBound <= stretch.lowerBound && stretch.upperBound <= $0.upperBound
      }
    }
  }

  private mutating func moveRegion(
    _ buffer: Int, _ grows: Bool, overshoot: Int64
  ) -> Finding? {
    let number = log.buffers[buffer]?.region ?? 0
    guard regions.indices.contains(number) else {
      return Finding(rule: .regionLimits, actor: "one region more than there are")
    }
    var region = regions[number]
    defer { regions[number] = region }
    let granule = geometry.regionGranulePages
    for stretch in frames.frames(of: buffer) {
      if grows {
        guard region.isEmpty || region.upperBound == stretch.lowerBound else {
          return Finding(rule: .regionLimits, actor: "a region grows over what is not beside it")
        }
        let base = region.isEmpty ? stretch.lowerBound : region.lowerBound
        region = base..<(stretch.upperBound + overshoot)
      } else {
        guard region.upperBound == stretch.upperBound, region.contains(stretch.lowerBound) else {
          return Finding(rule: .regionLimits, actor: "a region shrinks by what is not its end")
        }
        region = region.lowerBound..<stretch.lowerBound
      }
    }
    guard region.lowerBound % granule == 0, region.upperBound % granule == 0 else {
      return Finding(rule: .regionLimits, actor: "a region ends off the controller's granule")
    }
    return nil
  }

  /// Whether hardware lets the operating system, or what it programs, reach a buffer.
  private func reaches(_ actor: MemoryAction.Actor, _ buffer: Int) -> Bool {
    switch actor {
    case .cpu: states[buffer].isVisible || states[buffer].hasTranslations
    case .device: states[buffer].hasDeviceEntries
    case .npu:
      !isNPUProtected && (states[buffer].isVisible || states[buffer].isInNormalTable)
    }
  }

  private func attempt(_ actor: MemoryAction.Actor, _ buffer: Int) -> Finding? {
    let state = states[buffer]
    guard state.isHeld, state.isSecret, state.content == .plaintext, reaches(actor, buffer) else {
      return nil
    }
    return Finding(
      rule: .plaintextReachable, actor: "the normal world's \(actor.rawValue) reads plaintext")
  }
}

// MARK: Rules about memory

/// Methods of a state, since the compiler would copy the whole checker for one of its own.
extension IsolationChecker.State {
  typealias Finding = IsolationChecker.Finding

  /// Who could reach a secret buffer with plaintext.
  func reach(isNPUProtected: Bool) -> Finding? {
    guard isSecret, isHeld, content == .plaintext else { return nil }
    if isVisible {
      return Finding(rule: .plaintextReachable, actor: "the normal world's cores reach plaintext")
    }
    if hasTranslations {
      return Finding(
        rule: .staleEntry, actor: "the normal world's cores have translations to plaintext")
    }
    if hasDeviceEntries {
      return Finding(rule: .staleEntry, actor: "other devices have SMMU entries of plaintext")
    }
    if isInNormalTable, !isNPUProtected {
      return Finding(
        rule: .plaintextReachable, actor: "the NPU reaches plaintext in normal mode")
    }
    return nil
  }

  /// What is wrong with the NPU's working on it.
  func npuAccess(isProtected: Bool) -> Finding? {
    if isProtected {
      if isVisible {
        return Finding(rule: .npuAccess, actor: "the protected NPU works on an unprotected page")
      }
      if !isInProtectedTable {
        return Finding(rule: .npuAccess, actor: "the protected NPU's table lacks the page")
      }
    } else {
      if !isVisible {
        return Finding(rule: .npuAccess, actor: "the NPU works on a protected page in normal mode")
      }
      if !isInNormalTable {
        return Finding(rule: .npuAccess, actor: "the NPU's normal table lacks the page")
      }
    }
    return content == .plaintext
      ? nil : Finding(rule: .plaintextOrigin, actor: "the NPU computes with what is no plaintext")
  }

  /// What is wrong with a page that the normal world is to have.
  func returning() -> Finding? {
    guard isSecret else { return nil }
    if !content.isClean {
      return Finding(rule: .dirtyReturn, actor: "the normal world gets what is not cleaned")
    }
    if isInProtectedTable {
      return Finding(rule: .staleEntry, actor: "the NPU's protected table keeps an entry")
    }
    return nil
  }
}
