import Testing

@testable import ScheduleVerifier

/// A certificate in the making: lines with spaces for tabs, without the last.
struct Draft {
  var lines: [String]

  init(_ text: String) { lines = text.split(separator: "\n").map(String.init) }

  /// With the one line of a text replaced by others, or by none.
  func replacing(_ line: String, with others: String) throws -> Draft {
    let place = try #require(lines.firstIndex(of: line), "no line \"\(line)\"")
    try #require(lines.lastIndex(of: line) == place, "two lines \"\(line)\"")
    var changed = self
    changed.lines.replaceSubrange(
      place...place, with: others.split(separator: "\n").map(String.init))
    return changed
  }

  /// As it stands in a file.
  var text: String {
    (lines + ["end \(lines.count)"]).map { $0.replacing(" ", with: "\t") + "\n" }.joined()
  }

  func violations() throws -> [RuleViolation] {
    try Certificate(text: text, file: "a.cert").violations()
  }
}

/// Weights and a scratch buffer leave stage 2; an open buffer is used beside them.
///
/// The DRAM gives 100. From 0 to 660, less 20 in which nobody takes of it, the background (500 x 50),
/// the load (200 x 40) and the decryption (300 x 60) take 51 000 of 64 000.
let flexible = Draft(
  """
  flexbench-certificate 1
  point tiny/flexible
  device 4096 1024 2 16
  npu normal
  unit 0 cpu 2
  unit 1 npu 1
  unit 2 storage 1
  shared 0 dram 100
  operation 0 allocate 0 100 - -
  operation 1 load 2 200 0 0:40
  operation 2 protect 0 50 1 -
  operation 3 decrypt 0 300 2 0:60
  operation 4 enter 1 10 3 -
  operation 5 multiply 1 200 4,0 0:80
  operation 6 leave 1 10 5 -
  operation 7 release 0 100 6 -
  operation 8 background - 500 - 0:50
  piece 0 0 100
  piece 1 100 300
  piece 2 300 350
  piece 3 350 660
  piece 4 660 670
  piece 5 670 880
  piece 6 880 890
  piece 7 890 990
  piece 8 0 300
  piece 8 320 640
  memory 0 0 take 0+64,128+64,256+32 secret
  memory 50 0 take 512+16 open
  memory 90 0 map-npu 512+16 normal
  memory 100 1 load 0+64,128+64 ciphertext
  memory 150 8 load 512+16 plain
  memory 200 8 read 512+16 npu
  memory 300 2 hide 0+64,128+64,256+32 stage2
  memory 305 - attempt 0 cpu allowed
  memory 305 - attempt 63 dma allowed
  memory 305 - attempt 64 npu allowed
  memory 310 2 flush 0+64,128+64,256+32
  memory 320 2 block-dma 0+64,128+64,256+32
  memory 330 2 map-npu 0+64,128+64,256+32 protected
  memory 350 3 plaintext 0+64 decryption
  memory 400 - attempt 0 cpu fault
  memory 400 - attempt 63 dma fault
  memory 400 - attempt 0 npu fault
  memory 660 3 plaintext 128+64 decryption
  memory 670 4 mode protected
  memory 670 5 read 0+64,128+64 npu
  memory 700 - attempt 64 npu fault
  memory 880 5 plaintext 256+32 computing
  memory 890 6 mode normal
  memory 900 7 read 256+32 cpu
  memory 910 7 clean 0+64,256+32 zeroed
  memory 911 7 clean 128+64 encrypted
  memory 912 7 store 128+64
  memory 920 7 unmap-npu 0+64,128+64,256+32 protected
  memory 930 7 show 0+64,128+64,256+32
  memory 940 7 unmap-npu 512+16 normal
  memory 945 7 ciphertext 512+16
  memory 950 7 give 0+64,128+64,256+32,512+16
  arrival 10
  result time_to_first_token 880 6
  result makespan 980 7
  arrival 300
  result time_to_first_token 340 8
  """)

/// A region grows over its pages, and shrinks in two steps.
let regional = Draft(
  """
  flexbench-certificate 1
  point tiny/regional
  device 4096 1024 2 16
  npu protected
  unit 0 cpu 1
  operation 0 serve 0 100 - -
  piece 0 0 100
  memory 0 0 take 0+64 secret
  memory 5 0 load 0+32 ciphertext
  memory 10 0 region 0 0 64
  memory 11 0 hide 0+64 region
  memory 12 0 map-npu 0+64 protected
  memory 20 0 plaintext 0+32 decryption
  memory 30 0 read 0+32 npu
  memory 40 0 plaintext 32+32 computing
  memory 50 - attempt 0 cpu fault
  memory 50 - attempt 0 dma fault
  memory 60 0 clean 32+32 zeroed
  memory 61 0 unmap-npu 32+32 protected
  memory 62 0 region 0 0 32
  memory 63 0 show 32+32
  memory 64 0 give 32+32
  memory 80 0 clean 0+32 encrypted
  memory 81 0 unmap-npu 0+32 protected
  memory 90 0 region 0 0 0
  memory 91 0 show 0+32
  memory 100 0 give 0+32
  arrival 0
  result time_to_first_token 100 0
  """)
