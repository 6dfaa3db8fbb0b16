import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Testing

@testable import Pipelines

@Suite("The probe pipelines") struct ProbeTests {
  @Test(
    "turn a key frame into its picture and a JPEG of it", .enabled(if: Shell.hasFFmpeg, "ffmpeg is not installed"),
    arguments: [
      ("h264", "libx264", 1920, 1080, 1280, 720), ("h265", "libx265", 640, 360, 640, 360), ("h264", "libx264", 360, 640, 360, 640),
    ])
  func decodes(codec: String, encoder: String, width: Int, height: Int, jpegWidth: Int, jpegHeight: Int) async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("key.\(codec)")
    _ = try await Shell.run(
      "/usr/bin/ffmpeg",
      [
        "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=\(width)x\(height)", "-frames:v", "1", "-pix_fmt", "yuv420p", "-c:v", encoder, "-f",
        codec == "h264" ? "h264" : "hevc", path,
      ])
    let unit = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let fit = "video/x-raw,width=(int)[1,1280],pixel-aspect-ratio=(fraction)1/1"
    let pipeline = try RunningPipeline(PipelineLibrary.locate().file("probe/\(codec)"), ["fit": .caps(fit), "quality": .int(85)])
    let pictures = Box<PipelineSample>()
    let jpegs = Box<PipelineSample>()
    try pipeline.sink("picture", pictures.add)
    try pipeline.sink("jpeg", jpegs.add)
    let source = try pipeline.source("unit")
    try pipeline.start()
    source.push([CodedBuffer(bytes: ByteBuffer(bytes: unit), pts: .zero, isKey: true)])
    try await pipeline.finish(deadline: .seconds(20))
    let picture = try #require(pictures.all.first)
    #expect(pictures.all.count == 1)
    let luma = picture.withLuma { ($0.width, $0.height, $0.isFullRange, $0.histogram().reduce(0, +)) }
    #expect(luma?.0 == width)
    #expect(luma?.1 == height)
    #expect(luma?.2 == false)
    #expect(luma?.3 == width * height)
    let jpeg = try folder.write(Array(try #require(jpegs.all.first).bytes.readableBytesView), to: "key.jpg")
    let size = try await Shell.run(
      "/usr/bin/ffprobe", ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", jpeg])
    #expect(size.hasPrefix("mjpeg,\(jpegWidth),\(jpegHeight)"))
  }

  @Test("give no plane whose geometry does not fit its bytes") func lumaGeometry() {
    let bytes = [UInt8](repeating: 7, count: 100)
    bytes.withUnsafeBytes { raw in
      #expect(LumaPlane(bytes: raw, offset: 0, stride: 10, width: 10, height: 10, isFullRange: false)?.histogram()[7] == 100)
      #expect(LumaPlane(bytes: raw, offset: 1, stride: 10, width: 10, height: 10, isFullRange: false) == nil)
      #expect(LumaPlane(bytes: raw, offset: 92, stride: 10, width: 8, height: 1, isFullRange: false) != nil)
      #expect(LumaPlane(bytes: raw, offset: 0, stride: 8, width: 10, height: 2, isFullRange: false) == nil)
      #expect(LumaPlane(bytes: raw, offset: 0, stride: .max, width: 1, height: 3, isFullRange: false) == nil)
      #expect(LumaPlane(bytes: raw, offset: -1, stride: 10, width: 10, height: 1, isFullRange: false) == nil)
      #expect(LumaPlane(bytes: raw, offset: 0, stride: 10, width: 0, height: 1, isFullRange: false) == nil)
    }
  }

  @Test("count each luma of a plane once, whatever its width and what lies behind its rows", arguments: [1, 3, 4, 5, 8, 63, 64, 1281])
  func histogram(width: Int) {
    var random = Mutator(seed: UInt64(width))
    let (stride, height) = (width + 7, 9)
    let bytes = (0..<stride * height).map { _ in UInt8.random(in: 0...255, using: &random) & 0xF3 }
    var expected = [Int](repeating: 0, count: 256)
    for row in 0..<height { for column in 0..<width { expected[Int(bytes[row * stride + column])] += 1 } }
    let counted = bytes.withUnsafeBytes {
      LumaPlane(bytes: $0, offset: 0, stride: stride, width: width, height: height, isFullRange: true)?.histogram()
    }
    #expect(counted == expected)
  }
}
