// swift-tools-version: 6.1
import PackageDescription

// Imports point downwards only: a target may depend on those listed above it.
let package = Package(
  name: "FlexBench",
  products: [
    .executable(name: "flexbench", targets: ["flexbench"]),
    .library(name: "FlexBenchCLI", targets: ["FlexBenchCLI"]),
    // A page of the kernel's says how to use it with the types of Quantities.
    .library(name: "SimulationKernel", targets: ["SimulationKernel", "Quantities"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "CGSLErrors", dependencies: ["CGSL"]),

    .target(name: "Quantities"),
    .target(name: "SimulationKernel", dependencies: ["Quantities"]),
    .target(name: "Statistics", dependencies: ["CGSL", "CGSLErrors"]),
    .target(name: "ResultFiles", dependencies: ["CHDF5"]),
    .target(name: "Figures"),
    // What it checks is judged by none of the code that made it.
    .target(name: "ScheduleVerifier", dependencies: ["Quantities"]),
    .target(
      name: "ConfigurationReader",
      dependencies: ["Quantities", .product(name: "Yams", package: "Yams")]),

    .target(name: "DeviceModel", dependencies: ["Quantities"]),
    .target(name: "ModelArchitecture", dependencies: ["DeviceModel", "Quantities"]),
    .target(
      name: "ServingDesigns", dependencies: ["ModelArchitecture", "DeviceModel", "Quantities"]),
    .target(
      name: "Workloads",
      dependencies: ["ServingDesigns", "ModelArchitecture", "SimulationKernel", "Quantities"]),
    .target(
      name: "ScenarioFiles",
      dependencies: [
        "ConfigurationReader", "Workloads", "ServingDesigns", "ModelArchitecture", "DeviceModel",
        "Quantities",
      ]),
    .target(
      name: "Experiments",
      dependencies: [
        "ConfigurationReader", "ScenarioFiles", "ResultFiles", "Workloads", "ServingDesigns",
        "ModelArchitecture", "DeviceModel", "SimulationKernel", "Statistics", "Quantities",
      ]),
    .target(
      name: "FlexBenchCLI",
      dependencies: [
        "Experiments", "ScenarioFiles", "ResultFiles", "Statistics", "Figures",
        "ScheduleVerifier", "Workloads",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "flexbench", dependencies: ["FlexBenchCLI"]),
    .executableTarget(
      name: "KernelBenchmark", dependencies: ["SimulationKernel", "Quantities"],
      exclude: ["Reference", "instructions.csv"]),

    .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"]),
    .testTarget(
      name: "SimulationKernelTests",
      dependencies: ["SimulationKernel", "KernelBenchmark", "Quantities"]),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics"], exclude: ["oracle.py"]),
    .testTarget(name: "ResultFilesTests", dependencies: ["ResultFiles", "CHDF5"]),
    .testTarget(
      name: "DeviceModelTests",
      dependencies: ["DeviceModel", "ModelArchitecture", "Statistics", "Quantities"]),
    .testTarget(
      name: "WorkloadsTests",
      dependencies: [
        "Workloads", "ServingDesigns", "ModelArchitecture", "SimulationKernel", "Quantities",
      ]),
    .testTarget(
      name: "ScenarioFilesTests",
      dependencies: [
        "ConfigurationReader", "ScenarioFiles", "Workloads", "ServingDesigns",
        "ModelArchitecture", "DeviceModel", "WrongFiles",
      ]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "ConfigurationReader", "ScenarioFiles", "ResultFiles", "Workloads",
        "ServingDesigns", "ModelArchitecture", "DeviceModel", "SimulationKernel",
        "ScheduleVerifier", "Statistics", "Quantities",
      ]),
    .testTarget(name: "FiguresTests", dependencies: ["Figures"]),
    .testTarget(
      name: "ScheduleVerifierTests", dependencies: ["ScheduleVerifier", "Quantities"]),
    .testTarget(
      name: "FlexBenchCLITests", dependencies: ["flexbench", "FlexBenchCLI", "WrongFiles"]),
    // Wrong files with the message each must give: the readers' tests and the command line's
    // tests share them.
    .target(name: "WrongFiles", path: "Tests/WrongFiles"),
  ]
)

// `make sanitize` asks for the kernel alone, which builds in a third of the time.
if Context.environment["FLEXBENCH_KERNEL_ONLY"] != nil {
  let kernel = ["Quantities", "SimulationKernel", "KernelBenchmark", "SimulationKernelTests"]
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !kernel.contains($0.name) }
}
