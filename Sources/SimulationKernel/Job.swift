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

/// What operations of a job do, by its place in the job.
public struct WorkIndex: Hashable, Sendable {
  var index: Int32
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
  /// What operations have in common that do the same.
  struct Work: BitwiseCopyable {
    var kind: UInt32
    var resource: Int32
    var priority: UInt8
    var isPreemptible: Bool
    var firstSegment: Int32
    var segmentCount: Int32
    var firstDemand: Int32
    var demandCount: Int32
  }

  struct Operation {
    var work: Int32
    var isMilestone: Bool
  }

  private(set) var works: [Work] = []
  private(set) var operations: [Operation] = []
  private(set) var segments: [StepSegment] = []
  private(set) var demands: [ResourceDemand] = []
  /// Dependencies as pairs: the second waits for the first.
  private(set) var edges: [(from: Int32, to: Int32)] = []

  public init() {}

  /// Makes room for so many operations and dependencies.
  public mutating func reserveCapacity(operations: Int, dependencies: Int) {
    self.operations.reserveCapacity(operations)
    edges.reserveCapacity(dependencies)
  }

  public var count: Int { operations.count }

  /// Adds an operation that does what no other does.
  ///
  /// - Parameters:
  ///   - dependencies: operations of this job that must have ended.
  ///   - isMilestone: whether its end is reported.
  ///   - kind, resource, priority, segments, demands, isPreemptible: as `addWork` takes them.
  @discardableResult
  public mutating func add(
    kind: UInt32 = 0, on resource: ResourceID?, priority: UInt8 = 0, segments: [StepSegment],
    demands: [ResourceDemand] = [], after dependencies: [OperationIndex] = [],
    isMilestone: Bool = false, isPreemptible: Bool = false
  ) -> OperationIndex {
    let work = addWork(
      kind: kind, on: resource, priority: priority, segments: segments, demands: demands,
      isPreemptible: isPreemptible)
    let index = add(work, isMilestone: isMilestone)
    for dependency in dependencies { addDependency(of: index, on: dependency) }
    return index
  }

  /// Says what operations can do, as often as they like.
  ///
  /// - Parameters:
  ///   - kind: the owner's number for it; the kernel carries it and never reads it.
  ///   - resource: what it holds alone while it runs; with nil it starts as soon as it is ready.
  ///   - priority: of those that wait for a resource, the lowest number goes first, and within
  ///     one number the first that became ready. Below `ResourceTable.priorityCount`.
  ///   - segments: its steps; a boundary between steps is an event.
  ///   - demands: what it takes of shared resources, each at most once.
  ///   - isPreemptible: whether it hands its resource over, at the end of a step, to an operation
  ///     of a lower number that waits; it goes on before those of its own number that have not begun.
  public mutating func addWork(
    kind: UInt32 = 0, on resource: ResourceID?, priority: UInt8 = 0, segments: [StepSegment],
    demands: [ResourceDemand] = [], isPreemptible: Bool = false
  ) -> WorkIndex {
    precondition(!segments.isEmpty, "an operation without a step")
    precondition(Int(priority) < ResourceTable.priorityCount, "priority \(priority)")
    for (place, demand) in demands.enumerated() {
      precondition(
        !demands[..<place].contains { $0.resource == demand.resource },
        "two demands on one shared resource")
    }
    works.append(
      Work(
        kind: kind, resource: resource.map { Int32($0.index) } ?? -1, priority: priority,
        isPreemptible: isPreemptible, firstSegment: Int32(self.segments.count),
        segmentCount: Int32(segments.count), firstDemand: Int32(self.demands.count),
        demandCount: Int32(demands.count)))
    self.segments += segments
    self.demands += demands
    return WorkIndex(index: Int32(works.count - 1))
  }

  /// Adds an operation.
  ///
  /// - Parameter isMilestone: whether its end is reported.
  /// - Precondition: the work is this job's.
  public mutating func add(_ work: WorkIndex, isMilestone: Bool = false) -> OperationIndex {
    precondition(work.index < works.count, "work \(work.index) of another job")
    operations.append(Operation(work: work.index, isMilestone: isMilestone))
    return OperationIndex(operations.count - 1)
  }

  /// Lets an operation wait for the end of an earlier one.
  public mutating func addDependency(of later: OperationIndex, on earlier: OperationIndex) {
    let (from, to) = (earlier.index, later.index)
    precondition(
      from >= 0 && from < to && to < operations.count,
      "operation \(to) cannot wait for operation \(from): an operation waits for earlier ones")
    edges.append((Int32(from), Int32(to)))
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
      addDependency(of: first[index], on: last[index - depth])
    }
  }
}
