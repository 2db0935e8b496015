import Quantities

extension Certificate {
  /// Reads a certificate.
  ///
  /// A text is one if it has all its lines, in their order, and every number in it is in its bounds
  /// and refers to what is there. Nothing is left out or guessed.
  ///
  /// - Parameter file: what messages call it.
  /// - Throws: `CertificateError` with the first thing that is wrong.
  /// - Complexity: O(n) for n bytes.
  public init(text: String, file: String) throws(CertificateError) {
    self.init(file: file)
    var lines = CertificateLines(text, file: file)
    var expected: [Record] = [.certificate]
    while true {
      let names = expected.map(\.rawValue).joined(separator: ", ")
      guard try lines.advance() else {
        throw lines.errorAtEnd("expected \(names), found the end of the file")
      }
      guard let record = Record(rawValue: lines.text(0)), expected.contains(record) else {
        let found = lines.text(0)
        throw lines.error(
          0,
          "expected \(expected.count == 1 ? "" : "one of ")\(names), found \(found.debugDescription)"
            + suggestion(for: found, among: expected.map(\.rawValue)))
      }
      try read(record, lines)
      if record == .end { break }
      expected = record.followers
    }
    if try lines.advance() { throw lines.error(0, "expected nothing after the end") }
  }

  /// The records, in the order in which they stand in a file.
  private enum Record: String, CaseIterable {
    case certificate = "flexbench-certificate"
    case point
    case device
    case npu
    case unit
    case shared
    case operation
    case piece
    case memory
    case arrival
    case result
    case end

    /// What may come after a record.
    var followers: [Record] {
      let place = Self.allCases.firstIndex(of: self) ?? 0
      let later = Self.allCases[(place + 1)...]
      switch self {
      case .certificate, .point, .device: return [later.first ?? .end]
      case .npu: return Array(later.prefix { $0 != .result })
      case .unit, .shared, .operation, .piece, .memory:
        return [self] + later.prefix { $0 != .result }
      case .arrival: return Array(later)
      case .result: return [self, .arrival, .end]
      case .end: return []
      }
    }

    /// The values after the record's name.
    var values: String {
      switch self {
      case .certificate: "<version>"
      case .point: "<name>"
      case .device: "<page bytes> <pages> <region limit> <region granule>"
      case .npu: "<mode>"
      case .unit, .shared: "<index> <name> <capacity>"
      case .operation: "<index> <kind> <unit> <work> <dependencies> <demands>"
      case .piece: "<operation> <start> <end>"
      case .memory: "<time> <operation> <action> ..."
      case .arrival: "<time>"
      case .result: "<metric> <value> <operation>"
      case .end: "<lines before>"
      }
    }
  }

  private mutating func read(
    _ record: Record, _ lines: CertificateLines
  ) throws(CertificateError) {
    // An action has values of its own.
    if record != .memory || lines.fields.count < 4 {
      try Self.require(record.values, after: 1, of: record.rawValue, in: lines)
    }
    switch record {
    case .certificate:
      let version = try lines.number(1, "version")
      guard version == 1 else { throw lines.error(1, "version: expected 1, found \(version)") }
    case .point:
      point = try lines.name(1, "name")
    case .device:
      device = Device(
        pageBytes: try lines.number(1, "page bytes", atLeast: 1),
        pageCount: try lines.number(2, "pages", atLeast: 1),
        regionLimit: try lines.number(3, "region limit"),
        regionGranule: try lines.number(4, "region granule", atLeast: 1))
    case .npu:
      let mode: MemoryAction.Mode = try lines.word(1, "mode")
      npuStartsProtected = mode == .protected
    case .unit:
      units.append(try Self.resource(lines, count: units.count))
    case .shared:
      shared.append(try Self.resource(lines, count: shared.count))
    case .operation:
      try readOperation(lines)
    case .piece:
      let operation = try lines.index(1, "operation", below: operations.count)
      let start = try lines.number(2, "start")
      let end = try lines.number(3, "end", atLeast: start)
      operations[operation].run(Piece(line: lines.number, start: start, end: end))
    case .memory:
      memory.append(
        MemoryEvent(
          line: lines.number, time: try lines.number(1, "time"),
          operation: try lines.optionalIndex(2, "operation", below: operations.count),
          action: try MemoryAction(lines)))
    case .arrival:
      arrival = try lines.number(1, "time")
    case .result:
      results.append(
        Result(
          line: lines.number, arrival: arrival, metric: try lines.name(1, "metric"),
          value: try lines.number(2, "value"),
          operation: try lines.index(3, "operation", below: operations.count)))
    case .end:
      let count = try lines.number(1, "lines before")
      guard count == Int64(lines.number - 1) else {
        throw lines.error(1, "lines before: expected \(lines.number - 1), found \(count)")
      }
    }
  }

  private static func resource(
    _ lines: CertificateLines, count: Int
  ) throws(CertificateError) -> Resource {
    try requireNext(count, lines)
    return Resource(
      name: try lines.name(2, "name"), capacity: try lines.number(3, "capacity", atLeast: 1))
  }

  private mutating func readOperation(_ lines: CertificateLines) throws(CertificateError) {
    try Self.requireNext(operations.count, lines)
    operations.append(
      Operation(
        index: operations.count, line: lines.number, kind: try lines.name(2, "kind"),
        unit: try lines.optionalIndex(3, "unit", below: units.count),
        work: try lines.number(4, "work"),
        dependencies: try lines.indices(5, "dependency", below: operations.count),
        demands: try lines.demands(6, below: shared.count)))
  }

  private static func requireNext(
    _ count: Int, _ lines: CertificateLines
  ) throws(CertificateError) {
    let index = try lines.number(1, "index")
    guard index == Int64(count) else {
      throw lines.error(1, "index: expected \(count), found \(index)")
    }
  }

  fileprivate static func require(
    _ values: String, after first: Int, of name: String, in lines: CertificateLines
  ) throws(CertificateError) {
    let wanted = values.isEmpty ? 0 : values.split(separator: ">").count
    let found = lines.fields.count - first
    guard found != wanted else { return }
    throw lines.error(
      first - 1,
      "expected \(name)\(values.isEmpty ? "" : " \(values)"), found \(found) value\(found == 1 ? "" : "s")"
    )
  }
}

extension MemoryAction {
  private enum Name: String, CaseIterable {
    case take, load, hide, flush
    case blockDMA = "block-dma"
    case mapNPU = "map-npu"
    case unmapNPU = "unmap-npu"
    case plaintext, read, clean, ciphertext, store, show, give, mode, region, attempt

    var values: String {
      switch self {
      case .take: "<pages> <secret or open>"
      case .load: "<pages> <ciphertext or plain>"
      case .hide: "<pages> <stage2 or region>"
      case .flush, .blockDMA, .ciphertext, .store, .show, .give: "<pages>"
      case .mapNPU, .unmapNPU: "<pages> <protected or normal>"
      case .plaintext: "<pages> <decryption or computing>"
      case .read: "<pages> <npu or cpu>"
      case .clean: "<pages> <zeroed or encrypted>"
      case .mode: "<protected or normal>"
      case .region: "<index> <first page> <end page>"
      case .attempt: "<page> <cpu, dma or npu> <fault or allowed>"
      }
    }
  }

  /// Reads an action and its values, the fields from the fourth on.
  fileprivate init(_ lines: CertificateLines) throws(CertificateError) {
    let name: Name = try lines.word(3, "action")
    try Certificate.require(name.values, after: 4, of: name.rawValue, in: lines)
    switch name {
    case .take: self = .take(try lines.pages(4), try lines.word(5, "secrecy"))
    case .load: self = .load(try lines.pages(4), try lines.word(5, "content"))
    case .hide: self = .hide(try lines.pages(4), try lines.word(5, "means"))
    case .flush: self = .flush(try lines.pages(4))
    case .blockDMA: self = .blockDMA(try lines.pages(4))
    case .mapNPU: self = .mapNPU(try lines.pages(4), try lines.word(5, "table"))
    case .unmapNPU: self = .unmapNPU(try lines.pages(4), try lines.word(5, "table"))
    case .plaintext: self = .plaintext(try lines.pages(4), try lines.word(5, "origin"))
    case .read: self = .read(try lines.pages(4), try lines.word(5, "reader"))
    case .clean: self = .clean(try lines.pages(4), try lines.word(5, "result"))
    case .ciphertext: self = .ciphertext(try lines.pages(4))
    case .store: self = .store(try lines.pages(4))
    case .show: self = .show(try lines.pages(4))
    case .give: self = .give(try lines.pages(4))
    case .mode: self = .mode(try lines.word(4, "mode"))
    case .region:
      let first = try lines.number(5, "first page")
      self = .region(
        index: try lines.number(4, "index"),
        pages: first..<(try lines.number(6, "end page", atLeast: first)))
    case .attempt:
      let page = try lines.number(4, "page")
      guard page < .max else {
        throw lines.error(4, "page: expected a number below \(Int64.max), found \(page)")
      }
      self = .attempt(page: page, try lines.word(5, "access"), try lines.word(6, "outcome"))
    }
  }
}
