import FirstFrameTesting
import Gateway
import Hub
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing
import Transport

@Suite("A reader session", .timeLimit(.minutes(1)))
struct ReaderSessionTests {
  /// The byte of a key unit in the toy form.
  private func key(_ number: UInt8) -> UInt8 { number | 0x80 }

  /// A publisher that is live with pictures, and has sent nothing yet.
  private func live(_ bench: Bench, _ track: Track = ToyIntake.video) async throws -> ToyPublisher {
    let publisher = try await bench.publisher(ToyIntake([track], isComplete: true))
    try await bench.on { publisher.session.ask() }
    try await bench.settle()
    return publisher
  }

  // MARK: The gate

  @Test("a reader without room is dropped to the next key frame, which is counted, and warned about once a second at most")
  func slow() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      let reader = try await ToyReader.joined(bench)
      try await publisher.read([publisher.unit(0, key: true)])
      try await publisher.read([publisher.unit(1)])
      reader.sink.set(writable: false)
      try await publisher.read([publisher.unit(2), publisher.unit(3)])
      reader.sink.set(writable: true)
      try await publisher.read([publisher.unit(4)])
      #expect(reader.sink.writes == [[key(0)], [1]])
      try await publisher.read([publisher.unit(5), publisher.unit(6, key: true), publisher.unit(7)])
      #expect(reader.sink.writes == [[key(0)], [1], [key(6), 7]])
      let sent = try #require(try await reader.snapshot).outbound
      #expect(sent.framesDropped == 3 && sent.dropEpisodes == 1)
      try await reader.tick()
      try await reader.tick()
      #expect(bench.warnings == ["warning: reader too slow: dropped to the next key frame"])
      for number: UInt8 in [8, 10] {
        reader.sink.set(writable: false)
        try await publisher.read([publisher.unit(number)])
        reader.sink.set(writable: true)
        try await publisher.read([publisher.unit(number + 1, key: true)])
      }
      try await reader.tick()
      #expect(bench.warnings.count == 2)
    }
  }

  @Test("a reader that fell behind, has room again and waits for five seconds has the publisher asked for a key frame")
  func waitsForStart() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      let reader = try await ToyReader.joined(bench)
      try await publisher.read([publisher.unit(0, key: true)])
      reader.sink.set(writable: false)
      try await publisher.read([publisher.unit(1)])
      reader.sink.set(writable: true)
      func second() async throws {
        bench.clock.advance(.seconds(1))
        try await reader.tick()
        bench.hub.tick()
        try await bench.settle()
      }
      for _ in 0..<5 { try await second() }
      #expect(publisher.keyframes.isEmpty)
      for _ in 0..<3 { try await second() }
      #expect(publisher.keyframes == [0])
      try await publisher.read([publisher.unit(2, key: true)])
      for _ in 0..<10 { try await second() }
      #expect(publisher.keyframes == [0])
    }
  }

  @Test("with pictures a reader begins with a key frame")
  func beginsWithKey() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      let reader = try await ToyReader.joined(bench)
      try await publisher.read([publisher.unit(1)])
      #expect(reader.sink.writes.isEmpty)
      try await publisher.read([publisher.unit(2, key: true)])
      #expect(reader.sink.writes == [[key(2)]])
      try await reader.tick()
      #expect(bench.warnings.isEmpty, "one that has not begun is not slow")
    }
  }

  @Test("without pictures it begins at once")
  func audioOnly() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench, ToyIntake.audio)
      let reader = try await ToyReader.joined(bench)
      try await publisher.read([publisher.unit(1)])
      #expect(reader.sink.writes == [[1]])
    }
  }

  @Test("a paused reader gets nothing, which is not counted as dropped, and goes on with a key frame")
  func paused() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      try await publisher.read([publisher.unit(0, key: true)])
      let reader = try await ToyReader.make(bench)
      // Paused before the stream's cache has come.
      try await reader.pause(true)
      try await reader.subscribe()
      try await publisher.read([publisher.unit(1)])
      #expect(reader.sink.writes.isEmpty)
      try await reader.pause(false)
      try await publisher.read([publisher.unit(2)])
      #expect(reader.sink.writes.isEmpty)
      try await publisher.read([publisher.unit(3, key: true)])
      try await publisher.read([publisher.unit(4)])
      try await reader.pause(true)
      try await publisher.read([publisher.unit(5), publisher.unit(6, key: true)])
      try await reader.pause(false)
      try await publisher.read([publisher.unit(7, key: true)])
      #expect(reader.sink.writes == [[key(3)], [4], [key(7)]])
      try await reader.tick()
      #expect(bench.warnings.isEmpty)
      // Between the end of the pause and the key frame one frame was left out.
      #expect(try await reader.snapshot?.outbound.framesDropped == 1)
    }
  }

  // MARK: Beginning and end

  @Test("one that stops before the hub has answered does not stay subscribed")
  func stopsEarly() async throws {
    try await Bench.with {
      $0.loops = 2
    } _: { bench in
      _ = try await bench.keeper(on: bench.loops.loops[1])
      let reader = try await ToyReader.make(bench)
      try await bench.on {
        reader.session.subscribe(OneBytePacketisation.form)
        reader.session.stop()
      }
      try await bench.settle()
      let publisher = try await live(bench)
      try await publisher.read([publisher.unit(0, key: true)])
      try await bench.settle()
      #expect(reader.sink.writes.isEmpty && reader.sink.started == 0)
      #expect(try await bench.hub.snapshot(of: Bench.name)?.readers.isEmpty == true)
    }
  }

  @Test("nothing reaches the sink after the stop, and the session lets it go")
  func stops() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      let reader = try await ToyReader.joined(bench)
      try await publisher.read([publisher.unit(0, key: true)])
      try await reader.stop()
      try await publisher.read([publisher.unit(1, key: true)])
      try await reader.tick()
      #expect(reader.sink.writes == [[key(0)]] && reader.sink.ticks == 0)
      #expect(try await bench.hub.snapshot(of: Bench.name)?.readers.isEmpty == true)
    }
  }

  @Test("the sink hears why it cannot go on with a description, and that the stream is over")
  func ended() async throws {
    try await Bench.with {
      $0.hub.takeoverWindow = .zero
    } _: { bench in
      let publisher = try await live(bench)
      let reader = try await ToyReader.joined(bench)
      reader.sink.refuse(Fault(.streamEnded, "another publication"))
      try await publisher.read { $0.news.tracks = [ToyIntake.audio] }
      #expect(reader.sink.ends == [.streamEnded])
      try await bench.on { publisher.session.finish(Fault(.publisherGone)) }
      await bench.facts.wait(for: FactKind.streamEnded)
      try await bench.settle()
      #expect(reader.sink.ends == [.streamEnded, .publisherGone])
    }
  }

  // MARK: Progress and figures

  @Test("progress is when the sink last had room, and never goes back")
  func progress() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      try await publisher.read([publisher.unit(0, key: true)])
      bench.clock.advance(.seconds(100))
      let joined = bench.clock.bootTime()
      let reader = try await ToyReader.joined(bench)
      // The cached frame came 100 s ago.
      #expect(reader.sink.writes == [[key(0)]])
      #expect(try await reader.progress == joined)
      bench.clock.advance(.seconds(1))
      reader.sink.set(writable: true, fillsUp: true)
      try await publisher.read([publisher.unit(1)])
      // It had room, and this write has taken it.
      #expect(try await reader.progress == joined + .seconds(1))
      bench.clock.advance(.seconds(1))
      try await publisher.read([publisher.unit(2)])
      try await reader.tick()
      #expect(try await reader.progress == joined + .seconds(1))
      reader.sink.set(writable: true)
      try await reader.tick()
      #expect(try await reader.progress == joined + .seconds(2))
    }
  }

  @Test("figures say who reads, since when, and what was written")
  func figures() async throws {
    try await Bench.with { bench in
      let publisher = try await live(bench)
      let since = bench.clock.bootTime()
      let reader = try await ToyReader.joined(bench)
      bench.clock.advance(.seconds(2))
      try await publisher.read([publisher.unit(0, key: true)])
      try await publisher.read([publisher.unit(1), publisher.unit(2)])
      let shown = try #require(try await bench.hub.snapshot(of: Bench.name)?.readers.first)
      #expect(shown.keyName == "viewer" && shown.since == since && shown.mediaProtocol == .rtmp)
      #expect(shown.outbound.bytesSent == 3 && shown.outbound.framesSent == 3 && shown.outbound.packetsSent == 4)
      #expect(shown.outbound.session == "a reader" && shown.outbound.hop == .viewer)
      try await bench.on { reader.session.report { $0.roundTrip(.milliseconds(12), method: "rtcp-rr") } }
      #expect(try await reader.snapshot?.outbound.roundTripMilliseconds == 12)
      // A viewer's account becomes a fact when it leaves.
      try await reader.stop()
      try await bench.settle()
      #expect(bench.facts.all(FactKind.readerEnded).map { $0["framesSent"] } == [3])
    }
  }
}
