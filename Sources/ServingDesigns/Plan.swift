import DeviceModel

/// What a design wants done for a request: device operations and which waits for which.
///
/// A plan says nothing of time. The executor prices it on a device and the kernel times it, so
/// two designs differ in their plans alone.
public struct Plan: Hashable, Sendable {
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

  public private(set) var operations: [PlannedOperation] = []
  /// What the design knows it by when it is told that the plan has ended.
  public var label = 0
  /// The operations whose ends are the output tokens, in order, as far as the design has said so.
  public private(set) var tokens: [Step] = []
  /// What the operating system, having asked for memory, waits for.
  public var awaited: [Step] = []
  /// Whether its operations go before those of other plans that wait for the same units.
  public var goesFirst = false

  public init() {}

  /// Adds an operation that starts when all of `dependencies` have ended and its unit is free.
  @discardableResult
  public mutating func add(
    _ operation: DeviceOperation, after dependencies: [Step], on buffers: [Buffer] = []
  ) -> Step {
    for step in dependencies {
      precondition(step.index < operations.count, "step \(step.index) is not in the plan yet")
    }
    operations.append(
      PlannedOperation(operation: operation, dependencies: dependencies, buffers: buffers))
    return Step(index: operations.count - 1)
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
