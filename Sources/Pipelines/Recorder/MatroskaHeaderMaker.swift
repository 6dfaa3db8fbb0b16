internal import Dispatch
internal import Model
internal import NIOCore

/// Has matroskamux write the header for given tracks: it knows what every codec's entry and private data look like.
enum MatroskaHeaderMaker {
  /// Blocks for a few milliseconds. Throws `.codecUnsupported` when Matroska cannot hold the tracks.
  static func make(video: String?, audio: String?, library: PipelineLibrary) throws(Fault) -> MatroskaHeader {
    var values: [String: PipelineValue] = [:]
    values["video"] = video.map { .caps($0) }
    values["audio"] = audio.map { .caps($0) }
    let name =
      switch (video, audio) {
      case (_?, _?): "archive/record-av"
      case (nil, _?): "archive/record-audio"
      default: "archive/record-video"
      }
    let pipeline = try RunningPipeline(try library.file(name), values)
    let stream = Collected()
    try pipeline.sink("bytes") { stream.append($0) }
    var sources: [PipelineSource] = []
    for tap in values.keys.sorted() { sources.append(try pipeline.source(tap)) }
    try pipeline.start()
    for source in sources { source.push([CodedBuffer(bytes: ByteBuffer(bytes: [0, 0, 0, 0]), pts: .zero, isKey: true)]) }
    if let fault = pipeline.finishBlocking(deadline: .seconds(10)) { throw fault }
    guard let header = MatroskaHeader(cutting: stream.bytes) else {
      throw Fault(.codecUnsupported, "no Matroska header for \(video ?? "") \(audio ?? "")")
    }
    return header
  }

  /// `@unchecked Sendable`: `collected` is guarded by `queue`.
  private final class Collected: @unchecked Sendable {
    private let queue = DispatchQueue(label: "firstframe.pipelines.header")
    private var collected: [UInt8] = []
    func append(_ sample: PipelineSample) { sample.withBytes { part in queue.sync { collected.append(contentsOf: part) } } }
    var bytes: [UInt8] { queue.sync { collected } }
  }
}
