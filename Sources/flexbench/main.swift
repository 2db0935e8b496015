import FlexBenchCLI

await FlexBench.main()
