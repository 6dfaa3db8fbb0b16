public import Model
public import NIOCore

/// One way of writing a stream's units for the wire, made once per stream when its first reader comes and shared by all its readers
/// (architecture.md, decision 5). Lives on the stream's loop.
public protocol Packetisation: AnyObject {
  /// Appends one unit.
  func encode(_ unit: AccessUnit, into buffer: inout ByteBuffer)
  /// The stream's tracks or parameters changed: what readers need before the next unit goes into the buffer (RTMP sequence headers).
  func update(_ description: StreamDescription, into buffer: inout ByteBuffer)
}

/// How a reader wants a stream.
public enum ReaderForm: Sendable {
  /// Access units as they are.
  case units
  /// Bytes of a shared packetisation; the first reader's `make` is used for all with the same key.
  case packets(key: String, make: @Sendable (StreamDescription) -> any Packetisation)
  /// The publisher's own RTP packets where there are some, else `make`'s.
  case rtp(make: @Sendable (StreamDescription) -> any Packetisation)
}
