// What the project's files and designs are called, as messages list it. A file that is added is
// added here.

let deviceNames = "nanopc-t6, orangepi-5-plus, rk3588"
let designNames = "nw-base, strawman, strawman-opt, flexserve, tz-llm"
let modelNames = """
  gemma-2-2b, llama-3.1-8b, llama-3.2-1b, llama-3.2-3b, phi-3-mini-3.8b, qwen2.5-0.5b, \
  qwen2.5-1.5b, qwen2.5-3b, qwen2.5-7b, qwen3-0.6b, qwen3-1.7b, qwen3-4b, qwen3-8b, tinyllama-1.1b
  """
let referenceNames = """
  ablation.csv, allocation.csv, cold-ttft.csv, decode.csv, decode-rates.csv, device-operations.csv, \
  extremes.csv, interference.csv, memory-pressure.csv, multi-model.csv, normal-world.csv, \
  npu-products.csv, reclaim.csv, speedups.csv, workflows.csv
  """
let scenarioNames = """
  ablation, assistants, cold-ttft, conversations, decode, headline, hostile-os, memory-pressure, morning, \
  multi-model, normal-world, pressure-over-time, reclaim, tz-llm-ablation, tz-llm-cache, tz-llm-ttft, \
  workflows
  """
