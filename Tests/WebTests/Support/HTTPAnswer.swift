import FirstFrameTesting
import Foundation
import NIOCore

/// An answer as it came over the wire.
struct HTTPAnswer: Sendable {
  var status = 0
  /// By lower-case name.
  var headers: [String: String] = [:]
  var body = Data()

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: JSONValue { get throws { try JSONValue(parsing: body) } }
  /// Without its parameters.
  var mediaType: String { headers["content-type"]?.split(separator: ";").first.map(String.init) ?? "" }
  /// Of an error answer.
  var code: String? { (try? json)?["error"]?["code"]?.string }

  /// Reads a whole connection's bytes: one answer, with a length or in chunks. Nil for what is none.
  init?(_ bytes: Data) {
    guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
    self.status = status
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let rest = bytes[end.upperBound...]
    body = headers["transfer-encoding"] == "chunked" ? HTTPAnswer.joined(rest) : Data(rest)
  }

  private static func joined(_ chunks: Data) -> Data {
    var (rest, whole) = (chunks[...], Data())
    while let line = rest.range(of: Data("\r\n".utf8)) {
      guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), size > 0 else { break }
      whole += rest[line.upperBound...].prefix(size)
      rest = rest[line.upperBound...].dropFirst(size + 2)
    }
    return whole
  }
}
