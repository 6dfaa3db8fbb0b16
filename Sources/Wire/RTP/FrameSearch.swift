/// Finds where an interleaved connection goes on behind bytes that belong to no frame and no message: what is left of a frame whose head a device lost, or
/// worse.
public enum FrameSearch {
  /// What a search came to.
  public enum Found: Hashable, Sendable {
    /// A frame or a message begins at this offset.
    case at(Int)
    /// Nothing begins before this offset; there something may, when more bytes have come.
    case incomplete(from: Int)
  }

  /// The shortest RTCP packet.
  private static let shortestPacket = 4

  /// Searches from an offset on. A frame counts when its channel is known, its packet is of RTP's version and not too short, and when another frame or a
  /// message follows it, or nothing yet.
  /// - Parameter channels: per channel, whether media comes there.
  public static func find(from start: Int, in bytes: UnsafeRawBufferPointer, channels: (UInt8) -> Bool) -> Found {
    for at in max(0, start)..<max(start, bytes.count) {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
      if bytes[at] == InterleavedFraming.magic {
        switch isFrame(rest, channels) {
        case true?: return .at(at)
        case nil: return .incomplete(from: at)
        case false?: continue
        }
      }
      // Line ends are no message by themselves, and one that stands behind them is found where it begins.
      guard bytes[at] != 13, bytes[at] != 10, mayBeMessage(rest) else { continue }
      return isLong(rest) ? .at(at) : .incomplete(from: at)
    }
    return .incomplete(from: max(start, bytes.count))
  }

  /// Whether what lies behind a frame is a frame, a message or nothing.
  public static func isBorder(_ offset: Int, in bytes: UnsafeRawBufferPointer) -> Bool {
    guard offset < bytes.count else { return true }
    return bytes[offset] == InterleavedFraming.magic || mayBeMessage(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
  }

  /// Nil while it cannot be told.
  private static func isFrame(_ bytes: UnsafeRawBufferPointer, _ channels: (UInt8) -> Bool) -> Bool? {
    guard bytes.count > 1 else { return nil }
    guard channels(bytes[1]) else { return false }
    guard bytes.count > InterleavedFraming.headerLength else { return nil }
    let length = Int(bytes[2]) << 8 | Int(bytes[3])
    guard length >= shortestPacket, bytes[InterleavedFraming.headerLength] >> 6 == 2 else { return false }
    let end = InterleavedFraming.headerLength &+ length
    guard end <= bytes.count else { return nil }
    guard end < bytes.count else { return true }
    guard bytes[end] == InterleavedFraming.magic else { return isBorder(end, in: bytes) }
    return end &+ 1 < bytes.count ? channels(bytes[end &+ 1]) : true
  }

  // MARK: Messages

  private static let longestMethod = 20
  private static let version: StaticString = "RTSP/"

  /// Whether an RTSP message may begin here: line ends, a status line, or a method with something behind it (RFC 2326 §6.1, §7.1). True also when too little
  /// came to say no.
  public static func mayBeMessage(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = bytes.first else { return true }
    if first == 13 || first == 10 {
      let rest = bytes.drop { $0 == 13 || $0 == 10 }
      return rest.isEmpty || (rest.first != InterleavedFraming.magic && mayBeMessage(UnsafeRawBufferPointer(rebasing: rest)))
    }
    var at = 0
    while at < min(bytes.count, longestMethod), isMethodByte(bytes[at]) { at &+= 1 }
    guard at < bytes.count else { return at < longestMethod }
    if bytes[at] == UInt8(ascii: "/") { return at == 4 && isVersion(bytes) }
    guard at >= 3, bytes[at] == UInt8(ascii: " ") else { return false }
    return at &+ 1 == bytes.count || (bytes[at &+ 1] > 0x20 && bytes[at &+ 1] < 0x7F)
  }

  private static func isVersion(_ bytes: UnsafeRawBufferPointer) -> Bool {
    version.withUTF8Buffer { text in bytes.count >= text.count && zip(bytes, text).allSatisfy { $0 == $1 } }
  }

  private static func isMethodByte(_ byte: UInt8) -> Bool { (byte >= 65 && byte <= 90) || byte == 95 }

  /// Enough for what begins a message to be more than chance.
  private static func isLong(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.count > longestMethod &+ 1 }
}
