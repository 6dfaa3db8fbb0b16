internal import Synchronization

/// Admits the connections of all ports of a node (``ConnectionTable``): so that strangers take neither the descriptors of recordings and journal nor the
/// places of publishers.
public final class ConnectionGuard: Sendable {
  /// A connection's place, held as long as it stands. Callable from any thread.
  public final class Ticket: Sendable {
    private let id: UInt64
    private let owner: ConnectionGuard

    fileprivate init(_ id: UInt64, _ owner: ConnectionGuard) {
      self.id = id
      self.owner = owner
    }

    /// How the connection is closed when its place is needed: called once, at most, from any thread.
    public func onShed(_ close: @escaping @Sendable () -> Void) { owner.onShed(id, close) }
    /// It is no stranger's any more.
    public func known() { owner.known(id) }
    /// The connection is closed.
    public func ended() { owner.ended(id) }
  }

  /// Connections that were closed for want of room, for the log.
  public struct Figures: Hashable, Sendable {
    public var standing = 0
    /// Closed at once.
    public var refused: Int64 = 0
    /// Strangers that were closed for somebody else.
    public var shed: Int64 = 0

    public init(standing: Int = 0, refused: Int64 = 0, shed: Int64 = 0) {
      self.standing = standing
      self.refused = refused
      self.shed = shed
    }
  }

  private enum Closing {
    case by(@Sendable () -> Void)
    /// Its place was taken before it said how it is closed.
    case due
  }

  private struct State {
    var table: ConnectionTable
    var closings: [UInt64: Closing] = [:]
    var refused: Int64 = 0
    var shed: Int64 = 0
    var told: (at: ContinuousClock.Instant, count: Int64)?
  }

  private let state: Mutex<State>

  public init(_ limits: ConnectionLimits) { state = Mutex(State(table: ConnectionTable(limits))) }

  public var figures: Figures {
    state.withLock { Figures(standing: $0.table.count, refused: $0.refused, shed: $0.shed) }
  }

  /// A connection has come from `peer`; nil when it must be closed at once. May close another one.
  public func admit(_ peer: String) -> Ticket? {
    let (id, close) = state.withLock { state -> (UInt64?, (@Sendable () -> Void)?) in
      switch state.table.admit(SourceAddress(peer)) {
      case .admitted(let id): return (id, nil)
      case .refused:
        state.refused &+= 1
        return (nil, nil)
      case .instead(let id, let oldest):
        state.shed &+= 1
        guard case .by(let close) = state.closings.removeValue(forKey: oldest) else {
          state.closings[oldest] = .due
          return (id, nil)
        }
        return (id, close)
      }
    }
    close?()
    return id.map { Ticket($0, self) }
  }

  /// How many were refused or shed since this was last not nil; nil while there were none, and more often than once a minute.
  public func report(now: ContinuousClock.Instant = .now) -> Int64? {
    state.withLock { state in
      let count = state.refused &+ state.shed
      guard count > (state.told?.count ?? 0) else { return nil }
      if let told = state.told, now - told.at < .seconds(60) { return nil }
      defer { state.told = (now, count) }
      return count &- (state.told?.count ?? 0)
    }
  }

  private func onShed(_ id: UInt64, _ close: @escaping @Sendable () -> Void) {
    let isDue = state.withLock { state in
      if case .due = state.closings[id] {
        state.closings[id] = nil
        return true
      }
      state.closings[id] = .by(close)
      return false
    }
    if isDue { close() }
  }

  private func known(_ id: UInt64) { state.withLock { $0.table.known(id) } }

  private func ended(_ id: UInt64) {
    state.withLock { state in
      state.table.ended(id)
      state.closings[id] = nil
    }
  }
}
