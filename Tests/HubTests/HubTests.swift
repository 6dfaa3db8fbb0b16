import FirstFrameTesting
import Logging
import Measure
import Model
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import Wire

@testable import Hub

private final class Source: PublicationSource {
  let closed = Mutex<[Fault]>([])
  let keyframesAsked = Mutex(0)
  func close(_ reason: Fault) { closed.withLock { $0.append(reason) } }
  func requestKeyframe(track: UInt8) { keyframesAsked.withLock { $0 += 1 } }
  func tick(at now: BootTime) {}
  func inboundQuality(at now: BootTime) -> InboundQuality? { nil }
}

private final class Reader: StreamReader {
  struct Seen {
    var started: [StreamDescription] = []
    var deliveries: [Delivery] = []
    var interrupted = 0
    var ended = 0
  }
  let loop: any EventLoop
  let seen = Mutex(Seen())
  init(_ loop: any EventLoop) { self.loop = loop }
  func streamStarted(_ description: StreamDescription) { seen.withLock { $0.started.append(description) } }
  func receive(_ delivery: Delivery) { seen.withLock { $0.deliveries.append(delivery) } }
  func streamInterrupted(at: BootTime) { seen.withLock { $0.interrupted += 1 } }
  func streamEnded(_ reason: Fault) { seen.withLock { $0.ended += 1 } }
  var units: [AccessUnit] { seen.withLock { $0.deliveries.flatMap(\.units) } }
}

@Suite("The hub")
struct HubTests {
  private let loop = EmbeddedEventLoop()
  private let clock = HandClock()
  private let facts = FactList()
  private let name = StreamName("live/cam1")
  private let video = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: [[0x67]], pps: [[0x68]]))

  private func hub(_ change: (inout HubSettings) -> Void = { _ in }) -> Hub {
    var settings = HubSettings()
    change(&settings)
    return Hub(node: "county", settings: settings, clock: clock, facts: facts, logger: Logger(label: "test"))
  }

  private func request(_ source: Source, rtp: Bool = false) throws -> PublishRequest {
    PublishRequest(
      name: try #require(name), tracks: [video], mediaProtocol: rtp ? .rtspTCP : .rtmp, remoteAddress: "127.0.0.1:1",
      rtpPayloads: rtp ? [.canonical(for: video)] : [], sharedClock: !rtp, loop: loop, source: source)
  }

  private func publish(_ hub: Hub, _ source: Source, rtp: Bool = false) throws -> Publication {
    let result = hub.publish(try request(source, rtp: rtp))
    loop.run()
    return try result.wait()
  }

  private func unit(_ publication: Publication, _ number: UInt64, pts: Int64, key: Bool = false) -> AccessUnit {
    let now = clock.bootTime()
    return AccessUnit(
      id: AccessUnitID(origin: publication.origin, epoch: publication.epoch, number: number), track: 0,
      pts: MediaTime(value: pts, timescale: 90_000), firstArrival: now, arrival: now, flags: key ? [.key, .clean] : .clean,
      payload: ByteBuffer(bytes: [0, 0, 0, 2, key ? 0x65 : 0x41, UInt8(truncatingIfNeeded: number)]))
  }

  private func post(_ publication: Publication, _ units: [AccessUnit]) {
    publication.post(MediaBatch(units: units, arrival: clock.bootTime()))
  }

  private func read(_ hub: Hub, form: ReaderForm = .units) throws -> (reader: Reader, subscription: Subscription) {
    let reader = Reader(loop)
    let result = hub.subscribe(reader, to: try #require(name), form: form)
    loop.run()
    return (reader, try result.wait())
  }

  @Test("a publication after a restart is newer than those before it, though the wall clock was set back an hour")
  func epochsGoOn() throws {
    let before: Int64 = (1_700_000_000_000_000_000 + 1_000_000_000_000) / 1_000_000 + 3_600_000
    func fact(_ kind: String, _ epoch: Int64) -> Fact {
      Fact(
        node: "county", boot: "test", sequence: 1, bootTime: clock.bootTime(), wall: "", kind: kind, previous: "", hash: "",
        fields: ["stream": "live/cam1", "epoch": .int(epoch)])
    }
    let hub = hub()
    hub.resumeEpochs(from: [fact(FactKind.streamStarted, before), fact(FactKind.streamResumed, before - 5), fact(FactKind.nodeStarted, .max)])
    let first = try publish(hub, Source())
    #expect(first.epoch == UInt64(before) + 1)
    // Without a past it is the wall clock's milliseconds.
    let fresh = try publish(self.hub(), Source())
    #expect(fresh.epoch == UInt64(before) - 3_600_000)
  }

  @Test("a reader that waited gets the first unit, one that comes later begins with the newest key unit")
  func join() throws {
    let hub = hub()
    let (early, _) = try read(hub)
    let publication = try publish(hub, Source())
    post(publication, [unit(publication, 1, pts: 0, key: true), unit(publication, 2, pts: 3600)])
    post(publication, [unit(publication, 3, pts: 7200, key: true), unit(publication, 4, pts: 10_800)])
    let (late, _) = try read(hub)
    #expect(early.units.map(\.id.number) == [1, 2, 3, 4])
    #expect(late.units.map(\.id.number) == [3, 4])
    #expect(late.seen.withLock { $0.deliveries.first?.cached } == true)
    #expect(late.seen.withLock { $0.started.count } == 1)
  }

  // MARK: Repairs

  private func packet(_ number: UInt16, _ timestamp: UInt32, first: UInt8 = 0x80, last: UInt8 = 9) -> [UInt8] {
    var frame = ByteBuffer(bytes: [0x24, 0, 0, 14, first, 96])
    frame.writeInteger(number)
    frame.writeInteger(timestamp)
    frame.writeInteger(UInt32(7))
    frame.writeBytes([0x41, last])
    return Array(buffer: frame)
  }

  private func timestamps(_ reader: Reader) -> [UInt32] {
    reader.seen.withLock { $0.deliveries }.flatMap { delivery in
      delivery.bytes.withUnsafeReadableBytes { bytes in
        RTPFrameWalk(bytes).map { UInt32(bigEndian: $0.packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
      }
    }
  }

  @Test("from the packet of a jump on, readers of RTP get timestamps that go on, also when the publisher returns, and no wrong padding")
  func repairedPackets() throws {
    let hub = hub()
    let first = try publish(hub, Source(), rtp: true)
    let (reader, _) = try read(hub, form: .rtp { _ in NoPacketisation() })
    func post(_ publication: Publication, _ packets: [[UInt8]], _ edits: [PacketEdit] = []) {
      publication.post(MediaBatch(units: [], packets: ByteBuffer(bytes: packets.flatMap { $0 }), edits: edits, arrival: clock.bootTime()))
    }
    post(first, [packet(1, 500_000), packet(2, 503_600)])
    post(
      first, [packet(3, 507_200), packet(4, 7), packet(5, 3607, first: 0xA0, last: 0)],
      [PacketEdit(offset: 18, change: .shift(track: 0, ticks: 510_793)), PacketEdit(offset: 36, change: .noPadding)])
    post(first, [packet(6, 7207)])
    #expect(timestamps(reader) == [500_000, 503_600, 507_200, 510_800, 514_400, 518_000])
    let second = reader.seen.withLock { $0.deliveries[1].bytes }
    #expect(second.getInteger(at: second.readerIndex + 40, as: UInt8.self) == 0x80)
    // Back where it was: untouched again.
    post(first, [packet(7, 521_600)], [PacketEdit(offset: 0, change: .shift(track: 0, ticks: 0))])
    first.finish(Fault(.publisherGone))
    loop.run()
    let third = try publish(hub, Source(), rtp: true)
    post(third, [packet(90, 4000), packet(91, 10)], [PacketEdit(offset: 18, change: .shift(track: 0, ticks: 7590))])
    let all = timestamps(reader)
    #expect(all[6] == 521_600 && all[8] &- all[7] == 3600)
    first.finish(Fault(.publisherGone))
  }

  @Test("a late reader of a stream without key frames begins with the newest recovery point")
  func recoveryPoint() throws {
    let hub = hub()
    let publication = try publish(hub, Source())
    var start = unit(publication, 3, pts: 7200, key: true)
    start.flags.insert(.recovery)
    post(publication, [unit(publication, 1, pts: 0), unit(publication, 2, pts: 3600)])
    post(publication, [start, unit(publication, 4, pts: 10_800)])
    let (late, _) = try read(hub)
    #expect(late.units.map(\.id.number) == [3, 4])
  }

  @Test("while a reader waits for a place to begin, the publisher is asked for a key frame after a second, and again after five")
  func asksForStart() throws {
    let hub = hub()
    let source = Source()
    let publication = try publish(hub, source)
    post(publication, [unit(publication, 1, pts: 0)])
    func tick(_ seconds: Int64) {
      clock.advance(.seconds(seconds))
      hub.tick()
      loop.run()
    }
    tick(3)
    #expect(source.keyframesAsked.withLock { $0 } == 0, "nobody waits")
    _ = try read(hub)
    hub.tick()
    loop.run()
    #expect(source.keyframesAsked.withLock { $0 } == 0)
    tick(1)
    tick(1)
    #expect(source.keyframesAsked.withLock { $0 } == 1)
    tick(4)
    #expect(source.keyframesAsked.withLock { $0 } == 2)
    post(publication, [unit(publication, 2, pts: 3600, key: true)])
    tick(30)
    _ = try read(hub)
    tick(30)
    #expect(source.keyframesAsked.withLock { $0 } == 2, "the newest key frame is in the cache")
  }

  @Test("a publisher that returns within the window keeps stream, readers and time line; the gap is a fact")
  func resume() throws {
    let hub = hub()
    let first = try publish(hub, Source())
    let (reader, _) = try read(hub)
    post(first, [unit(first, 1, pts: 500_000, key: true), unit(first, 2, pts: 503_600)])
    first.finish(Fault(.publisherGone))
    clock.advance(.seconds(4))
    let second = try publish(hub, Source())
    #expect(second.resumed)
    #expect(second.epoch > first.epoch)
    post(second, [unit(second, 1, pts: 77, key: true)])
    let units = reader.units
    #expect(units.map(\.pts.nanoseconds) == [0, 40_000_000, 4_040_000_000])
    #expect(units.last?.flags.contains(.discontinuity) == true)
    #expect(reader.seen.withLock { ($0.interrupted, $0.ended) } == (1, 0))
    #expect(reader.seen.withLock { $0.started.last?.continues } == true)
    let gap = try #require(facts.fields(FactKind.streamGap))
    #expect((gap["toNs"]?.intValue ?? 0) - (gap["fromNs"]?.intValue ?? 0) == 4_000_000_000)
  }

  @Test("after the window the stream has ended for its readers, and a return is a new stream")
  func ended() throws {
    let hub = hub()
    let first = try publish(hub, Source())
    let (reader, _) = try read(hub)
    post(first, [unit(first, 1, pts: 0, key: true)])
    first.finish(Fault(.publisherGone))
    loop.advanceTime(by: .seconds(11))
    clock.advance(.seconds(11))
    #expect(reader.seen.withLock { $0.ended } == 1)
    #expect(facts.kinds.contains(FactKind.streamEnded))
    let second = try publish(hub, Source())
    #expect(!second.resumed)
    post(second, [unit(second, 1, pts: 900, key: true)])
    #expect(reader.units.last?.pts.value == 0)
  }

  @Test("a second publisher on a live name is refused; one on a silent name takes over and the first is told")
  func second() throws {
    let hub = hub()
    let firstSource = Source()
    let first = try publish(hub, firstSource)
    post(first, [unit(first, 1, pts: 0, key: true)])
    #expect(throws: Fault.self) { try publish(hub, Source()) }
    #expect(facts.fields(FactKind.streamRefused)?["code"] == "streamBusy")
    clock.advance(.seconds(3))
    let second = try publish(hub, Source())
    #expect(second.resumed)
    #expect(firstSource.closed.withLock { $0.count } == 1)
    let (reader, _) = try read(hub)
    post(first, [unit(first, 2, pts: 3600)])
    #expect(!reader.units.contains { $0.id.epoch == first.epoch && $0.id.number == 2 })
  }

  @Test("whether a name is free is asked without publishing: a busy one is refused with one fact, and nobody is refused against itself")
  func check() throws {
    let hub = hub { $0.secondPublisher = .refuse }
    let source = Source()
    try hub.check(try request(source)).wait()
    #expect(facts.kinds.isEmpty)
    _ = try publish(hub, source)
    try hub.check(try request(source)).wait()
    #expect(facts.all(FactKind.streamRefused).isEmpty)
    #expect { try hub.check(try request(Source())).wait() } throws: { ($0 as? Fault)?.code == .streamBusy }
    #expect(facts.all(FactKind.streamRefused).map { $0["code"] } == ["streamBusy"])
    #expect(facts.all(FactKind.streamStarted).count == 1)
  }

  @Test("a reader that pauses is not counted as slow, gets nothing even of the cache, and goes on with a key unit")
  func pausedGate() {
    func delivery(_ bytes: [UInt8], fromKey: [UInt8]? = nil, cached: Bool = false) -> Delivery {
      Delivery(
        bytes: ByteBuffer(bytes: bytes), fromKey: fromKey.map { ByteBuffer(bytes: $0) }, units: [], unitCount: 1, cached: cached,
        arrival: clock.bootTime())
    }
    var gate = ReaderGate()
    #expect(gate.admit(delivery([1], cached: true), writable: false) == nil)
    #expect(gate.admit(delivery([1], cached: true), writable: true) == ByteBuffer(bytes: [1]))
    gate.pause()
    #expect(gate.admit(delivery([2]), writable: true) == nil)
    #expect(gate.admit(delivery([3, 4], fromKey: [4]), writable: true) == ByteBuffer(bytes: [4]))
    #expect(gate.drops == 0)
  }

  @Test("packets of a publisher that returned continue sequence, timestamp and SSRC")
  func rtpContinues() throws {
    let hub = hub()
    func packet(_ sequence: UInt16, _ timestamp: UInt32, ssrc: UInt32) -> [UInt8] {
      var out: [UInt8] = [0x24, 0, 0, 14, 0x80, 0x60]
      out += [UInt8(sequence >> 8), UInt8(truncatingIfNeeded: sequence)]
      for value in [timestamp, ssrc] { out += (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) } }
      return out + [0x65, 0]
    }
    let (reader, _) = try read(hub, form: .rtp { _ in NoPacketisation() })
    let first = try publish(hub, Source(), rtp: true)
    first.post(
      MediaBatch(
        units: [unit(first, 1, pts: 0, key: true)], packets: ByteBuffer(bytes: packet(0xFFFF, 1000, ssrc: 7)), keyUnitOffset: 0,
        arrival: clock.bootTime()))
    first.finish(Fault(.publisherGone))
    clock.advance(.seconds(2))
    let second = try publish(hub, Source(), rtp: true)
    second.post(
      MediaBatch(
        units: [unit(second, 1, pts: 0, key: true)], packets: ByteBuffer(bytes: packet(40, 999_999, ssrc: 9)), keyUnitOffset: 0,
        arrival: clock.bootTime()))
    let bytes = reader.seen.withLock { $0.deliveries.map { Array($0.bytes.readableBytesView) } }
    #expect(bytes == [packet(0xFFFF, 1000, ssrc: 7), packet(0, 1000 + 180_000, ssrc: 7)])
  }

  @Test("a gate drops a full reader to the next key unit and counts what it dropped")
  func gate() {
    var gate = ReaderGate()
    func delivery(_ text: String, key: String? = nil) -> Delivery {
      Delivery(
        bytes: ByteBuffer(string: text), fromKey: key.map { ByteBuffer(string: $0) }, units: [], unitCount: 1, cached: false,
        arrival: BootTime(nanoseconds: 0))
    }
    expectEqual(gate.admit(delivery("p1"), writable: true), nil)
    expectEqual(gate.admit(delivery("xK1", key: "K1"), writable: true), ByteBuffer(string: "K1"))
    expectEqual(gate.admit(delivery("p2"), writable: true), ByteBuffer(string: "p2"))
    expectEqual(gate.admit(delivery("p3"), writable: false), nil)
    expectEqual(gate.admit(delivery("p4"), writable: true), nil)
    expectEqual(gate.admit(delivery("K2", key: "K2"), writable: true), ByteBuffer(string: "K2"))
    #expect(gate.drops == 1)
    #expect(gate.droppedUnits == 3)
  }

  @Test("a key unit that began in earlier batches is cached from its first packet")
  func gopCache() {
    var cache = GOPCache(limit: 100)
    expectEqual(cache.append(ByteBuffer(string: "aaSPS"), keyOffset: nil), nil)
    expectEqual(cache.append(ByteBuffer(string: "IDR"), keyOffset: -3), ByteBuffer(string: "SPSIDR"))
    expectEqual(cache.append(ByteBuffer(string: "p"), keyOffset: nil), nil)
    #expect(cache.bytes == ByteBuffer(string: "SPSIDRp"))
    expectEqual(cache.append(ByteBuffer(string: "pIDR2"), keyOffset: 1), ByteBuffer(string: "IDR2"))
    expectEqual(cache.append(ByteBuffer(string: String(repeating: "x", count: 98)), keyOffset: nil), nil)
    #expect(!cache.startsWithKey)
  }

  @Test("units written straight into the cache are delivered from there, and a reader's slice outlives the next group of pictures")
  func gopCacheWritten() {
    var cache = GOPCache(limit: 100)
    func write(_ text: String, key: Bool) -> (bytes: ByteBuffer, fromKey: ByteBuffer?) {
      cache.write(startsWithKey: key) { $0.writeString(text) }
    }
    #expect(write("p0", key: false).bytes == ByteBuffer(string: "p0"))
    #expect(!cache.startsWithKey)
    let key = write("K1", key: true)
    expectEqual(key.bytes, ByteBuffer(string: "K1"))
    expectEqual(key.fromKey, ByteBuffer(string: "K1"))
    expectEqual(write("p1", key: false).bytes, ByteBuffer(string: "p1"))
    #expect(cache.bytes == ByteBuffer(string: "K1p1") && cache.startsWithKey)
    let held = cache.bytes
    _ = write("K2", key: true)
    _ = write("p2", key: false)
    #expect(held == ByteBuffer(string: "K1p1"))
    #expect(key.bytes == ByteBuffer(string: "K1"))
    #expect(cache.bytes == ByteBuffer(string: "K2p2"))
    expectEqual(write("", key: true).fromKey, nil)
    #expect(!cache.startsWithKey)
    let long = String(repeating: "x", count: 101)
    expectEqual(write(long, key: true).bytes, ByteBuffer(string: long))
    #expect(!cache.startsWithKey && cache.bytes.readableBytes == 0)
  }

  @Test("the storage of a group of pictures is used again for the next, and given back when a stream becomes thin")
  func gopCacheStorage() {
    var cache = GOPCache(limit: 8 << 20)
    func gop(_ size: Int) {
      _ = cache.append(ByteBuffer(repeating: 1, count: size), keyOffset: 0)
      _ = cache.append(ByteBuffer(repeating: 2, count: size), keyOffset: nil)
    }
    func place() -> UnsafeRawPointer? { cache.bytes.withUnsafeReadableBytes { $0.baseAddress } }
    gop(500_000)
    let (before, room) = (place(), cache.bytes.capacity)
    for _ in 0..<3 { gop(500_000) }
    #expect(place() == before && cache.bytes.capacity == room)
    // The key unit's first packets came with the batch before.
    _ = cache.append(ByteBuffer(string: "IDR"), keyOffset: -4)
    #expect(place() == before)
    expectEqual(cache.bytes, ByteBuffer(bytes: [2, 2, 2, 2] + Array("IDR".utf8)))
    for _ in 0..<60 { gop(1000) }
    #expect(cache.bytes.capacity <= room / 4)
  }
}

/// `#expect` takes no mutating calls.
private func expectEqual(_ found: ByteBuffer?, _ expected: ByteBuffer?, at location: SourceLocation = #_sourceLocation) {
  #expect(found == expected, sourceLocation: location)
}

/// A packetisation that writes nothing: the test that uses it looks at passing packets alone.
private final class NoPacketisation: Packetisation {
  func encode(_ unit: AccessUnit, into buffer: inout ByteBuffer) {}
  func update(_ description: StreamDescription, into buffer: inout ByteBuffer) {}
}
