internal import Glibc

/// How many connections a node takes, over all of its ports.
public struct ConnectionLimits: Hashable, Sendable {
  /// Connections of one source that are not exempt.
  public var perSource: Int
  /// Sources without a limit of their own: a proxy, a carrier's address translation. This machine itself always is.
  public var exempt: Set<SourceAddress>
  /// Of all sources together.
  public var total: Int

  /// Descriptors that no connection takes, whatever the limit: journal, index, decoding, logs.
  public static let reservedDescriptors = 64

  /// - Parameter total: nil for what the descriptors of this process allow (``total(ofDescriptors:)``).
  public init(perSource: Int = 1024, exempt: Set<SourceAddress> = [], total: Int? = nil) {
    self.perSource = perSource
    self.exempt = exempt
    self.total = total ?? ConnectionLimits.total(ofDescriptors: ConnectionLimits.descriptors)
  }

  /// Of so many descriptors connections take half of what is not reserved: a recorded stream opens files beside its connection, and UDP its own sockets.
  public static func total(ofDescriptors limit: Int) -> Int { max(1, (limit - reservedDescriptors) / 2) }

  /// The process's own limit now.
  public static var descriptors: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }
}
