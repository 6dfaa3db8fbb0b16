internal import Access
internal import ArgumentParser
internal import Model

extension KeyCommand {
  /// Issues a key and shows its secret, once.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "发放密钥;密文只显示一次 | issue a key; its secret is shown once",
      discussion: "现场 crew: firstframe key add cam1 --path live/cam1 --publish --days 30 --data DATA")
    @Argument(help: "名称 | name") var name: String
    @Option(name: .customLong("path"), help: "允许的流路径,如 live/cam1 或 live/**,可重复 | paths that it opens") var paths: [String] = []
    @Flag(help: "允许推流 | may publish") var publish = false
    @Flag(help: "允许读流 | may read") var read = false
    @Option(help: "field | hall | inspector | admin") var role = "field"
    @Option(help: "有效至这一天(北京时间,含当日),如 2026-12-31 | the last day on which it opens, China Standard Time") var expires: String?
    @Option(help: "有效天数 | opens for so many days") var days: Int?
    @OptionGroup var folder: DataOptions
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      let now = SystemClock().wallTime()
      let role = try checkedRole()
      let end = try KeyExpiry.end(expires: expires, days: days, now: now)
      let made = AccessKey.make(name: name, paths: paths, publish: publish, read: read, role: role, now: now, expires: end)
      try AccessStore(dataFolder: folder.writable()).add(made.key)
      if json {
        return Console.say(JSON.object(["name": .string(name), "secret": .string(made.secret), "key": made.key.summary]).text)
      }
      Console.say("密钥 | key: \(name)  密文 | secret: \(made.secret)")
      Console.say("只显示这一次,请立即抄录 | shown this once; write it down now")
      Console.say("有效期至 | expires: \(KeyExpiry.text(end, at: now))")
      guard let path = paths.first else { return }
      Console.say("  RTSP  rtsp://\(name):\(made.secret)@HOST:8554/\(path)")
      Console.say("  RTMP  rtmp://HOST:1935/\(path)?key=\(made.secret)")
    }

    /// The role, where the key would open anything at all.
    private func checkedRole() throws(Fault) -> AccessRole {
      guard let role = AccessRole(rawValue: role) else { throw Fault(.usage, "--role \(role): field | hall | inspector | admin") }
      guard publish || read || (role != .field && paths.isEmpty) else {
        throw Fault(.usage, "--publish | --read: 缺少其一,密钥什么也打不开 | without one of them the key opens no stream")
      }
      guard !publish || AccessAction.publish.isAllowed(to: role) else { throw Fault(.usage, "--publish: \(role.rawValue) 不能推流 | may not publish") }
      guard !(publish || read) || !paths.isEmpty else { throw Fault(.usage, "--path: 缺少流路径 | which streams?") }
      return role
    }
  }
}
