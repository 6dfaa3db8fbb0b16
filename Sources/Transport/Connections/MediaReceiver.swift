public import NIOCore

/// What a connection's bytes are handed to, past the channel's pipeline; behind the security handler where there is one. Called on the channel's
/// loop.
public protocol MediaReceiver: AnyObject {
  /// Reads what it can off the front. What it leaves comes again, with more behind it. The storage is the loop's: a slice that is kept costs the
  /// loop a new one.
  func received(_ bytes: inout ByteBuffer)
}
