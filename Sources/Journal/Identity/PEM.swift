internal import FoundationEssentials

/// PEM (RFC 7468) around the fixed DER of Ed25519 keys (RFC 8410): 32 raw bytes behind a constant prefix.
///
/// By hand, because CryptoExtras, which would do it too, reads an X25519 key, and a key under any label, as one to sign with.
enum PEM {
  /// SubjectPublicKeyInfo { algorithm { 1.3.101.112 }, BIT STRING of 32 bytes }.
  static let publicPrefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
  /// PKCS #8 PrivateKeyInfo { 0, algorithm { 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 bytes } }.
  static let privatePrefix: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]

  static func encode(_ label: String, prefix: [UInt8], raw: [UInt8]) -> String {
    let base64 = Data(prefix + raw).base64EncodedString()
    var lines = ""
    var rest = base64[...]
    while !rest.isEmpty {
      lines += rest.prefix(64) + "\n"
      rest = rest.dropFirst(64)
    }
    return "-----BEGIN \(label)-----\n\(lines)-----END \(label)-----\n"
  }

  /// The 32 raw bytes; nil when label, Base64, prefix or length is another.
  static func decode(_ text: String, label: String, prefix: [UInt8]) -> [UInt8]? {
    var inside = false
    var base64 = ""
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if trimmed == "-----BEGIN \(label)-----" {
        inside = true
      } else if trimmed == "-----END \(label)-----" {
        guard inside, let der = Data(base64Encoded: base64), der.count == prefix.count + 32, der.starts(with: prefix) else { return nil }
        return Array(der.dropFirst(prefix.count))
      } else if inside {
        base64 += trimmed
      }
    }
    return nil
  }
}
