/// Where things lie in a spool file, little-endian.
///
/// ```
/// 0     file header, 4096 bytes: magic u64, length u32, 0 u32, check u64, JSON {v stream id node boot run index bootNs wallNs}
/// 4096  records, each at a multiple of 8: kind u32, body length u32, check u64, body
/// ```
/// The check is over the body, seeded by run, file index, offset, kind and length: a record that a recycled file still holds from its earlier
/// use, or that was being written when the process died, does not pass, and nothing after it is read.
enum SpoolLayout {
  static let magic: UInt64 = 0x31_4C4F_4F50_5346_46  // "FFSPOOL1"
  static let headerBytes = 4096
  static let headerText = 24
  static let recordHeader = 16

  enum Kind: UInt32 {
    /// JSON of a ``RecordedStream``.
    case described = 1
    case unit = 2
    /// The rest of the unit before it, whose payload did not fit into its file.
    case continuation = 3
    /// A boot time: the publisher left.
    case interrupted = 4
    /// A boot time: the stream ended.
    case ended = 5
  }

  static func seed(run: UInt64, index: UInt64, offset: Int, kind: UInt32, length: UInt32) -> UInt64 {
    var value = run &+ index &* 0xD6E8_FEB8_6659_FD93
    value ^= UInt64(truncatingIfNeeded: offset) &* 0xA076_1D64_78BD_642F
    return value ^ (UInt64(kind) << 32 | UInt64(length))
  }

  /// A record's place, padded to a multiple of 8.
  static func padded(_ count: Int) -> Int { (count &+ 7) & ~7 }
}
