public import Model

/// What a client wants to publish or play, out of its `connect` and its `publish` or `play`.
public struct RTMPTarget: Hashable, Sendable {
  /// Application and stream name joined; nil when they make no ``StreamName``.
  public var name: StreamName?
  /// As it was asked for, without query, for faults and logs.
  public var asked: String
  /// The access key of the query: the stream name's, else the application's, else the tcUrl's.
  public var key: String?

  /// - Parameters:
  ///   - app: `connect`'s `app`; may be empty, hold slashes or a query.
  ///   - stream: `publish`'s or `play`'s name with its query.
  public init(app: String, stream: String, tcURL: String = "") {
    let (appPath, appQuery) = RTMPTarget.split(app)
    let (streamPath, streamQuery) = RTMPTarget.split(stream)
    let parts = [appPath, streamPath].map { $0.trimmingSlashes }.filter { !$0.isEmpty }
    asked = parts.joined(separator: "/")
    name = StreamName(asked)
    let queries = [streamQuery, appQuery, RTMPTarget.split(tcURL).query]
    key = queries.lazy.compactMap { RTMPTarget.value(of: "key", in: $0) }.first
  }

  private static func split(_ text: String) -> (path: Substring, query: Substring) {
    guard let mark = text.firstIndex(of: "?") else { return (text[...], "") }
    return (text[..<mark], text[text.index(after: mark)...])
  }

  /// A query parameter's value, percent-decoded.
  private static func value(of name: String, in query: Substring) -> String? {
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == name, !parts[1].isEmpty else { continue }
      return percentDecoded(String(parts[1]))
    }
    return nil
  }
}

extension Substring {
  fileprivate var trimmingSlashes: Substring {
    var text = self
    while text.first == "/" { text = text.dropFirst() }
    while text.last == "/" { text = text.dropLast() }
    return text
  }
}
