public import Model

extension SessionDescription {
  /// More are not carried.
  public static let maximumTracks = 16

  /// The media that are carried, as tracks 0…; sections of other kinds or codecs are passed over.
  /// - Parameter left: positions of sections that are no tracks to whoever asks, such as ``withoutMedia``.
  /// - Throws: ``FaultCode/codecUnsupported`` naming what was offered when none is left.
  public func tracks(leavingOut left: Set<Int> = []) throws(Fault) -> [SDPTrack] {
    var tracks: [SDPTrack] = []
    for (position, section) in media.enumerated() where tracks.count < SessionDescription.maximumTracks && !left.contains(position) {
      guard let index = UInt8(exactly: tracks.count), let track = track(section, position, index) else { continue }
      tracks.append(track)
    }
    guard tracks.isEmpty else { return tracks }
    throw Fault(.codecUnsupported, media.isEmpty ? "no media" : media.prefix(8).map(SessionDescription.offer).joined(separator: ", "))
  }

  private static func offer(_ section: MediaDescription) -> String {
    let names = section.payloadTypes.prefix(4).map { section.encoding(of: $0)?.name ?? "type \($0)" }
    return String((section.kind + " " + names.joined(separator: "/")).unicodeScalars.prefix(60).map(Character.init))
  }

  private func track(_ section: MediaDescription, _ position: Int, _ index: UInt8) -> SDPTrack? {
    for payloadType in section.payloadTypes {
      guard let encoding = section.encoding(of: payloadType), let codec = SessionDescription.codec(section.kind, encoding.name) else {
        continue
      }
      var payload = RTPPayloadDescription(payloadType: payloadType, clockRate: encoding.clockRate, control: section.control)
      payload.unitIDExtension = headerExtension(UnitIDExtension.uri, section)
      payload.sentTimeExtension = headerExtension(SentTimeExtension.uri, section)
      var track = Track(index: index, codec: codec, clockRate: encoding.clockRate)
      let parameters = section.formatParameters(of: payloadType)
      guard SessionDescription.fill(&track, &payload, encoding, parameters) else { continue }
      if codec.isVideo { track.nominalFrameRateMilli = section.frameRateMilli }
      track.fillFromParameters()
      return SDPTrack(media: position, track: track, payload: payload)
    }
    return nil
  }

  private func headerExtension(_ uri: String, _ section: MediaDescription) -> UInt8? {
    let id = section.headerExtensions[uri] ?? attributes.headerExtensions[uri]
    return id.flatMap { (1...14).contains($0) ? $0 : nil }
  }

  private static func codec(_ kind: String, _ name: String) -> Codec? {
    switch (kind, name) {
    case ("video", "H264"): .h264
    case ("video", "H265"): .h265
    case ("audio", "MPEG4-GENERIC"): .aac
    case ("audio", "OPUS"): .opus
    case ("audio", "PCMA"): .pcma
    case ("audio", "PCMU"): .pcmu
    default: nil
    }
  }

  /// False when the parameters ask for what is not carried: interleaved packets (RFC 6184 §5.7), AAC without a config.
  private static func fill(
    _ track: inout Track, _ payload: inout RTPPayloadDescription, _ encoding: MediaDescription.Encoding, _ parameters: [String: String]
  ) -> Bool {
    func number(_ key: String) -> Int? { parameters[key].flatMap { Int($0) } }
    switch track.codec {
    case .h264:
      payload.packetizationMode = number("packetization-mode") ?? 0
      guard payload.packetizationMode <= 1 else { return false }
      track.parameters = parameterSets(.h264, parameters)
    case .h265:
      payload.format.hasDecodingOrderNumbers = (number("sprop-max-don-diff") ?? 0) > 0
      track.parameters = parameterSets(.h265, parameters)
    case .aac:
      guard let config = parameters["config"].flatMap({ Hex.decode($0) }), AudioSpecificConfig(config) != nil else { return false }
      track.parameters = .aac(audioSpecificConfig: config)
      track.channels = encoding.channels
      let mode = aacLengths(parameters["mode"] ?? "")
      payload.format = RTPPayloadFormat(
        payloadType: payload.payloadType, sizeLength: number("sizelength") ?? mode.size, indexLength: number("indexlength") ?? mode.index,
        indexDeltaLength: number("indexdeltalength") ?? mode.index,
        constantDuration: number("constantduration").flatMap { $0 > 0 ? $0 : nil })
    case .opus:
      // RFC 7587 §7: the rtpmap says 2 whatever is sent; only sprop-stereo counts, and its default is mono.
      track.channels = number("sprop-stereo") == 1 ? 2 : 1
      track.parameters = .opus(channels: track.channels)
    case .pcma, .pcmu:
      track.channels = encoding.channels
      track.parameters = .g711(channels: encoding.channels)
    }
    return true
  }

  /// What a mode prescribes (RFC 3640 §3.3.5, §3.3.6), for senders that name the mode and leave the lengths out.
  private static func aacLengths(_ mode: String) -> (size: Int, index: Int) {
    switch mode.lowercased() {
    case "aac-hbr": (13, 3)
    case "aac-lbr": (6, 2)
    default: (0, 0)
    }
  }

  /// Parameter sets from comma-separated base64; nil unless one of each kind is among them. Each set says of which kind it is, so that their order
  /// and the parameter in which they stand do not matter.
  private static func parameterSets(_ codec: Codec, _ parameters: [String: String]) -> CodecParameters? {
    guard var sets = CodecParameters.empty(codec) else { return nil }
    let lists = ["sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"].compactMap { parameters[$0] }
    for text in lists.joined(separator: ",").split(separator: ",").prefix(64) {
      guard let nal = Base64Text.decode(text.filter { $0 != " " && $0 != "\t" && $0 != "\"" }) else { continue }
      _ = sets.update(parameterSet: bare(nal))
    }
    return sets.isComplete ? sets : nil
  }

  /// Some cameras put a start code before the set and zeros behind it.
  private static func bare(_ nal: [UInt8]) -> [UInt8] {
    var bytes = nal[...]
    let zeros = bytes.prefix { $0 == 0 }.count
    if zeros == 2 || zeros == 3, bytes.dropFirst(zeros).first == 1 { bytes = bytes.dropFirst(zeros + 1) }
    while bytes.last == 0 { bytes = bytes.dropLast() }
    return Array(bytes)
  }
}
