internal import Model
internal import Transport
internal import Wire

/// From which port of the peer's host a track's datagrams are taken: the first that sends, and another one once it is plain that the sender is there
/// now, as when a NAT on the way has forgotten it and maps it anew.
///
/// Whoever shares the peer's address can send to our port too. He is taken for the sender only if his packets have the sender's SSRC and payload type
/// and carry its sequence on, several of them in order, while nothing comes from the port that was followed.
struct SourceFollower {
  /// What to do with a datagram.
  enum Verdict: Hashable {
    /// It is the sender's.
    case take
    /// It is nobody's, or not yet known to be the sender's: then it is kept.
    case leave
    /// The sender has moved; what was kept, with this datagram, is in ``removeHeld()``.
    case follow
  }

  /// One datagram that waits for the verdict.
  struct Held: Equatable {
    var bytes: [UInt8]
    var arrival: BootTime
  }

  /// The port that was followed must have been silent for so long.
  static let silence = Nanoseconds.milliseconds(500)
  /// So many packets in order must have come from the new one.
  static let needed = 5
  /// Of the packets that wait; beyond it the oldest are lost, as they would be without waiting.
  static let heldBytes = 1 << 20
  /// Steps in the sequence that still count as in order: packets get lost on the way.
  static let step = 16

  private struct Candidate {
    var port: UInt16
    var newest: UInt16
    var inOrder = 1
    var last: BootTime
    var held: [Held] = []
    var bytes = 0
  }

  /// The port that is followed; nil before the first datagram.
  private(set) var port: UInt16?
  private var ssrc: UInt32 = 0
  private var payloadType: UInt8 = 0
  private var newest: UInt16 = 0
  private var last = BootTime(nanoseconds: 0)
  private var candidate: Candidate?

  /// Judges one RTP datagram of the peer's host.
  mutating func receive(_ packet: UnsafeRawBufferPointer, port from: UInt16, arrival: BootTime) -> Verdict {
    guard packet.count >= RTPHeader.fixedLength else { return .leave }
    let number = UInt16(bigEndian: packet.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    let source = UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    let type = packet[1] & 0x7F
    guard port == nil || port == from else { return consider(packet, number, source, type, from, arrival) }
    if port == nil || source != ssrc || Int16(bitPattern: number &- newest) > 0 { newest = number }
    (port, ssrc, payloadType, last) = (from, source, type, arrival)
    if candidate != nil { candidate = nil }
    return .take
  }

  private mutating func consider(
    _ packet: UnsafeRawBufferPointer, _ number: UInt16, _ source: UInt32, _ type: UInt8, _ from: UInt16, _ arrival: BootTime
  ) -> Verdict {
    guard source == ssrc, type == payloadType, Int16(bitPattern: number &- newest) > 0 else { return .leave }
    // The first that fits is judged to the end; another one has its turn when that one is silent.
    if let candidate, candidate.port != from, arrival - candidate.last < SourceFollower.silence { return .leave }
    var seen = candidate.flatMap { $0.port == from ? $0 : nil } ?? Candidate(port: from, newest: number, inOrder: 0, last: arrival)
    let ahead = Int(Int16(bitPattern: number &- seen.newest))
    switch ahead {
    case 0 where seen.inOrder == 0: seen.inOrder = 1
    case 1...SourceFollower.step: seen.inOrder &+= 1
    // Overtaken on the way, or repeated: no sign of either.
    case -SourceFollower.step...0: break
    default: seen = Candidate(port: from, newest: number, last: arrival)
    }
    seen.newest = ahead > 0 ? number : seen.newest
    seen.last = arrival
    hold(packet, arrival, in: &seen)
    candidate = seen
    guard seen.inOrder >= SourceFollower.needed, arrival - last >= SourceFollower.silence else { return .leave }
    (port, newest, last) = (from, seen.newest, arrival)
    return .follow
  }

  private func hold(_ packet: UnsafeRawBufferPointer, _ arrival: BootTime, in seen: inout Candidate) {
    seen.held.append(Held(bytes: Array(packet), arrival: arrival))
    seen.bytes &+= packet.count
    var old = 0
    while seen.bytes > SourceFollower.heldBytes, old < seen.held.count {
      seen.bytes &-= seen.held[old].bytes.count
      old &+= 1
    }
    // In steps, so that no packet costs a move of all that wait.
    if old > 0 { seen.held.removeFirst(old) }
  }

  /// What was kept of the new source, oldest first. After ``Verdict/follow`` only.
  mutating func removeHeld() -> [Held] {
    defer { candidate = nil }
    return candidate?.held ?? []
  }
}
