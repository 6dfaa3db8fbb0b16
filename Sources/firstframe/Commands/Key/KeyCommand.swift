internal import ArgumentParser

/// Issues, lists and revokes access keys. A running node sees the change within seconds.
struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "访问密钥:发放、列出、吊销 | access keys", subcommands: [Add.self, List.self, Revoke.self])
}
