internal import Model
internal import NIOCore

/// Takes what a UDP reader sends us: RTCP, and the packets by which it opened its NAT. On the datagram loop's thread; hands over to the
/// reader's own.
///
/// `@unchecked Sendable`: `known` is touched on the datagram loop only, the reader on its own loop only.
final class ReaderDatagrams: DatagramReceiver, @unchecked Sendable {
  private let peer: PeerAddress
  private let reader: RTSPReader
  private let heard: @Sendable (BootTime) -> Void
  /// Per track: the ports seen for RTP and RTCP.
  private var known: [Int: (rtp: UInt16, rtcp: UInt16)] = [:]

  /// - Parameters:
  ///   - peer: whose host every datagram must come from.
  ///   - heard: called on the reader's loop for each of them: it keeps the session alive.
  init(peer: PeerAddress, reader: RTSPReader, heard: @escaping @Sendable (BootTime) -> Void) {
    self.peer = peer
    self.reader = reader
    self.heard = heard
  }

  func receive(_ datagram: Datagram) {
    guard datagram.source.sameHost(as: peer) else { return }
    let moved = noteSource(datagram)
    let bytes = datagram.isRTCP ? ByteBuffer(bytes: datagram.bytes) : nil
    let (track, isRTCP, source, arrival) = (datagram.track, datagram.isRTCP, datagram.source, datagram.arrival)
    reader.loop.execute { [self] in
      heard(arrival)
      if moved { reader.noteSource(source, track: track, isRTCP: isRTCP) }
      bytes?.withUnsafeReadableBytes { reader.rtcp($0, track: track, at: arrival) }
    }
  }

  /// Whether the source's port is another than the one before.
  private func noteSource(_ datagram: Datagram) -> Bool {
    var ports = known[datagram.track] ?? (0, 0)
    let port = datagram.source.port
    let moved = datagram.isRTCP ? ports.rtcp != port : ports.rtp != port
    if datagram.isRTCP { ports.rtcp = port } else { ports.rtp = port }
    known[datagram.track] = ports
    return moved
  }

  func roundEnded(at now: BootTime) {}
  func clockStepped(by step: Nanoseconds, at now: BootTime) {}
}
