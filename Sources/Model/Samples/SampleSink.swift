/// Where sessions put their samples. The journal's sample files are the real one; tests keep them in an array.
public protocol SampleSink: Sendable {
  /// Begins a session's file. Never blocks; callable from any thread.
  func open(_ header: SampleHeader) -> any SampleWriting
}
