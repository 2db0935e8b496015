import Quantities

/// Follows the memory log page by page, and notes every rule that an event breaks.
///
/// An event that breaks a rule takes its effect all the same: the log says that it happened, and
/// what follows is judged by what then holds.
struct MemoryReplay {
  private let certificate: Certificate
  private(set) var violations: [RuleViolation] = []

  private(set) var pages: PageMap
  private var npuIsProtected: Bool
  /// Regions in force, none of them empty, by their first page.
  private var regions: [(index: Int64, pages: Range<Int64>)] = []
  /// Pages that the NPU's return to normal mode exposes.
  private var exposedByNormalTable: Int64 = 0
  /// What the present event breaks.
  private var notes: [Note] = []

  private struct Note {
    var breach: Breach
    var pages: Range<Int64>
    var pageCount: Int64
  }

  init(_ certificate: Certificate) {
    self.certificate = certificate
    pages = PageMap(pageCount: certificate.device.pageCount)
    npuIsProtected = certificate.npuStartsProtected
  }

  mutating func run() {
    var last: Int64 = 0
    for event in certificate.memory {
      checkTime(of: event, after: last)
      last = event.time
      apply(event.action)
      report(event)
    }
  }

  // MARK: Events

  private mutating func apply(_ action: MemoryAction) {
    switch action {
    case .take(let ranges, let secrecy):
      change(ranges) { page in
        let breaches: [Breach] = page.isServings ? [.takenTwice] : []
        page.isServings = true
        page.isSecret = secrecy == .secret
        return breaches
      }
    case .load(let ranges, let content):
      change(ranges) { page in
        var breaches: [Breach] = []
        if !page.isServings { breaches.append(.loadedElsewhere) }
        if !page.isReachedByDevices { breaches.append(.loadedOutOfReach) }
        if page.isSecret, content == .plain { breaches.append(.plainLoad) }
        page.content = content == .plain ? .plaintext : .ciphertext
        return breaches
      }
    case .hide(let ranges, .stage2):
      change(ranges) { page in
        page.isHidden = true
        page.isUnmapped = true
        return []
      }
    case .hide(let ranges, .region):
      for range in ranges { note(.hiddenOutside, outsideRegions(range)) }
      change(ranges) { page in
        page.isHidden = true
        page.isFiltered = true
        return []
      }
    case .flush(let ranges):
      change(ranges) { page in
        // As long as the page is mapped, the next access makes a new translation.
        if page.isUnmapped { page.hasTranslations = false }
        return []
      }
    case .blockDMA(let ranges):
      change(ranges) { page in
        page.hasDeviceEntries = false
        return []
      }
    case .mapNPU(let ranges, let mode):
      change(ranges) { page in
        page.enter(mode, true)
        return []
      }
    case .unmapNPU(let ranges, let mode):
      change(ranges) { page in
        page.enter(mode, false)
        return []
      }
    case .plaintext(let ranges, let origin):
      change(ranges) { page in
        var breaches: [Breach] = []
        switch origin {
        case .decryption:
          if !page.isServings {
            breaches.append(.decryptedElsewhere)
          } else if page.content != .ciphertext {
            breaches.append(.decryptedNothing)
          }
        case .computing:
          if !page.isServings { breaches.append(.computedElsewhere) }
          if page.isSecret, page.isVisible { breaches.append(.computedInView) }
        }
        page.content = .plaintext
        return breaches
      }
    case .read(let ranges, .npu):
      let isProtected = npuIsProtected
      change(ranges) { page in
        var breaches: [Breach] = []
        if isProtected {
          if page.isVisible { breaches.append(.readInView) }
          if !page.isInProtectedTable { breaches.append(.readUnprotected) }
        } else {
          if !page.isVisible { breaches.append(.readHidden) }
          if !page.isInNormalTable { breaches.append(.readUnmapped) }
        }
        if page.content != .plaintext { breaches.append(.readNothing) }
        return breaches
      }
    case .read(let ranges, .cpu):
      change(ranges) { page in page.isServings ? [] : [.readElsewhere] }
    case .clean(let ranges, .zeroed):
      change(ranges) { page in
        page.content = .zeroed
        return []
      }
    case .clean(let ranges, .encrypted):
      change(ranges) { page in
        let breaches: [Breach] = page.content == .plaintext ? [] : [.encryptedNothing]
        page.content = .ciphertext
        return breaches
      }
    case .ciphertext(let ranges):
      change(ranges) { page in
        let breaches: [Breach] = page.isServings ? [] : [.encryptedElsewhere]
        page.content = .ciphertext
        return breaches
      }
    case .store(let ranges):
      change(ranges) { page in
        var breaches: [Breach] = []
        if !page.isServings { breaches.append(.storedElsewhere) }
        if page.isSecretPlaintext { breaches.append(.storedPlaintext) }
        return breaches
      }
    case .show(let ranges):
      for range in ranges { noteShownInside(range) }
      change(ranges) { page in
        var breaches: [Breach] = []
        if !page.isClean { breaches.append(.shownDirty) }
        if page.isInProtectedTable { breaches.append(.shownWhileProtected) }
        page.isHidden = false
        page.isUnmapped = false
        page.isFiltered = false
        page.hasTranslations = true
        page.hasDeviceEntries = true
        return breaches
      }
    case .give(let ranges):
      change(ranges) { page in
        var breaches: [Breach] = []
        if !page.isServings { breaches.append(.givenTwice) }
        if page.isSecret, page.isHidden { breaches.append(.givenHidden) }
        if !page.isClean { breaches.append(.givenDirty) }
        if page.isInProtectedTable { breaches.append(.givenWhileProtected) }
        if page.isInNormalTable { breaches.append(.givenWhileNormal) }
        page.isServings = false
        page.isSecret = false
        // The operating system writes what it likes from here on.
        page.content = .foreign
        return breaches
      }
    case .mode(let mode):
      switchMode(to: mode)
    case .region(let index, let pages):
      setRegion(index, to: pages)
    case .attempt(let page, let intruder, let outcome):
      attempt(page, by: intruder, outcome)
    }
  }

  /// Changes pages and notes what that breaks: what the change says itself, and who can reach a
  /// secret in plaintext now and could not before.
  private mutating func change(
    _ ranges: [Range<Int64>], _ body: (inout PageState) -> [Breach]
  ) {
    let all = 0..<pages.pageCount
    for range in ranges {
      note(
        .beyondDRAM, max(range.lowerBound, all.upperBound)..<max(range.upperBound, all.upperBound))
      // The map is being changed, so nothing can be noted in place.
      var found: [(Breach, Range<Int64>)] = []
      var exposed: Int64 = 0
      pages.update(range.clamped(to: all)) { part, page in
        let before = page
        var breaches = body(&page)
        // What comes back dirty is exposed by just that.
        if page.isSecretPlaintext, !breaches.contains(where: { $0.rule == .dirtyReturn }) {
          let known = before.exposures(npuIsProtected: npuIsProtected)
          breaches += page.exposures(npuIsProtected: npuIsProtected).filter { !known.contains($0) }
        }
        for breach in breaches { found.append((breach, part)) }
        if before.isExposedByNormalTable { exposed -= Int64(part.count) }
        if page.isExposedByNormalTable { exposed += Int64(part.count) }
      }
      exposedByNormalTable += exposed
      for (breach, part) in found { note(breach, part) }
    }
  }

  private mutating func switchMode(to mode: MemoryAction.Mode) {
    let wasProtected = npuIsProtected
    npuIsProtected = mode == .protected
    guard wasProtected, !npuIsProtected, exposedByNormalTable > 0 else { return }
    var found: [Range<Int64>] = []
    pages.passAll { part, page in
      if page.isExposedByNormalTable { found.append(part) }
    }
    for part in found { note(.plaintextInNormalTable, part) }
  }

  private mutating func attempt(
    _ page: Int64, by intruder: MemoryAction.Intruder, _ outcome: MemoryAction.Outcome
  ) {
    guard page < pages.pageCount else { return note(.beyondDRAM, page..<page + 1) }
    let state = pages[page]
    let isAllowed = state.allows(intruder, npuIsProtected: npuIsProtected)
    let who =
      switch intruder {
      case .cpu: "the normal world's CPU"
      case .dma: "other devices"
      case .npu: "a job of the normal world"
      }
    if !state.isOpening, isAllowed != (outcome == .allowed) {
      note(
        Breach(
          .attemptOutcome, who, state.isServings ? "serving" : "the operating system",
          "the access is said to end as \(outcome), and the state lets it "
            + (isAllowed ? "through" : "fault")), page..<page + 1)
    } else if outcome == .allowed, state.isSecretPlaintext {
      note(
        Breach(
          .plaintextReachable, who, "serving's secret", "an access to plaintext got through"),
        page..<page + 1)
    }
  }

  // MARK: Regions

  private mutating func setRegion(_ index: Int64, to new: Range<Int64>) {
    let device = certificate.device
    let former = regions.firstIndex { $0.index == index }
    let old = former.map { regions.remove(at: $0).pages } ?? 0..<0
    if !new.isEmpty {
      func breach(_ other: String, _ reason: String) -> Breach {
        Breach(.regionLimits, "region \(index)", other, reason)
      }
      let controller = "the region controller"
      if former == nil, Int64(regions.count) >= device.regionLimit {
        note(breach(controller, "more regions than the \(device.regionLimit) it has"), new)
      }
      let granule = device.regionGranule
      if new.lowerBound % granule != 0 || new.upperBound % granule != 0 {
        note(breach(controller, "bounds between multiples of \(granule) pages"), new)
      }
      if new.upperBound > device.pageCount { note(breach(controller, "beyond the DRAM"), new) }
      for other in regions where other.pages.overlaps(new) {
        note(breach("region \(other.index)", "regions overlap"), other.pages.clamped(to: new))
      }
      let place = regions.firstIndex { $0.pages.lowerBound > new.lowerBound } ?? regions.count
      regions.insert((index, new), at: place)
    }
    // Pages that it gave up are as open as stage 2 leaves them.
    let all = 0..<pages.pageCount
    let kept = new.isEmpty ? old.upperBound..<old.upperBound : new.clamped(to: old)
    let left = [old.lowerBound..<kept.lowerBound, kept.upperBound..<old.upperBound]
    change(left.map { $0.clamped(to: all) }) { page in
      let breaches: [Breach] = page.isSecretPlaintext ? [.uncoveredDirty] : []
      page.isFiltered = false
      return breaches
    }
  }

  /// The first part of a range that lies in no region, and empty if all does.
  ///
  /// A range is seldom half in: what follows the first such part is not named.
  private func outsideRegions(_ range: Range<Int64>) -> Range<Int64> {
    var first = range.lowerBound
    for region in regions where region.pages.contains(first) { first = region.pages.upperBound }
    let next = regions.first { $0.pages.lowerBound > first }?.pages.lowerBound ?? .max
    return min(first, range.upperBound)..<min(max(first, next), range.upperBound)
  }

  private mutating func noteShownInside(_ range: Range<Int64>) {
    for region in regions { note(.shownInside, range.clamped(to: region.pages)) }
  }

  // MARK: Reporting

  private mutating func note(_ breach: Breach, _ range: Range<Int64>) {
    guard !range.isEmpty else { return }
    guard let place = notes.firstIndex(where: { $0.breach == breach }) else {
      notes.append(Note(breach: breach, pages: range, pageCount: Int64(range.count)))
      return
    }
    // Beyond the DRAM, ranges can be as long as the file says.
    let (sum, overflow) = notes[place].pageCount.addingReportingOverflow(Int64(range.count))
    notes[place].pageCount = overflow ? .max : sum
    if notes[place].pages.upperBound == range.lowerBound {
      notes[place].pages = notes[place].pages.lowerBound..<range.upperBound
    }
  }

  private mutating func report(_ event: MemoryEvent) {
    for note in notes {
      report(note.breach, event, pages: note.pages, pageCount: note.pageCount)
    }
    notes.removeAll(keepingCapacity: true)
  }

  private mutating func report(
    _ breach: Breach, _ event: MemoryEvent, pages: Range<Int64>? = nil, pageCount: Int64 = 0
  ) {
    violations.append(
      RuleViolation(
        rule: breach.rule, file: certificate.file, line: event.line,
        operation: event.operation.map { certificate.operations[$0].facts }, pages: pages,
        pageCount: pageCount, party: breach.party, otherParty: breach.otherParty,
        reason: breach.reason))
  }

  private mutating func checkTime(of event: MemoryEvent, after last: Int64) {
    let time = SimulatedTime(picoseconds: event.time).text
    if event.time < last {
      let before = SimulatedTime(picoseconds: last).text
      report(
        Breach(.timeOrder, "this line", "the line before", "\(time) comes after \(before)"), event)
    }
    guard let operation = event.operation.map({ certificate.operations[$0] }) else { return }
    if let span = operation.span, (span.start...span.end).contains(event.time) { return }
    report(
      Breach(
        .timeOrder, "this line", "operation \(operation.index)",
        "at \(time) the operation does not run"), event)
  }
}

extension PageState {
  fileprivate mutating func enter(_ mode: MemoryAction.Mode, _ isEntered: Bool) {
    switch mode {
    case .normal: isInNormalTable = isEntered
    case .protected: isInProtectedTable = isEntered
    }
  }
}
