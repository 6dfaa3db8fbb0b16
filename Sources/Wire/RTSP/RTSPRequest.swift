public import NIOCore

/// An RTSP/1.0 request (RFC 2326 §6).
public struct RTSPRequest: Hashable, Sendable {
  /// One that we do not know is kept as text.
  public var method: RTSPMethod
  /// As it stands on the request line; `*` for the server itself.
  public var uri: String
  /// In order.
  public var headers: RTSPHeaders
  /// As many bytes as `Content-Length` says.
  public var body: [UInt8]
  /// What was read in it though it is not as RFC 2326 has it; never written.
  public var repairs: RTSPRepairs = []

  public init(_ method: RTSPMethod, _ uri: String, headers: RTSPHeaders = [:], body: [UInt8] = []) {
    self.method = method
    self.uri = uri
    self.headers = headers
    self.body = body
  }

  /// The sequence number that the response echoes; nil when it is absent or no number.
  public var cseq: Int? { headers["CSeq"].flatMap { Int(trimmed($0)) } }

  /// Appends the message; `Content-Length` follows the body, whatever the headers say.
  public func write(into buffer: inout ByteBuffer) {
    RTSPMessage.write("\(method) \(uri) RTSP/1.0", headers, body, into: &buffer)
  }
}
