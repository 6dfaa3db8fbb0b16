public import Model

/// An `rtsp:` address (RFC 2326 §3.2), with the user information that devices put into it.
public struct RTSPURL: Hashable, Sendable {
  /// RFC 2326 §3.2.
  public static let defaultPort: UInt16 = 554

  /// `rtsp`, `rtsps` or `rtspu`, in small letters.
  public var scheme: String
  /// Percent-decoded; nil when the address has none.
  public var user: String?
  /// Percent-decoded; left out of ``text``.
  public var password: String?
  /// Without the brackets of an IPv6 address.
  public var host: String
  /// Nil when the address names none: ``defaultPort``.
  public var explicitPort: UInt16?
  /// Percent-encoded as it came, with its leading slash; may be empty.
  public var path: String
  /// After the `?`, percent-encoded as it came.
  public var query: String?

  /// Where to connect to.
  public var port: UInt16 { explicitPort ?? RTSPURL.defaultPort }

  public init(
    scheme: String = "rtsp", user: String? = nil, password: String? = nil, host: String, port: UInt16? = nil, path: String,
    query: String? = nil
  ) {
    self.scheme = scheme
    self.user = user
    self.password = password
    self.host = host
    explicitPort = port
    self.path = path
    self.query = query
  }

  /// The address of a stream on one of our own nodes.
  public init(host: String, port: UInt16? = nil, stream: StreamName) {
    self.init(host: host, port: port, path: "/" + percentEncodedPath(stream.path))
  }

  /// Nil when it is no absolute RTSP address with a host, or is longer than 4096 bytes. The user information ends at the last `@` before
  /// the path, for passwords with an `@` of their own are typed as they are.
  public init?(_ text: String) {
    let text = trimmed(text)
    guard text.utf8.count <= 4096, let marker = text.firstRange(ofASCII: "://") else { return nil }
    scheme = text[..<marker.lowerBound].lowercased()
    guard ["rtsp", "rtsps", "rtspu"].contains(scheme) else { return nil }
    let rest = text[marker.upperBound...]
    let authorityEnd = rest.utf8.firstIndex { $0 == 47 || $0 == 63 } ?? rest.endIndex
    var authority = rest[..<authorityEnd]
    if let at = authority.utf8.lastIndex(of: 64) {
      let information = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = information.first.map { percentDecoded(String($0)) ?? String($0) }
      password = information.count == 2 ? percentDecoded(String(information[1])) ?? String(information[1]) : nil
      authority = authority[authority.utf8.index(after: at)...]
    }
    guard let (host, port) = RTSPURL.hostAndPort(authority) else { return nil }
    self.host = host
    explicitPort = port
    let tail = rest[authorityEnd...]
    let question = tail.utf8.firstIndex(of: 63) ?? tail.endIndex
    path = String(tail[..<question])
    query = question < tail.endIndex ? String(tail[tail.utf8.index(after: question)...]) : nil
  }

  private static func hostAndPort(_ authority: Substring) -> (String, UInt16?)? {
    var host = authority
    var port: Substring?
    if authority.utf8.first == 91 {
      guard let close = authority.utf8.firstIndex(of: 93) else { return nil }
      host = authority[authority.utf8.index(after: authority.startIndex)..<close]
      let after = authority[authority.utf8.index(after: close)...]
      guard after.isEmpty || after.utf8.first == 58 else { return nil }
      port = after.isEmpty ? nil : after.dropFirst()
    } else if let colon = authority.utf8.firstIndex(of: 58) {
      host = authority[..<colon]
      port = authority[authority.utf8.index(after: colon)...]
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 32 && $0 != 127 }) else { return nil }
    guard let port, !port.isEmpty else { return (String(host), nil) }
    guard let number = UInt16(port), number > 0 else { return nil }
    return (String(host), number)
  }

  /// The stream that the path names; nil when it is no ``StreamName``.
  public var streamName: StreamName? { StreamName(path) }

  /// The decoded value of a key of the query; the first of several. Take a control suffix off before (``RTSPControl/split(_:)``).
  public func queryValue(_ key: String) -> String? {
    for pair in (query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, percentDecoded(String(parts[0])) == key { return percentDecoded(String(parts[1])) }
    }
    return nil
  }

  /// Path and query as the request line carries them.
  public var target: String { path + (query.map { "?" + $0 } ?? "") }

  /// The address without user and password: what goes on a request line.
  public var text: String { server + target }

  /// The address without user, password and query, where keys may stand as well: what goes into logs and faults.
  public var shown: String { server + path }

  private var server: String {
    let name = host.utf8.contains(58) ? "[\(host)]" : host
    return "\(scheme)://\(name)" + (explicitPort.map { ":\($0)" } ?? "")
  }
}

extension StringProtocol {
  /// The first occurrence of an ASCII text.
  func firstRange(ofASCII text: StaticString) -> Range<Index>? {
    let count = text.utf8CodeUnitCount
    var start = utf8.startIndex
    while let end = utf8.index(start, offsetBy: count, limitedBy: utf8.endIndex) {
      let found = text.withUTF8Buffer { utf8[start..<end].elementsEqual($0) }
      if found { return start..<end }
      guard start < utf8.endIndex else { return nil }
      start = utf8.index(after: start)
    }
    return nil
  }
}
