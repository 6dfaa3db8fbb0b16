/// What one NAL unit means for the picture that is being built, returned by ``VideoUnitBuilder``.
public struct NALRole: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A slice from which decoding can start: H.264 type 5, H.265 types 16…21.
  public static let key = NALRole(rawValue: 2)
  /// The first slice after new parameter sets: ``VideoUnitBuilder/track`` has them and the next generation.
  public static let parametersChanged = NALRole(rawValue: 8)
}

extension PacketRole {
  /// The same bits: a packet's role is that of its NAL units.
  init(_ role: NALRole) { self.init(rawValue: role.rawValue) }
}
