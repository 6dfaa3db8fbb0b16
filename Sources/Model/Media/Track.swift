/// One elementary stream of a stream: fixed index, changing parameters.
public struct Track: Hashable, Sendable {
  /// Position in the stream, 0…; also the canonical RTP channel divided by two.
  public var index: UInt8
  /// May change with a publisher that returns.
  public var codec: Codec
  /// Ticks a second of this track's ``MediaTime``: the RTP clock rate (90 000 for video), or 1000 for RTMP.
  public var clockRate: Int32
  /// Nil until the publisher has sent them (an H.264 stream whose SDP has no sprop-parameter-sets).
  public var parameters: CodecParameters?
  /// Goes up by one at each change of ``parameters``.
  public var generation: UInt32
  /// Channels of an audio track; 0 for video.
  public var channels: Int
  /// Frames a second × 1000 that the publisher or the SPS declares; nil when neither does.
  public var nominalFrameRateMilli: Int?
  /// Coded picture size from the SPS; nil for audio or while unknown.
  public var width: Int?
  /// See ``width``.
  public var height: Int?

  public init(
    index: UInt8, codec: Codec, clockRate: Int32, parameters: CodecParameters? = nil, generation: UInt32 = 0, channels: Int = 0,
    nominalFrameRateMilli: Int? = nil, width: Int? = nil, height: Int? = nil
  ) {
    self.index = index
    self.codec = codec
    self.clockRate = max(1, clockRate)
    self.parameters = parameters
    self.generation = generation
    self.channels = channels
    self.nominalFrameRateMilli = nominalFrameRateMilli
    self.width = width
    self.height = height
  }
}
