internal import Model
internal import NIOCore

/// Units of an audio track to be decoded and listened to.
struct ListenRequest: Sendable, Equatable {
  var id: Int64
  var codec: Codec
  var clockRate: Int32
  var channels: Int
  /// AudioSpecificConfig; empty for other codecs.
  var config: [UInt8]
  /// Back to back; the first ``preroll`` only bring the decoder into step.
  var units: [ByteBuffer]
  /// Media time of each unit since the first, nanoseconds.
  var times: [Int64]
  var preroll: Int

  init(id: Int64, codec: Codec, clockRate: Int32, channels: Int, config: [UInt8], units: [ByteBuffer], times: [Int64], preroll: Int) {
    self.id = id
    self.codec = codec
    self.clockRate = clockRate
    self.channels = channels
    self.config = config
    self.units = units
    self.times = times
    self.preroll = preroll
  }

  init(id: Int64, units: [AccessUnit], track: Track, preroll: Int) {
    let base = units.first?.pts.nanoseconds ?? 0
    var config: [UInt8] = []
    if case .aac(let bytes) = track.parameters { config = bytes }
    self.init(
      id: id, codec: track.codec, clockRate: track.clockRate, channels: track.channels, config: config, units: units.map(\.payload),
      times: units.map { max(0, $0.pts.nanoseconds &- base) }, preroll: preroll)
  }

  /// The track that decodes the units.
  var track: Track {
    Track(
      index: 0, codec: codec, clockRate: clockRate, parameters: codec == .aac ? .aac(audioSpecificConfig: config) : nil, channels: channels)
  }

  var frame: WorkerFrame {
    let json: JSON = [
      "id": .int(id), "work": "listen", "codec": .string(codec.rawValue), "clockRate": .int(Int64(clockRate)), "channels": .int(Int64(channels)),
      "config": .string(Hex.encode(config)), "units": UnitList.lengths(units), "times": .array(times.map { .int($0) }),
      "preroll": .int(Int64(preroll)),
    ]
    return WorkerFrame(.job, json: json.text, bytes: UnitList.joined(units))
  }

  /// Nil for anything but a listen job that is understood.
  init?(_ frame: WorkerFrame) {
    guard frame.kind == .job, let parts = frame.parts, let json = try? JSON(parsing: parts.json.readableBytesView), let id = json["id"]?.intValue,
      json["work"]?.stringValue == "listen", let codec = json["codec"]?.stringValue.flatMap(Codec.init(rawValue:)), !codec.isVideo,
      let rate = json["clockRate"]?.intValue, (1...1_000_000).contains(rate), let channels = json["channels"]?.intValue,
      (0...64).contains(channels), let config = json["config"]?.stringValue.flatMap(Hex.decode),
      let units = UnitList.split(parts.bytes, lengths: json["units"]), let times = json["times"]?.arrayValue?.map(\.intValue),
      times.count == units.count, times.allSatisfy({ ($0 ?? -1) >= 0 }), let preroll = json["preroll"]?.intValue,
      (0..<Int64(units.count)).contains(preroll)
    else { return nil }
    self.init(
      id: id, codec: codec, clockRate: Int32(rate), channels: Int(channels), config: config, units: units, times: times.compactMap { $0 },
      preroll: Int(preroll))
  }
}
