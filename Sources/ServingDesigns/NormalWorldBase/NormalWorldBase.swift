/// No protection at all: what the others are measured against.
public struct NormalWorldBase: ServingDesign {
  public static let name = "nw-base"
  public static let summary =
    "unprotected: ordinary pages, plain weights, NPU, loading and computing pipelined"
  public static let parameters: [DesignParameter] = [.allocation, .blockWindow, .rowTask]

  private let cold: ColdRequest

  public init(parameters: DesignParameters) {
    cold = ColdRequest(
      loading: WeightLoading(
        memory: .ordinaryPages, allocation: parameters.allocation, isPipelined: true,
        npuMapping: .unprotected),
      generation: TokenGeneration(
        compute: .npu(protected: false), blockWindow: parameters.blockWindow,
        rowTask: parameters.rowTask),
      entry: [])
  }

  public mutating func respond(to event: ServingEvent, on device: DeviceView) -> [Directive] {
    switch event {
    case .requestArrived(let request): [.submit(cold.plan(request, on: device))]
    }
  }
}
