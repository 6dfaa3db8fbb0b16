public import Model
public import NIOCore

/// One buffer on its way into a pipeline.
public struct CodedBuffer: Sendable {
  /// One unit, in the form that the source's caps name.
  public var bytes: ByteBuffer
  /// Presentation time; negative ones become zero, GStreamer knows none.
  public var pts: Nanoseconds
  /// Decode time; nil where it is the presentation time.
  public var dts: Nanoseconds?
  /// Decoding can start here.
  public var isKey: Bool

  /// A unit with its times.
  public init(bytes: ByteBuffer, pts: Nanoseconds, dts: Nanoseconds? = nil, isKey: Bool) {
    self.bytes = bytes
    self.pts = pts
    self.dts = dts
    self.isKey = isKey
  }
}
