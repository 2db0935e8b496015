import DeviceModel
import ModelArchitecture
import Quantities
import ScenarioFiles
import Statistics

/// How the GEMM model compares with other simulators, from the tables of their numbers.
public struct SimulatorComparison: Sendable {
  /// One product, or one model's pass, in another tool.
  public struct Row: Sendable {
    public var name: String
    /// In the table's unit: cycles, or milliseconds.
    public var theirs: Double
    public var ours: Double

    public var error: Double { ours / theirs - 1 }
  }

  /// Rows of one kind and what they are held to.
  public struct Group: Sendable {
    public var name: String
    public var rows: [Row]

    /// How many of our numbers round to theirs, digit by digit as the table prints them.
    public var exactCount: Int
    public var worst: Row { rows.max { abs($0.error) < abs($1.error) }! }
  }

  /// SCALE-Sim's cycles, weights and results stationary.
  public var scaleSim: [Group]
  /// The layers' products, and whole decodes, of roofline tools.
  public var roofline: [Group]
  /// ZigZag's cycles, by the number of rows.
  public var zigzag: [Group]
  /// Of both latencies over the roofline's, where the buffer is too small: 128 and 512 rows.
  public var zigzagRankCorrelation: Double
  /// Where ZigZag takes 1.2 times the roofline or more: how often, and the least of our ratios.
  public var zigzagRereads: (count: Int, least: Double)

  /// All groups by tool, in the order in which tables show them.
  public var groupsByTool: [(tool: String, group: Group)] {
    [("SCALE-Sim", scaleSim), ("roofline", roofline), ("ZigZag", zigzag)].flatMap { tool, groups in
      groups.map { (tool, $0) }
    }
  }

  /// - Throws: `MissingFileError`, `ConfigurationError`.
  public init(_ library: ScenarioLibrary) throws {
    scaleSim = try Self.scaleSim(library)
    roofline = try Self.roofline(library)
    var ratios: [(ours: Double, theirs: Double)] = []
    zigzag = try Self.zigzag(library) { ratios.append($0) }
    zigzagRankCorrelation = rankCorrelation(ratios.map(\.ours), ratios.map(\.theirs))
    let rereads = ratios.filter { $0.theirs > 1.2 }
    zigzagRereads = (rereads.count, rereads.map(\.ours).min() ?? 0)
  }

  private static func scaleSim(_ library: ScenarioLibrary) throws -> [Group] {
    let table = try library.reference(
      "simulators/scalesim.csv",
      columns: [
        "model", "op", "M", "K", "N", "array_rows", "array_cols", "dataflow", "method",
        "total_cycles",
      ])
    var reader = FieldReader(table)
    var groups = SystolicArray.Dataflow.allCases.map { ($0, Group(name: "", rows: [])) }
    for row in table.rows {
      let dataflow: SystolicArray.Dataflow = reader.value(row, "dataflow")
      let array = SystolicArray(
        rows: Int(reader.whole(row, "array_rows")), columns: Int(reader.whole(row, "array_cols")),
        dataflow: dataflow)
      // The tool prints the index of the last cycle.
      let cycles = array.cycles(reader.product(row)) - 1
      let index = groups.firstIndex { $0.0 == dataflow }!
      groups[index].1.name = dataflow.description
      groups[index].1.add(
        Row(
          name: row.shape, theirs: Double(reader.whole(row, "total_cycles")), ours: Double(cycles)),
        lastDigit: 1)
    }
    try reader.finish()
    return groups.map(\.1).filter { !$0.rows.isEmpty }
  }

  private static func roofline(_ library: ScenarioLibrary) throws -> [Group] {
    let table = try library.reference(
      "simulators/roofline.csv",
      columns: [
        "tool", "device", "peak_tops", "bandwidth_gb_s", "model", "dtype", "phase", "tokens",
        "total_ms", "layer_linear_ms", "attention_ms", "embed_and_lm_head_ms",
      ])
    var reader = FieldReader(table)
    var layers: [String: Group] = [:]
    var decodes: [String: Group] = [:]
    for row in table.rows {
      let tool = reader.word(row, "tool", among: ["GenZ", "LLM-Viewer"])
      let isDecode = reader.word(row, "phase", among: ["prefill", "decode"]) == "decode"
      let type = reader.word(row, "dtype", among: ["w16a16", "w8a8", "w4a16"])
      let bits = ["w16a16": (16, 16), "w8a8": (8, 8), "w4a16": (4, 16)][type] ?? (8, 8)
      let name = reader.word(row, "model", among: ["Llama-3.2-1B", "Llama-3.1-8B"])
      // Two operations a multiply-accumulate; a clock at which whole cycles are finer than the
      // tools' last digit.
      let clock = Frequency(hertz: 500_000_000_000)
      let model = ModelRoofline(
        model: try library.model(named: name.lowercased()).model,
        machine: Roofline(
          macsPerCycle: Int64(reader.number(row, "peak_tops") * 1e12 / 2 / Double(clock.hertz)),
          clock: clock,
          bandwidth: Bandwidth(
            bytesPerSecond: Int64(reader.number(row, "bandwidth_gb_s") * 1e9))),
        weightBits: bits.0, activationBits: bits.1)
      let tokens = Int(reader.whole(row, "tokens"))
      func compare(_ column: String, _ ours: SimulatedDuration) -> Row {
        Row(
          name: "\(name.dropFirst("Llama-".count)) \(type) \(row.text("phase")) \(tokens)",
          theirs: reader.number(row, column), ours: ours.seconds * 1000)
      }
      layers[tool, default: Group(name: "\(tool), layers", rows: [])].add(
        compare("layer_linear_ms", model.layerProducts(tokens: isDecode ? 1 : tokens)),
        lastDigit: 1e-4)
      // Prefill totals differ by what is counted; so do decodes whose scores, written to DRAM by
      // LLM-Viewer, weigh more beside 4-bit weights.
      if isDecode, type != "w4a16" {
        decodes[tool, default: Group(name: "\(tool), decode", rows: [])].add(
          compare("total_ms", model.decode(context: tokens)), lastDigit: 1e-4)
      }
    }
    try reader.finish()
    return [layers, decodes].flatMap { groups in
      groups.sorted { $0.key < $1.key }.map(\.value)
    }
  }

  /// - Parameter ratio: called with both latencies over the roofline's for 128 rows and more.
  private static func zigzag(
    _ library: ScenarioLibrary, ratio: ((ours: Double, theirs: Double)) -> Void
  ) throws -> [Group] {
    let table = try library.reference(
      "simulators/zigzag.csv",
      columns: [
        "model", "op", "M", "K", "N", "dram_bytes_per_cycle", "latency_cycles", "roofline_cycles",
      ])
    var reader = FieldReader(table)
    var groups: [Int: Group] = [:]
    for row in table.rows {
      let product = reader.product(row)
      let width = Int(reader.whole(row, "dram_bytes_per_cycle"))
      let ours = ReferenceArray.cycles(product, dramBytesPerCycle: width)
      let theirs = Double(reader.whole(row, "latency_cycles"))
      let roofline = Double(reader.whole(row, "roofline_cycles"))
      groups[product.rows, default: Group(name: "M = \(product.rows)", rows: [])].add(
        Row(name: "\(row.shape) at \(width) B", theirs: theirs, ours: ours), lastDigit: 1)
      if product.rows >= 128 { ratio((ours / roofline, theirs / roofline)) }
    }
    try reader.finish()
    return groups.sorted { $0.key < $1.key }.map(\.value)
  }
}

extension SimulatorComparison.Group {
  init(name: String, rows: [SimulatorComparison.Row]) {
    self.init(name: name, rows: rows, exactCount: 0)
  }

  mutating func add(_ row: SimulatorComparison.Row, lastDigit: Double) {
    rows.append(row)
    if abs(row.ours - row.theirs) < lastDigit { exactCount += 1 }
  }
}

extension ReferenceTable.Row {
  fileprivate var shape: String { "\(text("M"))x\(text("K"))x\(text("N"))" }
}

extension FieldReader {
  fileprivate mutating func product(_ row: ReferenceTable.Row) -> MatrixMultiply {
    MatrixMultiply(
      rows: Int(whole(row, "M")), inner: Int(whole(row, "K")), columns: Int(whole(row, "N")))
  }
}
