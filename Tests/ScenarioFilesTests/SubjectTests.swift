import ConfigurationReader
import ScenarioFiles
import Testing

/// Scenarios that are about operations or policies: what a wrong one is told.
@Suite struct SubjectTests {
  @Test(
    arguments: [
      (
        "a list of designs", "backgroundMemory:", "designs: [flexserve]\nbackgroundMemory:",
        "FILE:12:1: designs: expected no designs beside operations, which decides it, found a list"
      ),
      (
        "a model", "backgroundMemory:", "models: llama-3.2-3b\nbackgroundMemory:",
        "FILE:12:1: models: expected no models beside operations, which decides it, found"
          + " \"llama-3.2-3b\""
      ),
      (
        "a prompt", "backgroundMemory:", "promptTokens: 64\nbackgroundMemory:",
        "FILE:12:1: promptTokens: expected no promptTokens beside operations, which decides it,"
          + " found \"64\""
      ),
      (
        "an unknown operation", "\"recall 8 GiB\"", "\"recal 8 GiB\"",
        "FILE:11:14: operations[0]: expected one of recall, recall.two-stage, recall.neither,"
          + " recall.early-touch, give-back.contiguous and a size, found \"recal 8 GiB\" (no operation has this name;"
          + " did you mean \"recall\"?)"
      ),
      (
        "no size", "\"recall 8 GiB\"", "recall",
        "FILE:11:14: operations[0]: expected a size with a unit, such as \"8 GiB\", found \"\""
          + " (it is empty)"
      ),
      (
        "an operation twice", "\"recall 128 MiB\"", "\"recall 8192 MiB\"",
        "FILE:11:30: operations[1]: expected each value once, found \"recall 8192 MiB\" again"
      ),
    ])
  func aScenarioOfOperationsIsRefused(
    _ what: String, _ old: String, _ new: String, _ message: String
  ) throws {
    #expect(try problems("paper/reclaim.yaml", old, new) == [message])
  }

  @Test(
    arguments: [
      (
        "a load", "requestCount: 1000", "requestCount: 1000\nbackgroundMemory: \"8 GiB\"",
        "FILE:25:1: backgroundMemory: expected no backgroundMemory beside policies, which decides"
          + " it, found \"8 GiB\""
      ),
      (
        "an unknown application", "memtier, app-startup]", "memtier, app-start]",
        "FILE:17:44: applications[3]: expected one of sysbench, pgbench, memtier, app-startup,"
          + " found \"app-start\"; did you mean \"app-startup\"?"
      ),
      (
        "no period", "period: \"60 s\"\n", "",
        "FILE:2:1: missing key \"period\""
      ),
      (
        "no time at all", "period: \"60 s\"", "period: \"0 s\"",
        "FILE:23:9: period: expected a duration from 1 ms to 24 h, found 0 s"
      ),
      (
        "no requests", "requestCount: 1000", "requestCount: 0",
        "FILE:24:15: requestCount: expected a whole number from 1 to 1000000, found 0"
      ),
      (
        "a misspelt key", "cacheSize:", "cachSize:",
        "FILE:25:1: unknown key \"cachSize\"; did you mean \"cacheSize\"?"
      ),
      (
        "nothing reported", "reference: normal-world.csv\n", "",
        "FILE:2:1: missing key \"reference\""
      ),
    ])
  func aScenarioOfPoliciesIsRefused(
    _ what: String, _ old: String, _ new: String, _ message: String
  ) throws {
    #expect(try problems("paper/normal-world.yaml", old, new) == [message])
  }

  @Test func everyPolicyHasADesign() {
    for policy in RetentionPolicy.allCases {
      #expect(policy.rawValue.hasPrefix(policy.design))
      #expect(shippedLibrary.catalog.names.contains(policy.design))
    }
  }
}
