/// A recovery point (H.264 §D.2.8, H.265 §D.3.8): decoding may begin at this picture, and gives right pictures some pictures later. Encoders with periodic intra
/// refresh send it instead of key pictures.
struct RecoveryPoint: Hashable, Sendable {
  /// A longer SEI is not searched to its end; what encoders write about themselves comes last.
  private static let mostBytes = 1024
  private static let payloadType = 6

  /// How many pictures later they are right: H.264 counts those that others refer to, H.265 in the order of presentation. 0 for this one.
  var pictures: Int
  /// They are then what the encoder meant, bit by bit, and not only near it.
  var isExact: Bool

  /// Reads an SEI NAL unit; nil when there is no recovery point in it.
  /// - Parameter headerLength: bytes of the NAL unit's header.
  init?(sei nal: UnsafeRawBufferPointer, headerLength: Int) {
    var walk = Payload(UnsafeRawBufferPointer(rebasing: nal.prefix(RecoveryPoint.mostBytes)), from: headerLength)
    while let type = walk.number(), let size = walk.number() {
      guard type == RecoveryPoint.payloadType else {
        for _ in 0..<min(size, RecoveryPoint.mostBytes) where walk.next() == nil { return nil }
        continue
      }
      var bytes: UInt64 = 0
      for index in 0..<8 { bytes = bytes << 8 | UInt64(index < size ? walk.next() ?? 0 : 0) }
      self.init(bits: bytes, isSigned: headerLength == 2)
      return
    }
    return nil
  }

  /// - Parameter bits: the SEI message's first 64.
  private init?(bits: UInt64, isSigned: Bool) {
    // Exp-Golomb (§9.1): as many zeros as bits follow the one.
    let zeros = bits.leadingZeroBitCount
    guard zeros <= 16 else { return nil }
    let code = Int(bits >> UInt64(63 &- 2 &* zeros)) &- 1
    // Signed: 1, -1, 2, -2 …; a point in the past is reached at once.
    pictures = isSigned ? (code & 1 == 1 ? code / 2 &+ 1 : 0) : code
    isExact = bits >> UInt64(62 &- 2 &* zeros) & 1 == 1
  }

  /// The bytes of a NAL unit without emulation prevention (§7.3.1), one by one.
  private struct Payload {
    private let bytes: UnsafeRawBufferPointer
    private var at: Int
    private var zeros = 0

    init(_ bytes: UnsafeRawBufferPointer, from start: Int) {
      self.bytes = bytes
      at = start
    }

    mutating func next() -> UInt8? {
      guard at < bytes.count else { return nil }
      if zeros >= 2, bytes[at] == 3 {
        zeros = 0
        at &+= 1
        guard at < bytes.count else { return nil }
      }
      let byte = bytes[at]
      at &+= 1
      zeros = byte == 0 ? zeros &+ 1 : 0
      return byte
    }

    /// A payload's type or size: bytes of 255, and the rest (§7.3.2.3.1).
    mutating func number() -> Int? {
      var sum = 0
      while let byte = next() {
        sum &+= Int(byte)
        if byte != 255 { return sum }
      }
      return nil
    }
  }
}
