import FirstFrameTesting
import Gateway
import Hub
import Measure
import Model
import NIOConcurrencyHelpers
import NIOCore
import Testing
import Transport
import Wire

@Suite("A publisher session", .timeLimit(.minutes(1)))
struct PublisherSessionTests {
  // MARK: Admission

  @Test("units that came before admission are numbered, measured and posted; the session begins with the first of them")
  func heldUnits() async throws {
    let samples = SampleList()
    try await Bench.with {
      $0.measuring = SessionMeasuring(samples: samples)
    } _: { bench in
      let keeper = try await bench.keeper()
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video]))
      let first = bench.clock.bootTime()
      try await publisher.read([publisher.unit(0, key: true)])
      #expect(bench.facts.kinds.isEmpty)
      bench.clock.advance(.milliseconds(300))
      try await publisher.read([publisher.unit(1)]) { $0.isComplete = true }
      bench.clock.advance(.milliseconds(40))
      try await publisher.read([publisher.unit(2)])
      #expect(keeper.units.map(\.id.number) == [1, 2, 3])
      #expect(Set(keeper.units.map(\.id.origin.node)) == ["here"])
      #expect(samples.headers.map(\.started) == [first])
      #expect(keeper.units.first?.id.epoch == samples.headers.first?.epoch)
      let now = bench.clock.bootTime()
      let quality = try await bench.on { publisher.session.inboundQuality(at: now) }
      #expect(quality?.framesReceived == 3 && quality?.bytesReceived == 30)
      let started = bench.facts.all(FactKind.streamStarted)
      #expect(started.map { $0["key"] } == ["crew"])
      #expect(bench.facts.fields(FactKind.streamFirstPacket) != nil)
    }
  }

  @Test("what waits is bounded: too much is dropped, and what comes afterwards is published")
  func bounded() async throws {
    try await Bench.with { bench in
      let keeper = try await bench.keeper()
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video])) { $0.heldBytes = 1000 }
      try await publisher.read([publisher.unit(0, key: true, size: 600)])
      #expect(try await bench.on { publisher.session.receive { intake, _ in intake.held?.bytes } } == 600)
      try await publisher.read([publisher.unit(1, size: 600)])
      #expect(try await bench.on { publisher.session.receive { intake, _ in intake.held?.bytes } } == nil)
      try await publisher.read([publisher.unit(2, key: true)]) { $0.isComplete = true }
      #expect(keeper.units.map(\.pts.value) == [0] && keeper.units.map(\.payload.readableBytes) == [10])
    }
  }

  @Test("an announced track that never comes holds the others up for a second and no longer")
  func announcedTrack() async throws {
    try await Bench.with { bench in
      let keeper = try await bench.keeper()
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video]))
      try await publisher.read([publisher.unit(0, key: true)])
      let first = bench.clock.bootTime()
      try await bench.on { publisher.session.sweep(at: first + .milliseconds(1000)) }
      #expect(keeper.units.isEmpty)
      try await bench.on { publisher.session.sweep(at: first + .milliseconds(1001)) }
      #expect(keeper.units.count == 1)
    }
  }

  @Test("a publisher without any known track is not admitted, however long it has been sending")
  func noTrack() async throws {
    try await Bench.with { bench in
      let publisher = try await bench.publisher()
      try await publisher.read([publisher.unit(0, key: true)])
      try await bench.on { publisher.session.sweep(at: bench.clock.bootTime() + .seconds(60)) }
      #expect(bench.facts.kinds.isEmpty && publisher.ends.isEmpty)
    }
  }

  // MARK: Refusals

  @Test("a publisher whose name is busy is ended with the hub's fault, and the one that publishes goes on")
  func refused() async throws {
    try await Bench.with { bench in
      let keeper = try await bench.keeper()
      let one = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await one.read([one.unit(0, key: true)])
      let two = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await two.read([two.unit(9, key: true)])
      #expect(two.ends == [.streamBusy] && one.ends.isEmpty)
      #expect(bench.facts.all(FactKind.streamRefused).count == 1)
      try await one.read([one.unit(1)])
      #expect(keeper.units.map(\.id.number) == [1, 2])
      #expect(bench.facts.all(FactKind.streamInterrupted).isEmpty)
    }
  }

  @Test("who asks with a question of its own gets the refusal there, and its connection is not ended")
  func refusedAnswer() async throws {
    try await Bench.with { bench in
      let one = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await one.read([one.unit(0, key: true)])
      let two = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      let answers = NIOLockedValueBox<[FaultCode?]>([])
      try await bench.on {
        one.session.ask { _ in answers.withLockedValue { $0.append(.diskFailed) } }
        two.session.ask { fault in answers.withLockedValue { $0.append(fault?.code) } }
      }
      #expect(answers.withLockedValue { $0 } == [.streamBusy])
      #expect(two.ends.isEmpty)
    }
  }

  @Test("whether the name is free can be asked before media: one fact when it is not, none when it is")
  func check() async throws {
    try await Bench.with { bench in
      let one = try await bench.publisher(ToyIntake([ToyIntake.video]))
      let two = try await bench.publisher(ToyIntake([ToyIntake.video]))
      let answers = NIOLockedValueBox<[FaultCode?]>([])
      let note: @Sendable (Fault?) -> Void = { fault in answers.withLockedValue { $0.append(fault?.code) } }
      try await bench.on { one.session.check(note) }
      try await one.read([one.unit(0, key: true)]) { $0.isComplete = true }
      // One that publishes already is not refused against itself.
      try await bench.on {
        one.session.check(note)
        two.session.check(note)
      }
      #expect(answers.withLockedValue { $0 } == [nil, nil, .streamBusy])
      #expect(bench.facts.all(FactKind.streamRefused).count == 1)
    }
  }

  // MARK: Endings

  @Test("a publisher that goes before the hub has answered leaves no publication behind")
  func finishedBeforeAdmission() async throws {
    try await Bench.with {
      $0.loops = 2
    } _: { bench in
      // The stream lives on the other loop, so that the answer takes its time.
      _ = try await bench.keeper(on: bench.loops.loops[1])
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      let answers = NIOLockedValueBox(0)
      try await bench.on {
        publisher.session.ask { _ in answers.withLockedValue { $0 += 1 } }
        publisher.session.finish(Fault(.publisherGone))
      }
      await bench.facts.wait(for: FactKind.streamInterrupted)
      #expect(answers.withLockedValue { $0 } == 0)
      #expect(bench.facts.kinds == [FactKind.streamStarted, FactKind.streamInterrupted])
      #expect(try await bench.hub.snapshot(of: Bench.name)?.condition == .interrupted)
      #expect(try await bench.on { publisher.session.isLive } == false)
    }
  }

  @Test("finishing posts what is open and closes the samples; once more does nothing")
  func finishTwice() async throws {
    let samples = SampleList()
    try await Bench.with {
      $0.measuring = SessionMeasuring(samples: samples)
    } _: { bench in
      let keeper = try await bench.keeper()
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      let last = publisher.unit(1)
      try await publisher.read([publisher.unit(0, key: true)]) { $0.open = last }
      try await bench.on {
        publisher.session.finish(Fault(.streamEnded, "first"))
        publisher.session.finish(Fault(.publisherGone, "second"))
        // What still comes from the socket goes nowhere.
        publisher.readNow([publisher.unit(2)])
      }
      #expect(keeper.units.map(\.id.number) == [1, 2])
      #expect(bench.facts.all(FactKind.streamInterrupted).map { $0["detail"] } == ["first"])
      #expect(samples.closings == 1)
      #expect(try await bench.on { publisher.session.receive { intake, _ in (intake.flushes, intake.held == nil) } } == (1, true))
    }
  }

  @Test("a takeover closes the first publisher's connection and goes on under the second")
  func takeover() async throws {
    try await Bench.with {
      $0.hub.secondPublisher = .takeOver
    } _: { bench in
      let keeper = try await bench.keeper()
      let one = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await one.read([one.unit(0, key: true)])
      let two = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await two.read([two.unit(0, key: true)])
      #expect(one.ends == [.streamBusy] && two.ends.isEmpty)
      #expect(Set(keeper.units.map(\.id.epoch)).count == 2)
      // The first one's own end, which its transport causes, is no second interruption.
      #expect(bench.facts.all(FactKind.streamInterrupted).count == 1)
      #expect(bench.facts.all(FactKind.streamResumed).count == 1)
      #expect(try await bench.on { (one.session.isLive, two.session.isLive) } == (false, true))
    }
  }

  @Test("a connection may end its session while the session ends it")
  func endsInside() async throws {
    try await Bench.with { bench in
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true)) { $0.silence = .seconds(10) }
      try await publisher.read([publisher.unit(0, key: true)])
      bench.hub.kick(Bench.name, reason: Fault(.accessDenied, "by order"))
      try await bench.settle()
      #expect(publisher.ends == [.accessDenied])
      try await bench.on { publisher.session.sweep(at: bench.clock.bootTime() + .seconds(60)) }
      #expect(publisher.ends == [.accessDenied])
      #expect(bench.facts.all(FactKind.streamInterrupted).count == 1)
    }
  }

  @Test("a publisher that is silent for longer than its plan allows is ended, before admission and after")
  func silence() async throws {
    try await Bench.with { bench in
      for isComplete in [false, true] {
        let publisher = try await bench.publisher(ToyIntake(isComplete ? [ToyIntake.video] : [], isComplete: isComplete)) {
          $0.silence = .seconds(10)
        }
        bench.clock.advance(.seconds(5))
        try await publisher.read([publisher.unit(0, key: true)])
        let last = bench.clock.bootTime()
        try await bench.on { publisher.session.sweep(at: last + .seconds(10)) }
        #expect(publisher.ends.isEmpty)
        try await bench.on { publisher.session.sweep(at: last + .milliseconds(10_001)) }
        #expect(publisher.ends == [.publisherGone])
      }
    }
  }

  // MARK: News

  @Test("sender clocks and changed tracks reach readers, transits the samples")
  func news() async throws {
    let samples = SampleList()
    let measuring = SessionMeasuring(samples: samples, senderClock: { _ in ClockDistance(low: -5, high: 5) })
    try await Bench.with {
      $0.measuring = measuring
    } _: { bench in
      let keeper = try await bench.keeper(.rtp { _ in OneBytePacketisation() })
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true)) {
        $0.mediaProtocol = .rtspTCP
        $0.rtpPayloads = [.canonical(for: ToyIntake.video)]
      }
      try await publisher.read([publisher.unit(0, key: true)])
      let now = bench.clock.bootTime()
      var changed = ToyIntake.video
      changed.width = 1920
      changed.generation = 1
      let tracks = [changed]
      try await publisher.read([publisher.unit(1)]) { intake in
        intake.news.tracks = tracks
        intake.news.senderClocks = [IntakeNews.SenderClock(track: 0, wall: WallTime(nanoseconds: 7), rtpTimestamp: 90)]
        intake.news.transits = [IntakeNews.Transit(track: 0, sent: BootTime(nanoseconds: 3), arrived: now)]
      }
      try await bench.on { publisher.session.finish(Fault(.streamEnded)) }
      #expect(keeper.clocks == [90])
      #expect(keeper.descriptions.map { $0.tracks.first?.width } == [nil, 1920])
      let transit = try #require(samples.events.first { $0.kind == .transit })
      #expect(transit.at == now && transit.value1 == 3)
      #expect(samples.events.contains { $0.kind == .trackFormat && $0.value1 == 1920 })
    }
  }

  @Test("a track's first repaired jump is a fact at once, later ones are one fact a minute, and what is left comes with the end")
  func clockRepairs() async throws {
    try await Bench.with { bench in
      _ = try await bench.keeper()
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await publisher.read([publisher.unit(0, key: true)])
      func repair(_ track: UInt8, _ seconds: Int64) async throws {
        try await publisher.read {
          $0.news.clockRepairs = [ClockRepair(track: track, step: .seconds(seconds), method: .bridged)]
          $0.repairs.clockJumps += 1
        }
      }
      func told() -> [StreamClockRepairedFact] { bench.facts.facts(of: FactKind.streamClockRepaired).compactMap { StreamClockRepairedFact($0) } }
      for seconds in [-5, -6, -7] as [Int64] { try await repair(0, seconds) }
      try await repair(1, 9)
      #expect(told().map(\.track) == [0, 1] && told().map(\.count) == [1, 1] && told().map(\.step) == [.seconds(-5), .seconds(9)])
      bench.clock.advance(.seconds(59))
      bench.hub.tick()
      try await bench.settle()
      #expect(told().count == 2)
      bench.clock.advance(.seconds(1))
      bench.hub.tick()
      try await bench.settle()
      #expect(told().count == 3 && told().last?.count == 2 && told().last?.step == .seconds(-7))
      try await repair(0, 4)
      #expect(told().count == 3)
      #expect(try await bench.hub.snapshot(of: Bench.name)?.repairs?.clockJumps == 5)
      try await bench.on { publisher.session.finish(Fault(.streamEnded)) }
      #expect(told().count == 4 && told().last?.step == .seconds(4) && told().allSatisfy { $0.stream.value == Bench.name && $0.session != nil })
    }
  }

  @Test("the hub's wishes reach the transport: key frames, and a tick a second with the loss of its sockets")
  func wishes() async throws {
    try await Bench.with { bench in
      let keeper = Keeper(bench.loop)
      let subscription = try await bench.hub.subscribe(keeper, to: Bench.name, form: .units).get()
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await publisher.read([publisher.unit(0, key: true)])
      subscription.requestKeyframe()
      bench.hub.tick()
      try await bench.settle()
      #expect(publisher.keyframes == [0] && publisher.ticks == 1)
    }
  }

  @Test("live means media now: without a picture for three seconds a stream is silent, sound or not, and live again with the next one")
  func condition() async throws {
    try await Bench.with { bench in
      func condition() async throws -> StreamSnapshot.Condition? { try await bench.hub.snapshot(of: Bench.name)?.condition }
      var sound = ToyIntake.audio
      sound.index = 1
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video, sound], isComplete: true))
      try await bench.on { publisher.session.ask() }
      try await bench.settle()
      #expect(try await condition() == .silent)
      try await publisher.read([publisher.unit(0, key: true)])
      #expect(try await condition() == .live)
      bench.clock.advance(.seconds(3))
      #expect(try await condition() == .live)
      bench.clock.advance(.seconds(1))
      var heard = publisher.unit(1)
      heard.track = 1
      try await publisher.read([heard])
      #expect(try await condition() == .silent)
      #expect(StreamSnapshot.Condition.allCases.filter(\.isPublished) == [.live, .silent])
      try await publisher.read([publisher.unit(2)])
      #expect(try await condition() == .live)
      try await bench.on { publisher.end(Fault(.publisherGone)) }
      #expect(try await condition() == .interrupted)
    }
  }

  @Test("figures may be asked for from any thread when the stream lives on another loop")
  func figuresFromElsewhere() async throws {
    try await Bench.with {
      $0.loops = 2
    } _: { bench in
      _ = try await bench.keeper(on: bench.loops.loops[1])
      let publisher = try await bench.publisher(ToyIntake([ToyIntake.video], isComplete: true))
      try await publisher.read([publisher.unit(0, key: true)])
      try await bench.settle()
      try await publisher.read([publisher.unit(1)])
      bench.clock.advance(.seconds(1))
      bench.hub.tick()
      try await bench.settle()
      let shown = try await bench.hub.snapshot(of: Bench.name)
      #expect(shown?.inbound?.framesReceived == 2)
      #expect(shown?.repairs == MediaRepairs())
      #expect(shown?.condition == .live)
    }
  }
}
