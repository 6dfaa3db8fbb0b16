/// What one RTP packet is to its access unit, for whoever forwards the packet itself.
public struct PacketRole: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The first packet with a new RTP timestamp; every audio packet.
  public static let startsUnit = PacketRole(rawValue: 1)
  /// Begins or contains a slice from which decoding can start: H.264 type 5, H.265 types 16…21. Of a fragmented one, its first fragment. Also a recovery
  /// point, where no such slice has come for long.
  public static let key = PacketRole(rawValue: 2)
  /// A unit was finished by this packet: it is in the units, unless it was empty.
  public static let endsUnit = PacketRole(rawValue: 4)
  /// The track's parameters are others than before this packet: ``RTPUnitAssembler/track`` has the new ones and the next generation.
  public static let parametersChanged = PacketRole(rawValue: 8)
}
