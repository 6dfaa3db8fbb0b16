public import Gateway
internal import Measure
public import Model
public import NIOCore
internal import Wire

/// A publisher session whose media is RTP, whatever brings the packets.
public typealias RTPPublisher = PublisherSession<RTPReception>

/// Our RTCP towards one RTP publisher (RFC 3550 §6): receiver reports in their time, requests for key frames, the goodbye.
public struct ReceiverReports: Sendable {
  /// Our own source in these reports.
  private let ssrc = UInt32.random(in: 1...UInt32.max)
  private let cname: String
  private let interval: Nanoseconds
  private var next: BootTime

  /// - Parameters:
  ///   - node: names us in the source description.
  ///   - interval: between two reports; the first comes after a second.
  public init(node: String, interval: Nanoseconds, at now: BootTime) {
    cname = "firstframe@\(node)"
    self.interval = interval
    next = now + .seconds(1)
  }

  /// Whether reports are due; then the next ones are an interval later.
  public mutating func isDue(at now: BootTime) -> Bool {
    guard now >= next else { return false }
    next = now + interval
    return true
  }

  /// The receiver report about one track with its source description; nil before its first packet.
  public func report(track: Int, of session: RTPPublisher, at now: BootTime) -> ByteBuffer? {
    guard let counts = session.reportBlock(track: UInt8(truncatingIfNeeded: track)),
      let block = session.receive({ reception, _ in reception.reportBlock(counts, track: track, at: now) })
    else { return nil }
    return RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: [block]), description])
  }

  /// Asks the sender for a key frame (RFC 4585 §6.3.1), in a compound of its own; nil before the track's first packet.
  public func pictureLoss(track: Int, of session: RTPPublisher) -> ByteBuffer? {
    guard let media = session.receive({ reception, _ in reception.ssrc(track: track) }) else { return nil }
    return RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: []), description, .pictureLoss(sender: ssrc, media: media)])
  }

  /// An empty report with BYE (RFC 3550 §6.6), in a compound of its own.
  public var goodbye: ByteBuffer {
    RTCPPacket.compound([.receiverReport(ssrc: ssrc, reports: []), description, .goodbye(ssrcs: [ssrc], reason: nil)])
  }

  private var description: RTCPPacket { .sourceDescription([RTCPPacket.SourceName(ssrc: ssrc, cname: cname)]) }
}
