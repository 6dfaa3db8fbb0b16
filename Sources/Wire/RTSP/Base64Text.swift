/// Base64 (RFC 4648 §4), as Basic credentials and SDP parameter sets use it.
enum Base64Text {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var held = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      held += 8
      while held >= 6 {
        held -= 6
        out.append(alphabet[Int(bits >> UInt32(held) & 0x3F)])
      }
    }
    if held > 0 { out.append(alphabet[Int(bits << UInt32(6 - held) & 0x3F)]) }
    while out.count & 3 != 0 { out.append(61) }
    return String(decoding: out, as: UTF8.self)
  }

  /// Padding may be missing, as cameras leave it out, and the two last letters may be those of RFC 4648 §5; nil for any other character and for a
  /// single one left over.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var bits: UInt32 = 0
    var held = 0
    var characters = 0
    var padded = false
    for byte in text.utf8 {
      if byte == 61 {
        padded = true
        continue
      }
      guard !padded, let value = value(byte) else { return nil }
      characters += 1
      bits = bits << 6 | value
      held += 6
      if held >= 8 {
        held -= 8
        out.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
      }
    }
    return characters & 3 == 1 ? nil : out
  }

  private static func value(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 65...90: UInt32(byte - 65)
    case 97...122: UInt32(byte - 71)
    case 48...57: UInt32(byte + 4)
    case 43, 45: 62
    case 47, 95: 63
    default: nil
    }
  }
}
