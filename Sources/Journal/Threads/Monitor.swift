internal import Glibc

/// A value behind a mutex, with a condition that one thread waits on. Waits run on CLOCK_MONOTONIC: a step of the wall clock moves none.
///
/// `@unchecked Sendable`: `value` is touched only while the mutex is held.
final class Monitor<Value>: @unchecked Sendable {
  private var value: Value
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init(_ value: Value) {
    self.value = value
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }

  func signal() { pthread_cond_signal(condition) }

  /// Waits until `decide` gives a result. It is asked at once, after each ``signal()`` and when the time that it named last is reached.
  func wait<R>(_ decide: (inout Value) -> MonitorDecision<R>) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      switch decide(&value) {
      case .done(let result): return result
      case .until(nil): pthread_cond_wait(condition, mutex)
      case .until(let deadline?):
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &time)
      }
    }
  }
}

/// What a waiting thread decided: to go on, or to wait until a time on CLOCK_MONOTONIC in nanoseconds (nil: until signalled).
enum MonitorDecision<Result> {
  case done(Result)
  case until(Int64?)
}

/// CLOCK_MONOTONIC in nanoseconds: for waits alone, never for figures.
func monotonicNow() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
