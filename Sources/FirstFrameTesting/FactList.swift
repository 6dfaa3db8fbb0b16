public import Model
internal import Synchronization

/// Keeps facts in memory, and wakes whoever waits for one.
public final class FactList: FactSink {
  private struct Waiter {
    let kind: String
    let count: Int
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var facts: [Fact] = []
    var waiters: [Waiter] = []

    func has(_ count: Int, of kind: String) -> Bool { facts.count { $0.kind == kind } >= count }
  }

  private let state = Mutex(State())

  public init() {}

  /// All facts, in order, as they would stand in a journal; one that was given no time has boot time 0.
  public var facts: [Fact] { state.withLock { $0.facts } }

  /// All facts of a kind, in order.
  public func facts(of kind: String) -> [Fact] { facts.filter { $0.kind == kind } }

  /// The kinds of all facts, in order.
  public var kinds: [String] { facts.map(\.kind) }

  /// The fields of all facts of a kind, in order.
  public func all(_ kind: String) -> [[String: JSON]] { facts(of: kind).map(\.fields) }

  /// The fields of the newest fact of a kind; nil while there is none.
  public func fields(_ kind: String) -> [String: JSON]? { all(kind).last }

  /// Keeps the fact, and wakes who waits for it.
  public func record(_ kind: String, _ fields: [String: JSON], at: BootTime?) { _ = append(kind, fields, at) }

  /// The same; a test's disk is always fast enough.
  public func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact { append(kind, fields, at) }

  private func append(_ kind: String, _ fields: [String: JSON], _ at: BootTime?) -> Fact {
    let (fact, woken) = state.withLock { state in
      let number = state.facts.count + 1
      let fact = Fact(
        node: "test", boot: "boot", sequence: Int64(number), bootTime: at ?? BootTime(nanoseconds: 0), wall: "", kind: kind, previous: "",
        hash: "fact \(number)", fields: fields)
      state.facts.append(fact)
      let all = state
      state.waiters.removeAll { all.has($0.count, of: $0.kind) }
      return (fact, all.waiters.filter { all.has($0.count, of: $0.kind) })
    }
    for waiter in woken { waiter.continuation.resume() }
    return fact
  }

  /// Returns once there are `count` facts of a kind.
  public func wait(for kind: String, count: Int = 1) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.has(count, of: kind) { return true }
        state.waiters.append(Waiter(kind: kind, count: count, continuation: continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
