public import Model
public import Settings
internal import Wire

extension RTSPPuller.Source {
  /// Reads an entry of the list `pulls`.
  public init(_ entry: inout ConfigReader) throws(Fault) {
    guard let name = try entry.optionalStreamName("stream") else { throw entry.invalid("stream", "is missing") }
    let url = try entry.requiredText("url")
    // The address may hold a password: it is not part of the error.
    guard RTSPURL(url)?.scheme == "rtsp" else { throw entry.invalid("url", "expected rtsp://host/path") }
    let redirects = try entry.texts("redirects", default: [])
    for address in redirects where RTSPURL("rtsp://" + address).map({ !$0.target.isEmpty || $0.user != nil }) ?? true {
      throw entry.invalid("redirects", "expected host or host:port, not \(address)")
    }
    self.init(name: name, url: url, redirects: redirects)
  }
}
