/// Parameter sets of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1). Trap-free on any bytes.
struct AVCConfiguration: Hashable, Sendable {
  var sps: [[UInt8]] = []
  var pps: [[UInt8]] = []

  /// Nil unless NAL lengths take four bytes and both kinds are there.
  init?(_ record: [UInt8]) {
    guard record.count >= 7, record[0] == 1, record[4] & 3 == 3 else { return nil }
    var at = 6
    guard let first = AVCConfiguration.sets(record, count: Int(record[5] & 31), at: &at), at < record.count else { return nil }
    let count = Int(record[at])
    at += 1
    guard let second = AVCConfiguration.sets(record, count: count, at: &at), !first.isEmpty, !second.isEmpty else { return nil }
    sps = first
    pps = second
  }

  private static func sets(_ record: [UInt8], count: Int, at: inout Int) -> [[UInt8]]? {
    var sets: [[UInt8]] = []
    for _ in 0..<count {
      guard at + 2 <= record.count else { return nil }
      let length = Int(record[at]) << 8 | Int(record[at + 1])
      at += 2
      guard length > 0, length <= record.count - at else { return nil }
      sets.append(Array(record[at..<at + length]))
      at += length
    }
    return sets
  }
}
