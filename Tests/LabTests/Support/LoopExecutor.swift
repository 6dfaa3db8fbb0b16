import NIOCore

/// Runs a task's steps on an event loop's thread, which may live in another namespace than the rest of the process.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let step = UnownedJob(job)
    loop.execute { step.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
