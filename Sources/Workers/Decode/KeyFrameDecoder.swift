internal import Crypto
internal import Dispatch
internal import Model
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import Pipelines
internal import Wire

/// Decodes one picture at a time, each in a pipeline of its own, so that no stream's damage outlives its job. Blocks.
///
/// A key frame must be whole by everything that the decoder says. A picture that comes with the units since a recovery point cannot: the decoder misses what
/// lies before that point. It counts when the units were whole (whoever asks sees to that) and the decoder gives it out as recovered.
struct KeyFrameDecoder {
  /// Longest time for one picture; the relay waits a little longer before it kills.
  static let deadline = Duration.seconds(8)
  static let jpegWidth = 1280
  static let jpegQuality: Int64 = 85

  private let h264: PipelineFile
  private let h265: PipelineFile

  /// Throws ``Fault`` when the pipeline files or plugins are missing: better at the worker's start than at its first job.
  init(library: PipelineLibrary) throws(Fault) {
    h264 = try library.file("probe/h264")
    h265 = try library.file("probe/h265")
    DecoderLog.watch()
  }

  func decode(_ request: DecodeRequest) -> DecodeResult {
    let start = DispatchTime.now().uptimeNanoseconds
    let units = (request.lead + [request.bytes]).compactMap { AnnexB.from(lengthPrefixed: $0) }
    guard units.count == request.lead.count + 1 else { return .failed("malformed NAL lengths") }
    do {
      let output = try FreshMemory.painted(0xAA) { () throws(Fault) in try run(units, request.codec) }
      guard let picture = output.picture, let jpeg = output.jpeg, !picture.isCorrupted else { return .failed("no whole picture came out") }
      if request.codec == .h265, request.lead.isEmpty, try !isWhole(picture, request) { return .failed("slices are cut or missing") }
      let size = picture.withLuma { ($0.width, $0.height, PictureLook(histogram: $0.histogram(), isFullRange: $0.isFullRange)) }
      guard let (width, height, look) = size else { return .failed("no luma plane: \(picture.caps)") }
      let bytes = jpeg.bytes
      return DecodeResult(
        ok: true, reason: look.reason, width: width, height: height, jpegSHA256: hash(bytes),
        vclSHA256: vclHash(request), look: look, decodeNanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds &- start),
        jpeg: bytes)
    } catch {
      return .failed(error.detail)
    }
  }

  /// libav's H.265 decoder says nothing of slices that are missing or cut: it leaves memory as it was, or reads on beyond the data. So the unit is decoded
  /// once more, on memory of another paint and with other bytes behind each slice: a whole picture comes out the same. (H.264 complains by itself, and a CAVLC
  /// slice ends only with its data.)
  private func isWhole(_ picture: PipelineSample, _ request: DecodeRequest) throws(Fault) -> Bool {
    let tail = [UInt8](repeating: 0x55, count: 64)
    let unit = AnnexB.from(lengthPrefixed: request.bytes, appending: tail) { H265NALType(header: $0).isVCL }
    let again = try FreshMemory.painted(0x55) { () throws(Fault) in try run([unit], request.codec) }
    let same = picture.withLuma { first in again.picture?.withLuma { $0.isSame(as: first) } ?? false }
    return same ?? false
  }

  private typealias Output = (picture: PipelineSample?, jpeg: PipelineSample?)

  /// The first picture of one unit, the last of several.
  private func run(_ units: [ByteBuffer], _ codec: Codec) throws(Fault) -> Output {
    let fit = "video/x-raw,width=(int)[1,\(KeyFrameDecoder.jpegWidth)],pixel-aspect-ratio=(fraction)1/1"
    _ = DecoderLog.drain()
    let pipeline = try RunningPipeline(
      codec == .h264 ? h264 : h265, ["fit": .caps(fit), "quality": .int(KeyFrameDecoder.jpegQuality)])
    let picture = NIOLockedValueBox<PipelineSample?>(nil)
    let jpeg = NIOLockedValueBox<PipelineSample?>(nil)
    let isRun = units.count > 1
    try pipeline.sink("picture") { sample in picture.withLockedValue { $0 = isRun ? sample : $0 ?? sample } }
    try pipeline.sink("jpeg") { sample in jpeg.withLockedValue { $0 = isRun ? sample : $0 ?? sample } }
    let source = try pipeline.source("unit")
    try pipeline.start()
    source.push(units.enumerated().map { CodedBuffer(bytes: $1, pts: .milliseconds(Int64($0) * 40), isKey: $0 == 0) })
    if let fault = pipeline.finishBlocking(deadline: KeyFrameDecoder.deadline) { throw Fault(.decodeFailed, fault.detail) }
    if let complaint = DecoderLog.drain(), !isRun { throw Fault(.decodeFailed, complaint) }
    return (picture.withLockedValue { $0 }, jpeg.withLockedValue { $0 })
  }

  /// Parameter sets are no VCL NAL units, so those put before the unit do not count.
  private func vclHash(_ request: DecodeRequest) -> String {
    var hash = SHA256()
    for nal in NALUnits(request.bytes) {
      guard let header = nal.getInteger(at: nal.readerIndex, as: UInt8.self) else { continue }
      let isVCL = request.codec == .h264 ? H264NALType(header: header).isVCL : H265NALType(header: header).isVCL
      if isVCL { nal.withUnsafeReadableBytes { hash.update(bufferPointer: $0) } }
    }
    return Hex.encode(hash.finalize())
  }

  private func hash(_ bytes: ByteBuffer) -> String {
    var hash = SHA256()
    bytes.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
    return Hex.encode(hash.finalize())
  }
}
