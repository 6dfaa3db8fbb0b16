public import Model

/// What a client wants to publish or play, out of its `connect` and its `publish` or `play`.
///
/// Devices divide the address that a person typed in many ways: application and name, everything in the application, everything in the name, or the whole
/// address as either of them. All of them name the same stream.
public struct RTMPTarget: Hashable, Sendable {
  /// Application and stream name joined; nil when they make no ``StreamName``.
  public var name: StreamName?
  /// As it was asked for, without scheme, host and query, for faults and logs.
  public var asked: String
  /// The access key of the query: the stream name's, else the application's, else the tcUrl's.
  public var key: String?

  /// - Parameters:
  ///   - app: `connect`'s `app`; may be empty, hold slashes or a query, or be a whole address.
  ///   - stream: `publish`'s or `play`'s name with its query. A whole address (`rtmp://host/app/name`) stands for itself, without the application.
  ///   - tcURL: `connect`'s `tcUrl`: its path stands in for an application that is empty, and for application and name where it goes on behind the
  ///     application and there is no name.
  public init(app: String, stream: String, tcURL: String = "") {
    let (application, name, address) = (Part(app), Part(stream), Part(tcURL))
    if name.isAddress, !name.segments.isEmpty {
      asked = name.path
    } else {
      let place = application.isLess(than: address, with: name) ? address : application
      asked = (place.segments + name.segments).joined(separator: "/")
    }
    self.name = StreamName(asked)
    key = [name, application, address].lazy.compactMap { $0.value(of: "key") }.first
  }

  /// One of the texts: path and query.
  private struct Part {
    /// Whether scheme and host stand before the path: `rtmp://`, `rtmps://`, and what else begins so.
    let isAddress: Bool
    /// Without empty ones: slashes at the ends, and doubled ones, mean nothing.
    let segments: [Substring]
    private let query: Substring

    var path: String { segments.joined(separator: "/") }

    init(_ text: String) {
      let mark = text.firstIndex(of: "?")
      var path = text[..<(mark ?? text.endIndex)]
      query = mark.map { text[text.index(after: $0)...] } ?? ""
      isAddress = Part.removeAuthority(&path)
      segments = path.split(separator: "/")
    }

    /// Whether the address says more than this application does.
    func isLess(than address: Part, with name: Part) -> Bool {
      guard address.isAddress, address.segments.count > segments.count else { return false }
      return segments.isEmpty || (name.segments.isEmpty && address.segments.starts(with: segments))
    }

    private static func removeAuthority(_ path: inout Substring) -> Bool {
      while path.first == "/" { path = path.dropFirst() }
      guard let colon = path.firstIndex(of: ":"), path[..<colon].lowercased().hasPrefix("rtmp") else { return false }
      let rest = path[path.index(after: colon)...]
      guard rest.hasPrefix("//") else { return false }
      let authority = rest.dropFirst(2)
      path = authority.firstIndex(of: "/").map { authority[$0...] } ?? ""
      return true
    }

    /// A query parameter's value, percent-decoded.
    func value(of name: String) -> String? {
      for pair in query.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == name, !parts[1].isEmpty else { continue }
        return percentDecoded(String(parts[1]))
      }
      return nil
    }
  }
}
