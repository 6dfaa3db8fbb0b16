public import Model
public import NIOCore

/// One segment on its way into a ``SegmentStore``. Used by one thread.
public protocol SegmentFile: AnyObject {
  /// Bytes that were appended.
  var bytes: Int64 { get }
  /// SHA-256 of those bytes, lower-case hexadecimal.
  var sha256: String { get }
  /// It has its final name.
  var isCommitted: Bool { get }

  /// Appends all of the buffers or, when it throws, none of them: the file then ends where it ended before. What was appended survives the process,
  /// whatever kills it, but no power cut.
  func append(_ buffers: [ByteBuffer]) throws(Fault)

  /// Makes the bytes survive a power cut and gives them their final name, in this order. Asked again after a refusal, it goes on with the step that was
  /// refused. The name itself survives a power cut only after ``SegmentStore/syncNames(of:)``.
  func commit() throws(Fault)

  /// Removes what was written. Nothing may be called afterwards.
  func discard()
}
