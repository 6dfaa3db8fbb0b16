/// Whose fault it is that a stream brought no media, or a recording lacks some.
public enum GapCause: String, Sendable, Codable, CaseIterable, TextValue {
  case network, device, recorder, disk, decoder
  /// No file could be opened: the process has as many descriptors as it may have.
  case descriptors
  /// The file system takes no writes at all.
  case readOnly
}
