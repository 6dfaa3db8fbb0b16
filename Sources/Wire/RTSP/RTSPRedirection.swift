public import Model

/// Where a camera's redirections may lead (RFC 2326 §11.3): to its own host on any port, and to the addresses that the configuration lists. The
/// password goes nowhere else, for no other address is asked.
public struct RTSPRedirection: Hashable, Sendable {
  /// More in a row are refused: two servers may point at each other.
  public static let maximum = 5

  /// As the configuration has it, with user and password.
  public let configured: RTSPURL
  /// `host`, for any of its ports, or `host:port`.
  public let listed: [String]
  /// What is asked now.
  public private(set) var current: RTSPURL
  /// How many were followed.
  public private(set) var count = 0
  /// The addresses that the configured host has shown itself to have.
  private var addresses: Set<String> = []

  /// - Parameter listed: `host` or `host:port` each, an IPv6 address with its brackets.
  public init(_ configured: RTSPURL, listed: [String] = []) {
    self.configured = configured
    self.listed = listed
    current = configured
  }

  /// The connection to ``current`` has this address: as long as that is the configured host, a redirection may name it so.
  /// - Parameter host: without port, without brackets.
  public mutating func connected(to host: String) {
    if Self.same(current.host, configured.host) { addresses.insert(host.lowercased()) }
  }

  /// Takes one redirection.
  /// - Parameters:
  ///   - location: the `Location` header; one without scheme and host stays on the same server, one without path keeps the path.
  ///   - isProxy: 305: the same stream is to be had by way of that server.
  /// - Returns: what to ask next, with user and password: those of the location when it has some, else the configured ones.
  /// - Throws: ``FaultCode/redirectRefused`` with where it leads. The detail never holds a password.
  public mutating func follow(_ location: String, isProxy: Bool = false) throws(Fault) -> RTSPURL {
    guard count < Self.maximum else { throw Fault(.redirectRefused, "more than \(Self.maximum) in a row from \(configured.text)") }
    var target = try target(location)
    guard isAllowed(target) else { throw Fault(.redirectRefused, "\(current.text): to \(RTSPServerState.clipped(target.text))") }
    if target.path.isEmpty || (isProxy && (target.path == "/" || target.path == "*")) { (target.path, target.query) = (current.path, current.query) }
    if target.user == nil { (target.user, target.password) = (configured.user, configured.password) }
    count += 1
    current = target
    return target
  }

  private func target(_ location: String) throws(Fault) -> RTSPURL {
    let text = trimmed(location)
    if let url = RTSPURL(text) {
      guard url.scheme == "rtsp" else { throw Fault(.redirectRefused, "\(current.text): to \(url.scheme)") }
      return url
    }
    guard !text.isEmpty, text.utf8.first == 47, !text.hasPrefix("//") else {
      // What cannot be read may hold a password.
      throw Fault(.redirectRefused, "\(current.text): " + (text.isEmpty ? "without Location" : "to what is no rtsp:// address"))
    }
    var url = current
    let question = text.utf8.firstIndex(of: 63) ?? text.endIndex
    url.path = String(text[..<question])
    url.query = question < text.endIndex ? String(text[text.utf8.index(after: question)...]) : nil
    return url
  }

  private func isAllowed(_ target: RTSPURL) -> Bool {
    // Where it was asked already was allowed then; a location without a host names it.
    if Self.same(target.host, configured.host) || addresses.contains(target.host.lowercased()) { return true }
    return listed.contains { entry in
      guard let url = RTSPURL("rtsp://" + entry), Self.same(url.host, target.host) else { return false }
      return url.explicitPort.map { $0 == target.port } ?? true
    }
  }

  private static func same(_ a: String, _ b: String) -> Bool { withoutDot(a) == withoutDot(b) }

  private static func withoutDot(_ host: String) -> String {
    let host = host.lowercased()
    return host.utf8.last == 46 ? String(host.dropLast()) : host
  }
}
