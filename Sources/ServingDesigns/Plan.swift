import DeviceModel

/// What a design wants done for a request: device operations and which waits for which.
///
/// A plan says nothing of time. The executor prices it on a device and the kernel times it, so
/// two designs differ in their plans alone.
///
/// Most operations are like others in all but what they wait for and where they work: each layer of a
/// model is like the one before it. So the plan keeps what is done once, in `works`, and of an operation
/// only numbers.
public struct Plan: Sendable {
  /// A place in the plan; operations wait only for earlier ones, so a plan has no cycles.
  public struct Step: Hashable, Sendable {
    public var index: Int
    public init(index: Int) { self.index = index }
  }

  public struct PlannedOperation: Hashable, Sendable {
    public var operation: DeviceOperation
    public var dependencies: [Step]
    /// The memory that it works on.
    public var buffers: [Buffer]
  }

  /// What is done; equal ones may come more than once.
  public private(set) var works: [DeviceOperation] = []
  /// Of each operation, which of `works` it does.
  public private(set) var workNumbers: [Int32] = []
  /// Lists of memory that operations work on; the first one is empty.
  public private(set) var bufferLists: [[Buffer]] = [[]]
  /// Of each operation, which of `bufferLists` it works on.
  public private(set) var bufferListNumbers: [Int32] = []
  /// What operations wait for, operation by operation.
  private var waits: [Step] = []
  /// Of each operation, where its part of `waits` ends.
  private var waitEnds: [Int] = []
  /// What the design knows it by when it is told that the plan has ended.
  public var label = 0
  /// The operations whose ends are the output tokens, in order, as far as the design has said so.
  public private(set) var tokens: [Step] = []
  /// What the operating system, having asked for memory, waits for.
  public var awaited: [Step] = []
  /// Whether its operations go before those of other plans that wait for the same units.
  public var goesFirst = false

  public init() {}

  /// The operations in order; each is put together when it is asked for.
  public var operations: Operations { Operations(plan: self) }

  /// Of all operations together.
  public var dependencyCount: Int { waits.count }

  /// What an operation waits for.
  public func dependencies(of index: Int) -> ArraySlice<Step> {
    waits[(index == 0 ? 0 : waitEnds[index - 1])..<waitEnds[index]]
  }

  /// Adds an operation that starts when all of `dependencies` have ended and its unit is free.
  @discardableResult
  public mutating func add(
    _ operation: DeviceOperation, after dependencies: [Step], on buffers: [Buffer] = []
  ) -> Step {
    for step in dependencies {
      precondition(step.index < workNumbers.count, "step \(step.index) is not in the plan yet")
    }
    works.append(operation)
    waits += dependencies
    return endOperation(Int32(works.count - 1), on: bufferListNumber(buffers))
  }

  /// Adds operations of the plan once more, in their order: what waits for earlier ones than those waits
  /// for `start` instead, and what works on memory works on `buffers`.
  /// - Returns: the place of the last one.
  @discardableResult
  mutating func repeatOperations(
    _ range: Range<Int>, after start: [Step], on buffers: [Buffer]
  ) -> Step {
    precondition(
      !range.isEmpty && range.upperBound <= workNumbers.count,
      "operations \(range) of a plan of \(workNumbers.count)")
    let shift = workNumbers.count - range.lowerBound
    let list = bufferListNumber(buffers)
    for index in range {
      var hasStart = false
      for place in (index == 0 ? 0 : waitEnds[index - 1])..<waitEnds[index] {
        let step = waits[place].index
        if step >= range.lowerBound {
          waits.append(Step(index: step + shift))
        } else if !hasStart {
          hasStart = true
          waits += start
        }
      }
      endOperation(workNumbers[index], on: bufferListNumbers[index] == 0 ? 0 : list)
    }
    return Step(index: workNumbers.count - 1)
  }

  /// Ends an operation whose dependencies are in `waits`.
  @discardableResult
  private mutating func endOperation(_ work: Int32, on buffers: Int32) -> Step {
    workNumbers.append(work)
    bufferListNumbers.append(buffers)
    waitEnds.append(waits.count)
    return Step(index: workNumbers.count - 1)
  }

  /// Operations that follow each other often work on the same.
  private mutating func bufferListNumber(_ buffers: [Buffer]) -> Int32 {
    if buffers.isEmpty { return 0 }
    if bufferLists[bufferLists.count - 1] != buffers { bufferLists.append(buffers) }
    return Int32(bufferLists.count - 1)
  }

  /// Says whose end is the next output token.
  public mutating func markToken(_ step: Step) {
    tokens.append(step)
  }

  /// The same plan with operations in front of others, which wait for them one after the other.
  public func inserting(_ before: (DeviceOperation) -> [DeviceOperation]) -> Plan {
    var result = Plan()
    result.label = label
    var places: [Step] = []
    for planned in operations {
      var waits = planned.dependencies.map { places[$0.index] }
      for operation in before(planned.operation) {
        waits = [result.add(operation, after: waits)]
      }
      places.append(result.add(planned.operation, after: waits, on: planned.buffers))
    }
    for step in tokens { result.markToken(places[step.index]) }
    result.awaited = awaited.map { places[$0.index] }
    result.goesFirst = goesFirst
    return result
  }

  /// The same plan without what is there only for protection: whatever waited for such an
  /// operation waits for what that waited for, and the NPU serves the normal world.
  public var unprotected: Plan {
    var result = Plan()
    // For each step of this plan, the steps of the new plan that stand for its end.
    var standIns: [[Step]] = []
    for planned in operations {
      let waits = planned.dependencies.flatMap { standIns[$0.index] }
      if planned.operation.isProtection {
        standIns.append(waits)
      } else {
        standIns.append([
          result.add(planned.operation.inNormalWorld, after: waits, on: planned.buffers)
        ])
      }
    }
    for step in tokens.compactMap({ standIns[$0.index].first }) { result.markToken(step) }
    return result
  }
}

extension Plan {
  /// The operations of a plan.
  public struct Operations: RandomAccessCollection, Sendable {
    fileprivate let plan: Plan

    public var startIndex: Int { 0 }
    public var endIndex: Int { plan.workNumbers.count }

    public subscript(index: Int) -> PlannedOperation {
      PlannedOperation(
        operation: plan.works[Int(plan.workNumbers[index])],
        dependencies: Array(plan.dependencies(of: index)),
        buffers: plan.bufferLists[Int(plan.bufferListNumbers[index])])
    }
  }
}

extension Plan: Equatable {
  /// Whether two plans do the same, however they were put together.
  public static func == (left: Plan, right: Plan) -> Bool {
    left.label == right.label && left.tokens == right.tokens
      && left.operations.elementsEqual(right.operations)
  }
}

extension DeviceOperation {
  /// The same on an NPU that is not protected.
  fileprivate var inNormalWorld: DeviceOperation {
    switch self {
    case .mapForNPU(let size, _): .mapForNPU(size, protected: false)
    case .multiplyOnNPU(let product, _, let launch, _):
      .multiplyOnNPU(product, protected: false, launch: launch)
    default: self
    }
  }
}
