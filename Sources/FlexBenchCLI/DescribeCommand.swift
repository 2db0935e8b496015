import ArgumentParser
struct DescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "describe")
}
