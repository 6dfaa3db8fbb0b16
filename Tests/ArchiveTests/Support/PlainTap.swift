import Model
import NIOCore
import Synchronization

@testable import Archive
@testable import Pipelines

/// The real cluster writer behind a header made by hand: a muxer that needs no GStreamer.
final class PlainTap: RecorderTap {
  private let writer: ClusterWriter
  private let output: @Sendable (MuxedChunk) -> Void
  private let isOpen = Mutex(true)

  /// A ``TapMaker``.
  @Sendable static func make(_ tracks: [RecorderTrack], _ output: @escaping @Sendable (MuxedChunk) -> Void) async throws(Fault) -> any RecorderTap {
    PlainTap(tracks.map(\.track), output)
  }

  init(_ tracks: [Track], _ output: @escaping @Sendable (MuxedChunk) -> Void) {
    var outputs: [UInt8: ClusterWriter.Output] = [:]
    for (position, track) in tracks.enumerated() {
      outputs[track.index] = ClusterWriter.Output(number: UInt8(position + 1), isVideo: track.codec.isVideo, delay: 0)
    }
    writer = ClusterWriter(outputs: outputs)
    self.output = output
    output(MuxedChunk(bytes: ByteBuffer(bytes: PlainTap.header(tracks)), isHeader: true))
  }

  func push(_ units: [AccessUnit]) {
    guard isOpen.withLock({ $0 }) else { return }
    for chunk in writer.write(units) { output(chunk) }
  }

  func finish(deadline: Duration) async throws(Fault) { isOpen.withLock { $0 = false } }

  // MARK: The header

  /// EBML head, a segment of unknown size and its Tracks.
  static func header(_ tracks: [Track]) -> [UInt8] {
    let entries = tracks.enumerated().map { position, track in
      let codec = track.codec == .h264 ? "V_MPEG4/ISO/AVC" : track.codec == .h265 ? "V_MPEGH/ISO/HEVC" : "A_AAC"
      return element(
        [0xAE], element([0xD7], [UInt8(position + 1)]) + element([0x83], [track.codec.isVideo ? 1 : 2]) + element([0x86], Array(codec.utf8)))
    }
    return element([0x1A, 0x45, 0xDF, 0xA3], element([0x42, 0x82], Array("matroska".utf8)))
      + [0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255] + element([0x16, 0x54, 0xAE, 0x6B], entries.flatMap { $0 })
  }

  static func element(_ id: [UInt8], _ content: [UInt8]) -> [UInt8] {
    id + [0x40 | UInt8(content.count >> 8), UInt8(content.count & 255)] + content
  }
}
