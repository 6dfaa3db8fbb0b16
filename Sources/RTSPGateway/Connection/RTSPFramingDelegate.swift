internal import Model
internal import Wire

/// What stands behind an RTSP connection's bytes: the server's session, or the client's. Called on the connection's loop.
protocol RTSPFramingDelegate: AnyObject {
  func received(_ request: RTSPRequest)
  func received(_ response: RTSPResponse)
  /// A frame that is no media of the publisher: RTCP from a reader, or of a channel nobody set up.
  func receivedFrame(channel: UInt8, _ packet: UnsafeRawBufferPointer)
  /// The peer's bytes are no RTSP; the connection is closed after this.
  func broken(_ error: RTSPDecodingError)
  /// Once a second.
  func tick(at now: BootTime)
  /// The connection is gone.
  /// - Parameter how: for a fault's detail.
  func closed(_ how: String)
}
