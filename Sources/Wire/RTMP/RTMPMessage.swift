public import NIOCore

/// One whole RTMP message (RTMP 1.0 §6.1), out of its chunks.
public struct RTMPMessage: Sendable, Hashable {
  /// Message type ids (RTMP 1.0 §5.4, §7.1).
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let setChunkSize = Kind(rawValue: 1)
    public static let abort = Kind(rawValue: 2)
    public static let acknowledgement = Kind(rawValue: 3)
    public static let userControl = Kind(rawValue: 4)
    public static let windowAcknowledgementSize = Kind(rawValue: 5)
    public static let setPeerBandwidth = Kind(rawValue: 6)
    public static let audio = Kind(rawValue: 8)
    public static let video = Kind(rawValue: 9)
    /// AMF0 data wrapped for AMF3 peers: one leading byte, then AMF0.
    public static let dataAMF3 = Kind(rawValue: 15)
    public static let commandAMF3 = Kind(rawValue: 17)
    public static let data = Kind(rawValue: 18)
    public static let command = Kind(rawValue: 20)
    public static let aggregate = Kind(rawValue: 22)
  }

  public var kind: Kind
  /// The chunk stream it came on or goes out on, 2…65 599.
  public var chunkStream: Int
  /// The message stream it belongs to; 0 is the connection itself.
  public var stream: UInt32
  /// Milliseconds, modulo 2^32.
  public var timestamp: UInt32
  public var payload: ByteBuffer

  public init(kind: Kind, chunkStream: Int, stream: UInt32, timestamp: UInt32, payload: ByteBuffer) {
    self.kind = kind
    self.chunkStream = chunkStream
    self.stream = stream
    self.timestamp = timestamp
    self.payload = payload
  }

  public var isMedia: Bool { kind == .audio || kind == .video || kind == .aggregate }
}
