/// profile_tier_level with the general part (ITU-T H.265 §7.3.3).
struct H265ProfileTierLevel {
  var profileSpace: UInt8
  var isHighTier: Bool
  var profileIDC: UInt8
  var compatibilityFlags: UInt32
  var constraintFlags: UInt64
  var levelIDC: UInt8

  init(_ reader: inout BitReader, subLayers: Int) {
    profileSpace = UInt8(truncatingIfNeeded: reader.bits(2))
    isHighTier = reader.bit()
    profileIDC = UInt8(truncatingIfNeeded: reader.bits(5))
    compatibilityFlags = reader.bits(32)
    constraintFlags = UInt64(reader.bits(16)) << 32 | UInt64(reader.bits(32))
    levelIDC = UInt8(truncatingIfNeeded: reader.bits(8))
    guard subLayers > 0 else { return }
    var present: [(profile: Bool, level: Bool)] = []
    for layer in 0..<8 {
      let flags = reader.bits(2)
      if layer < subLayers { present.append((flags & 2 != 0, flags & 1 != 0)) }
    }
    for layer in present { reader.skip((layer.profile ? 88 : 0) + (layer.level ? 8 : 0)) }
  }
}
