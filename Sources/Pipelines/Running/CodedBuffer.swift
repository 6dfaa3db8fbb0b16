public import Model
public import NIOCore

/// One buffer on its way into a pipeline.
public struct CodedBuffer: Sendable {
  public var bytes: ByteBuffer
  /// Presentation time; negative ones become zero, GStreamer knows none.
  public var pts: Nanoseconds
  public var dts: Nanoseconds?
  /// Decoding can start here.
  public var isKey: Bool

  public init(bytes: ByteBuffer, pts: Nanoseconds, dts: Nanoseconds? = nil, isKey: Bool) {
    self.bytes = bytes
    self.pts = pts
    self.dts = dts
    self.isKey = isKey
  }
}
