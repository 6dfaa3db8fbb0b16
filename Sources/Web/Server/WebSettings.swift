public import Model
public import Settings

/// Where the API and the pages are served.
public struct WebSettings: Sendable, Hashable {
  /// The address to listen on.
  public var host: String
  /// 0 lets the kernel choose.
  public var port: UInt16 = 8080
  /// Names under which browsers reach the node besides its addresses, for `access.mode: open`.
  public var hosts: [String] = []

  /// Reads the section `http`.
  /// - Parameter bind: the address that all listeners of the node share.
  public init(_ section: inout ConfigReader, bind: String) throws(Fault) {
    host = bind
    port = try section.port("port", default: port)
    hosts = try section.texts("hosts", default: hosts)
  }
}
