public import Model

/// A stretch of time that a stream's recording lacks, or whose arrival was interrupted.
public struct ArchiveGap: Sendable, Hashable {
  public enum Cause: String, Sendable, Codable { case network, device, recorder, disk, decoder }

  public enum Event: String, Sendable, Codable {
    /// The publisher's connection was lost and came back.
    case interrupted
    /// Nothing came although the connection stood, and the device's own time went on without pictures.
    case silent
    /// Nothing came, then everything: no picture is missing.
    case late
    /// The units after the pause are damaged or lack their predecessors.
    case lost
    /// The disk took no bytes.
    case diskRefused
    /// The muxer failed or stalled.
    case muxerFailed
    /// The relay was not running.
    case relayRestarted
  }

  public var stream: StreamName
  public var session: String
  /// The boot that both times belong to.
  public var boot: String
  /// Arrival of the last unit before.
  public var from: BootTime
  /// Arrival of the first packet after.
  public var to: BootTime
  public var fromWall: WallTime
  public var toWall: WallTime
  public var cause: Cause
  public var event: Event

  public var length: Nanoseconds { to - from }

  /// The fields of the `archive.gap` fact.
  public var json: JSON { .object(fields) }

  var fields: [String: JSON] {
    [
      "stream": .string(stream.path), "session": .string(session), "gapBoot": .string(boot), "fromNs": .int(from.nanoseconds),
      "toNs": .int(to.nanoseconds),
      "fromWall": .string(fromWall.description), "toWall": .string(toWall.description), "cause": .string(cause.rawValue),
      "event": .string(event.rawValue),
    ]
  }
}
