/// One media of a session after its SETUP: which it is and how its packets travel.
public struct RTSPTrackSetUp: Hashable, Sendable {
  /// How a media's packets travel.
  public enum Path: Hashable, Sendable {
    /// `$` frames on the RTSP connection.
    case interleaved(RTSPTransport.Channels)
    /// Datagrams; the server's ports are nil until they are allocated.
    case udp(client: RTSPTransport.Ports, server: RTSPTransport.Ports?)

    /// Inside the RTSP connection.
    public var isInterleaved: Bool { if case .interleaved = self { true } else { false } }
  }

  /// Position of the `m=` section.
  public var media: Int
  /// The track that it carries; nil for a media that was announced and is not carried: its packets are dropped.
  public var track: UInt8?
  /// For UDP, the server's ports are nil until they are allocated.
  public var path: Path

  public init(media: Int, track: UInt8?, path: Path) {
    self.media = media
    self.track = track
    self.path = path
  }
}
