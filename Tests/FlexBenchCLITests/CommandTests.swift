import Foundation
import Testing

private let scenario = "Scenarios/paper/cold-ttft.yaml"
private let claims = "Scenarios/paper/claims.yaml"

/// A run small enough for every test that only needs a result file.
private let smallRun = [
  "run", scenario, "--set", "models=llama-3.2-1b", "--set", "promptTokens=64",
]

struct CommandTests {
  // MARK: What a newcomer tries

  @Test(
    arguments: [
      ["--help"], ["help", "run"], ["run", "--help"], ["report", "--help"], ["check", "--help"],
      ["validate", "--help"], ["plot", "--help"], ["calibrate", "--help"], ["list", "--help"],
      ["describe", "--help"], ["verify", "--help"], ["infer", "--help"],
    ])
  func helpIsAResultAndFitsATerminal(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("USAGE: flexbench"))
    #expect(outcome.errors == "")
    #expect(tooLong(outcome.output) == [])
  }

  @Test func theExitCodesAreInTheHelp() throws {
    let help = try Program.run(["--help"]).output
    for code in ["0", "1", "3", "4", "64", "65", "66", "69", "70", "73", "74", "130", "143"] {
      #expect(help.contains(" \(code)  "), "exit code \(code)")
    }
  }

  @Test(
    arguments: [
      ["list"], ["describe", "nanopc-t6"], ["describe", "rk3588"], ["describe", "qwen3-8b"],
      ["describe", "strawman"], ["describe", "flexserve"], ["describe", "cold-ttft"],
      ["describe", "multi-model"], ["describe", "workflows"], ["describe", "morning"],
      // Thousands of requests take minutes in a debug build.
      ["validate", "--skip", "multi-model"],
    ])
  func whatIsPrintedFitsATerminal(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 0)
    #expect(outcome.errors == "")
    #expect(tooLong(outcome.output) == [])
  }

  @Test(
    arguments: [
      ["list", "--json"], ["describe", "nanopc-t6", "--json"], ["describe", "qwen3-8b", "--json"],
      ["describe", "flexserve", "--json"], ["describe", "cold-ttft", "--json"],
      ["describe", "workflows", "--json"], ["validate", "--json", "--skip", "multi-model"],
    ])
  func dataComeAsOneJSONDocument(arguments: [String]) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == 0)
    _ = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
  }

  @Test func everythingListedCanBeDescribed() throws {
    let output = try Program.run(["list", "--json"])
    let lists = try #require(
      JSONSerialization.jsonObject(with: Data(output.output.utf8)) as? [String: [[String: String]]])
    let names = lists.values.joined().compactMap { $0["name"] }
    #expect(names.count >= 4 + 2 + 14 + 1 + 12 + 2 + 6)
    for name in names {
      #expect(try Program.run(["describe", name]).code == 0, "\(name)")
    }
  }

  // MARK: Wrong usage

  @Test(
    arguments: [
      (["run"], 64, "Error: Missing expected argument '<scenario> ...'"),
      (["rnu"], 64, "Error: Unexpected argument 'rnu'"),
      (["run", scenario, "--jobs", "0"], 64, "Error: --jobs must be at least 1, found 0."),
      (
        ["run", scenario, scenario, "--output", "x.h5"], 64,
        "Error: --output names one file; 2 scenarios are given."
      ),
      (
        ["run", scenario, scenario], 64,
        "flexbench: two of the scenarios are called cold-ttft; one result file would replace the"
          + " other"
      ),
      (
        ["run", scenario, "--set", "device.npu.modeSwitch=x1,x2,x1"], 64,
        "flexbench: device.npu.modeSwitch=x1,x2,x1: expected each value once, found \"x1\" again"
      ),
      (
        ["run", scenario, "--set", "seed"], 64,
        "expected key=value or key=value,value, found \"seed\""
      ),
      (
        ["run", scenario, "--set", "seed=1,,2"], 64,
        "expected key=value or key=value,value, found \"seed=1,,2\""
      ),
      (
        ["run", scenario, "--set", "designs=flexserv"], 64,
        "flexbench: designs=flexserv: expected one of nw-base, strawman, strawman-opt, flexserve, tz-llm,"
          + " found \"flexserv\"; did you mean \"flexserve\"?"
      ),
      (
        ["run", scenario, "--set", "device.npu.modeSwitc=1 ms"], 64,
        "flexbench: device.npu.modeSwitc=1 ms: a device has no value \"npu.modeSwitc\";"
          + " did you mean \"device.npu.modeSwitch\"?"
      ),
      (
        ["run", scenario, "--set", "device.npu.modeSwitch=1"], 64,
        "flexbench: device.npu.modeSwitch=1: expected a duration with a unit, such as"
          + " \"0.21 ms\", found \"1\" (the unit is missing)"
      ),
      (["run", "no-such.yaml"], 66, "flexbench: no-such.yaml: no such file"),
      (["report", "no-such.h5"], 66, "flexbench: no-such.h5: no such file"),
      (["check", "no-such.yaml"], 66, "flexbench: no-such.yaml: no such file"),
      (
        ["check", claims, "--results", "no-such-folder"], 66,
        "flexbench: no-such-folder/cold-ttft.h5: no such file"
      ),
      (["verify", "no-such.cert"], 66, "flexbench: no-such.cert: no such file"),
      (["verify"], 64, "Error: Missing expected argument '<file> ...'"),
      (["plot", "no-such.h5"], 66, "flexbench: no-such.h5: no such file"),
      (["calibrate", "no-such.yaml"], 66, "flexbench: no-such.yaml: no such file"),
      (
        ["list", "--library", "Sources"], 66,
        "flexbench: Sources: it is no folder with devices, models, designs"
      ),
      (["report", "Package.swift"], 65, "flexbench: Package.swift: not an HDF5 file"),
      (
        ["describe", "flexserv"], 64,
        "flexbench: nothing is called \"flexserv\"; did you mean \"flexserve\"?"
      ),
      (
        ["describe", "llama-3.1-8b", "--prompt", "0"], 64,
        "Error: --prompt must be 1 to 131072, found 0."
      ),
    ] as [([String], Int32, String)])
  func wrongUsageHasOneClearError(
    arguments: [String], code: Int32, message: String
  ) throws {
    let outcome = try Program.run(arguments)
    #expect(outcome.code == code)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  // MARK: Running

  @Test func twoProcessesAndAnyNumberOfJobsGiveEqualBytes() throws {
    let folder = try TemporaryFolder()
    for (name, jobs) in [("a", "1"), ("b", "1"), ("c", "2"), ("d", "5")] {
      let outcome = try Program.run(
        smallRun + ["--jobs", jobs, "--output", "\(folder.path)/\(name).h5"])
      #expect(outcome.code == 0)
    }
    let first = try folder.data(of: "a.h5")
    for name in ["b", "c", "d"] { #expect(try folder.data(of: "\(name).h5") == first) }
    #expect(try folder.names() == ["a.h5", "b.h5", "c.h5", "d.h5"], "nothing else is left behind")
  }

  @Test func aListGivenWithSetIsAnAxisOfTheResults() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/sweep.h5"
    let run = try Program.run(
      smallRun + [
        "--set", "designs=nw-base,flexserve", "--set",
        "device.storage.readBandwidth=x0.5,x1,3 GB/s", "--output", file,
      ])
    #expect(run.code == 0)
    let report = try Program.run(["report", file, "--json"])
    let reports = try #require(
      JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [[String: Any]])
    let rows = try #require(reports[0]["rows"] as? [[String: Any]])
    let settings = rows.compactMap {
      ($0["setting"] as? [String: String])?["device.storage.readBandwidth"]
    }
    #expect(settings == ["x0.5", "x1", "3 GB/s"])
    let times = rows.compactMap { ($0["values"] as? [String: Double])?["nw-base"] }
    #expect(times == times.sorted(by: >), "faster storage, sooner tokens: \(times)")
    #expect(Set(times).count == 3)
  }

  @Test func aScenarioIsFoundByItsNameToo() throws {
    let byName = try Program.run(["run", "cold-ttft", "--dry-run"])
    #expect(byName.code == 0)
    #expect(byName.output.split(separator: "\n").count == 64)
    #expect(byName.output == (try Program.run(["run", scenario, "--dry-run"]).output))
  }

  @Test func aDryRunNamesThePointsAndWritesNothing() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.run(
      smallRun + ["--dry-run", "--output", "\(folder.path)/a.h5"])
    #expect(outcome.code == 0)
    #expect(
      outcome.output.split(separator: "\n") == [
        "llama-3.2-1b/64+1/8 GiB/nw-base", "llama-3.2-1b/64+1/8 GiB/strawman",
        "llama-3.2-1b/64+1/8 GiB/strawman-opt", "llama-3.2-1b/64+1/8 GiB/flexserve",
      ])
    #expect(try folder.names() == [])
  }

  @Test func pointsThatCannotBeRunAreNamedAndLeaveAnOlderFileAsItWas() throws {
    let folder = try TemporaryFolder()
    try folder.write("older", to: "a.h5")
    let outcome = try Program.run(
      smallRun + [
        "--set", "backgroundMemory=8 GiB,11 GiB", "--output", "\(folder.path)/a.h5",
      ])
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("2 of 8 points cannot be run; no results were written"))
    #expect(
      outcome.errors.contains(
        "point llama-3.2-1b/64+1/11 GiB/strawman: memory.contiguousAllocation.byLoad\n"
          + "    was measured up to 10 GiB, and 11 GiB is asked for\n"))
    #expect(try folder.text(of: "a.h5") == "older")
    #expect(try folder.names() == ["a.h5"])
  }

  @Test func aFileThatCannotBeWrittenIsSaid() throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "file")
    let outcome = try Program.run(smallRun + ["--output", "\(folder.path)/file/a.h5"])
    #expect(outcome.code == 73)
    #expect(
      outcome.errors.contains(
        "flexbench: \(folder.path)/file/a.h5: cannot be written: \(folder.path)/file is not a"
          + " folder"))
  }

  /// A program that renames a file into place would turn a device into a file, as root.
  @Test func whatIsNoRegularFileIsNotReplaced() throws {
    let folder = try TemporaryFolder()
    let pipe = "\(folder.path)/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(try Program.run(smallRun + ["--output", "\(folder.path)/cold-ttft.h5"]).code == 0)
    let claim = try TemporaryFolder()
    try claim.write(
      """
      claims:
        - id: faster
          metric: time_to_first_token
          experiment: cold-ttft
          baseline: strawman
          design: flexserve
          estimator: min_of_ratios
          kind: atLeast
          target: 1.0
          why: "a test"
          source: "a test"
      """, to: "claims.yaml")
    for arguments in [
      smallRun + ["--output", pipe],
      ["check", "\(claim.path)/claims.yaml", "--results", folder.path, "--junit", pipe],
    ] {
      let outcome = try Program.run(arguments)
      #expect(outcome.errors.contains("\(pipe): cannot be written: it is there and no regular"))
      #expect(outcome.code == 73)
    }
    #expect(mkfifo(pipe, 0o600) == -1, "it is still there")
    #expect(try folder.names() == ["cold-ttft.h5", "pipe"])
  }

  @Test(arguments: [["list"], ["describe", "nanopc-t6"], ["list", "--json"], ["--help"]])
  func outputThatIsCutOffIsNoSuccess(arguments: [String]) throws {
    let outcome = try Program.run(arguments, printingTo: "/dev/full")
    #expect(outcome.code == 74)
    #expect(outcome.errors.hasPrefix("flexbench: standard output cannot be written: "))
  }

  @Test func notesOnThePaperGoToStandardErrorAndTheFileToStandardOutput() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    let outcome = try Program.run(smallRun + ["--output", file])
    #expect(outcome.output.hasPrefix("\(file): 4 points, "))
    #expect(outcome.errors.contains("note: the paper's text overlaps allocation"))
    #expect(tooLong(outcome.errors) == [])
  }

  // MARK: Reporting

  @Test func aReportComparesWithTheDesignAskedFor() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    #expect(try Program.run(smallRun + ["--output", file]).code == 0)
    let report = try Program.run(
      ["report", "a.h5", "--design", "nw-base", "--breakdown"], in: folder.path)
    #expect(report.code == 0)
    #expect(report.output.contains("speed-up of nw-base over"))
    #expect(tooLong(report.output) == [])
    let wrong = try Program.run(["report", file, "--design", "tz"])
    #expect(wrong.code == 64)
    #expect(
      wrong.errors == "flexbench: --design: \(file) has no tz; it has nw-base, strawman,"
        + " strawman-opt, flexserve\n")
  }

  @Test func aReportComesAsATableForOtherPrograms() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run(
      smallRun + ["--set", "promptTokens=64,128", "--output", "\(folder.path)/a.h5"])
    #expect(run.code == 0)
    let csv = try Program.run(["report", "a.h5", "--format", "csv"], in: folder.path).output
    let lines = csv.split(separator: "\n")
    #expect(lines[0] == "prompt_tokens,nw-base,strawman,strawman-opt,flexserve")
    #expect(lines.count == 3)
    #expect(lines[2].hasPrefix("128,"))
    let markdown = try Program.run(["report", "a.h5", "--format", "markdown"], in: folder.path)
    #expect(markdown.output.contains("\n| --- | ---: | ---: | ---: | ---: |\n"))
    #expect(
      try Program.run(["report", "a.h5", "--format", "json"], in: folder.path).output
        == Program.run(["report", "a.h5", "--json"], in: folder.path).output)
    let both = try Program.run(["report", "a.h5", "--format", "csv", "--breakdown"])
    #expect(both.code == 64)
    #expect(both.errors.contains("--breakdown goes with the format table alone."))
  }

  @Test func withoutGnuplotTheDataAreWrittenAndTheHelperIsNamed() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    #expect(try Program.run(smallRun + ["--output", file]).code == 0)
    let outcome = try Program.run(
      ["plot", file, "--output", "\(folder.path)/figures"], environment: ["PATH": folder.path])
    #expect(outcome.code == 69)
    #expect(
      outcome.errors
        == "flexbench: gnuplot is not installed; on Debian: apt-get install gnuplot-nox\n")
    #expect(try folder.text(of: "figures/cold-ttft.tsv").hasPrefix("# panel\tgroup\tnw-base\t"))
  }

  @Test func aFigureThatWouldLeaveValuesOutIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    let run = try Program.run(
      smallRun + ["--set", "device.storage.readBandwidth=x0.5,x1", "--output", file])
    #expect(run.code == 0)
    let outcome = try Program.run(["plot", file, "--output", "\(folder.path)/figures"])
    #expect(outcome.code == 64)
    #expect(
      outcome.errors
        == "flexbench: \(file): the figure shows one value of device.storage.readBandwidth, and"
        + " there are x0.5, x1\n")
    #expect(try folder.names() == ["a.h5"])
  }

  /// A small run of every scenario: its template draws the metric and the axis that it is about.
  @Test(
    arguments: [
      (
        "memory-pressure",
        ["--set", "models=llama-3.2-3b", "--set", "backgroundMemory=0 GiB,512 MiB,8 GiB"],
        ["0", "0.5", "8"]
      ),
      ("decode", ["--set", "models=llama-3.2-3b", "--set", "outputTokens=2,64"], ["2", "64"]),
      (
        "cold-ttft", ["--set", "models=llama-3.2-3b", "--set", "promptTokens=32,64"], ["32", "64"]
      ),
    ])
  func aFigureShowsWhatItsScenarioIsAbout(
    name: String, settings: [String], groups: [String]
  ) throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    let run = try Program.run(
      ["run", "Scenarios/paper/\(name).yaml", "--output", file] + settings)
    #expect(run.code == 0, "\(run.errors)")
    let plot = try Program.run(["plot", file, "--output", folder.path])
    #expect(plot.code == 0, "\(plot.errors)")
    let rows = try folder.text(of: "\(name).tsv").split(separator: "\n").dropFirst().map {
      $0.split(separator: "\t").map(String.init)
    }
    #expect(rows.map { $0[1] } == groups)
    // The last group is a point of the paper, where its first design's value was reported.
    let reported = ["memory-pressure": "13.0", "decode": "5.69", "cold-ttft": "2.22"]
    #expect(rows.last?[3] == reported[name])
    #expect(rows.first?[3] == (name == "memory-pressure" ? "10.7" : "NaN"))
    let report = try Program.run(["report", file, "--json"])
    let first = try #require(
      JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [[String: Any]])[0]
    let metric = name == "decode" ? "decode_tokens_per_second" : "time_to_first_token"
    #expect(first["metric"] as? String == metric)
    let lastRow = try #require((first["rows"] as? [[String: Any]])?.last)
    let shown = try #require(
      (lastRow["values"] as? [String: Double])?[name == "memory-pressure" ? "strawman" : "nw-base"])
    #expect(abs(shown - (rows.last.flatMap { Double($0[2]) } ?? 0)) < 1e-9)
  }

  @Test func aRateThatTheFileLacksIsSaid() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    #expect(try Program.run(smallRun + ["--output", file]).code == 0)
    let outcome = try Program.run(["report", file, "--metric", "decode_tokens_per_second"])
    #expect(outcome.code == 65)
    #expect(
      outcome.errors == "flexbench: \(file): it has no column decode_tokens_per_second\n")
  }

  @Test func aFigureIsDrawnTwiceWithEqualBytes() throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/a.h5"
    #expect(try Program.run(smallRun + ["--output", file]).code == 0)
    for name in ["one", "two"] {
      let outcome = try Program.run(["plot", file, "--output", "\(folder.path)/\(name)"])
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    for name in ["cold-ttft.tsv", "cold-ttft.svg", "cold-ttft.png"] {
      let first = try folder.data(of: "one/\(name)")
      #expect(!first.isEmpty)
      #expect(try folder.data(of: "two/\(name)") == first, "\(name)")
    }
  }
}

/// The lines that do not fit 80 columns.
private func tooLong(_ text: String) -> [Substring] {
  text.split(separator: "\n").filter { $0.count > 80 }
}
