import FirstFrameTesting
import Foundation
import Testing

private let canRun = Program.exists("ffmpeg")

@Suite("A node under hostile input", .serialized, .enabled(if: canRun, "needs ffmpeg"))
struct HostileTests {
  /// One node and its healthy neighbour, and what every face must leave as it was.
  private final class Scene {
    let node: Node
    let neighbour: Neighbour
    let folder: TemporaryFolder
    private(set) var frames = 0
    private var descriptors = 0

    /// Streams end with their publishers, so that what they held comes back soon; each publisher takes over, so that each is heard.
    init() async throws {
      folder = try TemporaryFolder()
      let clip = try Clip.make(in: folder.path, seconds: 10)
      let settings = ["streams.takeoverSeconds=1", "streams.secondPublisher=takeOver", "archive.segmentSeconds=2"]
      node = try Node(data: folder.path + "/data", settings: settings)
      try await node.awaitReady()
      neighbour = try Neighbour(node: node, clip: clip)
      try await neighbour.awaitFrames(50)
    }

    /// Remembers what is to come back: files and sockets as they were before the first face.
    func begin() async throws {
      frames = try #require(try await neighbour.figures()).framesReceived
      if descriptors == 0 { descriptors = node.descriptors }
    }

    /// The node runs, the neighbour lost nothing and went on, and files and sockets are closed.
    func check(_ face: String) async throws {
      try #require(node.isRunning, "\(face): the node ended")
      #expect(try await node.get("/healthz")["status"] as? String == "ok", "\(face)")
      try await neighbour.awaitFrames(5, after: frames)
      let figures = try #require(try await neighbour.figures())
      #expect(figures.packetsLost == 0 && figures.packetsDuplicated == 0 && figures.sequenceRestarts == 0, "\(face): \(figures)")
      // The neighbour's recorder and the API's own connections open and close files all the time.
      let allowed = descriptors + 12
      try await node.await { self.node.descriptors <= allowed }
      #expect(node.descriptors <= allowed, "\(face): \(descriptors) before, \(node.descriptors) now")
    }

    func stop() {
      neighbour.stop()
      node.stop()
    }
  }

  @Test("malformed input on every face neither ends the node, nor costs the neighbour a packet, nor leaks a descriptor")
  func malformed() async throws {
    let corpus = try HostileCorpus()
    let scene = try await Scene()
    defer { scene.stop() }
    let process = scene.node.processIdentifier
    try await requests(scene, corpus)
    try await conversations(scene, corpus)
    try await interleaved(scene, corpus)
    try await datagrams(scene, corpus)
    try await rtmp(scene, corpus)
    try await control(scene, corpus)
    try await http(scene, corpus)
    #expect(scene.node.isRunning && scene.node.processIdentifier == process)
  }

  /// Sends them all; a port that refuses even one is not the port of a healthy node.
  private func attack(_ face: String, _ inputs: [[UInt8]], port: Int) async throws -> Attack.Outcome {
    try #require(inputs.count >= 500, "\(face)")
    let outcome = await Attack.run(inputs, port: port)
    #expect(outcome.refused == 0 && outcome.sent == inputs.count, "\(face): \(outcome)")
    return outcome
  }

  // MARK: RTSP

  private func requests(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 1)
    let outcome = try await attack("RTSP requests", inputs.rtsp(), port: scene.node.rtsp)
    // Both kinds of answer: mutants that are still requests get far, the others are refused by name.
    #expect(outcome.statuses[200, default: 0] > 20 && outcome.statuses[400, default: 0] > 10, "\(outcome)")
    try await scene.check("RTSP requests")
    let canary = try RawSocket.tcp(port: scene.node.rtsp, timeoutMilliseconds: 2000)
    canary.write(Array("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".utf8))
    #expect(Attack.status(canary.readFirst()) == 200)
  }

  /// Mutated descriptions through ANNOUNCE, SETUP and RECORD, as far as the node goes along.
  private func conversations(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 2)
    let descriptions = inputs.descriptions(80)
    let port = scene.node.rtsp
    let tally = Attack.Tally()
    await Attack.onThreads(4) { lane in
      for index in stride(from: lane, to: descriptions.count, by: 4) {
        guard let device = try? HostileDevice(port: port, stream: "live/sdp\(lane)") else { continue }
        let status = device.begin(descriptions[index])
        tally.change { $0.statuses[status, default: 0] += 1 }
      }
    }
    let statuses = tally.value.statuses
    #expect(statuses.values.reduce(0, +) == descriptions.count && statuses[200, default: 0] > 5, "\(statuses)")
    #expect(statuses[400, default: 0] + statuses[415, default: 0] > 0, "\(statuses)")
    try await scene.check("RTSP conversations")
  }

  /// Well-framed RTP and RTCP mutants first, then framing mutants, on connections that record.
  private func interleaved(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 3)
    let sessions = (0..<24).map { index -> (sdp: [UInt8], frames: [UInt8], framing: [UInt8]) in
      let device = corpus.devices[index % corpus.devices.count]
      let packets = inputs.packets(25, of: device)
      let frames = packets.flatMap { HostileDevice.frame($0.bytes, channel: $0.isReport ? 1 : 0) }
      return (device.sdp, frames, inputs.mutant(of: HostileDevice.frame(device.rtp[0], channel: 0)))
    }
    let port = scene.node.rtsp
    let tally = Attack.Tally()
    await Attack.onThreads(4) { lane in
      for index in stride(from: lane, to: sessions.count, by: 4) {
        guard let device = try? HostileDevice(port: port, stream: "live/tcp\(lane)") else { continue }
        guard device.begin(sessions[index].sdp) == 200 else { continue }
        device.write(sessions[index].frames)
        let ended = index % 2 == 0 ? device.end() : 200
        device.write(sessions[index].framing)
        tally.change { $0.statuses[ended, default: 0] += 1 }
      }
    }
    // Each recorded, and media mutants within right frames do not break the conversation.
    #expect(tally.value.statuses == [200: sessions.count], "\(tally.value)")
    try await scene.check("interleaved RTP and RTCP")
  }

  /// From the device's own ports, from ports it never named, and from another host to every UDP port the node has, the neighbour's too.
  private func datagrams(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 4)
    let sessions = (0..<6).map { index -> (sdp: [UInt8], packets: [(isReport: Bool, bytes: [UInt8])]) in
      let device = corpus.devices[index * 2 % corpus.devices.count]
      return (device.sdp, inputs.packets(100, of: device))
    }
    let port = scene.node.rtsp
    let process = scene.node.processIdentifier
    let tally = Attack.Tally()
    await Attack.onThreads(2) { lane in
      for index in stride(from: lane, to: sessions.count, by: 2) {
        guard let device = try? HostileDevice(port: port, stream: "live/udp\(index)"), device.begin(sessions[index].sdp, udp: true) == 200,
          let own = device.sockets.first, let server = device.serverPorts.first, let unnamed = try? RawSocket.udp(),
          let stranger = try? RawSocket.udp(host: [127, 0, 0, 2])
        else { continue }
        let all = Datagrams.ports(of: process)
        for (number, packet) in sessions[index].packets.enumerated() {
          let from = number % 3 == 2 ? unnamed : packet.isReport ? own.rtcp : own.rtp
          let isSent = from.sendDatagram(packet.bytes, to: packet.isReport ? server.rtcp : server.rtp)
          for port in all { stranger.sendDatagram(packet.bytes, to: port) }
          tally.change { $0.sent += isSent ? 1 : 0 }
        }
        let ended = device.end()
        tally.change {
          $0.statuses[ended, default: 0] += 1
          $0.answered += all.count
        }
      }
    }
    let outcome = tally.value
    #expect(outcome.sent == 600 && outcome.statuses.values.reduce(0, +) == sessions.count, "\(outcome)")
    // The neighbour's two ports and the device's own at least.
    #expect(outcome.answered >= 4 * sessions.count, "\(outcome)")
    try await scene.check("UDP RTP and RTCP")
  }

  // MARK: The other faces

  private func rtmp(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 5)
    let outcome = try await attack("RTMP", inputs.rtmp(), port: scene.node.rtmp)
    #expect(outcome.answered > 50, "\(outcome)")
    try await scene.check("RTMP")
    let canary = try RawSocket.tcp(port: scene.node.rtmp, timeoutMilliseconds: 2000)
    canary.write([3] + [UInt8](repeating: 0, count: 1536))
    #expect(canary.readFirst().first == 3)
  }

  private func control(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 6)
    let outcome = try await attack("control link", inputs.control(), port: scene.node.control)
    // No node is paired here: nobody is welcomed, pairing is refused in words.
    #expect(outcome.answered > 3, "\(outcome)")
    try await scene.check("control link")
    let canary = try RawSocket.tcp(port: scene.node.control, timeoutMilliseconds: 2000)
    canary.write([0xFF, 0xFF, 0xFF, 0xFF])
    #expect(canary.read() == .end)
  }

  private func http(_ scene: Scene, _ corpus: HostileCorpus) async throws {
    try await scene.begin()
    var inputs = HostileInputs(corpus, seed: 7)
    let outcome = try await attack("HTTP", inputs.http(), port: scene.node.http)
    #expect(outcome.statuses[200, default: 0] > 3 && outcome.statuses[400, default: 0] > 50 && outcome.statuses[404, default: 0] > 10, "\(outcome)")
    // Whatever is asked, the fault is the asker's.
    #expect(outcome.statuses.keys.allSatisfy { $0 < 500 }, "\(outcome)")
    try await scene.check("HTTP")
  }

  // MARK: Slowloris

  @Test("fifty connections on each port that never come to the point are closed by the ten-second deadline and hinder nobody")
  func slowloris() async throws {
    let scene = try await Scene()
    defer { scene.stop() }
    try await scene.begin()
    let faces: [(name: String, port: Int, half: [UInt8])] = [
      ("RTSP", scene.node.rtsp, Array("OPTIONS rtsp://127.0.0.1/live".utf8)), ("RTMP", scene.node.rtmp, [3] + [UInt8](repeating: 7, count: 30)),
      ("control link", scene.node.control, [0, 0, 1, 0] + Array("{\"type\":\"hello\",\"v\":1,".utf8)),
      ("HTTP", scene.node.http, Array("GET /healthz HTTP/1.1\r\nHost: 127".utf8)),
    ]
    let outcomes = Outcomes()
    await Attack.onThreads(faces.count) { index in
      let face = faces[index]
      outcomes.set(index, Slowloris.hold(50, port: face.port, half: face.half, limit: .seconds(20)))
    }
    for (index, face) in faces.enumerated() {
      let outcome = try #require(outcomes.value[index])
      #expect(outcome.stillOpen == 0 && outcome.closedAfter.count == 50, "\(face.name): \(outcome)")
      // The gateways look once a second.
      #expect((outcome.closedAfter.max() ?? 99) < 12.5, "\(face.name): \(outcome)")
    }
    // Ten seconds at 25 frames a second went by; were they held up for two of them, it would show.
    let now = try #require(try await scene.neighbour.figures()).framesReceived
    #expect(now - scene.frames >= 200, "\(now - scene.frames)")
    try await scene.check("slowloris")
  }

  /// Written under its lock by the holding threads.
  private final class Outcomes: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [Int: Slowloris.Outcome] = [:]

    func set(_ index: Int, _ outcome: Slowloris.Outcome) { lock.withLock { all[index] = outcome } }
    var value: [Int: Slowloris.Outcome] { lock.withLock { all } }
  }
}
