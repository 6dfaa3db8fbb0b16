internal import Dispatch
internal import Glibc
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Pipelines
internal import Wire

/// Decodes stretches of sound to measure how loud they are. Blocks.
final class ListenDecoder {
  /// Kinds of sound whose pipelines are kept.
  static let mostKept = 8
  /// −50 dBFS: what ffmpeg's silencedetect is asked for.
  static let limit: Float = 0.003_162_277_7

  /// What came out of the decoder so far.
  private struct Level {
    var peak: Float = 0
    var first: Nanoseconds?
    var last: Nanoseconds?
    var end = Nanoseconds.zero
    var count = 0
  }

  private let files: [Codec: PipelineFile]
  /// At rest between two jobs, by the caps of what it decodes.
  private(set) var kept: [String: KeptPipeline] = [:]

  /// Throws ``Fault`` when the pipeline files are missing.
  init(library: PipelineLibrary) throws(Fault) {
    var files: [Codec: PipelineFile] = [:]
    for codec in Codec.allCases where !codec.isVideo { files[codec] = try library.file("probe/listen-\(codec.rawValue)") }
    self.files = files
  }

  func decode(_ request: ListenRequest) -> ListenResult {
    let start = DispatchTime.now().uptimeNanoseconds
    guard let file = files[request.codec], let caps = ListenDecoder.caps(request.track) else { return .failed("no sound that can be decoded") }
    do {
      let level = try run(request, file, caps)
      guard level.count > 0 else { return .failed("no sound came out") }
      let cost = Nanoseconds(Int64(clamping: DispatchTime.now().uptimeNanoseconds &- start))
      let sound = DecodedSound(
        peakMilliDecibel: ListenDecoder.milliDecibel(level.peak), firstLoud: level.first, lastLoud: level.last, length: level.end, cost: cost)
      return ListenResult(ok: true, reason: "", sound: sound)
    } catch {
      return .failed(error.detail)
    }
  }

  /// Taken away: it is put back when all went well.
  private func pipeline(_ file: PipelineFile, _ caps: String) throws(Fault) -> KeptPipeline {
    if let pipeline = kept.removeValue(forKey: caps) { return pipeline }
    return try KeptPipeline(file, ["coded": .caps(caps)], sink: "sound")
  }

  private func run(_ request: ListenRequest, _ file: PipelineFile, _ caps: String) throws(Fault) -> Level {
    let pipeline = try pipeline(file, caps)
    let level = NIOLockedValueBox(Level())
    let from = request.times[request.preroll]
    let units = zip(request.units, request.times).map { CodedBuffer(bytes: $0, pts: Nanoseconds($1), isKey: true) }
    try pipeline.run(units) { sample in
      guard let pts = sample.pts, pts.value &+ 1_000_000 >= from, let loudness = sample.loudness(limit: ListenDecoder.limit) else { return }
      let begin = Nanoseconds(max(0, pts.value &- from))
      level.withLockedValue { level in
        level.count += 1
        level.peak = max(level.peak, loudness.peak)
        if let first = loudness.first, level.first == nil { level.first = begin + first }
        if let last = loudness.last { level.last = begin + last }
        level.end = max(level.end, begin + loudness.length)
      }
    }
    let found = level.withLockedValue { $0 }
    if found.count > 0 {
      if kept.count >= ListenDecoder.mostKept { kept = [:] }
      kept[caps] = pipeline
    }
    return found
  }

  private static func caps(_ track: Track) -> String? {
    // The header that files carry has a pre-skip, which would take away the beginning of every stretch.
    guard track.codec == .opus else { return matroskaCaps(for: track) }
    return "audio/x-opus,rate=(int)48000,channels=(int)\(max(1, min(2, track.channels))),channel-mapping-family=(int)0"
  }

  /// Thousandths of a dBFS, rounded down, at least −200 000.
  static func milliDecibel(_ peak: Float) -> Int64 {
    guard peak > 1e-10 else { return -200_000 }
    return Int64((20_000 * log10(Double(min(peak, 1000)))).rounded(.down))
  }
}
