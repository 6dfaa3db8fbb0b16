public import Model

/// Access units in, container bytes out: what the recorder needs of a muxer. ``MatroskaTap`` is the real one.
///
/// The output closure given at the start is called one chunk at a time and in order, on the pusher's thread or a thread of the tap's; it must not
/// block for long and must not call back into the tap.
public protocol RecorderTap: Sendable {
  /// Adds units of all tracks in arrival order. Hand over a second or so at once; call from one thread at a time, never from the cooperative pool.
  /// Units of unknown tracks, and everything after ``finish(deadline:)``, are ignored.
  func push(_ units: [AccessUnit])
  /// Takes no more units, delivers every byte that is still inside and frees the muxer. When it returns, the output closure will not be called again.
  /// Throws ``Fault`` `.recorderStalled` when that did not happen in time. Safe to call twice.
  func finish(deadline: Duration) async throws(Fault)
}

/// One track of a recording as the muxer sees it.
public struct RecorderTrack: Sendable {
  /// The track whose units are pushed.
  public var track: Track
  /// GStreamer caps with the codec data, e.g. `video/x-h264,stream-format=avc,alignment=au,codec_data=(buffer)…,width=…,height=…`.
  public var caps: String

  /// A track with the caps that describe it to GStreamer.
  public init(track: Track, caps: String) {
    self.track = track
    self.caps = caps
  }
}
