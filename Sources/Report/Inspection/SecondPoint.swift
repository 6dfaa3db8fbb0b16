public import Measure
public import Model

/// One second of a session by its samples: what an inspector sees between two window edges. Made of the sample file alone.
public struct SecondPoint: Hashable, Sendable {
  /// From this second sample to the next.
  public var from: BootTime
  /// The next second sample.
  public var to: BootTime
  /// Of all tracks.
  public var packetsExpected: Int64 = 0
  /// Expected less received: below zero when packets that were sent earlier arrived.
  public var packetsLost: Int64 = 0
  /// Of all tracks.
  public var bytes: Int64 = 0
  /// Of the track that is drawn.
  public var framesReceived: Int64 = 0
  /// Those of them whose reference chain is whole.
  public var framesClean: Int64 = 0
  /// The largest t − r/f of a frame's first packet in this second, less the session's least: nil without a frame.
  public var delayVariationNs: Int64?
  /// The newest at the end of the second; nil while none was measured.
  public var roundTripNs: Int64?
  /// The largest upper bound of a key unit's one-way delay in this second.
  public var oneWayDelayHighNs: Int64?

  /// Points of the video track (the first track where there is none), in the order of the file.
  public static func points(of session: Recomputation.Session) -> [SecondPoint] {
    let track = session.header.tracks.first { $0.codec.isVideo } ?? session.header.tracks.first
    guard let track else { return [] }
    var points: [SecondPoint] = []
    var open: (second: SecondSample, frames: [FrameSample])?
    var slowest: Int64?
    var least: Int64?
    for record in session.records {
      switch record {
      case .frame(let frame) where frame.track == track.index:
        open?.frames.append(frame)
        if let x = delay(frame, clockRate: track.clockRate) { least = min(least ?? x, x) }
      case .event(let event) where event.kind == .transit:
        let delay = event.at.nanoseconds &- event.value1 &+ event.value3
        slowest = max(slowest ?? delay, delay)
      case .frame, .event: break
      case .second(let second):
        if let (before, frames) = open {
          var point = SecondPoint(before, frames, second, clockRate: track.clockRate)
          point.oneWayDelayHighNs = slowest
          points.append(point)
        }
        open = (second, [])
        slowest = nil
      }
    }
    for index in points.indices {
      if let delay = points[index].delayVariationNs, let least { points[index].delayVariationNs = delay.subtracting(least) }
    }
    return points
  }

  private init(_ before: SecondSample, _ frames: [FrameSample], _ after: SecondSample, clockRate: Int32) {
    from = before.at
    to = after.at
    for counters in after.tracks {
      let earlier = before.tracks.first { $0.track == counters.track } ?? TrackCounters(track: counters.track)
      packetsExpected = packetsExpected.adding(counters.packetsExpected.subtracting(earlier.packetsExpected))
      packetsLost = packetsLost.adding(counters.packetsLost.subtracting(earlier.packetsLost))
      bytes = bytes.adding(counters.bytesReceived.subtracting(earlier.bytesReceived))
    }
    framesReceived = Int64(frames.count)
    framesClean = Int64(frames.count { $0.flags.contains(.clean) })
    delayVariationNs = frames.compactMap { SecondPoint.delay($0, clockRate: clockRate) }.max()
    roundTripNs = after.roundTripNs
  }

  /// t − r/f in nanoseconds; nil where it cannot be said in 64 bits.
  private static func delay(_ frame: FrameSample, clockRate: Int32) -> Int64? {
    guard clockRate > 0 else { return nil }
    let (whole, rest) = frame.timestamp.quotientAndRemainder(dividingBy: Int64(clockRate))
    let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return nil }
    return frame.firstArrival.nanoseconds.subtracting(scaled.adding(rest &* 1_000_000_000 / Int64(clockRate)))
  }

  /// Its length; about one.
  public var seconds: Double { Double((to - from).value) / 1e9 }
  /// Of what was expected in this second; nil when nothing was.
  public var lossPercent: Double? { packetsExpected > 0 ? 100 * Double(max(0, packetsLost)) / Double(packetsExpected) : nil }
  /// Frames a second; nil for a second that is too short to say.
  public var cleanFrameRate: Double? { seconds > 0.2 ? Double(framesClean) / seconds : nil }
}

extension Int64 {
  fileprivate func adding(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other > 0 ? .max : .min) : sum
  }

  fileprivate func subtracting(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }
}
