import FirstFrameTesting
import Gateway
import Hub
import Measure
import Model
import NIOCore
import NIOPosix
import RTMPGateway
import Testing
import Wire

@Suite("RTMP gateway", .timeLimit(.minutes(2)))
struct GatewayTests {
  @Test("a player that waits first gets metadata, parameters and every picture", arguments: [1, 2])
  func waits(threads: Int) async throws {
    try await TestGateway.with(TestGateway.Options { $0.threads = threads }) { gateway in
      let player = try await gateway.play("live/cam1")
      let pusher = try await gateway.push("live/cam1")
      try await pusher.send([Pictures.unit(0)])
      var kinds: [RTMPMessage.Kind] = []
      var numbers: [Int] = []
      for await event in player.events {
        if case .header(let message) = event { kinds.append(message.kind) }
        if case .unit(let unit) = event, let number = Pictures.number(unit) { numbers.append(number) }
        if numbers == [0] { try await pusher.send(Pictures.units(1..<30)) }
        if numbers.count == 30 { break }
      }
      #expect(kinds.contains(.video) && kinds.contains(.data))
      #expect(numbers == Array(0..<30))
      await pusher.finish()
    }
  }

  @Test("a player that joins later begins with the newest key picture at once")
  func joins() async throws {
    try await TestGateway.with { gateway in
      let pusher = try await gateway.push("live/cam1")
      let first = try await gateway.play("live/cam1")
      try await gateway.begin(pusher, first)
      try await pusher.send(Pictures.units(1..<27))
      #expect(await first.numbers(26) == Array(1..<27))
      // Nothing more is published: what comes now comes from the cache.
      let late = try await gateway.play("live/cam1")
      #expect(await late.numbers(7) == Array(20..<27))
      await pusher.finish()
    }
  }

  @Test("a stream of sound alone is played from the middle, its header first")
  func soundAlone() async throws {
    let track = Track(index: 0, codec: .aac, clockRate: 1000, parameters: .aac(audioSpecificConfig: [0x12, 0x10]), channels: 2)
    try await TestGateway.with { gateway in
      let first = try await gateway.play("live/sound")
      let pusher = try await gateway.push("live/sound", tracks: [track])
      try await pusher.send(Pictures.units(0..<3))
      #expect(await first.numbers(3) == [0, 1, 2])
      let late = try await gateway.play("live/sound")
      var isHeader: [Bool] = []
      for await event in late.events {
        if case .header(let message) = event, message.kind == .audio { isHeader.append(true) }
        if case .unit = event { isHeader.append(false) }
        if isHeader == [true] { try await pusher.send(Pictures.units(3..<5)) }
        if isHeader.count == 3 { break }
      }
      #expect(isHeader == [true, false, false])
      await pusher.finish()
    }
  }

  @Test("facts tell who published, the first key frame, and how the publisher left")
  func facts() async throws {
    try await TestGateway.with { gateway in
      let one = try await gateway.push("live/orderly")
      try await one.send(Pictures.units(0..<3))
      await gateway.facts.wait(for: FactKind.streamFirstKeyframe)
      await one.finish()
      let two = try await gateway.push("live/cut")
      try await two.send(Pictures.units(0..<3))
      await gateway.facts.wait(for: FactKind.streamFirstKeyframe, count: 2)
      await two.cut()
      await gateway.facts.wait(for: FactKind.streamInterrupted, count: 2)
      let causes = gateway.facts.all(FactKind.streamInterrupted).map { $0["cause"]?.stringValue }
      #expect(Set(causes) == [FaultCode.streamEnded.rawValue, FaultCode.publisherGone.rawValue])
      let started = gateway.facts.all(FactKind.streamStarted)
      #expect(started.map { $0["protocol"]?.stringValue } == ["rtmp", "rtmp"])
      #expect(started.first?["unitOrigin"]?.stringValue == "here/live/orderly")
      #expect(gateway.facts.all(FactKind.streamFirstKeyframe).first?["unit"]?.stringValue?.hasSuffix("#1") == true)
    }
  }

  @Test("a publisher that returns within the window keeps its players, and their time line goes on")
  func takeover() async throws {
    try await TestGateway.with(TestGateway.Options { $0.hub.takeoverWindow = .seconds(30) }) { gateway in
      let player = try await gateway.play("live/cam1")
      let first = try await gateway.push("live/cam1")
      try await gateway.begin(first, player)
      try await first.send(Pictures.units(1..<12))
      #expect(await player.numbers(11) == Array(1..<12))
      await first.cut()
      await gateway.facts.wait(for: FactKind.streamInterrupted)
      let second = try await gateway.push("live/cam1")
      try await second.send(Pictures.units(0..<12))
      var times: [Int64] = []
      for await event in player.events {
        if case .unit(let unit) = event { times.append(unit.pts.value) }
        if times.count == 12 { break }
      }
      // The first publication ended at 440 ms.
      #expect((times.first ?? 0) > 440)
      #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 40 })
      #expect(gateway.facts.all(FactKind.streamResumed).count == 1)
      await second.finish()
    }
  }

  @Test("a player learns when the stream is over")
  func ends() async throws {
    try await TestGateway.with(TestGateway.Options { $0.hub.takeoverWindow = .milliseconds(1) }) { gateway in
      let player = try await gateway.play("live/cam1")
      let pusher = try await gateway.push("live/cam1")
      try await pusher.send(Pictures.units(0..<2))
      await pusher.finish()
      var ended = false
      for await event in player.events {
        if case .ended = event { ended = true }
        if ended { break }
      }
      #expect(ended)
    }
  }

  @Test("publishers that send before any answer are not refused against themselves and lose no picture", arguments: [1, 3])
  func eager(threads: Int) async throws {
    try await TestGateway.with(
      TestGateway.Options {
        $0.threads = threads
        $0.hub.secondPublisher = .refuse
      }
    ) { gateway in
      for round in 0..<4 {
        let names = (0..<10).map { "live/eager\(round)-\($0)" }
        var players: [Player] = []
        for name in names { players.append(try await gateway.play(name)) }
        let clients = try await withThrowingTaskGroup(of: RawClient.self) { group in
          for name in names { group.addTask { try await RawClient.publishAtOnce(gateway, name, pictures: 0..<9) } }
          return try await group.reduce(into: [RawClient]()) { $0.append($1) }
        }
        for player in players { #expect(await player.numbers(9) == Array(0..<9)) }
        for client in clients { #expect(!client.said.contains("BadName")) }
      }
      #expect(gateway.facts.all(FactKind.streamRefused).isEmpty)
      #expect(gateway.facts.all(FactKind.streamStarted).count == 40)
    }
  }

  @Test("a second publisher of a live name is told so and the first goes on")
  func busy() async throws {
    try await TestGateway.with(TestGateway.Options { $0.hub.secondPublisher = .refuse }) { gateway in
      let player = try await gateway.play("live/cam1")
      let first = try await gateway.push("live/cam1")
      try await first.send(Pictures.units(0..<2))
      #expect(await player.numbers(2) == [0, 1])
      await #expect { _ = try await gateway.push("live/cam1") } throws: { ($0 as? Fault)?.code == .streamBusy }
      try await first.send(Pictures.units(2..<4))
      #expect(await player.numbers(2) == [2, 3])
      #expect(gateway.facts.all(FactKind.streamRefused).first?["code"]?.stringValue == FaultCode.streamBusy.rawValue)
      await first.finish()
    }
  }

  @Test("a taken-over publisher is told and closed")
  func displaced() async throws {
    try await TestGateway.with(TestGateway.Options { $0.hub.secondPublisher = .takeOver }) { gateway in
      let player = try await gateway.play("live/cam1")
      let first = try await gateway.push("live/cam1")
      try await first.send(Pictures.units(0..<2))
      #expect(await player.numbers(2) == [0, 1])
      let second = try await gateway.push("live/cam1")
      try await second.send(Pictures.units(0..<2))
      #expect(await first.closed().code == .streamBusy)
      #expect(await player.numbers(2) == [0, 1])
      await second.finish()
    }
  }

  @Test("without the right key nobody publishes or plays, and the refusal is a fact without the key")
  func keys() async throws {
    try await TestGateway.with(TestGateway.Options { $0.authority = OneKey() }) { gateway in
      for (query, code) in [("", FaultCode.credentialsMissing), ("?key=wrong", .credentialsWrong)] {
        await #expect { _ = try await gateway.push("live/cam1", query: query) } throws: { ($0 as? Fault)?.code == code }
        await #expect { _ = try await gateway.play("live/cam1", query: query) } throws: { ($0 as? Fault)?.code == .pullFailed }
      }
      let refusals = gateway.facts.all(FactKind.accessRefused)
      let actions = refusals.compactMap { $0["what"]?.stringValue }
      #expect(actions == ["publish", "read", "publish", "read"])
      let codes = refusals.compactMap { $0["code"]?.stringValue }
      #expect(codes == ["credentialsMissing", "credentialsMissing", "credentialsWrong", "credentialsWrong"])
      let texts = refusals.flatMap { $0.values.compactMap(\.stringValue) }
      #expect(!texts.contains("wrong"))
      let pusher = try await gateway.push("live/cam1", query: "?key=secret")
      try await pusher.send(Pictures.units(0..<2))
      await gateway.facts.wait(for: FactKind.streamStarted)
      #expect(gateway.facts.all(FactKind.streamStarted).first?["key"]?.stringValue == "crew")
      await pusher.finish()
    }
  }

  @Test("a name that is no stream name is refused with the reason")
  func badName() async throws {
    try await TestGateway.with { gateway in
      await #expect { _ = try await gateway.push("live/a%20b") } throws: { ($0 as? Fault)?.code == .streamNameInvalid }
    }
  }

  @Test("a player that stops reading is dropped to the next key picture while others miss nothing")
  func slow() async throws {
    try await TestGateway.with(TestGateway.Options { $0.settings.readerQueueBytes = 256 << 10 }) { gateway in
      let slow = try await gateway.play("live/cam1")
      let quick = try await gateway.play("live/cam1")
      let pusher = try await gateway.push("live/cam1")
      try await pusher.send(Pictures.units(0..<5, size: 50_000))
      #expect(await slow.numbers(5) == Array(0..<5))
      try await slow.read(false)
      for number in 5..<405 { try await pusher.send([Pictures.unit(number, size: 50_000)]) }
      #expect(await quick.numbers(405) == Array(0..<405))
      try await slow.read(true)
      // It drains what its socket held; the next key picture after that opens the gate again.
      var last = 4
      var jumps: [(from: Int, to: Int)] = []
      var next = 405
      while jumps.isEmpty, next < 2000 {
        try await pusher.send([Pictures.unit(next, size: 50_000)])
        _ = await quick.numbers(1)
        next += 1
        if next % 10 == 1, let snapshot = try await gateway.hub.snapshot(of: StreamName("live/cam1")!) {
          let dropped = snapshot.readers.map(\.outbound.framesDropped).max() ?? 0
          if dropped > 0 { jumps.append((0, 0)) }
        }
      }
      #expect(!jumps.isEmpty)
      jumps = []
      var tries = 0
      sending: while tries < 200 {
        tries += 1
        try await pusher.send([Pictures.unit(next, size: 50_000)])
        _ = await quick.numbers(1)
        next += 1
        for number in await slow.numbers(1) {
          if number != last + 1 { jumps.append((last, number)) }
          last = number
          if !jumps.isEmpty { break sending }
        }
      }
      #expect(jumps.first.map { $0.to % 10 } == 0)
      await pusher.finish()
    }
  }

  @Test("silent connections and silent publishers are closed at their deadlines")
  func deadlines() async throws {
    let options = TestGateway.Options {
      $0.settings.handshakeDeadline = .milliseconds(200)
      $0.settings.publisherTimeout = .milliseconds(200)
    }
    try await TestGateway.with(options) { gateway in
      let silent = try await ClientBootstrap(group: gateway.group).connect(host: "127.0.0.1", port: Int(gateway.server.port)).get()
      let pusher = try await gateway.push("live/cam1")
      try await pusher.send(Pictures.units(0..<2))
      try await silent.closeFuture.get()
      #expect(await pusher.closed().code == .publisherGone)
      await gateway.facts.wait(for: FactKind.streamInterrupted)
      #expect(gateway.facts.all(FactKind.streamInterrupted).first?["detail"]?.stringValue?.contains("silent for 200 ms") == true)
    }
  }

  @Test("an unsupported picture codec is refused by name")
  func unsupported() async throws {
    try await TestGateway.with { gateway in
      // Sorenson H.263, FLV codec 2, behind a proper publish.
      let raw = try await RawClient.publish(gateway, "live/old")
      try await raw.send(RTMPMessage(kind: .video, chunkStream: 6, stream: 1, timestamp: 0, payload: ByteBuffer(bytes: [0x22, 0, 0, 0])))
      let answer = await raw.untilClosed()
      #expect(answer.contains("codecUnsupported"))
    }
  }

  @Test("500 hostile connections: the port stays, and a healthy stream beside them loses nothing")
  func hostile() async throws {
    try await TestGateway.with(TestGateway.Options { $0.threads = 2 }) { gateway in
      let player = try await gateway.play("live/healthy")
      let pusher = try await gateway.push("live/healthy")
      let sample = try await RawClient.recording(gateway)
      var mutator = Mutator(seed: 2026)
      var next = 0
      for _ in 0..<500 {
        let head = Bool.random(using: &mutator) ? 3073 : 0
        let mutant = Array(sample[..<head]) + mutator.mutate(Array(sample[head...]), with: sample)
        try await RawClient.throwBytes(mutant, at: gateway)
        try await pusher.send([Pictures.unit(next)])
        next += 1
      }
      #expect(await player.numbers(500) == Array(0..<500))
      await pusher.finish()
    }
  }
}
