import DeviceModel
import ModelArchitecture
import Quantities

/// A request that finds nothing of its model in memory.
struct ColdRequest {
  var loading: WeightLoading
  var generation: TokenGeneration
  /// What happens once before anything else, in order.
  var entry: [DeviceOperation]

  /// Everything from the request's arrival to its last token.
  func plan(_ request: Request, on device: DeviceView) -> Plan {
    var plan = Plan()
    var start: [Plan.Step] = []
    for operation in entry { start = [plan.add(operation, after: start)] }
    let model = request.model
    let tokens = Int64(request.promptTokenCount + request.outputTokenCount)
    let workspace =
      model.keyValueBytesPerToken * tokens
      + model.activationBytes(tokens: request.promptTokenCount)
    let chunks = loading.plan(
      model.weightChunks(device.precision), workspace: workspace, into: &plan,
      after: start)
    generation.plan(request, chunks: chunks, on: device, into: &plan, after: start)
    return plan
  }
}

// Parameters that several designs share, described once.
extension DesignParameter {
  static let allocation = DesignParameter(
    "allocation", .choice(AllocationOrder.allCases.map(\.rawValue)),
    "one allocation for the whole model before loading, or one per chunk, overlapped")
  static let rowTask = DesignParameter(
    "rowTask", .choice(NPUTaskExtent.allCases.map(\.rawValue)),
    "products of a decoded token that the NPU runs as one task: each alone, those of the same"
      + " activations, or all up to and after attention")
  static let blockWindow = DesignParameter(
    "blockWindow", .count(1...64),
    "row blocks between the start of their quantising and the end of their dequantising")
}

extension DesignParameters {
  var allocation: AllocationOrder {
    guard let order = AllocationOrder(rawValue: choice(DesignParameter.allocation.name)) else {
      preconditionFailure("checked when the parameters were made")
    }
    return order
  }
  var rowTask: NPUTaskExtent {
    guard let extent = NPUTaskExtent(rawValue: choice(DesignParameter.rowTask.name)) else {
      preconditionFailure("checked when the parameters were made")
    }
    return extent
  }
  var blockWindow: Int { count(DesignParameter.blockWindow.name) }
}
