public import Model

/// `rtmp://host[:port]/app/stream[?query]`: the last path segment is the stream, everything before it the application.
public struct RTMPURL: Hashable, Sendable, CustomStringConvertible {
  /// Name or address, without brackets.
  public var host: String
  /// 1935 where the URL has none.
  public var port: Int
  /// First part of the path: RTMP's application, such as `live`.
  public var app: String
  /// With its query, as `publish` and `play` carry it.
  public var stream: String

  /// Throws ``Fault`` `requestInvalid`, which names what is wrong and never the query.
  public init(_ text: String) throws(Fault) {
    guard text.hasPrefix("rtmp://") else { throw Fault(.requestInvalid, "rtmp://…") }
    let rest = text.dropFirst(7)
    guard let slash = rest.firstIndex(of: "/") else { throw Fault(.requestInvalid, "rtmp://host/app/stream") }
    let authority = rest[..<slash]
    let colon = authority.last == "]" ? nil : authority.lastIndex(of: ":")
    if let colon {
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
        throw Fault(.requestInvalid, "port")
      }
      port = number
    } else {
      port = 1935
    }
    let bare = colon.map { authority[..<$0] } ?? authority
    host = String(bare.first == "[" && bare.last == "]" ? bare.dropFirst().dropLast() : bare)
    guard !host.isEmpty else { throw Fault(.requestInvalid, "host") }
    let tail = rest[rest.index(after: slash)...]
    let path = tail.prefix { $0 != "?" }
    let query = tail.dropFirst(path.count)
    let cut = path.lastIndex(of: "/")
    app = String(cut.map { path[..<$0] } ?? "")
    stream = String(cut.map { path[path.index(after: $0)...] } ?? path) + query
    guard !stream.isEmpty, !stream.hasPrefix("?") else { throw Fault(.streamNameInvalid, String(path)) }
  }

  /// What `connect` carries.
  public var tcURL: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return "rtmp://\(name)" + (port == 1935 ? "" : ":\(port)") + "/\(app)"
  }

  /// Without the query: a key never gets into a log.
  public var description: String { tcURL + "/" + stream.prefix { $0 != "?" } }
}
