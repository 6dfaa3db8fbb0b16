import FirstFrameTesting
import Model

/// Seeded video traffic over a bad link, and what naive bookkeeping says of it: the reference shares no code with the meters.
struct Traffic {
  struct Packet {
    var extended: Int64
    var timestamp: UInt32
    var arrival: BootTime
    var frame: Int
    var isLastOfFrame: Bool
  }

  var frameRate: Int64 = 25
  var gop = 25
  var packetsPerFrame = 1...6
  var loss = 0.0
  /// Gilbert-Elliott: to bad, back to good; everything is lost in bad.
  var burst: (bad: Double, good: Double)?
  var duplication = 0.0
  /// Largest extra delay, uniform: reorders.
  var jitterNs: Int64 = 0
  var delayNs: Int64 = 40_000_000
  var firstSequence: Int64 = 65_000
  var firstTimestamp: UInt32 = 4_294_900_000
  var start = BootTime(nanoseconds: 5_000_000_000_000)

  /// How many packets each frame was sent in, of the last trace.
  private(set) var counts: [Int] = []

  /// Packets in order of arrival, duplicates among them.
  mutating func packets(frames: Int, using random: inout Mutator) -> [Packet] {
    var sent: [Packet] = []
    var sequence = firstSequence
    var isBad = false
    counts = []
    for frame in 0..<frames {
      let count = Int.random(in: packetsPerFrame, using: &random)
      counts.append(count)
      for index in 0..<count {
        defer { sequence += 1 }
        if let burst {
          isBad = isBad ? Double.random(in: 0..<1, using: &random) >= burst.good : Double.random(in: 0..<1, using: &random) < burst.bad
          if isBad { continue }
        }
        if Double.random(in: 0..<1, using: &random) < loss { continue }
        let left = start.nanoseconds + Int64(frame) * 1_000_000_000 / frameRate + Int64(index) * 100_000
        let timestamp = firstTimestamp &+ UInt32(truncatingIfNeeded: Int64(frame) * 90_000 / frameRate)
        var copies = 1
        if Double.random(in: 0..<1, using: &random) < duplication { copies = 2 }
        for _ in 0..<copies {
          let extra = jitterNs > 0 ? Int64.random(in: 0...jitterNs, using: &random) : 0
          sent.append(
            Packet(
              extended: sequence, timestamp: timestamp, arrival: BootTime(nanoseconds: left + delayNs + extra), frame: frame,
              isLastOfFrame: index == count - 1))
        }
      }
    }
    // A stable order: equal arrivals keep the order of sending.
    return sent.enumerated().sorted { ($0.element.arrival, $0.offset) < ($1.element.arrival, $1.offset) }.map(\.element)
  }

  /// Frames as a depacketiser would complete them: first and last arrival of the packets that came.
  func frames(of packets: [Packet]) -> [FrameSample] {
    var byFrame: [Int: [Packet]] = [:]
    for packet in packets { byFrame[packet.frame, default: []].append(packet) }
    var isChainClean = false
    var samples: [FrameSample] = []
    for frame in counts.indices {
      let whole = Set((byFrame[frame] ?? []).map(\.extended)).count == counts[frame]
      let isKey = frame % gop == 0
      isChainClean = whole && (isKey || isChainClean)
      guard let arrived = byFrame[frame], let first = arrived.map(\.arrival).min(), let last = arrived.map(\.arrival).max() else {
        continue
      }
      var flags: AccessUnit.Flags = isKey ? [.key] : []
      if !whole { flags.insert(.damaged) }
      if isChainClean { flags.insert(.clean) }
      samples.append(
        FrameSample(
          track: 0, number: UInt64(frame + 1), timestamp: Int64(frame) * 90_000 / frameRate, firstArrival: first, lastArrival: last,
          size: Int64(arrived.count * 1000), packets: Int64(arrived.count), flags: flags))
    }
    return samples
  }

  static func header(
    nominal: Int64? = 25_000, mediaProtocol: MediaProtocol = .rtspUDP, started: BootTime = BootTime(nanoseconds: 5_000_000_000_000),
    audio: Bool = false, width: Int64? = 1920, height: Int64? = 1080
  ) -> SampleHeader {
    var tracks = [SampleTrack(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: nominal, width: width, height: height)]
    if audio { tracks.append(SampleTrack(index: 1, codec: .aac, clockRate: 48_000)) }
    return SampleHeader(
      node: "county", boot: "boot-a", stream: testStream, session: "s1", hop: .device, mediaProtocol: mediaProtocol,
      roundTripMethod: "tcp-info", epoch: 1, started: started, startedWall: WallTime(nanoseconds: 0), tracks: tracks)
  }
}

/// A steady stream of whole frames, one packet each, for hand-computed cases.
func steadyFrame(_ index: Int, rate: Int64 = 25, gop: Int = 25, delay: Int64 = 0, flags: AccessUnit.Flags? = nil) -> FrameSample {
  let at = BootTime(nanoseconds: 1_000_000_000 + Int64(index) * 1_000_000_000 / rate + delay)
  return FrameSample(
    track: 0, number: UInt64(index + 1), timestamp: Int64(index) * 90_000 / rate, firstArrival: at, lastArrival: at, size: 10_000,
    packets: 1,
    flags: flags ?? (index % gop == 0 ? [.key, .clean] : [.clean]))
}

func seconds(_ count: Double) -> BootTime { BootTime(nanoseconds: Int64(count * 1_000_000_000)) }

/// A literal that is a stream name.
let testStream: StreamName = {
  guard let name = StreamName("live/cam1") else { preconditionFailure("live/cam1 is a stream name") }
  return name
}()
