internal import Hub
internal import Model
internal import NIOCore
internal import Wire

/// A stream as RTMP writes it, one for all its players.
final class RTMPPacketisation: Packetisation {
  static let key = "rtmp"

  private var writer: FLVUnitWriter

  init(_ description: StreamDescription) { writer = FLVUnitWriter(tracks: description.tracks) }

  func encode(_ unit: AccessUnit, into buffer: inout ByteBuffer) { writer.write(unit, into: &buffer) }

  func update(_ description: StreamDescription, into buffer: inout ByteBuffer) {
    if description.continues { writer.update(description.tracks) } else { writer.restart(description.tracks) }
    writer.writeHeaders(into: &buffer)
  }
}
