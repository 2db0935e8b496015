import ConfigurationReader
import Quantities
import ScenarioFiles
import ServingDesigns
import Testing
import Workloads

/// Scenarios of workloads: what right ones mean, and what wrong ones are told.
@Suite struct WorkloadStudyTests {
  @Test func aMixMeansWhatItSays() throws {
    let scenario = try shippedLibrary.scenario(shippedLibrary.path("workloads/assistants.yaml"))
    guard case .mix(let study) = scenario.subject else {
      Issue.record("no mix")
      return
    }
    #expect(study.groups.map(\.name) == ["small", "mixed"])
    #expect(scenario.models == ["qwen3-0.6b", "qwen3-1.7b", "llama-3.2-3b"])
    #expect(study.datasets[0].promptTokens == .median(60))
    #expect(study.datasets[0].outputTokens == .uniform(8...24))
    #expect(study.datasets[1].promptTokens == .quantiles([100, 200, 300, 500, 900]))
    #expect(study.datasets[1].outputTokens == .constant(16))
    #expect(study.arrivals == .poisson(interval: .seconds(40)))
  }

  @Test(
    arguments: [
      (
        "an unknown model", "small: [qwen3-0.6b,", "small: [qwen3-0.7b,",
        ["did you mean \"qwen3-0.6b\"?"]
      ),
      (
        "a model twice", "small: [qwen3-0.6b, qwen3-1.7b]", "small: [qwen3-0.6b, qwen3-0.6b]",
        [
          "FILE:9:23: modelGroups.small[1]: expected each value once, found \"qwen3-0.6b\" again"
        ]
      ),
      (
        "an axis of single requests", "requestCount: 40", "promptTokens: 64\nrequestCount: 40",
        [
          "FILE:14:1: promptTokens: expected no promptTokens beside modelGroups, which decides it,"
            + " found \"64\""
        ]
      ),
      (
        "no warm-up", "warmUp: 4\n", "",
        ["FILE:2:1: missing key \"warmUp\""]
      ),
      (
        "an unknown kind of arrivals", "kind: poisson", "kind: poison",
        [
          "FILE:16:19: arrivals.kind: expected one of closed, poisson, constant, bursts, found"
            + " \"poison\"; did you mean \"poisson\"?"
        ]
      ),
      (
        "an interval of nothing", "interval: \"40 s\"", "interval: \"0 s\"",
        ["FILE:16:38: arrivals.interval: expected a duration above 0 s, found 0 s"]
      ),
      (
        "a key of another kind of arrivals", "interval: \"40 s\"", "thinkTime: \"40 s\"",
        [
          "FILE:16:28: arrivals: unknown key \"thinkTime\"; known are kind, interval",
          "FILE:16:11: arrivals: missing key \"interval\"",
        ]
      ),
      (
        "falling quantiles", "[100, 200, 300, 500, 900]", "[100, 200, 300, 250, 900]",
        [
          "FILE:13:59: datasets.documents.promptTokens.quantiles[3]: expected none below the one"
            + " before it, which is 300, found 250"
        ]
      ),
      (
        "an unknown distribution", "{ median: 60 }", "{ mean: 60 }",
        [
          "FILE:12:32: datasets.questions.promptTokens: unknown key \"mean\"; known are"
            + " uniform, quantiles, median"
        ]
      ),
      (
        "one end of a range", "uniform: [8, 24]", "uniform: [8]",
        [
          "FILE:12:71: datasets.questions.outputTokens.uniform: expected two numbers, found 1"
        ]
      ),
      (
        "a list of lengths", "outputTokens: 16", "outputTokens: [16]",
        [
          "FILE:13:86: datasets.documents.outputTokens: expected a whole number, or a mapping with"
            + " one of uniform, quantiles, median, found a list"
        ]
      ),
      (
        "a think time without turns", "outputTokens: 16 }",
        "outputTokens: 16, thinkTime: \"1 s\" }",
        [
          "FILE:13:90: datasets.documents.thinkTime: expected no thinkTime without turns, between"
            + " which it lies, found \"1 s\""
        ]
      ),
      (
        "a metric of workflows", "seed: 1", "seed: 1\nmetric: response_latency",
        [
          "FILE:21:9: metric: expected one of time_to_first_token, end_to_end_latency,"
            + " decode_tokens_per_second, found \"response_latency\""
        ]
      ),
    ])
  func aWrongMixIsRefused(
    _ what: String, _ old: String, _ new: String, _ messages: [String]
  ) throws {
    let found = try problems("workloads/assistants.yaml", old, new)
    if messages[0].hasPrefix("FILE") {
      #expect(found.sorted() == messages.sorted())
    } else {
      #expect(found.count == 1 && found[0].contains(messages[0]), "\(found)")
    }
  }

  @Test(
    arguments: [
      (
        "an unknown key", "pause: \"60 s\"", "pausing: \"60 s\"",
        ["unknown key \"pausing\"; known are "]
      ),
      ("a share above one", "prefixShare: 31 %", "prefixShare: 101 %", ["expected at most 100 %"]),
      (
        "counts that end before they begin", "{ from: 128, to: 512, by: 128 }",
        "{ from: 512, to: 128, by: 128 }",
        ["grammar.roles.write.promptTokens.to: expected at least 512, where it begins, found 128"]
      ),
      (
        "a role that there is not", "Fact-Checking: [[decide, answer]",
        "Fact-Checking: [[decides, answer]",
        ["expected one of decide, write, answer, found \"decides\"; did you mean \"decide\"?"]
      ),
      (
        "a sequence twice", "Fact-Checking: [[decide, answer]",
        "Fact-Checking: [[decide, decide, answer]", ["expected each value once"]
      ),
      (
        "more steps than can be searched", "Fact-Checking: [[decide, answer]",
        "Fact-Checking: [[decide, decide, decide, decide, answer]",
        ["expected 1 to 4 roles, found 5"]
      ),
    ])
  func aWrongStudyOfWorkflowsIsRefused(
    _ what: String, _ old: String, _ new: String, _ parts: [String]
  ) throws {
    let found = try problems("paper/workflows.yaml", old, new)
    #expect(found.contains { $0.contains(parts[0]) }, "\(found)")
  }

  @Test(
    arguments: [
      (
        "no time", "2.5,qwen3-0.6b", "soon,qwen3-0.6b",
        "FILE:4:1: arrival_s: expected seconds since the trace's begin, such as 1.5, found"
          + " \"soon\""
      ),
      (
        "no prompt", "2.75,qwen3-0.6b,52", "2.75,qwen3-0.6b,0",
        "FILE:5:17: prompt_tokens: expected a whole number from 1 to 131072, found \"0\""
      ),
      (
        "a prefix as long as its prompt", "40,4,sorting,24", "40,4,sorting,40",
        "FILE:7:28: prefix_tokens: expected fewer than the prompt's 40, found \"40\""
      ),
      (
        "a prefix without a name", "40,4,sorting,24", "40,4,,24",
        "FILE:7:21: prefix_tokens: expected a prefix's name beside its tokens, found \"24\""
      ),
      (
        "a prefix without tokens", "40,4,sorting,24", "40,4,sorting,",
        "FILE:7:20: prefix: expected a number of tokens beside a prefix's name, found \"sorting\""
      ),
      (
        "a missing field", "130,16,assistant,96,2", "130,16,assistant,96",
        "FILE:8:36: expected 7 fields, found 6"
      ),
      (
        "an unknown column", "prefix_tokens,session", "prefix_tokens,sesion",
        "FILE:2:66: unknown column \"sesion\"; did you mean \"session\"?"
      ),
    ])
  func aWrongTraceIsRefused(
    _ what: String, _ old: String, _ new: String, _ message: String
  ) throws {
    #expect(try problems("workloads/morning.csv", old, new) == [message])
  }

  @Test(
    arguments: [
      (
        "no speed", "gets: \"512 MiB\", over: \"10 s\"", "gets: \"512 MiB\"",
        "FILE:13:5: memoryGrowth[0]: missing key \"over\""
      ),
      (
        "what is freed over time", "frees: \"1 GiB\"", "frees: \"1 GiB\", over: \"1 s\"",
        "FILE:15:35: memoryGrowth[2]: unknown key \"over\"; known are at, frees"
      ),
      (
        "more than was got", "frees: \"1 GiB\"", "frees: \"3 GiB\"",
        "FILE:15:5: memoryGrowth[2]: expected at most 1 GiB to be freed, found 3 GiB"
      ),
      (
        "two at once", "at: \"45 s\"", "at: \"20 s\"",
        "FILE:14:5: memoryGrowth[1]: expected none before the one above it ends, at 25 s, found 20 s"
      ),
      (
        "nothing", "frees: \"1 GiB\"", "frees: \"0 B\"",
        "FILE:15:26: memoryGrowth[2].frees: expected a size above zero and at most 1 TiB, found 0 B"
      ),
    ])
  func aWrongGrowthIsRefused(
    _ what: String, _ old: String, _ new: String, _ message: String
  ) throws {
    #expect(try problems("memory/pressure-over-time.yaml", old, new) == [message])
  }

  @Test func columnsOfPrefixesMayBeLeftOut() throws {
    let trace = try Trace(
      text: "arrival_s,model,prompt_tokens,output_tokens\n1.5,m,10,2\n", file: "t.csv",
      models: ["m"])
    #expect(
      trace.entries == [
        Trace.Entry(
          arrival: .zero + .milliseconds(1500), model: "m", promptTokens: 10, outputTokens: 2)
      ])
  }
}
