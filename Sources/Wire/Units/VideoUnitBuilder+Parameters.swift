public import Model

/// Parameter sets, in band and beside the stream.
extension VideoUnitBuilder {
  /// Parameters that came beside the stream (an RTMP sequence header): they are newer than any that came inside it.
  /// - Returns: whether they differ from ``track``'s; then its generation goes up.
  @discardableResult
  public mutating func setParameters(_ parameters: CodecParameters) -> Bool {
    pendingParameters = nil
    guard track.setParameters(parameters) else { return false }
    hasOneLayer = VideoUnitBuilder.hasOneLayer(track)
    return true
  }

  /// A parameter set came whole; it counts from the next slice on, so that a new SPS and its PPS make one generation.
  mutating func noteParameterSet(_ kind: ParameterSetKind, _ nal: UnsafeRawBufferPointer) {
    if let pendingParameters {
      if pendingParameters.contains(nal, kind) { return }
    } else if let known = track.parameters, known.contains(nal, kind) {
      return
    }
    guard nal.count <= CodecParameters.maximumParameterSetLength,
      var new = pendingParameters ?? track.parameters ?? CodecParameters.empty(track.codec)
    else { return }
    if new.update(parameterSet: Array(nal)) { pendingParameters = new }
  }

  /// A slice begins: the sets that came before it are the track's, once there is one of each kind.
  mutating func applyPendingParameters() -> Bool {
    guard let pending = pendingParameters, pending.isComplete else { return false }
    return setParameters(pending)
  }

  /// A key picture ends, and sets that came behind its first slices wait: it is what they came with. Others wait for the next picture.
  mutating func applyLateParameters() {
    if hasPendingParameters { _ = applyPendingParameters() }
  }

  static func hasOneLayer(_ track: Track) -> Bool {
    guard case .h265(_, let sps, _) = track.parameters, let first = sps.first else { return false }
    return H265SPS(nal: first)?.temporalLayers == 1
  }
}
