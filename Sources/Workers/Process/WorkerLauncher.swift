public import Model

/// Starts workers. The real one spawns processes; tests bring their own.
public protocol WorkerLauncher: Sendable {
  /// Starts one worker that will connect to the socket. Called on a thread that lives as long as the worker should.
  func launch(socketPath: String) throws(Fault) -> any WorkerHandle
}

/// A worker that was started.
public protocol WorkerHandle: Sendable {
  /// Its process id, by which its connection is recognised.
  var pid: Int32 { get }
  /// Whether it has ended, without waiting; a process is reaped.
  var hasEnded: Bool { get }
  /// Ends it at once and waits until it is gone.
  func kill()
}
