internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore

/// One timer a loop looks after all its connections' deadlines.
final class RTMPSweepers: Sendable {
  /// `@unchecked Sendable`: touched on its loop only.
  final class Sweeper: @unchecked Sendable {
    private var members: [ObjectIdentifier: RTMPConnection] = [:]
    private var timer: RepeatedTask?

    func add(_ member: RTMPConnection, on loop: any EventLoop, clock: any NodeClock) {
      members[ObjectIdentifier(member)] = member
      guard timer == nil else { return }
      timer = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in
        let now = clock.bootTime()
        for member in self.map({ Array($0.members.values) }) ?? [] { member.sweep(at: now) }
      }
    }

    /// The timer rests when nobody is left, so that an idle gateway sleeps.
    func remove(_ member: RTMPConnection) {
      members[ObjectIdentifier(member)] = nil
      guard members.isEmpty else { return }
      timer?.cancel()
      timer = nil
    }
  }

  private let clock: any NodeClock
  private let sweepers = NIOLockedValueBox<[ObjectIdentifier: Sweeper]>([:])

  init(clock: any NodeClock) { self.clock = clock }

  func add(_ connection: RTMPConnection, on loop: any EventLoop) { sweeper(loop).add(connection, on: loop, clock: clock) }
  func remove(_ connection: RTMPConnection, on loop: any EventLoop) { sweeper(loop).remove(connection) }

  private func sweeper(_ loop: any EventLoop) -> Sweeper {
    sweepers.withLockedValue { known in
      if let sweeper = known[ObjectIdentifier(loop)] { return sweeper }
      let sweeper = Sweeper()
      known[ObjectIdentifier(loop)] = sweeper
      return sweeper
    }
  }
}
