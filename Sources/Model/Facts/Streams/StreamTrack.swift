/// A track of a publication, as `stream.started` lists it.
public struct StreamTrack: Hashable, Sendable {
  /// As in the samples and the archive; the first is 0.
  public var index: Int64
  /// Of the list of `Codec`.
  public var codec: FactText<Codec>

  public init(index: Int64, codec: FactText<Codec>) {
    self.index = index
    self.codec = codec
  }
}

extension StreamTrack: FactObject {
  init?(_ read: FactReader) {
    guard let index: Int64 = read["index"], let codec: FactText<Codec> = read["codec"] else { return nil }
    self.init(index: index, codec: codec)
  }

  var members: [String: JSON] { ["index": index.json, "codec": codec.json] }
}
