public import Hub
public import Model
public import NIOCore
internal import Wire

/// RTP for a stream that did not come as RTP: one packetisation shared by all its readers by RTP (architecture.md, decision 5).
///
/// Its payload types and formats are those of ``RTPPayloadDescription/canonical(for:)``.
public final class RTPPacketisation: Packetisation {
  private var packetizers: [RTPPacketizer] = []
  private let unitIDExtension: UInt8?

  /// - Parameter unitIDExtension: the `a=extmap` id under which units carry their ids, for our own nodes; nil for viewers.
  public init(_ description: StreamDescription, unitIDExtension: UInt8? = nil) {
    self.unitIDExtension = unitIDExtension
    make(description.tracks)
  }

  private func make(_ tracks: [Track]) {
    packetizers = tracks.map { track in
      RTPPacketizer(
        track: track, payloadType: RTPPayloadDescription.canonical(for: track).payloadType, ssrc: UInt32.random(in: 1...UInt32.max),
        sequenceNumber: UInt16.random(in: 0...0x7FFF), timestampOffset: UInt32.random(in: 0...0x7FFF_FFFF), unitIDExtension: unitIDExtension
      )
    }
  }

  /// Appends the unit's packets, framed on channel 2 × track; nothing for a track that is not described.
  public func encode(_ unit: AccessUnit, into buffer: inout ByteBuffer) {
    let index = Int(unit.track)
    guard index < packetizers.count else { return }
    packetizers[index].packetize(unit, channel: unit.track &* 2, into: &buffer)
  }

  /// Same codecs and clock rates go on with their sequence numbers; other tracks begin anew. Writes nothing: RTP carries parameters in band.
  public func update(_ description: StreamDescription, into buffer: inout ByteBuffer) {
    let same =
      description.tracks.count == packetizers.count
      && zip(description.tracks, packetizers).allSatisfy { $0.codec == $1.track.codec && $0.clockRate == $1.track.clockRate }
    guard same else { return make(description.tracks) }
    for (index, track) in description.tracks.enumerated() { packetizers[index].track = track }
  }
}
