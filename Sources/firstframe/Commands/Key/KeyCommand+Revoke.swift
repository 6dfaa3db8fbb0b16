internal import Access
internal import ArgumentParser

extension KeyCommand {
  /// Revokes a key.
  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "吊销密钥 | revoke a key")
    @Argument(help: "名称 | name") var name: String
    @OptionGroup var folder: DataOptions

    mutating func run() throws {
      try AccessStore(dataFolder: folder.there()).revoke(name)
      Console.say("已吊销 | revoked: \(name)")
    }
  }
}
