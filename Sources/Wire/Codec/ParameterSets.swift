public import Model

extension CodecParameters {
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

  /// Takes a parameter set NAL unit: it replaces the one of its kind and id, or is added.
  /// - Returns: whether anything changed; false for what is no parameter set, or is malformed.
  public mutating func update(parameterSet nal: [UInt8]) -> Bool { false }
}

extension Track {
  /// Takes new parameters: generation goes up when they differ, size and frame rate follow the SPS, channels the audio config.
  /// - Returns: whether they differ.
  @discardableResult
  public mutating func setParameters(_ new: CodecParameters) -> Bool { false }

  /// Fills size, frame rate and channels from ``parameters``, as far as they tell.
  public mutating func fillFromParameters() {}
}
