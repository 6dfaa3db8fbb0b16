internal import ArgumentParser
internal import Cascade
internal import Journal
internal import Model
internal import Settings

/// Pairs two nodes: the upper makes a one-time code, the lower uses it; both show both fingerprints.
struct PairCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pair", abstract: "配对:上级生成配对码,下级使用 | pair with an upper centre by a one-time code",
    discussion: "上级 upper: firstframe pair --data DATA\n下级 lower: firstframe pair --with HOST:8555 --code CODE --name NODE --data DATA")
  @OptionGroup var folder: DataOptions
  @Option(help: "上级的控制链路 host:port | the upper centre's control link") var with: String?
  @Option(help: "配对码 | the code") var code: String?
  @Option(help: "本节点名称(与配置 node.name 一致)| this node's name as configured") var name: String?
  @Option(help: "允许该已配对节点更换密钥(电话核对后)| allow that paired node a new key, after a call") var replace: String?
  @Flag(help: "以 JSON 输出 | print JSON") var json = false

  mutating func run() async throws {
    let data = try folder.writable()
    guard let with else { return try invite(NodeIdentity.load(dataFolder: data), data) }
    guard let code = code.flatMap({ PairingCode(typed: $0) }) else { throw Fault(.pairingCodeWrong, "--code") }
    guard let name, StreamName.isSegment(name) else { throw Fault(.usage, "--name") }
    let upper = try Endpoint(argument: with)
    let identity = try NodeIdentity.load(dataFolder: data)
    let peer = try await PairingClient.pair(host: upper.host, port: upper.port, code: code, node: name, identity: identity)
    try PeerStore(dataFolder: data).remember(peer.node, peer.key)
    if json {
      return Console.say(
        JSON.object([
          "peer": .string(peer.node), "peerFingerprint": .string(peer.key.fingerprint), "fingerprint": .string(identity.fingerprint),
        ]).text)
    }
    Console.say("✓ 已与 \(peer.node) 配对。请电话核对两端指纹一致 | paired; compare by telephone:")
    Console.say("  上级 \(peer.node): \(peer.key.fingerprintForReading)")
    Console.say("  本级 \(name): \(identity.publicKey.fingerprintForReading)")
  }

  private func invite(_ identity: NodeIdentity, _ data: String) throws {
    let pending = try PendingPairing.create(dataFolder: data, now: SystemClock().wallTime(), replaces: replace)
    if json {
      return Console.say(JSON.object(["code": .string(pending.code.text), "fingerprint": .string(identity.fingerprint)]).text)
    }
    Console.say("配对码 | code: \(pending.code.forReading)(10 分钟内有效,仅用一次 | ten minutes, one use)")
    Console.say("本级指纹 | our fingerprint: \(identity.publicKey.fingerprintForReading)")
    Console.say("在下级运行 | at the lower centre: firstframe pair --with HOST:8555 --code \(pending.code.forReading) --name NODE --data DATA")
  }
}
