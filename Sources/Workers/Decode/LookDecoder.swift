internal import Dispatch
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Pipelines

/// Decodes runs of units to look at their pictures. Nothing is kept but what a look is, and the pipeline for the next. Blocks.
final class LookDecoder {
  private let h264: PipelineFile
  private let h265: PipelineFile
  /// At rest between two jobs; none after a job that did not give every picture.
  private(set) var kept: [Codec: KeptPipeline] = [:]

  /// Throws ``Fault`` when the pipeline files are missing.
  init(library: PipelineLibrary) throws(Fault) {
    h264 = try library.file("probe/look-h264")
    h265 = try library.file("probe/look-h265")
  }

  func decode(_ request: LookRequest) -> LookResult {
    let start = DispatchTime.now().uptimeNanoseconds
    var buffers: [CodedBuffer] = []
    for (position, unit) in request.units.enumerated() {
      // The place is the presentation time, which comes out with the picture; a malformed unit is left out.
      guard let bytes = AnnexB.from(lengthPrefixed: unit) else { continue }
      buffers.append(CodedBuffer(bytes: bytes, pts: .milliseconds(Int64(request.order[position])), isKey: position == 0))
    }
    guard !buffers.isEmpty else { return .failed("malformed NAL lengths") }
    do {
      let looks = try run(buffers, request)
      let cost = Int64(clamping: DispatchTime.now().uptimeNanoseconds &- start)
      return LookResult(ok: true, reason: "", looks: looks, decodeNanoseconds: cost)
    } catch {
      return .failed(error.detail)
    }
  }

  /// Taken away: it is put back when all went well.
  private func pipeline(for codec: Codec) throws(Fault) -> KeptPipeline {
    if let pipeline = kept.removeValue(forKey: codec) { return pipeline }
    return try KeptPipeline(codec == .h264 ? h264 : h265, sink: "picture")
  }

  private func run(_ buffers: [CodedBuffer], _ request: LookRequest) throws(Fault) -> [FrameLook] {
    let pipeline = try pipeline(for: request.codec)
    let looks = NIOLockedValueBox<[FrameLook]>([])
    var positions = [Int](repeating: 0, count: request.order.count)
    for (position, place) in request.order.enumerated() { positions[place] = position }
    let atPlace = positions
    let handle: KeptPipeline.Handler = { sample in
      guard !sample.isCorrupted, let pts = sample.pts else { return }
      let place = Int((pts.value &+ 500_000) / 1_000_000)
      guard atPlace.indices.contains(place), let look = sample.withLuma({ FrameLook(position: atPlace[place], $0) }) else { return }
      looks.withLockedValue { $0.append(look) }
    }
    // Where slices are missing, libav's H.265 decoder leaves memory as it was: that shall be nothing, as in a new process, not another stream's picture.
    if request.codec == .h265 {
      try FreshMemory.painted(0) { () throws(Fault) in try pipeline.run(buffers, handle: handle) }
    } else {
      try pipeline.run(buffers, handle: handle)
    }
    let found = looks.withLockedValue { $0 }
    if found.count == buffers.count { kept[request.codec] = pipeline }
    return found
  }
}

extension FrameLook {
  fileprivate init(position: Int, _ plane: LumaPlane) {
    let shares = PictureLook.shares(histogram: plane.histogram(), isFullRange: plane.isFullRange)
    self.init(position: position, darkPerMille: shares.darkPerMille, variancePPM: shares.variancePPM, thumbnail: plane.thumbnail())
  }
}
