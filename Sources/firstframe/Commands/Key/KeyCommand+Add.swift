internal import Access
internal import ArgumentParser
internal import Model

extension KeyCommand {
  /// Issues a key and shows its secret, once.
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "发放密钥;密文只显示一次 | issue a key; its secret is shown once")
    @Argument(help: "名称 | name") var name: String
    @Option(name: .customLong("path"), help: "允许的流路径,如 live/cam1 或 live/**,可重复 | paths that it opens") var paths: [String] = []
    @Flag(help: "允许推流 | may publish") var publish = false
    @Flag(help: "允许读流 | may read") var read = false
    @Option(help: "field | hall | inspector | admin") var role = "field"
    @OptionGroup var folder: DataOptions
    @Flag(help: "以 JSON 输出 | print JSON") var json = false

    mutating func run() throws {
      guard let role = AccessRole(rawValue: role) else { throw Fault(.usage, "--role \(role)") }
      guard !(publish || read) || !paths.isEmpty else { throw Fault(.usage, "--path") }
      let made = AccessKey.make(name: name, paths: paths, publish: publish, read: read, role: role, now: SystemClock().wallTime())
      try AccessStore(dataFolder: folder.data).add(made.key)
      if json {
        return Console.say(JSON.object(["name": .string(name), "secret": .string(made.secret), "key": made.key.summary]).text)
      }
      Console.say("密钥 | key: \(name)  密文 | secret: \(made.secret)")
      Console.say("只显示这一次,请立即抄录 | shown this once; write it down now")
      guard let path = paths.first else { return }
      Console.say("  RTSP  rtsp://\(name):\(made.secret)@HOST:8554/\(path)")
      Console.say("  RTMP  rtmp://HOST:1935/\(path)?key=\(made.secret)")
    }
  }
}
