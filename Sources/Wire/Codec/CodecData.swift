public import Model

extension CodecParameters {
  /// The bytes containers carry: `avcC`, `hvcC`, AudioSpecificConfig, `OpusHead`; nil for G.711 and while parameter sets are missing.
  public var codecData: [UInt8]? { nil }
}

/// GStreamer caps of a track's units as matroskamux takes them: `video/x-h264,stream-format=avc,alignment=au,codec_data=…` and so on.
/// Nil while the track's parameters are missing or unusable.
public func matroskaCaps(for track: Track) -> String? { nil }
