internal import NIOCore
internal import Wire

/// What stands behind an RTSP connection: the server's session, a puller, a pusher. Called on the channel's loop.
protocol RTSPWireDelegate: AnyObject {
  func received(_ request: RTSPRequest)
  func received(_ response: RTSPResponse)
  /// A frame that is no media of the ingress: RTCP from a reader, or of a channel nobody set up.
  func receivedFrame(channel: UInt8, _ packet: UnsafeRawBufferPointer)
  /// The peer's bytes are no RTSP; the connection is closed after this.
  func broken(_ error: RTSPDecodingError)
  func closed()
}
