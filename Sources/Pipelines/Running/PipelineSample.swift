internal import CGStreamer
internal import CGStreamerShim
public import Model
public import NIOCore

/// One buffer that came out of a pipeline, with its caps.
///
/// `@unchecked Sendable`: a GstSample never changes once it was pulled, and its count is atomic.
public final class PipelineSample: @unchecked Sendable {
  private let sample: OpaquePointer

  /// - Parameter sample: the caller's own reference, which is now this object's.
  init(owning sample: OpaquePointer) { self.sample = sample }

  deinit { gst_mini_object_unref(UnsafeMutableRawPointer(sample).assumingMemoryBound(to: GstMiniObject.self)) }

  private var buffer: UnsafeMutablePointer<GstBuffer>? { gst_sample_get_buffer(sample) }
  private func has(_ flag: GstBufferFlags) -> Bool { (buffer?.pointee.mini_object.flags ?? 0) & guint(flag.rawValue) != 0 }

  /// Presentation time; nil when the element gave none.
  public var pts: Nanoseconds? {
    guard let value = buffer?.pointee.pts, value != GstClockTime.max else { return nil }
    return Nanoseconds(Int64(clamping: value))
  }
  /// Time since the pipeline began, by the sample's segment: x264enc starts its timestamps at 1000 hours.
  public var runningTime: Nanoseconds? {
    guard let pts = buffer?.pointee.pts, let segment = gst_sample_get_segment(sample) else { return nil }
    let time = gst_segment_to_running_time(segment, GST_FORMAT_TIME, pts)
    return time == GstClockTime.max ? nil : Nanoseconds(Int64(clamping: time))
  }
  /// Decoding can start here.
  public var isKey: Bool { !has(GST_BUFFER_FLAG_DELTA_UNIT) }
  /// An element marked the buffer as damaged.
  public var isCorrupted: Bool { has(GST_BUFFER_FLAG_CORRUPTED) }

  /// Runs `body` on the bytes; an empty buffer when they cannot be read.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    var map = GstMapInfo()
    guard let buffer, gst_buffer_map(buffer, &map, GST_MAP_READ) != 0 else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    defer { gst_buffer_unmap(buffer, &map) }
    return body(UnsafeRawBufferPointer(start: map.data, count: Int(map.size)))
  }

  /// A copy of the bytes.
  public var bytes: ByteBuffer { withBytes { ByteBuffer(bytes: $0) } }

  /// The caps' `codec_data` (avcC, hvcC, AudioSpecificConfig).
  public var codecData: [UInt8]? {
    var size = 0
    guard let data = ff_gst_codec_data(gst_sample_get_caps(sample), &size) else { return nil }
    defer { g_free(data) }
    return Array(UnsafeBufferPointer(start: data, count: size))
  }

  /// How loud interleaved floating-point samples are; nil when the sample is none of these.
  /// - Parameter limit: magnitude from which on a sample is loud, 1 being full scale.
  public func loudness(limit: Float) -> Loudness? {
    var format = FFSoundFormat()
    guard ff_gst_sound_format(gst_sample_get_caps(sample), &format) != 0 else { return nil }
    return withBytes { Loudness(samples: $0, channels: Int64(format.channels), rate: Int64(format.rate), limit: limit) }
  }

  /// Caps as text, for messages.
  public var caps: String {
    guard let caps = gst_sample_get_caps(sample), let text = gst_caps_to_string(caps) else { return "" }
    defer { g_free(text) }
    return String(cString: text)
  }

  /// Runs `body` on the luma plane of an 8-bit planar picture; nil when the sample is none.
  public func withLuma<Result>(_ body: (LumaPlane) -> Result) -> Result? {
    var plane = FFLumaPlane()
    guard let buffer, ff_gst_luma_plane(gst_sample_get_caps(sample), buffer, &plane) != 0 else { return nil }
    return withBytes { bytes -> Result? in
      LumaPlane(
        bytes: bytes, offset: Int(plane.offset), stride: Int(plane.stride), width: Int(plane.width), height: Int(plane.height),
        isFullRange: plane.full_range != 0
      ).map(body)
    }
  }
}
