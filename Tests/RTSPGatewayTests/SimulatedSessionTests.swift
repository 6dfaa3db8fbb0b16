import Foundation
import Gateway
import Measure
import Model
import NIOCore
import RTPMedia
import Settings
import SettingsFile
import Testing
import Wire

/// Sixty-two seconds of a session in a moment: pictures that x264 coded, packetised, received and measured by the product's own code, at instants that the
/// test makes up.
private struct SimulatedSession {
  var units: [AccessUnit]
  var track: Track
  var seconds = 62
  var framesPerSecond = 25
  var roundTrip = Nanoseconds.milliseconds(40)
  /// Every so many packets one is lost.
  var losesEvery: Int?
  /// Frames whose packets all come when the last of them is sent.
  var held: Range<Int>?
  /// Frames that are never sent.
  var missing: Range<Int>?
  var leavesOutKeys = false
  var hasSound = false
  var told: [SampleEvent] = []

  static let start = BootTime(nanoseconds: 5_000_000_000_000)

  /// The 60 s window.
  func window() throws -> QualityWindow {
    let name = try #require(StreamName("live/simulated"))
    // As a device tells it: size and rate come from the parameter sets in its SDP.
    var plan = try SessionDescription(parsing: SDPBuilder.text([SDPTrack(sending: track)], name: "x", id: 1).utf8).tracks()
    let sound = Track(index: 1, codec: .pcmu, clockRate: 8000, parameters: .g711(channels: 1), channels: 1)
    if hasSound { plan.append(SDPTrack(sending: sound)) }
    let ingress = ReceptionPlan(tracks: plan.map(\.track), payloads: plan.map(\.payload), reorders: true)
    var meter = SessionMeter(
      header: SampleHeader(
        node: "n", boot: "b", stream: name, session: "s", hop: .device, mediaProtocol: .rtspUDP, roundTripMethod: "tcp-info", epoch: 1,
        started: Self.start, startedWall: WallTime(nanoseconds: 0), tracks: ingress.tracks.map { SampleTrack($0) }))
    var reception = RTPReception(ingress)
    reception.begin(PublicationIdentity(origin: UnitOrigin(node: "n", path: name), epoch: 1), &meter)
    var windows: [QualityWindow] = []
    var packets = try packets(ingress, sound: hasSound ? sound : nil)[...]
    for second in 1...seconds {
      let now = Self.start + .seconds(Int64(second))
      while let packet = packets.first, packet.at < now {
        packets.removeFirst()
        packet.bytes.withUnsafeReadableBytes { _ = reception.rtp($0, track: packet.track, at: 0, arrival: packet.at, &meter) }
        for track in reception.removeNews()?.tracks ?? [] {
          meter.trackFormat(
            track.index, width: track.width, height: track.height, nominalFrameRateMilli: track.nominalFrameRateMilli, at: packet.at)
        }
        meter.read(lag: .milliseconds(1))
      }
      meter.roundTrip(roundTrip, at: now)
      meter.probed(told.filter { $0.at >= now - .seconds(1) && $0.at < now })
      if let window = meter.tick(at: now) { windows.append(window) }
    }
    // What was told live is what samples give again.
    let rebuilt = QualityWindow.rebuild(from: meter.removeRecords(), header: meter.header)
    #expect(rebuilt == windows)
    return try #require(windows.first)
  }

  private struct Packet {
    var at: BootTime
    var track: Int
    var bytes: ByteBuffer
  }

  private func packets(_ plan: ReceptionPlan, sound: Track?) throws -> [Packet] {
    var packets: [Packet] = []
    var packetizer = RTPPacketizer(track: track, payloadType: plan.payloads[0].payloadType, ssrc: 1, sequenceNumber: 65_000, timestampOffset: 99)
    var count = 0
    for frame in 0..<seconds * framesPerSecond {
      var unit = units[frame % units.count]
      unit.pts = MediaTime(value: Int64(frame * 90_000 / framesPerSecond), timescale: 90_000)
      if missing?.contains(frame) == true || (leavesOutKeys && unit.isKey) { continue }
      let sent = held.flatMap { $0.contains(frame) ? $0.upperBound : nil } ?? frame
      let at = Self.start + Nanoseconds(Int64(sent) * 1_000_000_000 / Int64(framesPerSecond) + 3_000_000)
      for bytes in Self.split(&packetizer, unit) {
        count += 1
        if let losesEvery, count % losesEvery == 0 { continue }
        packets.append(Packet(at: at + Nanoseconds(Int64(packets.count % 100) * 50_000), track: 0, bytes: bytes))
      }
    }
    guard let sound else { return packets }
    var voice = RTPPacketizer(track: sound, payloadType: plan.payloads[1].payloadType, ssrc: 2)
    for frame in 0..<seconds * 50 {
      var unit = units[0]
      unit.track = 1
      unit.pts = MediaTime(value: Int64(frame * 160), timescale: 8000)
      unit.payload = ByteBuffer(repeating: 0xFF, count: 160)
      let at = Self.start + .milliseconds(Int64(frame) * 20)
      packets += Self.split(&voice, unit).map { Packet(at: at, track: 1, bytes: $0) }
    }
    return packets.sorted { $0.at < $1.at }
  }

  private static func split(_ packetizer: inout RTPPacketizer, _ unit: AccessUnit) -> [ByteBuffer] {
    var framed = ByteBuffer()
    packetizer.packetize(unit, channel: 0, into: &framed)
    var packets: [ByteBuffer] = []
    while framed.readInteger(as: UInt16.self) != nil, let length = framed.readInteger(as: UInt16.self) {
      guard let packet = framed.readSlice(length: Int(length)) else { break }
      packets.append(packet)
    }
    return packets
  }
}

@Suite("Minutes of real pictures at simulated instants", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct SimulatedSessionTests {
  private static func profile(_ name: String, audioRequired: Bool = false) throws -> QualityProfile {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    var text = try String(contentsOf: root.appendingPathComponent("Config/quality/\(name).yaml"), encoding: .utf8)
    if audioRequired { text = text.replacingOccurrences(of: "audioRequired: false", with: "audioRequired: true") }
    return try QualityProfile(try ConfigNode(yaml: text).json)
  }

  /// Two seconds that x264 coded, as units.
  private func session(size: String = "1280x720", rate: Int = 25) async throws -> SimulatedSession {
    let shop = try Workshop()
    let file = shop.path("two.h264")
    let made = try await Program.run(
      [
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=\(size):rate=\(rate)", "-t", "2", "-c:v", "libx264", "-preset", "ultrafast",
        "-g",
        "\(rate)", "-bf", "0", "-x264-params", "aud=1:repeat-headers=1", "-pix_fmt", "yuv420p", "-f", "h264", file,
      ], folder: shop.folder)
    try #require(made.status == 0, "\(made.errors)")
    let name = try #require(StreamName("live/simulated"))
    let origin = UnitOrigin(node: "n", path: name)
    var groups: [[[UInt8]]] = []
    for nal in Self.nalUnits([UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))) {
      if nal[0] & 31 == 9 { groups.append([]) } else if !groups.isEmpty { groups[groups.count - 1].append(nal) }
    }
    try #require(groups.count == 2 * rate)
    let units = groups.enumerated().map { index, nals in
      var payload = ByteBuffer()
      for nal in nals {
        payload.writeInteger(UInt32(nal.count))
        payload.writeBytes(nal)
      }
      let isKey = nals.contains { $0[0] & 31 == 5 }
      return AccessUnit(
        id: AccessUnitID(origin: origin, epoch: 1, number: UInt64(index + 1)), track: 0, pts: MediaTime(value: 0, timescale: 90_000),
        firstArrival: SimulatedSession.start, arrival: SimulatedSession.start, flags: isKey ? [.key] : [], payload: payload)
    }
    func sets(_ kind: UInt8) -> [[UInt8]] { Array((groups.first ?? []).filter { $0[0] & 31 == kind }.prefix(1)) }
    let track = Track(index: 0, codec: .h264, clockRate: 90_000, parameters: .h264(sps: sets(7), pps: sets(8)))
    return SimulatedSession(units: units, track: track, framesPerSecond: rate)
  }

  private static func nalUnits(_ stream: [UInt8]) -> [[UInt8]] {
    var starts: [Int] = []
    for at in 0..<max(0, stream.count - 3) where stream[at] == 0 && stream[at + 1] == 0 && stream[at + 2] == 1 {
      starts.append(at + 3)
    }
    return starts.enumerated().map { index, start in
      var end = index + 1 < starts.count ? starts[index + 1] - 3 : stream.count
      while end > start, index + 1 < starts.count, stream[end - 1] == 0 { end -= 1 }
      return Array(stream[start..<end])
    }.filter { !$0.isEmpty }
  }

  private func probe(_ second: Int64, black: Int64 = -1, silent: Int64 = -1) -> SampleEvent {
    SampleEvent(at: SimulatedSession.start + .seconds(second), kind: .probe, value1: black, value2: -1, value3: silent)
  }

  @Test("a good session passes every profile, with sound and without")
  func good() async throws {
    var session = try await session()
    for name in ["field-mobile", "gb-fixed", "degraded"] {
      let judgement = try Self.profile(name).judge(session.window())
      #expect(judgement.verdict == .pass, "\(name): \(judgement)")
    }
    session.hasSound = true
    session.told = [probe(2, black: 0, silent: 0)]
    let judgement = try Self.profile("field-mobile", audioRequired: true).judge(session.window())
    #expect(judgement.verdict == .pass && judgement.reasons.isEmpty, "\(judgement)")
  }

  @Test("1 % residual loss fails as LOSS, and the count is exact")
  func loss() async throws {
    var session = try await session()
    session.losesEvery = 100
    let window = try session.window()
    let judgement = try Self.profile("field-mobile").judge(window)
    #expect(judgement.verdict == .fail && judgement.reasons.contains(.loss), "\(judgement)")
    #expect(abs((window.residualLossPPM ?? 0) - 10_000) < 200)
    session.losesEvery = 10_000
    let few = try Self.profile("field-mobile").judge(session.window())
    #expect(!few.reasons.contains(.loss), "\(few)")
  }

  @Test("12 fps fails as LOWFPS and as nothing else")
  func slow() async throws {
    let judgement = try Self.profile("field-mobile").judge(try await session(rate: 12).window())
    #expect(judgement.verdict == .fail && judgement.reasons == [.lowFrameRate], "\(judgement)")
  }

  @Test("640×360 fails as LOWRES under field-mobile and passes under degraded")
  func small() async throws {
    let window = try await session(size: "640x360").window()
    #expect(try Self.profile("field-mobile").judge(window).reasons == [.lowResolution])
    #expect(try Self.profile("degraded").judge(window).verdict == .pass)
  }

  @Test("six seconds in which nothing comes fail as FREEZE, whether the frames come late or never")
  func freeze() async throws {
    var session = try await session()
    session.held = 500..<650
    let late = try session.window()
    let judgement = try Self.profile("field-mobile").judge(late)
    #expect(judgement.verdict == .fail && judgement.reasons.contains(.freeze), "\(judgement)")
    // Frames that come late are not shown but for those within the viewer's second.
    #expect(abs(late.longestFreezeNs - 5_040_000_000) <= 120_000_000 || abs(late.longestFreezeNs - 6_000_000_000) <= 1_040_000_000)
    session.held = nil
    session.missing = 500..<650
    let never = try session.window()
    #expect(try Self.profile("field-mobile").judge(never).reasons.contains(.freeze))
    #expect(never.longestFreezeNs == 151 * 40_000_000)
    #expect(never.packetsLost == 0)
  }

  @Test("a black camera fails as BLACK, a silent microphone as NOAUDIO under a profile that asks for sound")
  func content() async throws {
    var session = try await session()
    session.hasSound = true
    session.told = [probe(1, black: 0, silent: 0), probe(20, black: 1), probe(23, black: 0), probe(30, silent: 1)]
    let window = try session.window()
    #expect(try Self.profile("field-mobile").judge(window).reasons == [.black])
    #expect(try Self.profile("field-mobile", audioRequired: true).judge(window).reasons == [.black, .noAudio])
    session.hasSound = false
    session.told = []
    #expect(try Self.profile("field-mobile", audioRequired: true).judge(session.window()).reasons == [.noAudio])
  }

  @Test("a round trip of 900 ms fails as DELAY")
  func delay() async throws {
    var session = try await session()
    session.roundTrip = .milliseconds(900)
    #expect(try Self.profile("field-mobile").judge(session.window()).reasons == [.delay])
    session.roundTrip = .milliseconds(800)
    #expect(try Self.profile("field-mobile").judge(session.window()).verdict == .pass)
  }

  @Test("pictures without a key frame, and a device that sends nothing, fail as OFFLINE")
  func offline() async throws {
    var session = try await session()
    session.leavesOutKeys = true
    let noKey = try session.window()
    #expect(noKey.frames.received > 1000 && noKey.frames.keys == 0)
    #expect(try Self.profile("field-mobile").judge(noKey).reasons == [.offline])
    session.missing = 0..<10_000
    let nothing = try session.window()
    #expect(try Self.profile("field-mobile").judge(nothing).reasons == [.offline])
    // And the session that was ordered and never came.
    let never = SessionJudge(connectedAfter: nil, wasOrdered: true, longestOutage: .zero, minutes: MinuteTally())
    let judgement = never.judge(by: try Self.profile("field-mobile"))
    #expect(judgement.verdict == .fail && judgement.reasons == [.offline])
  }
}
