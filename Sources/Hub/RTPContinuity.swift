internal import Model
internal import NIOCore
internal import Wire

/// Makes the RTP of a publisher that returned continue the sequence, timestamps and SSRC its readers already know (RFC 3550 §5.1), by rewriting
/// twelve bytes a packet in place. The first publication passes untouched.
struct RTPContinuity {
  /// Where a channel's sequence stood when the publisher left.
  struct Last: Equatable {
    var sequenceNumber: UInt16
    var timestamp: UInt32
    var ssrc: UInt32
    var payloadType: UInt8
    var clockRate: UInt32
  }

  struct Shift: Equatable {
    var sequenceNumber: UInt16
    var timestamp: UInt32
    var ssrc: UInt32
    var payloadType: UInt8
  }

  private var resumed: [Last?] = []
  private var shifts: [Shift?] = []
  private var elapsed: Nanoseconds = .zero
  private(set) var isIdentity = true

  /// The first publication of a stream.
  init() {}

  /// A publication that continues another after `elapsed`.
  init(resuming last: [Last?], elapsed: Nanoseconds) {
    resumed = last
    shifts = Array(repeating: nil, count: last.count)
    self.elapsed = elapsed
    isIdentity = false
  }

  /// The newest packet of each track in framed RTP.
  static func lasts(in packets: ByteBuffer, clockRates: [Int32]) -> [Last?] {
    var found: [Last?] = Array(repeating: nil, count: clockRates.count)
    packets.withUnsafeReadableBytes { bytes in
      forEachPacket(bytes) { track, at in
        guard track < found.count else { return }
        found[track] = Last(
          sequenceNumber: bytes.big16(at + 2), timestamp: bytes.big32(at + 4), ssrc: bytes.big32(at + 8), payloadType: bytes[at + 1] & 0x7F,
          clockRate: UInt32(max(1, clockRates[track])))
      }
    }
    return found
  }

  mutating func apply(to packets: inout ByteBuffer) {
    guard !isIdentity else { return }
    packets.withUnsafeMutableReadableBytes { bytes in
      RTPContinuity.forEachPacket(UnsafeRawBufferPointer(bytes)) { track, at in
        guard track < resumed.count, let last = resumed[track] else { return }
        let view = UnsafeRawBufferPointer(bytes)
        let shift =
          shifts[track]
          ?? Shift(
            sequenceNumber: last.sequenceNumber &+ 1 &- view.big16(at + 2),
            timestamp: last.timestamp &+ ticks(last.clockRate) &- view.big32(at + 4), ssrc: last.ssrc, payloadType: last.payloadType)
        shifts[track] = shift
        bytes[at + 1] = bytes[at + 1] & 0x80 | shift.payloadType
        bytes.setBig16(at + 2, view.big16(at + 2) &+ shift.sequenceNumber)
        bytes.setBig32(at + 4, view.big32(at + 4) &+ shift.timestamp)
        bytes.setBig32(at + 8, shift.ssrc)
      }
    }
  }

  /// A sender report's RTP timestamp as readers see it; nil while the shift is not known.
  func timestamp(_ timestamp: UInt32, track: UInt8) -> UInt32? {
    guard !isIdentity else { return timestamp }
    guard Int(track) < shifts.count, let shift = shifts[Int(track)] else { return nil }
    return timestamp &+ shift.timestamp
  }

  private func ticks(_ clockRate: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: MediaTime(value: max(0, elapsed.value), timescale: 1_000_000_000).rescaled(to: Int32(clamping: clockRate)))
  }

  /// Calls `body(track, offset of the RTP header)` for each whole framed packet of at least twelve bytes.
  private static func forEachPacket(_ bytes: UnsafeRawBufferPointer, _ body: (Int, Int) -> Void) {
    for frame in RTPFrameWalk(bytes) where frame.packet.count >= RTPHeader.fixedLength {
      body(frame.track, frame.offset + InterleavedFraming.headerLength)
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func big16(_ at: Int) -> UInt16 { UInt16(self[at]) << 8 | UInt16(self[at + 1]) }
  fileprivate func big32(_ at: Int) -> UInt32 { UInt32(big16(at)) << 16 | UInt32(big16(at + 2)) }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func setBig16(_ at: Int, _ value: UInt16) {
    self[at] = UInt8(truncatingIfNeeded: value >> 8)
    self[at + 1] = UInt8(truncatingIfNeeded: value)
  }
  fileprivate func setBig32(_ at: Int, _ value: UInt32) {
    setBig16(at, UInt16(truncatingIfNeeded: value >> 16))
    setBig16(at + 2, UInt16(truncatingIfNeeded: value))
  }
}
