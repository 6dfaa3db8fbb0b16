internal import Access
internal import ArgumentParser
internal import Model

extension KeyCommand {
  /// Lists the keys, without their secrets.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "列出密钥 | list keys")
    @OptionGroup var folder: DataOptions
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      let now = SystemClock().wallTime()
      let keys = try AccessStore(dataFolder: folder.there()).all
      if json { return Console.say(JSON.object(["keys": .array(keys.map(\.summary))]).text) }
      var rows = [["名称 name", "角色 role", "推流 publish", "读流 read", "路径 paths", "发放 created", "有效期至 expires"]]
      for key in keys {
        rows.append([
          key.name, key.role.rawValue, key.publish ? "✓" : "", key.read ? "✓" : "", key.paths.joined(separator: " "),
          String(key.created.description.prefix(19)), KeyExpiry.text(key.expires, at: now),
        ])
      }
      Console.table(rows)
    }
  }
}
