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
    attributes.direction
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
      let parts = trimmed(words[1]).split(separator: "/", omittingEmptySubsequences: false).map { trimmed($0) }
      guard let name = parts.first.map({ MediaDescription.usualName($0.uppercased()) }), !name.isEmpty else { return nil }
      let given = parts.count >= 2 ? Int32(parts[1]) ?? 0 : 0
      guard let rate = given > 0 ? given : MediaDescription.onlyRates[name] else { return nil }
      let channels = parts.count >= 3 ? Int(parts[2]) ?? 1 : 1
      return Encoding(name: name, clockRate: rate, channels: max(1, min(255, channels)))
    }
    switch payloadType {
    case 0: return Encoding(name: "PCMU", clockRate: 8000, channels: 1)
    case 8: return Encoding(name: "PCMA", clockRate: 8000, channels: 1)
    default: return nil
    }
  }

  /// Clock rates that need not be said, for there are no others (RFC 6184 §8.2.1, RFC 7798 §7.1, RFC 7587 §4.1).
  private static let onlyRates: [String: Int32] = ["H264": 90_000, "H265": 90_000, "OPUS": 48_000]

  /// What devices write for a codec, as the registered name.
  private static func usualName(_ name: String) -> String {
    switch name {
    case "H.264", "AVC": "H264"
    case "H.265", "HEVC": "H265"
    case "G711A", "G.711A": "PCMA"
    case "G711U", "G711MU", "G.711U": "PCMU"
    default: name
    }
  }

  /// `a=fmtp` of a payload type, names in small letters; the first of several values counts. Where the section has one format and says the parameters
  /// of another, they are its own.
  public func formatParameters(of payloadType: UInt8) -> [String: String] {
    let lines = attributes.values("fmtp").compactMap { value -> (type: UInt8?, text: Substring)? in
      let words = value.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
      return words.count == 2 ? (UInt8(words[0]), words[1]) : nil
    }
    var own = lines.filter { $0.type == payloadType }
    if own.isEmpty, formats.count == 1 { own = lines }
    var parameters: [String: String] = [:]
    for part in own.flatMap({ $0.text.split(separator: ";") }) {
      let (name, value) = HeaderParameters.pair(trimmed(part))
      let key = name.lowercased()
      if !key.isEmpty, parameters[key] == nil { parameters[key] = value ?? "" }
    }
    return parameters
  }
}
