/// The `Session` header (RFC 2326 §12.37): an opaque id and, from servers, the seconds of silence it survives.
public struct RTSPSessionHeader: Hashable, Sendable {
  /// Opaque; letters, digits and `-_.+$`.
  public var id: String
  /// Seconds; the RFC's default is 60.
  public var timeoutSeconds: Int?

  public init(id: String, timeoutSeconds: Int? = nil) {
    self.id = id
    self.timeoutSeconds = timeoutSeconds
  }

  /// Nil without an id. A timeout that is no number from 1 to 86 400 is left out.
  public init?(_ header: String) {
    let parts = HeaderParameters.split(header, at: 59)
    guard let id = parts.first, !id.isEmpty else { return nil }
    self.id = id
    for part in parts.dropFirst() {
      let (name, value) = HeaderParameters.pair(part)
      if RTSPHeaders.equal(name, "timeout") { timeoutSeconds = value.flatMap { Int($0) }.flatMap { (1...86_400).contains($0) ? $0 : nil } }
    }
  }

  /// The header's value.
  public var text: String { timeoutSeconds.map { "\(id);timeout=\($0)" } ?? id }
}
