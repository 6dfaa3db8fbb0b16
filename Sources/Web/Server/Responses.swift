internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Model
internal import NIOCore

extension Response {
  static func bytes(_ bytes: ByteBuffer, type: String, status: HTTPResponse.Status = .ok) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.cacheControl] = "no-store"
    if let name = HTTPField.Name("X-Content-Type-Options") { headers[name] = "nosniff" }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: bytes))
  }

  static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
    bytes(ByteBuffer(string: text), type: type, status: status)
  }

  static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
    text(json.text, type: "application/json; charset=utf-8", status: status)
  }

  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return bytes(ByteBuffer(bytes: try encoder.encode(value)), type: "application/json; charset=utf-8", status: status)
  }
}

extension Request {
  /// The body as a JSON object; an empty body is an empty object. Throws ``FaultCode/requestInvalid``.
  func jsonObject(_ context: WebContext) async throws -> [String: JSON] {
    let buffer = try await collectedBody(context)
    guard buffer.readableBytes > 0 else { return [:] }
    do {
      guard let object = try JSON(parsing: buffer.readableBytesView).objectValue else { throw Fault(.requestInvalid, "expected an object") }
      return object
    } catch let error as JSON.ParseError { throw Fault(.requestInvalid, "JSON, byte \(error.offset): \(error.message)") }
  }

  /// A body that breaks off or is framed wrongly is the client's fault, no failure of ours.
  private func collectedBody(_ context: WebContext) async throws -> ByteBuffer {
    var request = self
    do {
      return try await request.collectBody(upTo: context.maxUploadSize)
    } catch let error as HTTPError {
      throw error
    } catch let error as CancellationError {
      throw error
    } catch { throw Fault(.httpMalformed, "\(error)") }
  }
}
