/// `samples.block`: a block of a sample file is on the disk, and its hash (docs/samples.md).
public struct SamplesBlockFact: FactBody {
  /// Written by the samples' writer.
  public static let kinds = [FactKind.samplesBlock]
  /// Path of the stream, as this node names it.
  public var stream: FactText<StreamName>?
  /// Id of the publication, `node-epoch`.
  public var session: String?
  /// Which stretch of the way it is of.
  public var hop: FactText<Hop>?
  /// Below the data folder.
  public var file: String
  /// Counted from 0 within the file.
  public var index: Int64
  /// Where it begins in the file, and its length.
  public var offset: Int64
  /// Length of the block.
  public var bytes: Int64
  /// Of its bytes.
  public var sha256: String?
  /// The time that the block covers, on the clock of this boot.
  public var from: BootTime
  /// Its end.
  public var to: BootTime
  /// Frames in the block.
  public var frames: Int64

  public init(
    stream: StreamName, session: String, hop: Hop, file: String, index: Int64, offset: Int64, bytes: Int64, sha256: String, from: BootTime,
    to: BootTime, frames: Int64
  ) {
    self.stream = FactText(stream)
    self.session = session
    self.hop = FactText(hop)
    self.file = file
    self.index = index
    self.offset = offset
    self.bytes = bytes
    self.sha256 = sha256
    self.from = from
    self.to = to
    self.frames = frames
  }

  /// Nil for another kind, or without `file`.
  public init?(_ fact: Fact) {
    guard let read = FactReader(fact, Self.kinds), let file: String = read["file"] else { return nil }
    stream = read["stream"]
    session = read["session"]
    hop = read["hop"]
    self.file = file
    index = read["index"] ?? 0
    offset = read["offset"] ?? 0
    bytes = read["bytes"] ?? 0
    sha256 = read["sha256"]
    from = read["fromNs"] ?? BootTime(nanoseconds: 0)
    to = read["toNs"] ?? BootTime(nanoseconds: 0)
    frames = read["frames"] ?? 0
  }

  /// Null for nil: `stream`, `session`, `hop`, `sha256`.
  public var fields: [String: JSON] {
    [
      "stream": stream.json, "session": session.json, "hop": hop.json, "file": file.json, "index": index.json, "offset": offset.json,
      "bytes": bytes.json, "sha256": sha256.json, "fromNs": from.json, "toNs": to.json, "frames": frames.json,
    ]
  }
}
