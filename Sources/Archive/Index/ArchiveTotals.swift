public import Model

/// What the archive holds of a stream, and how its recorder does.
public struct ArchiveTotals: Sendable, Hashable {
  /// The stream that they are of.
  public var stream: StreamName
  /// Acknowledged segments, over all sessions and processes.
  public var segments: Int64
  /// Pictures in them; audio frames where there is no video.
  public var frames: Int64
  /// Access units of all tracks in them.
  public var units: Int64
  /// Sizes of their files.
  public var bytes: Int64
  /// Bytes of the units themselves.
  public var payloadBytes: Int64
  /// Gaps that were recorded.
  public var gaps: Int64
  /// Units that were handed to a muxer since this process began.
  public var ingestedUnits: Int64
  /// Their bytes.
  public var ingestedBytes: Int64
  /// Of those units, how many are in acknowledged segments: all but those of the last seconds.
  public var recordedUnits: Int64
  /// Their bytes.
  public var recordedBytes: Int64
  /// Units that no segment can hold: before the first key frame, or of a track without parameters.
  public var skippedUnits: Int64
  /// Being recorded now.
  public var isRecording: Bool
  /// Why it is not, while the disk refuses.
  public var fault: Fault?

  init(
    stream: StreamName, segments: Int64 = 0, frames: Int64 = 0, units: Int64 = 0, bytes: Int64 = 0, payloadBytes: Int64 = 0, gaps: Int64 = 0
  ) {
    self.stream = stream
    self.segments = segments
    self.frames = frames
    self.units = units
    self.bytes = bytes
    self.payloadBytes = payloadBytes
    self.gaps = gaps
    ingestedUnits = 0
    ingestedBytes = 0
    recordedUnits = 0
    recordedBytes = 0
    skippedUnits = 0
    isRecording = false
  }

  mutating func add(_ figures: StreamRecording.Figures) {
    ingestedUnits = figures.ingestedUnits
    ingestedBytes = figures.ingestedBytes
    recordedUnits = figures.recordedUnits
    recordedBytes = figures.recordedBytes
    skippedUnits = figures.skippedUnits
    isRecording = figures.isRecording
    fault = figures.fault
  }

  /// As the API shows them.
  public var json: JSON {
    [
      "stream": .string(stream.path), "segments": .int(segments), "frames": .int(frames), "units": .int(units), "bytes": .int(bytes),
      "payloadBytes": .int(payloadBytes), "gaps": .int(gaps), "ingestedUnits": .int(ingestedUnits), "ingestedBytes": .int(ingestedBytes),
      "recordedUnits": .int(recordedUnits), "recordedBytes": .int(recordedBytes), "skippedUnits": .int(skippedUnits),
      "recording": .bool(isRecording), "fault": fault?.json ?? .null,
    ]
  }
}
