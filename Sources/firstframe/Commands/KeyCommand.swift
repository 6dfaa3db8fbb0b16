internal import ArgumentParser
struct KeyCommand: AsyncParsableCommand { static let configuration = CommandConfiguration(commandName: "key") }
