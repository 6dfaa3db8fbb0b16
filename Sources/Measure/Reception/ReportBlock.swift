/// The figures of an RTCP report block, RFC 3550 §6.4.1, in the units of the wire.
public struct ReportBlock: Hashable, Sendable {
  /// Lost since the report before, in 1/256.
  public var fractionLost: UInt8
  /// Lost since the sequence began, within 24 signed bits. True losses: expected − |set(e)|, so duplicates do not hide them.
  public var cumulativeLost: Int32
  /// With the number of cycles in the upper half.
  public var extendedHighestSequenceNumber: UInt32
  /// In units of the RTP clock.
  public var jitter: UInt32

  public init(fractionLost: UInt8, cumulativeLost: Int32, extendedHighestSequenceNumber: UInt32, jitter: UInt32) {
    self.fractionLost = fractionLost
    self.cumulativeLost = cumulativeLost
    self.extendedHighestSequenceNumber = extendedHighestSequenceNumber
    self.jitter = jitter
  }
}
