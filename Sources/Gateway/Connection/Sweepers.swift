public import Model
internal import NIOConcurrencyHelpers
public import NIOCore

/// Something that is called once a second on its loop: deadlines, reports, warnings.
public protocol Swept: AnyObject {
  func tick(at now: BootTime)
}

/// One timer a loop for everything on it: a thousand timers of their own cost more than the connections' idling.
public final class Sweepers: Sendable {
  private let clock: any NodeClock
  private let byLoop = NIOLockedValueBox<[ObjectIdentifier: LoopSweeper]>([:])

  /// `clock` gives the instant of each sweep.
  public init(clock: any NodeClock) { self.clock = clock }

  /// From now on `member` is called and kept; on its loop.
  public func add(_ member: any Swept, on loop: any EventLoop) { sweeper(loop).add(member) }
  /// The member is not called any more and let go; on its loop.
  public func remove(_ member: any Swept, on loop: any EventLoop) { sweeper(loop).remove(member) }

  private func sweeper(_ loop: any EventLoop) -> LoopSweeper {
    byLoop.withLockedValue { known in
      if let sweeper = known[ObjectIdentifier(loop)] { return sweeper }
      let sweeper = LoopSweeper(loop: loop, clock: clock)
      known[ObjectIdentifier(loop)] = sweeper
      return sweeper
    }
  }
}

/// `@unchecked Sendable`: touched on its loop only.
final class LoopSweeper: @unchecked Sendable {
  private let loop: any EventLoop
  private let clock: any NodeClock
  private var members: [ObjectIdentifier: any Swept] = [:]
  private var timer: RepeatedTask?

  init(loop: any EventLoop, clock: any NodeClock) {
    self.loop = loop
    self.clock = clock
  }

  func add(_ member: any Swept) {
    members[ObjectIdentifier(member)] = member
    guard timer == nil else { return }
    timer = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in self?.sweep() }
  }

  /// The timer rests when nobody is left, so that an idle gateway sleeps and a stopped one lets its loop go.
  func remove(_ member: any Swept) {
    members[ObjectIdentifier(member)] = nil
    guard members.isEmpty else { return }
    timer?.cancel()
    timer = nil
  }

  private func sweep() {
    let now = clock.bootTime()
    for member in Array(members.values) { member.tick(at: now) }
  }
}
