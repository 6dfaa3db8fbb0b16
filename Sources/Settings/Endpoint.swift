/// Another machine's address as people write it: `host:port`, with an IPv6 host in brackets.
public struct Endpoint: Hashable, Sendable {
  /// A name or an address, without brackets.
  public var host: String
  /// 1…65535.
  public var port: Int

  /// Nil when host or port is missing, or the port is no number in 1…65535.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else { return nil }
    host = text[..<colon].filter { $0 != "[" && $0 != "]" }
    self.port = Int(port)
    if host.isEmpty { return nil }
  }
}
