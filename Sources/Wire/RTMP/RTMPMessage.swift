public import NIOCore

/// One whole RTMP message (RTMP 1.0 §6.1), out of its chunks.
public struct RTMPMessage: Sendable, Hashable {
  /// Message type ids (RTMP 1.0 §5.4, §7.1).
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Bytes of a chunk from here on (§5.4.1).
    public static let setChunkSize = Kind(rawValue: 1)
    /// The rest of a message will not come (§5.4.2).
    public static let abort = Kind(rawValue: 2)
    /// Bytes received (§5.4.3).
    public static let acknowledgement = Kind(rawValue: 3)
    /// Stream begin, stream end, ping (§7.1.7).
    public static let userControl = Kind(rawValue: 4)
    /// After how many bytes the peer wants an acknowledgement (§5.4.4).
    public static let windowAcknowledgementSize = Kind(rawValue: 5)
    /// How much the peer may have under way (§5.4.5).
    public static let setPeerBandwidth = Kind(rawValue: 6)
    /// See ``FLVAudioTag``.
    public static let audio = Kind(rawValue: 8)
    /// See ``FLVVideoTag``.
    public static let video = Kind(rawValue: 9)
    /// AMF0 data wrapped for AMF3 peers: one leading byte, then AMF0.
    public static let dataAMF3 = Kind(rawValue: 15)
    /// A command behind a byte that says AMF0 again.
    public static let commandAMF3 = Kind(rawValue: 17)
    /// Metadata, in AMF0.
    public static let data = Kind(rawValue: 18)
    /// An ``RTMPCommand`` in AMF0.
    public static let command = Kind(rawValue: 20)
    /// Several FLV tags in one message (§7.1.6).
    public static let aggregate = Kind(rawValue: 22)
  }

  /// Message type id.
  public var kind: Kind
  /// The chunk stream it came on or goes out on, 2…65 599.
  public var chunkStream: Int
  /// The message stream it belongs to; 0 is the connection itself.
  public var stream: UInt32
  /// Milliseconds, modulo 2^32.
  public var timestamp: UInt32
  /// A slice of what was received where the message came in one chunk.
  public var payload: ByteBuffer

  public init(kind: Kind, chunkStream: Int, stream: UInt32, timestamp: UInt32, payload: ByteBuffer) {
    self.kind = kind
    self.chunkStream = chunkStream
    self.stream = stream
    self.timestamp = timestamp
    self.payload = payload
  }

  /// Audio, video, or several of them in one message.
  public var isMedia: Bool { kind == .audio || kind == .video || kind == .aggregate }
}
