internal import Model

/// A publication's timestamps beyond 32 bits, in milliseconds: one ``MediaClock`` a track, for a jump may be of one alone. Both run by the sender's one clock,
/// so a jump of both keeps them where they were to each other.
struct FLVClock: Sendable {
  private static let mostRepairs = 64

  private var video = MediaClock(track: 0, clockRate: 1000, order: .ascending)
  private var audio = MediaClock(track: 0, clockRate: 1000, order: .ascending)
  private var hasJumped = false
  private(set) var repairCount: UInt64 = 0
  private var repairs: [ClockRepair] = []

  /// - Parameter track: index of the message's track.
  mutating func videoTime(of timestamp: UInt32, track: UInt8, arrival: BootTime) -> Int64 {
    let time = video.advance(to: timestamp, at: arrival, beside: audio)
    if let repair = video.removeRepair() { note(repair, track) }
    return time
  }

  /// - Parameter track: index of the message's track.
  mutating func audioTime(of timestamp: UInt32, track: UInt8, arrival: BootTime) -> Int64 {
    let time = audio.advance(to: timestamp, at: arrival, beside: video)
    if let repair = audio.removeRepair() { note(repair, track) }
    return time
  }

  private mutating func note(_ repair: ClockRepair, _ track: UInt8) {
    repairCount &+= 1
    if repair.method != .held { hasJumped = true }
    guard repairs.count < FLVClock.mostRepairs else { return }
    var repair = repair
    repair.track = track
    repairs.append(repair)
  }

  /// Whether a jump was bridged since the last call: the next unit is marked.
  mutating func removeJump() -> Bool {
    defer { hasJumped = false }
    return hasJumped
  }

  /// Repairs since the last call, the first of them where they are many.
  mutating func removeRepairs() -> [ClockRepair] {
    guard !repairs.isEmpty else { return [] }
    defer { repairs = [] }
    return repairs
  }
}
