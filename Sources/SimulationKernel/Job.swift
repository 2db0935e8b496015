import Quantities

/// An exclusive resource of a simulator.
public struct ResourceID: Hashable, Sendable {
  var index: Int
}

/// A shared resource of a simulator.
public struct SharedResourceID: Hashable, Sendable {
  var index: Int
}

/// A job that was submitted to a simulator.
public struct JobID: Hashable, Sendable {
  public var index: Int
}

/// An operation's place in its job.
public struct OperationIndex: Hashable, Sendable {
  public var index: Int
  public init(_ index: Int) { self.index = index }
}

/// Equal steps in a row: `count` of them, each `duration` long at full speed.
public struct StepSegment: Hashable, Sendable {
  public var count: Int
  public var duration: SimulatedDuration

  /// - Precondition: at least one step, and a duration that is not negative.
  public init(count: Int, duration: SimulatedDuration) {
    precondition(count > 0 && duration >= .zero, "\(count) steps of \(duration.picoseconds) ps")
    self.count = count
    self.duration = duration
  }
}

/// What an operation takes of a shared resource while it runs at full speed.
public struct ResourceDemand: Hashable, Sendable {
  public var resource: SharedResourceID
  public var amount: Int64
  /// Its part when there is too little for all: twice the weight gets twice as much, until it has
  /// its `amount`.
  public private(set) var weight: Int32

  public static let greatestWeight = 1 << 16

  /// - Precondition: `amount` is above zero, and `weight` is from 1 to `greatestWeight`.
  public init(resource: SharedResourceID, amount: Int64, weight: Int = 1) {
    precondition(amount > 0, "a demand of \(amount)")
    precondition(weight > 0 && weight <= Self.greatestWeight, "a weight of \(weight)")
    self.resource = resource
    self.amount = amount
    self.weight = Int32(weight)
  }
}

/// Operations and which waits for which: what is handed to a simulator as one piece.
///
/// An operation waits for earlier ones only, so a job has no cycle by construction. A bounded
/// window between two stages is a dependency too: see `limitWindow`.
public struct Job: Sendable {
  struct Operation {
    var kind: UInt32
    var resource: Int32
    var priority: UInt8
    var isMilestone: Bool
    var isPreemptible: Bool
    var firstSegment: Int
    var segmentCount: Int
    var firstDemand: Int
    var demandCount: Int
  }

  private(set) var operations: [Operation] = []
  private(set) var segments: [StepSegment] = []
  private(set) var demands: [ResourceDemand] = []
  /// Dependencies as pairs: the second waits for the first.
  private(set) var edges: [(from: Int, to: Int)] = []

  public init() {}

  public var count: Int { operations.count }

  /// Adds an operation.
  ///
  /// - Parameters:
  ///   - kind: the owner's number for it; the kernel carries it and never reads it.
  ///   - resource: what it holds alone while it runs; with nil it starts as soon as it is ready.
  ///   - priority: of those that wait for a resource, the lowest number goes first, and within
  ///     one number the first that became ready. Below `ResourceTable.priorityCount`.
  ///   - segments: its work, step by step; a boundary between steps is an event.
  ///   - demands: what it takes of shared resources, each at most once.
  ///   - dependencies: operations of this job that must have ended.
  ///   - isMilestone: whether its end is reported.
  ///   - isPreemptible: whether it hands its resource over, at the end of a step, to an operation
  ///     of a lower number that waits; it goes on before those of its own number that have not begun.
  @discardableResult
  public mutating func add(
    kind: UInt32 = 0, on resource: ResourceID?, priority: UInt8 = 0, segments: [StepSegment],
    demands: [ResourceDemand] = [], after dependencies: [OperationIndex] = [],
    isMilestone: Bool = false, isPreemptible: Bool = false
  ) -> OperationIndex {
    precondition(!segments.isEmpty, "an operation without a step")
    precondition(Int(priority) < ResourceTable.priorityCount, "priority \(priority)")
    for (place, demand) in demands.enumerated() {
      precondition(
        !demands[..<place].contains { $0.resource == demand.resource },
        "two demands on one shared resource")
    }
    let index = operations.count
    operations.append(
      Operation(
        kind: kind, resource: resource.map { Int32($0.index) } ?? -1, priority: priority,
        isMilestone: isMilestone, isPreemptible: isPreemptible, firstSegment: self.segments.count,
        segmentCount: segments.count, firstDemand: self.demands.count,
        demandCount: demands.count))
    self.segments += segments
    self.demands += demands
    for dependency in dependencies { addEdge(from: dependency.index, to: index) }
    return OperationIndex(index)
  }

  /// Lets at most `depth` pieces be between the start of their first stage and the end of their
  /// last: `first[i]` waits for `last[i - depth]`.
  ///
  /// - Precondition: `last[i - depth]` was added before `first[i]`.
  public mutating func limitWindow(
    first: [OperationIndex], last: [OperationIndex], depth: Int
  ) {
    precondition(depth > 0, "a window of \(depth)")
    for index in first.indices.dropFirst(depth) {
      addEdge(from: last[index - depth].index, to: first[index].index)
    }
  }

  private mutating func addEdge(from: Int, to: Int) {
    precondition(
      from >= 0 && from < to && to < operations.count,
      "operation \(to) cannot wait for operation \(from): an operation waits for earlier ones")
    edges.append((from, to))
  }
}
