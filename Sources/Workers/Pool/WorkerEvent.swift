public import Model

/// What happened to a worker: for the log and the metrics.
public enum WorkerEvent: Sendable, Equatable {
  case started(pid: Int32)
  case died(pid: Int32, Fault)
  /// Nothing could be started.
  case notStarted(Fault)
}
