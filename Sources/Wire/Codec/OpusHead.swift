/// The Opus identification header (RFC 7845 §5.1) of a stream that came by RTP: nothing to skip, 48 kHz, mono or stereo (family 0).
struct OpusHead {
  var channels: Int

  var bytes: [UInt8] { Array("OpusHead".utf8) + [1, UInt8(max(1, min(2, channels))), 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0] }

  /// The comment header (§5.2) that must follow: vendor `FirstFrame`, no comments.
  static var tags: [UInt8] {
    let vendor = Array("FirstFrame".utf8)
    return Array("OpusTags".utf8) + [UInt8(vendor.count), 0, 0, 0] + vendor + [0, 0, 0, 0]
  }
}
