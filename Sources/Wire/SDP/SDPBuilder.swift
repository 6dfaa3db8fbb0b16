public import Model

/// Writes the description of a stream that we send: for DESCRIBE's answer and for ANNOUNCE.
public enum SDPBuilder {
  /// - Parameters:
  ///   - name: for `s=`.
  ///   - id: session id and version of `o=`; goes up when the description changes (RFC 4566 §5.2).
  ///   - origin: for our own nodes only, with the extension's id in each track's payload.
  public static func text(_ tracks: [SDPTrack], name: String, id: UInt64, origin: UnitOrigin? = nil) -> String {
    var lines = [
      "v=0", "o=- \(id) \(id) IN IP4 0.0.0.0", "s=" + (name.isEmpty ? "-" : oneLine(name)), "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*",
      "a=range:npt=now-",
    ]
    if let origin {
      lines.append("a=\(SessionDescription.originAttribute):\(oneLine(origin.node)) \(percentEncodedPath(origin.path.path))")
    }
    for track in tracks { lines += media(track) }
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  private static func media(_ entry: SDPTrack) -> [String] {
    let type = entry.payload.payloadType
    var lines = [
      "m=\(entry.track.codec.isVideo ? "video" : "audio") 0 RTP/AVP \(type)", "a=rtpmap:\(type) \(encoding(entry))",
    ]
    let parameters = formatParameters(entry)
    if !parameters.isEmpty { lines.append("a=fmtp:\(type) " + parameters.joined(separator: ";")) }
    if let rate = entry.track.nominalFrameRateMilli, entry.track.codec.isVideo { lines.append("a=framerate:" + decimal(rate)) }
    if let id = entry.payload.unitIDExtension { lines.append("a=extmap:\(id) \(UnitIDExtension.uri)") }
    if let id = entry.payload.sentTimeExtension { lines.append("a=extmap:\(id) \(SentTimeExtension.uri)") }
    if let control = entry.payload.control { lines.append("a=control:" + oneLine(control)) }
    return lines
  }

  private static func encoding(_ entry: SDPTrack) -> String {
    let rate = entry.payload.clockRate
    let channels = max(1, entry.track.channels)
    switch entry.track.codec {
    case .h264: return "H264/\(rate)"
    case .h265: return "H265/\(rate)"
    case .aac: return "MPEG4-GENERIC/\(rate)/\(channels)"
    case .opus: return "opus/48000/2"
    case .pcma: return channels == 1 ? "PCMA/\(rate)" : "PCMA/\(rate)/\(channels)"
    case .pcmu: return channels == 1 ? "PCMU/\(rate)" : "PCMU/\(rate)/\(channels)"
    }
  }

  private static func formatParameters(_ entry: SDPTrack) -> [String] {
    switch (entry.track.codec, entry.track.parameters) {
    case (.h264, .h264(let sps, let pps)) where !sps.isEmpty:
      var parameters = ["packetization-mode=\(entry.payload.packetizationMode)", "sprop-parameter-sets=" + base64(sps + pps)]
      // profile_idc, constraint flags, level_idc: the three bytes after the NAL unit's header (RFC 6184 §8.1).
      if let first = sps.first, first.count >= 4 { parameters.append("profile-level-id=" + Hex.encode(first[1...3]).uppercased()) }
      return parameters
    case (.h264, _): return ["packetization-mode=\(entry.payload.packetizationMode)"]
    case (.h265, .h265(let vps, let sps, let pps)) where !sps.isEmpty:
      var parameters = ["sprop-vps=" + base64(vps), "sprop-sps=" + base64(sps), "sprop-pps=" + base64(pps)]
      if entry.payload.format.hasDecodingOrderNumbers { parameters.append("sprop-max-don-diff=1") }
      return parameters
    case (.h265, _): return entry.payload.format.hasDecodingOrderNumbers ? ["sprop-max-don-diff=1"] : []
    case (.aac, .aac(let config)): return aac(config, entry.payload.format)
    case (.opus, _): return entry.track.channels == 2 ? ["sprop-stereo=1"] : []
    default: return []
    }
  }

  /// RFC 3640 §3.3.5 (AAC-lbr) and §3.3.6 (AAC-hbr).
  private static func aac(_ config: [UInt8], _ format: RTPPayloadFormat) -> [String] {
    var parameters = ["streamtype=5", "profile-level-id=1", "mode=" + (format.sizeLength == 6 ? "AAC-lbr" : "AAC-hbr")]
    parameters.append("config=" + Hex.encode(config).uppercased())
    parameters += ["sizelength=\(format.sizeLength)", "indexlength=\(format.indexLength)", "indexdeltalength=\(format.indexDeltaLength)"]
    if let duration = format.constantDuration { parameters.append("constantduration=\(duration)") }
    return parameters
  }

  private static func base64(_ sets: [[UInt8]]) -> String { sets.map(Base64Text.encode).joined(separator: ",") }

  private static func decimal(_ milli: Int) -> String {
    let (whole, rest) = milli.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)" }
    return "\(whole)." + String(repeating: "0", count: max(0, 3 - "\(rest)".utf8.count)) + "\(rest)"
  }

  private static func oneLine(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }
}

/// A stream's path as URLs carry it: unreserved characters and slashes stay, other bytes become `%XX` (RFC 3986 §2.1).
func percentEncodedPath(_ path: String) -> String {
  var out = ""
  for byte in path.utf8 {
    switch byte {
    case 48...57, 65...90, 97...122, 45, 46, 95, 126, 47: out.unicodeScalars.append(Unicode.Scalar(byte))
    default: out += "%" + Hex.encode([byte]).uppercased()
    }
  }
  return out
}
