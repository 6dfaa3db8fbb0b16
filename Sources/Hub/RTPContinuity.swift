internal import Model
internal import NIOCore
internal import Wire

/// Makes a stream's RTP one sequence for its readers, by rewriting the packets' headers in place: a publisher that returned continues the sequence, timestamps
/// and SSRC that they already know (RFC 3550 §5.1), and a clock that jumped goes on. A first publication whose clocks run passes untouched.
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
  /// Per track, what is added to timestamps for the sender's clock; shorter than the tracks while none was repaired.
  private var repairs: [UInt32] = []
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

  /// - Parameter edits: of these packets, in order of their offsets.
  mutating func apply(_ edits: [PacketEdit], to packets: inout ByteBuffer) {
    guard !isIdentity || !edits.isEmpty else { return }
    var rest = edits[...]
    packets.withUnsafeMutableReadableBytes { bytes in
      RTPContinuity.forEachPacket(UnsafeRawBufferPointer(bytes)) { track, at in
        while let edit = rest.first, edit.offset &+ InterleavedFraming.headerLength <= at {
          rest.removeFirst()
          follow(edit, at: at, bytes)
        }
        rewrite(track, at: at, bytes)
      }
    }
    // Of what came last, if the packet itself was too short to be one.
    for edit in rest { if case .shift(let track, let ticks) = edit.change { setRepair(track, ticks) } }
    isIdentity = resumed.isEmpty && repairs.allSatisfy { $0 == 0 }
  }

  private mutating func follow(_ edit: PacketEdit, at: Int, _ bytes: UnsafeMutableRawBufferPointer) {
    switch edit.change {
    case .shift(let track, let ticks): setRepair(track, ticks)
    case .noPadding:
      guard edit.offset &+ InterleavedFraming.headerLength == at else { return }
      // The frame's own length says where the packet ends.
      let length = Int(UnsafeRawBufferPointer(bytes).big16(at &- 2))
      let packet = UnsafeRawBufferPointer(rebasing: bytes[at..<min(bytes.count, at &+ length)])
      if RTPHeader(packet)?.hasWrongPadding == true { bytes[at] &= ~0x20 }
    }
  }

  private mutating func setRepair(_ track: UInt8, _ ticks: UInt32) {
    while repairs.count <= Int(track) { repairs.append(0) }
    repairs[Int(track)] = ticks
  }

  private mutating func rewrite(_ track: Int, at: Int, _ bytes: UnsafeMutableRawBufferPointer) {
    let view = UnsafeRawBufferPointer(bytes)
    let repair = track < repairs.count ? repairs[track] : 0
    guard track < resumed.count, let last = resumed[track] else {
      if repair != 0 { bytes.setBig32(at + 4, view.big32(at + 4) &+ repair) }
      return
    }
    let timestamp = view.big32(at + 4) &+ repair
    let shift =
      shifts[track]
      ?? Shift(
        sequenceNumber: last.sequenceNumber &+ 1 &- view.big16(at + 2), timestamp: last.timestamp &+ ticks(last.clockRate) &- timestamp,
        ssrc: last.ssrc, payloadType: last.payloadType)
    shifts[track] = shift
    bytes[at + 1] = bytes[at + 1] & 0x80 | shift.payloadType
    bytes.setBig16(at + 2, view.big16(at + 2) &+ shift.sequenceNumber)
    bytes.setBig32(at + 4, timestamp &+ shift.timestamp)
    bytes.setBig32(at + 8, shift.ssrc)
  }

  /// A sender report's RTP timestamp as readers see it; nil while the shift is not known.
  /// - Parameter timestamp: with what is added for the sender's clock.
  func timestamp(_ timestamp: UInt32, track: UInt8) -> UInt32? {
    guard Int(track) < resumed.count, resumed[Int(track)] != nil else { return timestamp }
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
