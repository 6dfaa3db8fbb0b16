public import Model

extension CodecParameters {
  /// Longer parameter sets are ignored: real ones have tens of bytes, with scaling lists some hundreds.
  static var maximumParameterSetLength: Int { 8192 }

  /// The parameters of a video codec before any parameter set came; nil for audio.
  public static func empty(_ codec: Codec) -> CodecParameters? {
    switch codec {
    case .h264: .h264(sps: [], pps: [])
    case .h265: .h265(vps: [], sps: [], pps: [])
    default: nil
    }
  }

  /// Whether a decoder can start with them: at least one parameter set of each kind; audio: always.
  public var isComplete: Bool {
    switch self {
    case .h264(let sps, let pps): !sps.isEmpty && !pps.isEmpty
    case .h265(let vps, let sps, let pps): !vps.isEmpty && !sps.isEmpty && !pps.isEmpty
    default: true
    }
  }

  /// Adds a parameter set NAL unit: it replaces the one of its kind and id, or is added.
  /// - Returns: whether anything changed; false for what is no parameter set, or is malformed.
  public mutating func update(parameterSet nal: [UInt8]) -> Bool {
    guard let header = nal.first, nal.count <= CodecParameters.maximumParameterSetLength else { return false }
    switch self {
    case .h264(var sps, var pps):
      guard let kind = ParameterSetKind(.h264, header: header) else { return false }
      let changed =
        kind == .sps ? CodecParameters.put(nal, kind, .h264, into: &sps) : CodecParameters.put(nal, kind, .h264, into: &pps)
      if changed { self = .h264(sps: sps, pps: pps) }
      return changed
    case .h265(var vps, var sps, var pps):
      guard let kind = ParameterSetKind(.h265, header: header) else { return false }
      let changed =
        switch kind {
        case .vps: CodecParameters.put(nal, kind, .h265, into: &vps)
        case .sps: CodecParameters.put(nal, kind, .h265, into: &sps)
        case .pps: CodecParameters.put(nal, kind, .h265, into: &pps)
        }
      if changed { self = .h265(vps: vps, sps: sps, pps: pps) }
      return changed
    default: return false
    }
  }

  /// Whether exactly this NAL unit is among the sets of its kind.
  func contains(_ nal: UnsafeRawBufferPointer, _ kind: ParameterSetKind) -> Bool {
    func isIn(_ sets: [[UInt8]]) -> Bool { sets.contains { $0.count == nal.count && $0.elementsEqual(nal) } }
    return switch (self, kind) {
    case (.h264(let sps, _), .sps): isIn(sps)
    case (.h264(_, let pps), .pps): isIn(pps)
    case (.h265(let vps, _, _), .vps): isIn(vps)
    case (.h265(_, let sps, _), .sps): isIn(sps)
    case (.h265(_, _, let pps), .pps): isIn(pps)
    default: false
    }
  }

  private static func put(_ nal: [UInt8], _ kind: ParameterSetKind, _ codec: Codec, into sets: inout [[UInt8]]) -> Bool {
    guard let id = kind.id(codec, nal) else { return false }
    guard let index = sets.firstIndex(where: { kind.id(codec, $0) == id }) else {
      sets.append(nal)
      return true
    }
    guard sets[index] != nal else { return false }
    sets[index] = nal
    return true
  }
}

extension Track {
  /// Sets new parameters: generation goes up when they differ, size and frame rate follow the SPS, channels the audio config.
  /// - Returns: whether they differ.
  @discardableResult
  public mutating func setParameters(_ new: CodecParameters) -> Bool {
    guard new != parameters else { return false }
    parameters = new
    generation &+= 1
    fillFromParameters()
    return true
  }

  /// Fills size, frame rate and channels from ``parameters``, as far as they say.
  public mutating func fillFromParameters() {
    switch parameters {
    case .h264(let sps, _):
      guard let first = sps.first, let parsed = H264SPS(nal: first) else { return }
      fill(parsed.width, parsed.height, parsed.frameRateMilli)
    case .h265(_, let sps, _):
      guard let first = sps.first, let parsed = H265SPS(nal: first) else { return }
      fill(parsed.width, parsed.height, parsed.frameRateMilli)
    case .aac(let config):
      if let parsed = AudioSpecificConfig(config), parsed.channels > 0 { channels = parsed.channels }
    case .opus(let count), .g711(let count): channels = count
    case nil: break
    }
  }

  private mutating func fill(_ width: Int, _ height: Int, _ frameRateMilli: Int?) {
    self.width = width
    self.height = height
    // What the publisher declared stays where the SPS says nothing.
    if let frameRateMilli { nominalFrameRateMilli = frameRateMilli }
  }
}
