public import NIOCore

/// An RTSP/1.0 response (RFC 2326 §7).
public struct RTSPResponse: Hashable, Sendable {
  /// The code.
  public var status: RTSPStatus
  /// The phrase of the status line; the peer's own when it was received.
  public var reason: String
  /// In order.
  public var headers: RTSPHeaders
  /// As many bytes as `Content-Length` says.
  public var body: [UInt8]
  /// What was read in it though it is not as RFC 2326 has it; never written.
  public var repairs: RTSPRepairs = []

  /// - Parameter reason: nil for the status's usual phrase.
  public init(_ status: RTSPStatus, reason: String? = nil, headers: RTSPHeaders = [:], body: [UInt8] = []) {
    self.status = status
    self.reason = reason ?? status.reason
    self.headers = headers
    self.body = body
  }

  /// The number of the request that it answers; nil when it is absent or no number.
  public var cseq: Int? { headers["CSeq"].flatMap { Int(trimmed($0)) } }

  /// Appends the message; `Content-Length` follows the body, whatever the headers say.
  public func write(into buffer: inout ByteBuffer) {
    RTSPMessage.write("RTSP/1.0 \(status.code) \(reason)", headers, body, into: &buffer)
  }
}
