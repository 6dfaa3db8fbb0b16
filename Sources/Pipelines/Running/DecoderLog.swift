internal import CGStreamerShim

/// What libav's decoders complain about. gst-libav hands out a picture with concealed slices as if it were whole: no flag, no message, only these lines.
/// Process-wide: useful where one picture is decoded at a time, as in a decode worker.
public enum DecoderLog {
  /// Starts to listen; silences GStreamer's log on standard error. Safe to call often.
  public static func watch() { ff_gst_watch_decoder_log() }

  /// The newest complaint since the last call, which forgets them all; nil when there was none.
  public static func drain() -> String? {
    var text = [CChar](repeating: 0, count: 256)
    guard ff_gst_drain_decoder_log(&text, text.count) > 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
