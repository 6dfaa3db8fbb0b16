/// A way back to a camera: its description offers to take sound from whoever asks (ONVIF Streaming Specification §5.3). No track of ours; kept for talk.
public struct SDPBackChannel: Hashable, Sendable {
  /// One format that the camera takes.
  public struct Format: Hashable, Sendable {
    /// 0…127.
    public var payloadType: UInt8
    /// As the camera names it, of ours or not.
    public var encoding: MediaDescription.Encoding
  }

  /// Position of its `m=` section.
  public var media: Int
  /// `a=control`, for the SETUP.
  public var control: String?
  /// In the camera's order of preference; those without a name and a clock rate are left out.
  public var formats: [Format]
}

/// What a description offers beside the media that comes from whoever wrote it.
extension SessionDescription {
  /// Sound sections that go to the camera, in order.
  public var backChannels: [SDPBackChannel] {
    backward.sorted().map { position in
      let section = media[position]
      let formats = section.payloadTypes.compactMap { type in
        section.encoding(of: type).map { SDPBackChannel.Format(payloadType: type, encoding: $0) }
      }
      return SDPBackChannel(media: position, control: section.control, formats: formats)
    }
  }

  /// Positions of the sections on which nothing comes to whoever reads: ways back, and sound that is switched off. Readers would wait for it.
  public var withoutMedia: Set<Int> {
    let silent = media.indices.filter { media[$0].kind == "audio" && direction(of: $0) == .inactive }
    let left = backward.union(silent)
    // One that has nothing else is taken at its word no further: better a track too much than no stream.
    return left.count < media.count ? left : []
  }

  private func direction(of position: Int) -> MediaDescription.Direction? { media[position].direction ?? attributes.direction }

  /// ONVIF and RFC 2326 write directions as the client sees them, many devices as they see them themselves. Which of the two it is shows in the
  /// pictures, which always come from the device.
  private var backward: Set<Int> {
    let pictures = media.indices.filter { media[$0].kind == "video" }
    let shown = pictures.isEmpty ? Array(media.indices) : pictures
    let isOwnView = !shown.isEmpty && shown.allSatisfy { direction(of: $0) == .sendonly }
    let back = isOwnView ? MediaDescription.Direction.recvonly : .sendonly
    return Set(media.indices.filter { media[$0].kind == "audio" && direction(of: $0) == back })
  }
}
