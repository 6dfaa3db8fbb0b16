internal import Hub
internal import Model

/// What the recorder keeps of a publication: enough to record its units, also from the spool of a process that died.
struct RecordedStream: Sendable, Equatable {
  var name: StreamName
  var session: String
  var origin: UnitOrigin
  var tracks: [Track]

  init(name: StreamName, session: String, origin: UnitOrigin, tracks: [Track]) {
    self.name = name
    self.session = session
    self.origin = origin
    self.tracks = tracks
  }

  init(_ description: StreamDescription) {
    self.init(name: description.name, session: description.session, origin: description.origin, tracks: description.tracks)
  }

  /// The track whose key units begin a segment; nil when there is no video.
  var keyTrack: UInt8? { tracks.first { $0.codec.isVideo }?.index }

  func track(_ index: UInt8) -> Track? { tracks.first { $0.index == index } }

  var json: JSON {
    [
      "name": .string(name.path), "session": .string(session), "node": .string(origin.node), "path": .string(origin.path.path),
      "tracks": .array(tracks.map(\.archiveJSON)),
    ]
  }

  init?(_ json: JSON) {
    guard let name = json["name"]?.stringValue.flatMap({ StreamName($0) }), let session = json["session"]?.stringValue,
      let node = json["node"]?.stringValue, let path = json["path"]?.stringValue.flatMap({ StreamName($0) }),
      let tracks = json["tracks"]?.arrayValue
    else { return nil }
    self.init(name: name, session: session, origin: UnitOrigin(node: node, path: path), tracks: tracks.compactMap(Track.init(archiveJSON:)))
    guard self.tracks.count == tracks.count else { return nil }
  }
}
