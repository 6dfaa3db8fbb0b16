/// How a ``DecodePool`` works.
public struct DecodePoolSettings: Sendable {
  /// `DATA/run/media.sock`.
  public var socketPath: String
  /// Worker processes.
  public var workers = 2
  /// Jobs that may wait; one more is refused as `.workerBusy`.
  public var queueLimit = 64
  /// From hand-over to result; a worker that takes longer is killed.
  public var jobTimeout = Duration.seconds(10)
  /// Longest wait for a worker.
  public var queueTimeout = Duration.seconds(20)
  /// Background jobs that may wait; one more is refused as `.workerBusy`.
  public var backgroundLimit = 64
  /// Longest wait of a background job: what it asks about is then too old to matter.
  public var backgroundTimeout = Duration.seconds(5)
  /// From start to hello.
  public var helloTimeout = Duration.seconds(15)

  /// What a node runs with, at its own socket.
  public init(socketPath: String) { self.socketPath = socketPath }
}
