internal import Crypto
internal import HTTPTypes
internal import Hummingbird
internal import Model
internal import NIOCore

/// A file that ships with the program. A browser keeps it and asks whether it is still the same.
struct Asset: Sendable {
  let bytes: ByteBuffer
  let type: ContentType
  /// Made of the bytes (RFC 9110, section 8.8.3).
  let tag: String

  init(_ bytes: [UInt8], type: ContentType) {
    self.bytes = ByteBuffer(bytes: bytes)
    self.type = type
    tag = "\"\(Hex.encode(SHA256.hash(data: bytes)).prefix(32))\""
  }

  func response(to request: Request) -> Response {
    let headers: HTTPFields = [.contentType: type.rawValue, .cacheControl: "no-cache", .eTag: tag]
    if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
  }
}
