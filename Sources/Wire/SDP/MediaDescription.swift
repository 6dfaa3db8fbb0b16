/// One `m=` section (RFC 4566 §5.14).
public struct MediaDescription: Hashable, Sendable {
  /// As the one that wrote the description sees it.
  public enum Direction: String, Sendable { case sendrecv, sendonly, recvonly, inactive }

  /// `a=rtpmap` (RFC 4566 §6): what a payload type stands for.
  public struct Encoding: Hashable, Sendable {
    /// In capitals.
    public var name: String
    /// Hz.
    public var clockRate: Int32
    /// Audio's last parameter; 1 when it is left out.
    public var channels: Int
  }

  /// `video`, `audio`, `application`, … in small letters.
  public var kind: String
  /// 0 in RTSP.
  public var port: Int
  /// The protocol field, such as `RTP/AVP`.
  public var transport: String
  /// As they stand: payload types for RTP.
  public var formats: [String]
  /// `b=AS`, kilobits a second.
  public var bandwidthKilobits: Int?
  /// The section's `a=` lines in order.
  public var attributes: [SDPAttribute] = []

  public init(kind: String, port: Int = 0, transport: String = "RTP/AVP", formats: [String]) {
    self.kind = kind
    self.port = port
    self.transport = transport
    self.formats = formats
  }

  /// From the text after `m=`; nil with fewer than four words.
  init?(line: String) {
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count >= 4 else { return nil }
    let port = words[1].split(separator: "/").first.flatMap { Int($0) } ?? 0
    self.init(kind: words[0].lowercased(), port: port, transport: String(words[2]), formats: words.dropFirst(3).prefix(64).map(String.init))
  }

  /// The formats that are numbers below 128.
  public var payloadTypes: [UInt8] { formats.compactMap { UInt8($0) }.filter { $0 < 128 } }
  /// `a=control`, which SETUP asks for (RFC 2326 §C.1.1).
  public var control: String? { attributes.value("control") }
  /// `a=extmap`: URI to id.
  public var headerExtensions: [String: UInt8] { attributes.headerExtensions }

  /// Nil when the section does not say.
  public var direction: Direction? {
    attributes.lazy.compactMap { $0.value == nil ? Direction(rawValue: $0.name.lowercased()) : nil }.first
  }

  /// `a=framerate`, frames a second × 1000.
  public var frameRateMilli: Int? {
    guard let text = attributes.value("framerate"), text.utf8.count <= 16, let rate = Double(trimmed(text)), rate > 0, rate <= 1000 else {
      return nil
    }
    return Int((rate * 1000).rounded())
  }

  /// What a payload type stands for; 0 and 8 need no `a=rtpmap` (RFC 3551 §6).
  public func encoding(of payloadType: UInt8) -> Encoding? {
    for value in attributes.values("rtpmap") {
      let words = value.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count == 2, UInt8(words[0]) == payloadType else { continue }
      let parts = trimmed(words[1]).split(separator: "/")
      guard parts.count >= 2, let rate = Int32(trimmed(parts[1])), rate > 0 else { return nil }
      let channels = parts.count >= 3 ? Int(trimmed(parts[2])) ?? 1 : 1
      return Encoding(name: trimmed(parts[0]).uppercased(), clockRate: rate, channels: max(1, min(255, channels)))
    }
    switch payloadType {
    case 0: return Encoding(name: "PCMU", clockRate: 8000, channels: 1)
    case 8: return Encoding(name: "PCMA", clockRate: 8000, channels: 1)
    default: return nil
    }
  }

  /// `a=fmtp` of a payload type, names in small letters; the first of several values counts.
  public func formatParameters(of payloadType: UInt8) -> [String: String] {
    var parameters: [String: String] = [:]
    for value in attributes.values("fmtp") {
      let words = value.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count == 2, UInt8(words[0]) == payloadType else { continue }
      for part in words[1].split(separator: ";") {
        let (name, value) = HeaderParameters.pair(trimmed(part))
        let key = name.lowercased()
        if !key.isEmpty, parameters[key] == nil { parameters[key] = value ?? "" }
      }
    }
    return parameters
  }
}
