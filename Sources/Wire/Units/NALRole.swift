/// What one NAL unit means for the picture that is being built, returned by ``VideoUnitBuilder``.
public struct NALRole: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Decoding can start here: a slice of H.264 type 5, of H.265 types 16…21, or a recovery point where no such slice has come for long.
  public static let key = NALRole(rawValue: 2)
  /// The NAL unit is several, with start codes between them.
  public static let startCodes = NALRole(rawValue: 16)
  /// The first slice after new parameter sets: ``VideoUnitBuilder/track`` has them and the next generation.
  public static let parametersChanged = NALRole(rawValue: 8)
}

extension PacketRole {
  /// The same bits: a packet's role is that of its NAL units.
  init(_ role: NALRole) { self.init(rawValue: role.subtracting(.startCodes).rawValue) }
}
