/// Whose fault it is that a stream brought no media, or a recording lacks some.
public enum GapCause: String, Sendable, Codable, CaseIterable, TextValue {
  case network, device, recorder, disk, decoder
}
