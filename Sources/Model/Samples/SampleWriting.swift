/// One session's samples on their way to its file.
public protocol SampleWriting: Sendable {
  /// Queues records in the order in which they were made. Never blocks; callable from any thread, but by one at a time.
  func append(_ records: [SampleRecord])
  /// Nothing more will come.
  func close()
}
