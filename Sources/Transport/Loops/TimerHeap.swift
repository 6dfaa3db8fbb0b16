internal import NIOCore

/// Timers by deadline, first the earliest; of equal ones the older. A value without a clock.
struct TimerHeap {
  /// `@unchecked Sendable`: `body` is touched on the loop's thread only.
  final class Timer: @unchecked Sendable {
    let deadline: NIODeadline
    /// Nil once run or cancelled, so that what it holds is let go at once; its place in the heap goes at its deadline.
    var body: ((_ isDue: Bool) -> Void)?
    fileprivate var order: UInt64 = 0

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

    fileprivate func isBefore(_ other: Timer) -> Bool { deadline == other.deadline ? order < other.order : deadline < other.deadline }
  }

  private var heap: [Timer] = []
  private var added: UInt64 = 0

  /// The earliest deadline, be it cancelled.
  var next: NIODeadline? { heap.first?.deadline }
  var count: Int { heap.count }

  mutating func insert(_ timer: Timer) {
    timer.order = added
    added &+= 1
    heap.append(timer)
    var at = heap.count - 1
    while at > 0, heap[at].isBefore(heap[(at - 1) / 2]) {
      heap.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  /// Removes the earliest whose deadline has come; nil when there is none.
  mutating func removeDue(at now: NIODeadline) -> Timer? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return first }
    heap[0] = last
    var at = 0
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2] where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
      if least == at { return first }
      heap.swapAt(at, least)
      at = least
    }
  }

  /// Removes all that are left, in no order.
  mutating func removeAll() -> [Timer] {
    defer { heap = [] }
    return heap
  }
}
