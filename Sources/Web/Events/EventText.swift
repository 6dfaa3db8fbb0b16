internal import Model
internal import NIOCore

/// Server-sent events as text (HTML Living Standard, section 9.2).
enum EventText {
  /// How long a browser's own EventSource waits before it comes back, in milliseconds.
  static let opening = ByteBuffer(string: "retry: 2000\n\n")
  /// A comment: shows a dead connection at both ends.
  static let beat = ByteBuffer(string: ": beat\n\n")

  /// A kind has no line break, and canonical JSON has none outside its strings, where it is escaped.
  static func event(_ fact: Fact) -> ByteBuffer {
    ByteBuffer(string: "id: \(fact.sequence)\nevent: \(fact.kind)\ndata: \(JSON.object(fact.fields).text)\n\n")
  }
}
