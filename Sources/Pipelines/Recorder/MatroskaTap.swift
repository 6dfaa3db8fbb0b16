internal import Dispatch
public import Model
internal import NIOCore

/// Muxes one stream as Matroska for its whole life: header once, then a cluster per key frame and batch, timestamps absolute on the stream's time line.
///
/// GStreamer's matroskamux writes the header (`pipelines/archive/record-*.launch`), this class the clusters: no thread, no wake-up and no queue per
/// stream, and a track that falls silent or comes late stalls nothing. All output happens inside `start` and `push`, on the caller's thread.
///
/// `@unchecked Sendable`: `isOpen` is guarded by `lock`, which also keeps chunks in order should two threads push.
public final class MatroskaTap: RecorderTap, @unchecked Sendable {
  private let lock = DispatchQueue(label: "firstframe.pipelines.tap")
  private var isOpen = true
  private let writer: ClusterWriter
  private let output: @Sendable (MuxedChunk) -> Void

  private init(writer: ClusterWriter, output: @escaping @Sendable (MuxedChunk) -> Void) {
    self.writer = writer
    self.output = output
  }

  /// Makes the header, hands it out and returns the tap. The first video and the first audio track are recorded, others are not: a Matroska file of ours
  /// has at most one of each. A change of a track's parameters needs a new tap, and with it a new header.
  ///
  /// Throws ``Fault``: `.codecUnsupported` without a track or for caps that Matroska cannot hold, `.pipelineInvalid`, `.packageMissing`.
  public static func start(
    tracks: [RecorderTrack], library: PipelineLibrary, output: @escaping @Sendable (MuxedChunk) -> Void
  ) async throws(Fault) -> MatroskaTap {
    let video = tracks.first { $0.track.codec.isVideo }
    let audio = tracks.first { !$0.track.codec.isVideo }
    guard video != nil || audio != nil else { throw Fault(.codecUnsupported, "no track to record") }
    let result: Result<MatroskaHeader, Fault> = await withCheckedContinuation { continuation in
      RunningPipeline.blocking.async {
        continuation.resume(
          returning: Result { () throws(Fault) in
            try MatroskaHeaderMaker.make(video: video?.caps, audio: audio?.caps, library: library)
          })
      }
    }
    let header = try result.get()
    var outputs: [UInt8: ClusterWriter.Output] = [:]
    for input in [video, audio].compactMap({ $0 }) {
      guard let entry = header.entries.first(where: { $0.isVideo == input.track.codec.isVideo }) else {
        throw Fault(.codecUnsupported, input.caps)
      }
      outputs[input.track.index] = ClusterWriter.Output(number: entry.number, isVideo: entry.isVideo, delay: entry.codecDelay)
    }
    output(MuxedChunk(bytes: ByteBuffer(bytes: header.bytes), isHeader: true))
    return MatroskaTap(writer: ClusterWriter(outputs: outputs), output: output)
  }

  /// Writes the units as clusters and hands each to the output before it returns.
  public func push(_ units: [AccessUnit]) {
    lock.sync {
      guard isOpen else { return }
      for chunk in writer.write(units) { output(chunk) }
    }
  }

  /// Nothing is held back, so there is nothing to wait for.
  public func finish(deadline: Duration) async throws(Fault) { lock.sync { isOpen = false } }
}
