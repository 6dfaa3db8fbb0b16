public import Model

/// A stretch of time that a stream's recording lacks, or whose arrival was interrupted.
public struct ArchiveGap: Sendable, Hashable {
  /// Whose gap it is.
  public enum Cause: String, Sendable, Codable {
    case network, device, recorder, disk, decoder
    /// No file could be opened: the process has as many descriptors as it may have.
    case descriptors
    /// The file system takes no writes at all.
    case readOnly

    /// Of what the store refused.
    init(refusedBy fault: Fault) {
      switch fault.code {
      case .noDescriptors: self = .descriptors
      case .diskReadOnly: self = .readOnly
      default: self = .disk
      }
    }
  }

  /// What happened.
  public enum Event: String, Sendable, Codable {
    /// The publisher's connection was lost and came back.
    case interrupted
    /// Nothing came although the connection stood, and the device's own time went on without pictures.
    case silent
    /// Nothing came, then everything: no picture is missing.
    case late
    /// The units after the pause are damaged or lack their predecessors.
    case lost
    /// The store took no bytes.
    case diskRefused
    /// The muxer failed or stalled.
    case muxerFailed
    /// The relay was not running.
    case relayRestarted
  }

  /// The stream that lacks it.
  public var stream: StreamName
  /// The publication that was on when it ended; empty where none was.
  public var session: String
  /// The boot that both times belong to.
  public var boot: String
  /// Arrival of the last unit before.
  public var from: BootTime
  /// Arrival of the first packet after.
  public var to: BootTime
  /// Wall-clock label of ``from``.
  public var fromWall: WallTime
  /// Wall-clock label of ``to``.
  public var toWall: WallTime
  /// Whose gap it is.
  public var cause: Cause
  /// What happened.
  public var event: Event

  /// From the last unit before to the first packet after.
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
