internal import Model
internal import Transport

/// When and how to try a camera again, decided without I/O: TCP first, then UDP, then with growing waits; what worked is tried first next
/// time. And when one that answers is to be asked anew all the same: its media has stopped.
struct PullState: Sendable {
  enum Transport: Hashable, Sendable { case tcp, udp }

  struct Attempt: Hashable, Sendable {
    var transport: Transport
    var after: Nanoseconds
  }

  /// What the session that runs has brought so far; liveness goes by this alone, not by RTCP, nor by answers to keep-alives.
  struct Received: Hashable, Sendable {
    /// When it began to play.
    var established: BootTime
    /// When media of any track last came; nil before the first.
    var media: BootTime?
    /// When a picture was last whole; nil before the first.
    var picture: BootTime?
    /// Whether a video track was set up.
    var hasVideo: Bool
  }

  /// Media that flowed for so long shows that the way works: the next failure begins with short waits.
  static let proven = Nanoseconds.seconds(10)

  private var preferred = Transport.tcp
  private var current = Transport.tcp
  private var triedOther = false
  private var backoff = Backoff(first: .seconds(1), longest: .seconds(30))
  private var mediaSince: BootTime?
  /// Whether this camera ever sent pictures, in any session.
  private var hasShownPictures = false
  /// Sessions in a row that brought sound and no picture.
  private var blindSessions = 0

  init() {}

  var first: Attempt { Attempt(transport: current, after: .zero) }

  /// Media arrived.
  mutating func receivedMedia(at now: BootTime) {
    guard mediaSince == nil else { return }
    mediaSince = now
    preferred = current
    triedOther = false
  }

  /// Whether what comes is what this camera is asked for: pictures, from one that has shown some.
  func isWhole(_ received: Received) -> Bool {
    received.picture != nil || (received.media != nil && !(received.hasVideo && hasShownPictures))
  }

  /// Once a second while a session plays.
  /// - Parameter silence: how long pictures, or all media, may fail to come.
  /// - Returns: why to end the session and ask anew; nil while it lives.
  mutating func judge(_ received: Received, silence: Nanoseconds, at now: BootTime) -> Fault? {
    if let media = received.media { receivedMedia(at: media) }
    guard now - (received.media ?? received.established) <= silence else { return Fault(.rtspTimeout, "no media for \(silence.seconds) s") }
    guard received.hasVideo, received.media != nil else { return nil }
    if let picture = received.picture {
      hasShownPictures = true
      blindSessions = 0
      return now - picture > silence ? Fault(.picturesStopped, "none for \(silence.seconds) s, while other media comes") : nil
    }
    // A camera without pictures keeps its sound for longer and longer, so that asking anew does not take that too.
    let patience = Nanoseconds(silence.value << Int64(min(blindSessions, 4)))
    guard hasShownPictures, now - received.established > patience else { return nil }
    blindSessions += 1
    return Fault(.picturesStopped, "none in this session, while other media comes")
  }

  /// The connection ended. The other transport is worth a try when the camera refused this one, or when it answered but sent nothing.
  mutating func failed(_ fault: Fault, connected: Bool, at now: BootTime, using generator: inout some RandomNumberGenerator) -> Attempt {
    if let since = mediaSince {
      mediaSince = nil
      if now - since >= PullState.proven { backoff.reset() }
      current = preferred
      return Attempt(transport: current, after: backoff.next(using: &generator))
    }
    if !triedOther, fault.code == .transportUnsupported || (connected && fault.code == .rtspTimeout) {
      triedOther = true
      current = current == .tcp ? .udp : .tcp
      return Attempt(transport: current, after: .zero)
    }
    triedOther = false
    current = preferred
    return Attempt(transport: current, after: backoff.next(using: &generator))
  }
}
