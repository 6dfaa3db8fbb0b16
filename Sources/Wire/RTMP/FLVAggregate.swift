internal import NIOCore

extension RTMPMessage {
  /// Splits an aggregate message (RTMP 1.0 §7.1.6) into the FLV tags inside, as messages whose payloads are slices of this one. Ends early at a
  /// tag that does not fit. Aggregates inside aggregates are left out.
  public func splitAggregate() -> [RTMPMessage] {
    guard kind == .aggregate else { return [self] }
    var rest = payload
    var messages: [RTMPMessage] = []
    var first: UInt32?
    // A tag's head: type 1 byte, size 3, timestamp 3, its uppermost byte last, stream id 3.
    while let word = rest.readInteger(as: UInt32.self), let stamp = rest.readInteger(as: UInt32.self), rest.readInteger24() != nil {
      guard let body = rest.readSlice(length: Int(word & 0xFF_FFFF)) else { break }
      let time = stamp << 24 | stamp >> 8
      let base = first ?? time
      first = base
      let inner = Kind(rawValue: UInt8(truncatingIfNeeded: word >> 24))
      if inner != .aggregate {
        messages.append(
          RTMPMessage(
            kind: inner, chunkStream: chunkStream, stream: self.stream, timestamp: timestamp &+ (time &- base), payload: body))
      }
      // The back pointer behind each tag; the last one may lack it.
      guard rest.readInteger(as: UInt32.self) != nil else { break }
    }
    return messages
  }
}
