internal import Glibc

/// Whom refusals, wrong keys and connections are counted for: one IPv4 address, or the /64 of an IPv6 address, for whoever has one has all of it.
public struct SourceAddress: Hashable, Sendable, CustomStringConvertible {
  /// `10.0.0.9`, `2001:db8:1:2::/64`; a text that is no address as it stands, at most 64 bytes of it.
  public let description: String
  /// Whether it is this machine itself: 127.0.0.0/8 and ::1.
  public let isLoopback: Bool

  /// - Parameter peer: an address, or `host:port` as facts show it, an IPv6 host in brackets.
  public init(_ peer: String) {
    let host = SourceAddress.host(peer)
    if let four = SourceAddress.bytes(host, AF_INET, 4) {
      self.init(four: four)
    } else if let six = SourceAddress.bytes(host, AF_INET6, 16) {
      self.init(six: six)
    } else {
      self.init(text: String(decoding: host.utf8.prefix(64), as: UTF8.self), isLoopback: false)
    }
  }

  /// Whether a text is an IPv4 or IPv6 address and no name.
  public static func isAddress(_ text: String) -> Bool { bytes(text, AF_INET, 4) != nil || bytes(text, AF_INET6, 16) != nil }

  private init(text: String, isLoopback: Bool) {
    description = text
    self.isLoopback = isLoopback
  }

  private init(four bytes: some Collection<UInt8>) {
    self.init(text: bytes.map { String($0) }.joined(separator: "."), isLoopback: bytes.first == 127)
  }

  private init(six bytes: [UInt8]) {
    // An IPv4 peer of a socket for both is written ::ffff:a.b.c.d.
    if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
      self.init(four: bytes.suffix(4))
    } else if bytes.prefix(15).allSatisfy({ $0 == 0 }), bytes[15] == 1 {
      self.init(text: "::1", isLoopback: true)
    } else {
      let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
      self.init(text: groups.joined(separator: ":") + "::/64", isLoopback: false)
    }
  }

  private static func host(_ peer: String) -> String {
    if peer.hasPrefix("[") { return String(peer.dropFirst().prefix { $0 != "]" }) }
    let parts = peer.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? String(parts[0]) : peer
  }

  private static func bytes(_ host: String, _ family: Int32, _ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    // A zone (`fe80::1%eth0`) is no part of the address.
    let address = String(host.prefix { $0 != "%" })
    return bytes.withUnsafeMutableBytes { inet_pton(family, address, $0.baseAddress) } == 1 ? bytes : nil
  }
}
