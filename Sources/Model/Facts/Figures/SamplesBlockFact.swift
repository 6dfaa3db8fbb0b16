/// `samples.block`: a block of a sample file is on the disk, and its hash (docs/samples.md).
public struct SamplesBlockFact: FactBody {
  public static let kinds = [FactKind.samplesBlock]
  public var stream: FactText<StreamName>?
  public var session: String?
  public var hop: FactText<Hop>?
  /// Below the data folder.
  public var file: String
  /// Counted from 0 within the file.
  public var index: Int64
  /// Where it begins in the file, and its length.
  public var offset: Int64
  public var bytes: Int64
  /// Of its bytes.
  public var sha256: String?
  public var from: BootTime
  public var to: BootTime
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

  public var fields: [String: JSON] {
    [
      "stream": stream.json, "session": session.json, "hop": hop.json, "file": file.json, "index": index.json, "offset": offset.json,
      "bytes": bytes.json, "sha256": sha256.json, "fromNs": from.json, "toNs": to.json, "frames": frames.json,
    ]
  }
}
