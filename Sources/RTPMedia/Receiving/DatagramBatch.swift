public import Gateway
public import Model
internal import NIOCore
internal import Wire

/// The RTP datagrams of one round on their way into a publisher session: repeated ones left out, late ones put where they belong as far as the round
/// reaches, all framed for the hub.
public struct DatagramBatch: Sendable {
  private var frames = RTPFrames()
  /// Room for the next round, by the last ones' size.
  private var expectedBytes = 4096
  private var filters: [RepeatFilter]
  private var newest = BootTime(nanoseconds: 0)

  /// `tracks` is the number of the session's media; packets of others are left out.
  public init(tracks: Int) { filters = Array(repeating: RepeatFilter(), count: tracks) }

  /// Receives one packet; whatever does not belong to the stream is left out.
  public mutating func receive(_ packet: UnsafeRawBufferPointer, track: Int, arrival: BootTime, into session: RTPPublisher) {
    guard packet.count >= RTPHeader.fixedLength, track < filters.count else { return }
    let channel = UInt8(truncatingIfNeeded: track &* 2)
    let sequenceNumber = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    let end = frames.length
    guard session.receive({ $0.rtp(packet, track: track, at: end, arrival: arrival, &$1) }) else { return }
    switch filters[track].note(sequenceNumber) {
    case .repeated: return
    case .next:
      if frames.isEmpty { frames = RTPFrames(capacity: expectedBytes) }
      frames.append(packet, channel: channel)
    case .late:
      let place = frames.place(sequenceNumber: sequenceNumber, channel: channel)
      frames.insert(packet, channel: channel, at: place)
      let length = InterleavedFraming.headerLength &+ packet.count
      let timestamp = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
      session.receive { reception, _ in reception.moved(from: end, to: place, by: length, track: track, timestamp: timestamp) }
    }
    newest = max(newest, arrival)
  }

  /// The round is over: hands its packets over and begins the next.
  public mutating func post(to session: RTPPublisher, at now: BootTime) {
    let packets = frames.bytes
    expectedBytes = min(256 << 10, max(4096, packets.readableBytes, expectedBytes / 2))
    frames = RTPFrames()
    if packets.readableBytes > 0 { session.post(packets, arrival: newest) } else { session.post(arrival: now) }
  }
}
