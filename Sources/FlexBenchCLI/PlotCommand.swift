import ArgumentParser
struct PlotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "plot")
}
