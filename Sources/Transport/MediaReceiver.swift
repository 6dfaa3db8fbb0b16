public import NIOCore

/// What a connection's bytes are handed to, past the channel's pipeline. Called on the channel's loop.
public protocol MediaReceiver: AnyObject {
  /// Takes what it can off the front. What it leaves comes again, with more behind it. The storage is the loop's: a slice that is kept costs the
  /// loop a new one.
  func received(_ bytes: inout ByteBuffer)
}
