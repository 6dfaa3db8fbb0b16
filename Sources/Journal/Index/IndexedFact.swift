public import Model

/// A fact with the line that it stands in: what an index keeps. The line gives the same fact again, its hash included.
public struct IndexedFact: Hashable, Sendable {
  /// The line, parsed.
  public let fact: Fact
  /// The line's exact text without its LF.
  public let line: String

  /// Nil when the text is not a line of a journal.
  /// - Parameter line: without LF, as ``line`` gave it.
  public init?(line: String) {
    guard let fact = try? JournalLine.parse(Array(line.utf8) + [10]) else { return nil }
    self.fact = fact
    self.line = line
  }

  /// - Parameter line: the bytes that `fact` was parsed from, LF included.
  init(_ fact: Fact, line: [UInt8]) {
    self.fact = fact
    self.line = String(decoding: line.dropLast(), as: UTF8.self)
  }

  /// The fact's own `stream` field, if it has one: what ``FactQuery/stream`` asks for.
  public var stream: String? { fact["stream"]?.stringValue }
  /// The fact's own `incident` field, if it has one: what ``FactQuery/incident`` asks for.
  public var incident: String? { fact["incident"]?.stringValue }
}
