import Glibc
import SimulationKernel

// KernelBenchmark hold SIZE COUNT | ties COUNT | flow JOBS | mm1 CUSTOMERS
//   | preempt JOBS COUNT | divide WIDTH JOBS COUNT
//   runs one workload in this process and prints what it took
// KernelBenchmark compare REFERENCE [ROUNDS]
//   runs all workloads, in turn with the program REFERENCE, and prints a table
// KernelBenchmark instructions RECORD [record]
//   counts instructions with callgrind and compares them with the table RECORD, or makes it anew

let arguments = Array(CommandLine.arguments[1...])

func number(_ place: Int) -> Int {
  guard arguments.count > place, let number = Int(arguments[place]), number > 0 else {
    print("KernelBenchmark: expected a number above zero after \(arguments)")
    exit(64)
  }
  return number
}

var queue = EventQueue()
var sink = NoEventSink()

switch arguments.first {
case "hold":
  report(hold(size: number(1), count: number(2), hasTies: false, on: &queue, into: &sink))
case "ties": report(hold(size: 1000, count: number(1), hasTies: true, on: &queue, into: &sink))
case "flow": report(flow(jobs: number(1), on: &queue, into: &sink))
case "mm1": report(mm1(customers: number(1), on: &queue, into: &sink))
case "preempt": report(preempt(jobs: number(1), count: number(2)))
case "divide": report(divide(width: number(1), jobs: number(2), count: number(3)))
case "compare" where arguments.count > 1:
  let rounds = arguments.count > 2 ? number(2) : 5
  exit(Comparison(reference: arguments[1], rounds: rounds).run() ? 0 : 1)
case "instructions" where arguments.count > 1:
  let isRecording = arguments.count > 2 && arguments[2] == "record"
  exit(InstructionCounts(record: arguments[1]).run(isRecording: isRecording) ? 0 : 1)
default:
  print(
    "usage: KernelBenchmark hold SIZE COUNT | ties COUNT | flow JOBS | mm1 CUSTOMERS"
      + " | preempt JOBS COUNT | divide WIDTH JOBS COUNT"
      + " | compare REFERENCE [ROUNDS] | instructions RECORD [record]")
  exit(64)
}
