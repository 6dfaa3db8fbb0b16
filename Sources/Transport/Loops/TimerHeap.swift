internal import HeapModule
internal import NIOCore

/// Timers by deadline, first the earliest; of equal ones the older. A value without a clock.
struct TimerHeap {
  /// `@unchecked Sendable`: `body` is touched on the loop's thread only.
  final class Timer: @unchecked Sendable {
    let deadline: NIODeadline
    /// Nil once run or cancelled, so that what it holds is let go at once; its place in the heap goes at its deadline.
    var body: ((_ isDue: Bool) -> Void)?

    /// - Parameter body: called once, with false when the loop stops before the deadline.
    init(deadline: NIODeadline, body: @escaping (_ isDue: Bool) -> Void) {
      self.deadline = deadline
      self.body = body
    }

    func fire(isDue: Bool) {
      let body = body
      self.body = nil
      body?(isDue)
    }
  }

  /// What is compared lies beside the reference: a heap that looked it up in the timers took three times as long.
  private struct Entry: Comparable {
    let deadline: NIODeadline
    let order: UInt64
    let timer: Timer

    static func < (a: Entry, b: Entry) -> Bool { a.deadline == b.deadline ? a.order < b.order : a.deadline < b.deadline }
    static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
  }

  private var heap = Heap<Entry>()
  private var added: UInt64 = 0

  /// The earliest deadline, be it cancelled.
  var next: NIODeadline? { heap.min?.deadline }
  var count: Int { heap.count }

  mutating func insert(_ timer: Timer) {
    heap.insert(Entry(deadline: timer.deadline, order: added, timer: timer))
    added &+= 1
  }

  /// Removes the earliest whose deadline has come; nil when there is none.
  mutating func removeDue(at now: NIODeadline) -> Timer? {
    guard let next, next <= now else { return nil }
    return heap.popMin()?.timer
  }

  /// Removes all that are left, in no order.
  mutating func removeAll() -> [Timer] {
    defer { heap = Heap() }
    return heap.unordered.map(\.timer)
  }
}
