internal import HTTPTypes
internal import Hummingbird
internal import Model

/// Where nobody is asked for a key, a browser in the hall may be: no page of another site may use it to read or drive the node.
///
/// A request must be meant for an address of the node (`Host`: a page whose name was pointed at the node has that name there), and what a page asks must
/// come from the node's own pages (`Origin`, RFC 6454). Programs other than browsers send neither or the right one.
struct SiteCheck: Sendable {
  /// Further names under which the node is reached, lower-case, without port.
  let hosts: Set<String>

  init(hosts: [String]) { self.hosts = Set(hosts.map { $0.lowercased() }) }

  /// Throws ``FaultCode/originRefused``.
  func check(_ request: Request) throws(Fault) {
    try check(authority: request.head.authority, origin: request.headers[.origin])
  }

  func check(authority: String?, origin: String?) throws(Fault) {
    guard let authority else { return }
    let host = SiteCheck.host(authority)
    guard isOwn(host) else { throw Fault(.originRefused, "Host: \(authority.prefix(200))") }
    guard let origin else { return }
    // `null` is what a sandboxed frame or a local file says.
    let site = origin.firstIndex(of: "/").map { origin[$0...].drop { $0 == "/" } }.map(String.init) ?? ""
    guard site.lowercased() == authority.lowercased() || hosts.contains(SiteCheck.host(site)) else {
      throw Fault(.originRefused, "Origin: \(origin.prefix(200))")
    }
  }

  /// Numbers cannot be pointed elsewhere; `localhost` is this machine by RFC 6761.
  private func isOwn(_ host: String) -> Bool { host == "localhost" || hosts.contains(host) || SourceAddress.isAddress(host) }

  /// Without port and brackets.
  private static func host(_ authority: String) -> String {
    if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
    return String(authority.prefix { $0 != ":" }).lowercased()
  }
}
