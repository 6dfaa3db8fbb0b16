/// One packet of an RTCP compound (RFC 3550 §6, feedback by RFC 4585 and RFC 5104).
public enum RTCPPacket: Hashable, Sendable {
  case senderReport(SenderReport)
  case receiverReport(ssrc: UInt32, reports: [ReportBlock])
  /// Source and canonical name of each chunk; chunks without a CNAME carry an empty one.
  case sourceDescription([SourceName])
  case goodbye(ssrcs: [UInt32], reason: String?)
  case application(subtype: UInt8, ssrc: UInt32, name: String, data: [UInt8])
  /// Picture loss indication (RFC 4585 §6.3.1).
  case pictureLoss(sender: UInt32, media: UInt32)
  /// Full intra request (RFC 5104 §4.3.1): the sources asked, each with its command number.
  case fullIntraRequest(sender: UInt32, entries: [IntraRequest])
  /// Another packet type or feedback format; well framed, not understood.
  case unknown(type: UInt8, count: UInt8, body: [UInt8])

  /// One chunk of a source description (RFC 3550 §6.5).
  public struct SourceName: Hashable, Sendable {
    public var ssrc: UInt32
    /// The canonical name: the same for all of a sender's sources, so that receivers know which belong together.
    public var cname: String
    public init(ssrc: UInt32, cname: String) {
      self.ssrc = ssrc
      self.cname = cname
    }
  }

  /// One entry of a full intra request.
  public struct IntraRequest: Hashable, Sendable {
    public var ssrc: UInt32
    /// Goes up with each new request; a repeated one has the same (RFC 5104 §4.3.1.1).
    public var sequenceNumber: UInt8
    public init(ssrc: UInt32, sequenceNumber: UInt8) {
      self.ssrc = ssrc
      self.sequenceNumber = sequenceNumber
    }
  }

  /// Whether bytes on a port shared by both are RTCP, by the second byte (RFC 5761 §4).
  @inlinable
  public static func isRTCP(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 4 && bytes[0] >> 6 == 2 && (192...223).contains(bytes[1])
  }
}
