internal import CGStreamerShim

/// What newly allocated memory holds. Process-wide: only for workers that do one thing at a time.
public enum FreshMemory {
  /// Runs `body` while every allocation begins filled with bytes of `pattern`: what a decoder leaves unwritten then shows. Two runs on different
  /// patterns are needed, as freed memory may still hold the one before.
  public static func painted<Result, Failure: Error>(_ pattern: UInt8, _ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    ff_gst_paint_new_memory(Int32(~pattern))
    defer { ff_gst_paint_new_memory(0) }
    return try body()
  }

  /// Pictures come and go by the megabyte. Giving their memory back and fetching it again costs a page fault for every 4 KiB; from now on the process keeps
  /// up to `bytes` of what it freed. Call it before there are other threads.
  public static func keepFreed(bytes: Int32) { _ = ff_gst_keep_freed_memory(bytes) }
}
