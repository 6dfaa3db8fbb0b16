public import Model
public import Pipelines

/// Makes a muxer for these tracks. The closure is given its chunks in order; it may be called before the maker returns.
public typealias TapMaker =
  @Sendable (_ tracks: [RecorderTrack], _ output: @escaping @Sendable (MuxedChunk) -> Void) async throws(Fault) -> any RecorderTap
