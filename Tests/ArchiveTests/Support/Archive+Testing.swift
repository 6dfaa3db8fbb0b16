@testable import Archive

/// What tests do by hand that timers do otherwise.
extension Archive {
  /// Blocks until spool files are ready.
  func prepareSpool() { pool.prepare() }

  /// Hands over, writes and acknowledges what came so far, without waiting for the timers.
  func flush() async {
    await feeder.flush()
    await recovery.settle()
    await writer.work()
  }

  /// Completes when recovery has looked at everything.
  func settle() async {
    await recovery.settle()
    await recovery.settle()
  }

  /// Lets the watchdog look.
  func watch() async { await feeder.watch() }

  /// Leaves everything as a killed process would.
  func abandon() async {
    await feeder.abandon()
    writer.abandon()
    await writer.close()
  }
}
