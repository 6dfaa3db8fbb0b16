internal import ArgumentParser
internal import Foundation

/// How a command finds the running node it talks to.
struct NodeOptions: ParsableArguments {
  @Option(help: "运行中的节点地址 | address of the running node")
  var node = "http://127.0.0.1:8080"

  @Option(help: "访问密钥(也可用环境变量 FIRSTFRAME_KEY)| access key")
  var key: String?

  @Flag(help: "以 JSON 输出 | print JSON")
  var json = false
}

extension NodeOptions {
  var client: APIClient { APIClient(base: node, key: key ?? ProcessInfo.processInfo.environment["FIRSTFRAME_KEY"]) }
}
