/// One stream's entry of the `RTP-Info` header (RFC 2326 §12.33): where its RTP begins after PLAY.
public struct RTPInfo: Hashable, Sendable {
  /// Of the track, as SETUP had it.
  public var url: String
  /// Of the first packet that will be sent.
  public var sequenceNumber: UInt16?
  /// RTP timestamp of the range's beginning.
  public var timestamp: UInt32?

  public init(url: String, sequenceNumber: UInt16? = nil, timestamp: UInt32? = nil) {
    self.url = url
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
  }

  /// The entries that name a URL. Commas inside a URL are kept: a part that does not begin with `url=` belongs to the one before.
  public static func parse(_ header: String) -> [RTPInfo] {
    var entries: [String] = []
    for part in HeaderParameters.split(header, at: 44) {
      if let last = entries.indices.last, !RTSPHeaders.equal(part.prefix(4), "url=") {
        entries[last] += "," + part
      } else {
        entries.append(part)
      }
    }
    return entries.compactMap(RTPInfo.init(entry:))
  }

  private init?(entry: String) {
    url = ""
    for part in HeaderParameters.split(entry, at: 59) {
      let (name, value) = HeaderParameters.pair(part)
      switch name.lowercased() {
      case "url": url = value ?? ""
      case "seq": sequenceNumber = value.flatMap { UInt16($0) }
      case "rtptime": timestamp = value.flatMap { UInt32($0) }
      default: break
      }
    }
    if url.isEmpty { return nil }
  }

  /// The `RTP-Info` header's value.
  public static func text(_ entries: [RTPInfo]) -> String {
    entries.map { entry in
      var text = "url=" + entry.url
      if let number = entry.sequenceNumber { text += ";seq=\(number)" }
      if let timestamp = entry.timestamp { text += ";rtptime=\(timestamp)" }
      return text
    }.joined(separator: ",")
  }
}
