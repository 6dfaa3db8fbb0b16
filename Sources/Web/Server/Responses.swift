internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Model
internal import NIOCore
internal import Report

extension Response {
  /// Never kept by a browser or a proxy.
  static func bytes(_ bytes: ByteBuffer, type: ContentType, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: type.rawValue, .cacheControl: "no-store"], body: ResponseBody(byteBuffer: bytes))
  }

  static func text(_ text: String, type: ContentType, status: HTTPResponse.Status = .ok) -> Response {
    bytes(ByteBuffer(string: text), type: type, status: status)
  }

  static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Response {
    text(json.text, type: .json, status: status)
  }

  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return bytes(ByteBuffer(bytes: try encoder.encode(value)), type: .json, status: status)
  }

  /// One of the program's pages.
  static func page(_ page: HTML) -> Response { html(page.text, policy: .page) }

  /// A document that stands alone, with its one style sheet.
  static func document(_ text: String, style: HTML) -> Response { html(text, policy: .document(style: style)) }

  private static func html(_ text: String, policy: ContentSecurityPolicy) -> Response {
    var response = Response.text(text, type: .html)
    response.headers[.contentSecurityPolicy] = policy.text
    return response
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
