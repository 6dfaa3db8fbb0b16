import FirstFrameTesting
import Journal
import Model

/// A session's records as a camera with sound makes them: frames with jitter, seconds with counters, an event here and there.
struct SampleTraffic {
  var random: Mutator
  var header: SampleHeader
  let hasAudio: Bool
  /// The first version's files did not.
  var tellsReadings = true
  private var number: UInt64 = 0
  private var video = TrackCounters(track: 0)
  private var audio = TrackCounters(track: 1)

  init(seed: UInt64 = 1, session: String = "5e5510a1", started: Int64 = 4_000_000_000_000, hasAudio: Bool = true) throws {
    random = Mutator(seed: seed)
    self.hasAudio = hasAudio
    guard let stream = StreamName("live/执法记录仪1") else { throw TestFailure("name") }
    var tracks = [SampleTrack(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: 25_000, width: 1280, height: 720)]
    if hasAudio { tracks.append(SampleTrack(index: 1, codec: .aac, clockRate: 48_000)) }
    header = SampleHeader(
      node: "county", boot: "b0071d00-0000-4000-8000-000000000001", stream: stream, session: session, hop: .device, mediaProtocol: .rtspUDP,
      roundTripMethod: "rtsp-options", epoch: 1_763_800_000_123, started: BootTime(nanoseconds: started),
      startedWall: WallTime(nanoseconds: 1_763_800_000_123_456_789), tracks: tracks)
  }

  /// The records of `seconds` seconds, the opening second sample included.
  mutating func records(seconds: Int) -> [SampleRecord] {
    var records: [SampleRecord] = [.second(second(at: header.started))]
    for index in 0..<seconds {
      for frame in 0..<25 { records.append(.frame(picture(index * 25 + frame))) }
      if hasAudio { for frame in 0..<47 { records.append(.frame(sound(index * 47 + frame))) } }
      if index % 40 == 7 { records.append(.event(SampleEvent(at: at(Int64(index + 1) * 1_000_000_000 - 3), kind: .probe, value1: -1))) }
      records.append(.second(second(at: at(Int64(index + 1) * 1_000_000_000 + Int64.random(in: 0...900_000, using: &random)))))
    }
    return records
  }

  private func at(_ ns: Int64) -> BootTime { header.started + Nanoseconds(ns) }

  private mutating func picture(_ index: Int) -> FrameSample {
    number += 1
    let isKey = index % 50 == 0
    let first = at(Int64(index) * 40_000_000 + Int64.random(in: 0...4_000_000, using: &random))
    let size = isKey ? Int64.random(in: 30_000...60_000, using: &random) : Int64.random(in: 4_000...12_000, using: &random)
    let packets = size / 1400 + 1
    video.packetsExpected += packets
    video.packetsReceived += packets
    video.bytesReceived += size + packets * 12
    video.jitterNs = Int64.random(in: 200_000...900_000, using: &random)
    video.jitterSumNs += video.jitterNs * packets
    video.jitterCount += packets
    video.jitterMaxNs = max(video.jitterMaxNs, video.jitterNs)
    return FrameSample(
      track: 0, number: number, timestamp: Int64(index) * 3600, firstArrival: first,
      lastArrival: first + Nanoseconds(Int64.random(in: 0...packets * 90_000, using: &random)), size: size, packets: packets,
      flags: isKey ? [.key, .clean] : [.clean])
  }

  private mutating func sound(_ index: Int) -> FrameSample {
    number += 1
    let arrival = at(Int64(index) * 21_333_333 + Int64.random(in: 0...4_000_000, using: &random))
    let size = Int64.random(in: 150...300, using: &random)
    audio.packetsExpected += 1
    audio.packetsReceived += 1
    audio.bytesReceived += size + 12
    audio.jitterNs = Int64.random(in: 200_000...900_000, using: &random)
    audio.jitterSumNs += audio.jitterNs
    audio.jitterCount += 1
    return FrameSample(
      track: 1, number: number, timestamp: Int64(index) * 1024, firstArrival: arrival, lastArrival: arrival, size: size, packets: 1,
      flags: [.key, .clean])
  }

  private mutating func second(at time: BootTime) -> SecondSample {
    var observer = ObserverSample(receiveBufferErrors: 3)
    if video.packetsReceived > 0 {
      observer.probeLagP99Ns = Int64.random(in: 20_000...400_000, using: &random)
      if tellsReadings { (observer.readings, observer.lateReadings) = (1 + video.bytesReceived % 300, video.bytesReceived % 7) }
    }
    if video.packetsReceived % 2 == 0 { observer.cpuPressurePPM = Int64.random(in: 0...90_000, using: &random) }
    defer { video.jitterMaxNs = 0 }
    return SecondSample(
      at: time, tracks: hasAudio ? [video, audio] : [video],
      roundTripNs: video.packetsReceived > 100 ? Int64.random(in: 8_000_000...40_000_000, using: &random) : nil, observer: observer)
  }
}
