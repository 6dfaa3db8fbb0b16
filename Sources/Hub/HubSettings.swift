public import Model

/// What the hub may do on its own.
public struct HubSettings: Sendable {
  /// What happens when a second publisher asks for a live name.
  public enum SecondPublisher: Sendable, Hashable {
    case refuse
    case takeOver
    /// Takes over when the first has sent nothing for this long: a device whose old connection died behind a NAT comes back.
    case takeOverWhenSilent(Nanoseconds)
  }

  /// How long a stream keeps its readers and its identity after its publisher left.
  public var takeoverWindow: Nanoseconds = .seconds(10)
  /// What a second publisher of a live name gets.
  public var secondPublisher: SecondPublisher = .takeOverWhenSilent(.seconds(2))
  /// A GOP beyond this is not cached: readers then wait for the next key frame.
  public var gopCacheBytes = 32 << 20

  /// The defaults of the configuration file.
  public init() {}
}
