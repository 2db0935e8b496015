extension WrongFile.Kind {
  /// A small file of this kind without a mistake.
  public var rightText: String {
    switch self {
    case .scenario:
      """
      # A small experiment.
      scenario: small
      title: "A small experiment"
      notes:
        - "nothing is left open"
      device: nanopc-t6
      designs: [strawman, flexserve]
      models: [llama-3.2-3b]
      promptTokens: [64, 128]
      outputTokens: 1
      backgroundMemory: ["0 GiB", "8 GiB"]
      precision: int8
      gemmFidelity: tile
      seed: 1
      set:
        device.npu.modeSwitch: ["0.21 ms", x2]
        design.blockWindow: [1, 2]
      reference: cold-ttft.csv

      """
    case .device:
      """
      device: nanopc-t6
      extends: rk3588
      summary: "A board"
      cpu:
        bigCoreCount: { value: 4, source: "data sheet", confidence: measured, range: ["2", "8"] }
        littleCoreThroughput:
          value: "36.3 %"
          source: "a fit"
          confidence: derived
          range: ["30 %", "74 %"]
        cachedMacRate: { value: "51.8 GMAC/s", source: "a fit", confidence: derived }
      memory:
        pageAllocation:
          bySize:
            points: [["1 GiB", "40 ms"], ["8 GiB", "560 ms"]]
            source: "a figure"
            confidence: measured
      storage:
        readBandwidth: { value: "2.5 GB/s", source: "a review", confidence: reported }
      npu:
        modeSwitch:
          value: "0.21 ms"
          source: "a table"
          confidence: measured
          range: ["0.1 ms", "1 ms"]

      """
    case .model:
      """
      model: llama-3.2-3b
      source: "a public configuration"
      layers: 28
      hiddenSize: 3072
      feedForwardSize: 8192
      attentionHeads: 24
      keyValueHeads: 8
      headSize: 128
      vocabulary: 128256
      tiedEmbedding: true

      """
    case .design:
      "design: flexserve\n" + designParameters
    case .claims:
      """
      claims:
        - id: faster
          metric: time_to_first_token
          experiment: cold-ttft
          baseline: strawman
          design: flexserve
          estimator: mean_of_ratios
          kind: equivalence
          target: 7.15
          margin: 10 %
          why: "the figure was read off"
          source: "Figure 5"
        - id: never-slower
          metric: time_to_first_token
          experiment: cold-ttft
          baseline: strawman-opt
          design: flexserve
          estimator: min_of_ratios
          kind: atLeast
          target: 1.0
          why: "it is said so"
          source: "section 6"
        - id: unchanged
          metric: end_to_end_latency
          experiment: cold-ttft
          kind: exact
          record: cold-ttft-record.csv
          why: "what changed must be seen"
          source: "a run"

      """
    case .calibration:
      """
      calibration: nanopc-t6
      device: nanopc-t6
      fits:
        - id: beside-each-other
          parameters: [cpu.littleCoreThroughput]
          ratios: [[prefill.cpu, prefill.npu]]
          why: "two teams share the cores"
        - id: npu-path
          parameters: [cpu.hostElementRate]
          candidates:
            key: npu.blockDimension
            values: [1024, 2048]
          scenario: cold-ttft
          designs: [strawman-opt, flexserve]
          operations: [prefill.npu]
          why: "the host's share decides"

      """
    case .reference:
      """
      # Times that a paper reports.
      model,prompt_tokens,output_tokens,background_gib,design,metric,value,error,role
      llama-3.2-3b,64,1,8,flexserve,time_to_first_token,2.35,0.07,target
      llama-3.2-3b,128,1,8,flexserve,time_to_first_token,2.35,0.07,fit
      "llama-3.2-3b",128,1,8,strawman,time_to_first_token,13.1,0.5,fit

      """
    }
  }
}

/// All that the small file of a design says after its name.
let designParameters = """
  parameters:
    allocation: { value: whole, source: "two figures", confidence: derived }
    blockWindow: { value: 2, source: "double buffering", confidence: assumed }
    context: { value: 2048, source: "an engine", confidence: assumed }
    rowTask: { value: attention, source: "a figure", confidence: derived }
    protectionAtArrival: { value: "off", source: "an idle time before", confidence: assumed }
    npuHandOver: { value: modeSwitch, source: "a section", confidence: measured }
    idleWindow: { value: 0, source: "one request", confidence: assumed }
    compute: { value: npu, source: "a section", confidence: measured }
    memory: { value: pages, source: "a section", confidence: measured }
    pipeline: { value: "on", source: "a section", confidence: measured }
    cachePolicy: { value: stall-free, source: "a section", confidence: derived }
    rateThreshold: { value: 25, source: "an example", confidence: measured }
    history: { value: 64, source: "an hour", confidence: assumed }
    prefixReuse: { value: "on", source: "a section", confidence: measured }
    prefetch: { value: "on", source: "a section", confidence: measured }
    refill: { value: "on", source: "a section", confidence: measured }
    cacheSize: { value: 4096, source: "a section", confidence: measured }
    cacheShare: { value: 100, source: "nothing said", confidence: assumed }
    inlineDecryption: { value: "off", source: "a section", confidence: measured }

  """
