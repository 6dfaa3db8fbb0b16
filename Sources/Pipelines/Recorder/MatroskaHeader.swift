/// Everything of a Matroska stream before its first cluster, and what the cluster writer must know of it.
public struct MatroskaHeader: Sendable, Hashable {
  /// One of the header's tracks.
  public struct Entry: Sendable, Hashable {
    /// By which blocks name the track, 1…126.
    public var number: UInt8
    /// Pictures; else sound.
    public var isVideo: Bool
    /// Opus only: nanoseconds that every timestamp carries on top (RFC 9559 §5.1.4.1.25).
    public var codecDelay: Int64
  }

  /// From the first byte up to the first cluster.
  public let bytes: [UInt8]
  /// The tracks, in the header's order.
  public let entries: [Entry]

  /// Cuts the header off the beginning of a stream. Nil when it is no Matroska stream with a first cluster in sight. Trap-free on any bytes.
  public init?(cutting stream: [UInt8]) {
    guard let ebml = EBMLElement(stream, at: 0, limit: stream.count), ebml.id == Matroska.ebml, ebml.isWhole,
      let segment = EBMLElement(stream, at: ebml.content.upperBound, limit: stream.count), segment.id == Matroska.segment
    else { return nil }
    var found: [Entry] = []
    for element in EBMLElement.list(stream, in: segment.content) {
      if element.id == Matroska.cluster {
        guard !found.isEmpty else { return nil }
        bytes = Array(stream[..<element.start])
        entries = found
        return
      }
      guard element.isWhole else { return nil }
      if element.id == Matroska.tracks { found = MatroskaHeader.entries(stream, in: element.content) }
    }
    return nil
  }

  private static func entries(_ bytes: [UInt8], in range: Range<Int>) -> [Entry] {
    EBMLElement.list(bytes, in: range).filter { $0.id == Matroska.trackEntry }.compactMap { entry in
      var values: [UInt32: UInt64] = [:]
      for element in EBMLElement.list(bytes, in: entry.content) { values[element.id] = element.unsigned(bytes) }
      guard let number = values[Matroska.trackNumber], (1...126).contains(number), let type = values[Matroska.trackType] else { return nil }
      return Entry(number: UInt8(number), isVideo: type == 1, codecDelay: Int64(clamping: values[Matroska.codecDelay] ?? 0))
    }
  }
}
