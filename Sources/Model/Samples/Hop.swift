/// The stretch of a stream's way that a session measures.
public enum Hop: String, Sendable, Codable, CaseIterable {
  /// A field device to the relay that admits it, pushed or pulled.
  case device
  /// One of our centres to the next.
  case centre
  /// A relay to a reader that is none of our centres.
  case viewer
}
