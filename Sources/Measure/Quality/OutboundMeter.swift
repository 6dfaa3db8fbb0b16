public import Model

/// Counts what is sent to one reader. Plain additions: callable for every batch.
public struct OutboundMeter: Sendable {
  private struct Report: Sendable {
    var track: UInt8
    var cumulativeLost: Int64
    var fractionLost: UInt8
    var jitterNs: Int64
  }

  /// Which rules of loss hold.
  public let method: MeasuringMethod
  /// To one of our centres, or to a viewer.
  public let hop: Hop
  /// Of the publication that is read.
  public let session: String
  /// Handed to the socket.
  public private(set) var bytesSent: Int64 = 0
  /// RTP packets; 0 where the protocol has none.
  public private(set) var packetsSent: Int64 = 0
  /// Handed to the socket.
  public private(set) var framesSent: Int64 = 0
  /// Left out for a slow reader.
  public private(set) var framesDropped: Int64 = 0
  /// Runs of frames left out.
  public private(set) var dropEpisodes: Int64 = 0
  private var isDropping = false
  private var countsPackets = false
  private var reports: [Report] = []
  private var roundTrip: Nanoseconds?
  private var roundTripMethod: String?

  public init(method: MeasuringMethod, hop: Hop, session: String) {
    self.method = method
    self.hop = hop
    self.session = session
  }

  /// A batch handed to the socket.
  /// - Parameter packets: nil where the protocol has none.
  public mutating func sent(bytes: Int, packets: Int?, frames: Int) {
    bytesSent &+= Int64(bytes)
    framesSent &+= Int64(frames)
    if frames > 0 { isDropping = false }
    guard let packets else { return }
    countsPackets = true
    packetsSent &+= Int64(packets)
  }

  /// Frames left out for a slow reader.
  public mutating func dropped(frames: Int) {
    guard frames > 0 else { return }
    if !isDropping { dropEpisodes &+= 1 }
    isDropping = true
    framesDropped &+= Int64(frames)
  }

  /// The reader's report block for a track.
  public mutating func report(_ block: ReportBlock, track: UInt8, clockRate: Int32) {
    let jitter = Int64(block.jitter) * 1_000_000_000 / Int64(max(1, clockRate))
    let report = Report(track: track, cumulativeLost: Int64(block.cumulativeLost), fractionLost: block.fractionLost, jitterNs: jitter)
    if let index = reports.firstIndex(where: { $0.track == track }) { reports[index] = report } else { reports.append(report) }
  }

  /// A measured round trip.
  /// - Parameter method: `rtcp-rr` or `tcp-info`.
  public mutating func roundTrip(_ value: Nanoseconds, method: String) {
    roundTrip = value
    roundTripMethod = method
  }

  /// All of it for display.
  public var quality: OutboundQuality {
    let primary = reports.min { $0.track < $1.track }
    return OutboundQuality(
      method: method, hop: hop, session: session, bytesSent: bytesSent, packetsSent: countsPackets ? packetsSent : nil,
      framesSent: framesSent, framesDropped: framesDropped, dropEpisodes: dropEpisodes,
      packetsLost: reports.isEmpty ? nil : reports.reduce(0) { $0 &+ $1.cumulativeLost },
      lossRatio: primary.map { Rounding.ratio(Double($0.fractionLost) / 256) },
      jitterMilliseconds: primary.map { Rounding.milliseconds(Nanoseconds($0.jitterNs)) },
      roundTripMilliseconds: roundTrip.map { Rounding.milliseconds($0) }, roundTripMethod: roundTripMethod)
  }
}
