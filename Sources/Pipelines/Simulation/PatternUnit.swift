public import Model
public import NIOCore

/// One coded unit of a test pattern, ready to be sent.
public struct PatternUnit: Sendable {
  /// Index into the tracks: video 0, audio 1.
  public var track: UInt8
  /// Since the pattern's start, on the track's clock rate. There are no B-frames: decode order is presentation order.
  public var pts: MediaTime
  /// Decoding can start here.
  public var isKey: Bool
  /// The layout of ``AccessUnit/payload``.
  public var payload: ByteBuffer
}
