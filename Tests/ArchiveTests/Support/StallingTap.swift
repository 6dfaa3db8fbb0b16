import Model
import Pipelines
import Synchronization

/// Passes units on until it has had enough, then swallows them, as mp4mux did.
final class StallingTap: RecorderTap {
  private let inner: any RecorderTap
  private let left: Mutex<Int>

  init(_ inner: any RecorderTap, after units: Int) {
    self.inner = inner
    left = Mutex(units)
  }

  func push(_ units: [AccessUnit]) {
    let isOpen = left.withLock { left in
      left -= units.count
      return left >= 0
    }
    if isOpen { inner.push(units) }
  }

  func finish(deadline: Duration) async throws(Fault) { throw Fault(.recorderStalled, "test") }
}
