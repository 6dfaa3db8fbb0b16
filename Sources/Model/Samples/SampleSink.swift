/// Where sessions put their samples. The journal's sample files are the real one; tests keep them in an array.
public protocol SampleSink: Sendable {
  /// Begins a session's file. Never blocks; callable from any thread.
  func open(_ header: SampleHeader) -> any SampleSinkSession
}

/// One session's samples on their way to its file.
public protocol SampleSinkSession: Sendable {
  /// Queues records in the order in which they were made. Never blocks; callable from any thread, but by one at a time.
  func append(_ records: [SampleRecord])
  /// Nothing more will come.
  func close()
}
