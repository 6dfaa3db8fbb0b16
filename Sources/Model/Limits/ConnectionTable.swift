/// Which connections stand, decided without I/O: how many of a source, how many in all, and which is let go where there is no room.
public struct ConnectionTable: Sendable {
  /// What becomes of a connection that has come.
  public enum Admission: Hashable, Sendable {
    case admitted(UInt64)
    /// Admitted in the place of the stranger that has been there the longest, which is to be closed.
    case instead(UInt64, of: UInt64)
    case refused(Refusal)
  }

  /// Why a connection is closed at once.
  public enum Refusal: String, Hashable, Sendable {
    /// Its source has as many as one may have.
    case source
    /// Nobody who stands is a stranger.
    case full
  }

  private struct Connection {
    let source: SourceAddress
    var isStranger = true
  }

  private let limits: ConnectionLimits
  private var connections: [UInt64: Connection] = [:]
  private var bySource: [SourceAddress: Int] = [:]
  private var last: UInt64 = 0

  public init(_ limits: ConnectionLimits) { self.limits = limits }

  /// Connections that stand.
  public var count: Int { connections.count }

  /// A connection has come; it is a stranger's until ``known(_:)``.
  public mutating func admit(_ source: SourceAddress) -> Admission {
    let isExempt = source.isLoopback || limits.exempt.contains(source)
    guard isExempt || bySource[source, default: 0] < limits.perSource else { return .refused(.source) }
    var oldest: UInt64?
    if connections.count >= limits.total {
      oldest = connections.filter(\.value.isStranger).keys.min()
      guard let oldest else { return .refused(.full) }
      ended(oldest)
    }
    last &+= 1
    connections[last] = Connection(source: source)
    bySource[source, default: 0] += 1
    return oldest.map { .instead(last, of: $0) } ?? .admitted(last)
  }

  /// It has shown what it may: a publisher that was admitted, a reader, a request with a key, a link whose other end is proven.
  public mutating func known(_ id: UInt64) { connections[id]?.isStranger = false }

  /// It is closed; once more does nothing.
  public mutating func ended(_ id: UInt64) {
    guard let source = connections.removeValue(forKey: id)?.source else { return }
    let rest = bySource[source, default: 1] - 1
    bySource[source] = rest > 0 ? rest : nil
  }
}
