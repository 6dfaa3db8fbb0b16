internal import Model

/// The first line of a sample file: JSON that says what the records are samples of.
enum SampleHeaderLine {
  static func bytes(_ header: SampleHeader) -> [UInt8] {
    let tracks = header.tracks.map { track -> JSON in
      [
        "index": .int(Int64(track.index)), "codec": .string(track.codec.rawValue), "kind": track.codec.isVideo ? "video" : "audio",
        "clockRate": .int(Int64(track.clockRate)), "nominalFrameRateMilli": optional(track.nominalFrameRateMilli),
        "width": optional(track.width), "height": optional(track.height),
      ]
    }
    let json: JSON = [
      "v": 1, "format": "firstframe.samples", "node": .string(header.node), "boot": .string(header.boot),
      "stream": .string(header.stream.path), "session": .string(header.session), "hop": .string(header.hop.rawValue),
      "protocol": .string(header.mediaProtocol.rawValue), "method": .string(header.method.rawValue),
      "roundTripMethod": header.roundTripMethod.map { .string($0) } ?? .null, "epoch": .string(String(header.epoch)),
      "startedNs": .int(header.started.nanoseconds), "startedWall": .string(header.startedWall.description), "tracks": .array(tracks),
    ]
    return Array((json.text + "\n").utf8)
  }

  /// Nil when the line is not a header of this version.
  static func parse(_ line: ArraySlice<UInt8>) -> SampleHeader? {
    guard line.last == 10, let json = try? JSON(parsing: line.dropLast()), json["v"]?.intValue == 1,
      json["format"]?.stringValue == "firstframe.samples", let node = json["node"]?.stringValue, let boot = json["boot"]?.stringValue,
      let stream = json["stream"]?.stringValue.flatMap(StreamName.init), let session = json["session"]?.stringValue,
      let hop = json["hop"]?.stringValue.flatMap(Hop.init), let media = json["protocol"]?.stringValue.flatMap(MediaProtocol.init),
      let method = json["method"]?.stringValue.flatMap(MeasuringMethod.init),
      let epoch = json["epoch"]?.stringValue.flatMap({ UInt64($0) }),
      let started = json["startedNs"]?.intValue, let wall = json["startedWall"]?.stringValue.flatMap(WallTime.init),
      let tracks = json["tracks"]?.arrayValue
    else { return nil }
    return SampleHeader(
      node: node, boot: boot, stream: stream, session: session, hop: hop, mediaProtocol: media, method: method,
      roundTripMethod: json["roundTripMethod"]?.stringValue, epoch: epoch, started: BootTime(nanoseconds: started), startedWall: wall,
      tracks: tracks.compactMap(track))
  }

  private static func track(_ json: JSON) -> SampleTrack? {
    guard let index = json["index"]?.intValue.flatMap({ UInt8(exactly: $0) }), let codec = json["codec"]?.stringValue.flatMap(Codec.init),
      let clockRate = json["clockRate"]?.intValue.flatMap({ Int32(exactly: $0) })
    else { return nil }
    return SampleTrack(
      index: index, codec: codec, clockRate: clockRate, nominalFrameRateMilli: json["nominalFrameRateMilli"]?.intValue,
      width: json["width"]?.intValue, height: json["height"]?.intValue)
  }

  private static func optional(_ value: Int64?) -> JSON { value.map { .int($0) } ?? .null }
}
