public import Model

/// GStreamer caps of a track's units as matroskamux wants them: `video/x-h264,stream-format=avc,alignment=au,codec_data=…` and so on.
/// Nil while the track's parameters are missing or unusable.
public func matroskaCaps(for track: Track) -> String? {
  switch track.codec {
  case .h264: return videoCaps("video/x-h264,stream-format=(string)avc", track)
  case .h265: return videoCaps("video/x-h265,stream-format=(string)hvc1", track)
  case .aac:
    guard let data = track.parameters?.codecData, let config = AudioSpecificConfig(data) else { return nil }
    let channels = config.channels > 0 ? config.channels : track.channels
    return "audio/mpeg,mpegversion=(int)4,stream-format=(string)raw,framed=(boolean)true,rate=(int)\(config.sampleRate),"
      + "channels=(int)\(max(1, channels)),codec_data=(buffer)\(Hex.encode(data))"
  case .opus:
    let channels = max(1, min(2, track.channels))
    return "audio/x-opus,rate=(int)48000,channels=(int)\(channels),channel-mapping-family=(int)0,"
      + "streamheader=(buffer)<\(Hex.encode(OpusHead(channels: channels).bytes)),\(Hex.encode(OpusHead.tags))>"
  case .pcma: return "audio/x-alaw,\(telephoneCaps(track))"
  case .pcmu: return "audio/x-mulaw,\(telephoneCaps(track))"
  }
}

private func videoCaps(_ head: String, _ track: Track) -> String? {
  guard let data = track.parameters?.codecData else { return nil }
  var caps = "\(head),alignment=(string)au,codec_data=(buffer)\(Hex.encode(data))"
  if let width = track.width, let height = track.height { caps += ",width=(int)\(width),height=(int)\(height)" }
  if let rate = track.nominalFrameRateMilli, rate > 0 { caps += ",framerate=(fraction)\(rate)/1000" }
  return caps
}

/// RTMP's timescale of 1000 is no sampling rate: G.711 is 8000 there.
private func telephoneCaps(_ track: Track) -> String {
  "rate=(int)\(track.clockRate > 1000 ? track.clockRate : 8000),channels=(int)\(max(1, track.channels))"
}
