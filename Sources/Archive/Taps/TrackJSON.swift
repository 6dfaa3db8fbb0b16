internal import Model

extension Track {
  /// The track as a spool keeps it.
  var archiveJSON: JSON {
    [
      "index": .int(Int64(index)), "codec": .string(codec.rawValue), "clockRate": .int(Int64(clockRate)),
      "generation": .int(Int64(generation)), "channels": .int(Int64(channels)), "parameters": parameters?.archiveJSON ?? .null,
      "rate": nominalFrameRateMilli.map { .int(Int64($0)) } ?? .null, "width": width.map { .int(Int64($0)) } ?? .null,
      "height": height.map { .int(Int64($0)) } ?? .null,
    ]
  }

  init?(archiveJSON json: JSON) {
    guard let index = json["index"]?.intValue.flatMap({ UInt8(exactly: $0) }), let codec = json["codec"]?.stringValue.flatMap(Codec.init),
      let clockRate = json["clockRate"]?.intValue.flatMap({ Int32(exactly: $0) }),
      let generation = json["generation"]?.intValue.flatMap({ UInt32(exactly: $0) }),
      let channels = json["channels"]?.intValue.flatMap({ Int(exactly: $0) }), let parameters = json["parameters"]
    else { return nil }
    self.init(
      index: index, codec: codec, clockRate: clockRate, parameters: CodecParameters(archiveJSON: parameters), generation: generation,
      channels: channels, nominalFrameRateMilli: json["rate"]?.intValue.flatMap { Int(exactly: $0) },
      width: json["width"]?.intValue.flatMap { Int(exactly: $0) }, height: json["height"]?.intValue.flatMap { Int(exactly: $0) })
    guard parameters == .null || self.parameters != nil else { return nil }
  }
}

extension CodecParameters {
  var archiveJSON: JSON {
    func sets(_ list: [[UInt8]]) -> JSON { .array(list.map { .string(Hex.encode($0)) }) }
    return switch self {
    case .h264(let sps, let pps): ["sps": sets(sps), "pps": sets(pps)]
    case .h265(let vps, let sps, let pps): ["vps": sets(vps), "sps": sets(sps), "pps": sets(pps)]
    case .aac(let config): ["asc": .string(Hex.encode(config))]
    case .opus(let channels): ["opus": .int(Int64(channels))]
    case .g711(let channels): ["g711": .int(Int64(channels))]
    }
  }

  init?(archiveJSON json: JSON) {
    func sets(_ key: String) -> [[UInt8]]? {
      guard let list = json[key]?.arrayValue else { return nil }
      let decoded = list.compactMap { $0.stringValue.flatMap { Hex.decode($0) } }
      return decoded.count == list.count ? decoded : nil
    }
    if let vps = sets("vps"), let sps = sets("sps"), let pps = sets("pps") {
      self = .h265(vps: vps, sps: sps, pps: pps)
    } else if let sps = sets("sps"), let pps = sets("pps") {
      self = .h264(sps: sps, pps: pps)
    } else if let config = json["asc"]?.stringValue.flatMap({ Hex.decode($0) }) {
      self = .aac(audioSpecificConfig: config)
    } else if let channels = json["opus"]?.intValue {
      self = .opus(channels: Int(clamping: channels))
    } else if let channels = json["g711"]?.intValue {
      self = .g711(channels: Int(clamping: channels))
    } else {
      return nil
    }
  }
}
