internal import Model
internal import Wire

/// Where a device publishes: `rtsp://…` or `rtmp://…`, with the name of the stream in its path.
struct PushAddress {
  let name: StreamName
  /// Without user, password and query: a key never gets onto a screen that others see.
  let shown: String
  /// As it may stand in a fault's detail, with its query.
  private let spelt: String

  /// Throws ``FaultCode/usage`` for what is no such address and ``FaultCode/streamNameInvalid`` for a path that is no stream; neither shows a secret.
  init(_ text: String) throws(Fault) {
    if let url = RTSPURL(text), url.scheme == "rtsp" {
      guard let name = url.streamName else { throw Fault(.streamNameInvalid, url.path) }
      (self.name, shown, spelt) = (name, url.shown, url.text)
    } else if text.hasPrefix("rtmp://") {
      let url: RTMPURL
      do throws(Fault) { url = try RTMPURL(text) } catch {
        throw error.code == .streamNameInvalid ? error : Fault(.usage, "rtmp://host:port/live/cam1?key=…: \(error.detail)")
      }
      let path = "\(url.app)/\(url.stream.prefix { $0 != "?" })"
      guard let name = StreamName(path) else { throw Fault(.streamNameInvalid, path) }
      (self.name, shown, spelt) = (name, url.description, text)
    } else {
      throw Fault(.usage, "rtsp://host:port/live/cam1 | rtmp://host:port/live/cam1?key=…")
    }
  }

  /// A failure in a crew's words: without the query, and a crew has no upper centre.
  func told(_ fault: Fault) -> Fault {
    Fault(fault.code == .peerUnreachable ? .pushFailed : fault.code, fault.detail.replacing(spelt, with: shown))
  }
}
