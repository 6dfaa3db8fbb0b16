import Foundation
import Model
import NIOCore
import Testing
import Wire

/// GStreamer's depayloaders and muxer as independent judges of our packets and caps.
@Suite("Packets and caps before GStreamer", .enabled(if: Launch.isInstalled, "gst-launch-1.0 is not installed"))
struct PacketizerPeerTests {
  @Test(
    "GStreamer's depayloaders give the source's bytes back",
    arguments: ["h264/plain", "h264/bframes", "h265/plain", "h265/bframes", "aac/lc", "opus/stereo", "g711/alaw", "g711/mulaw"])
  func depayload(_ name: String) throws {
    let clip = try MediaClip(name)
    let folder = try Launch.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var packetizer = RTPPacketizer(track: clip.track, payloadType: 96, ssrc: 1, maximumPacketLength: 500)
    let packets = RTPBench.packetize(clip.units, &packetizer).flatMap { $0 }
    // RFC 4571: 16 bits of length before each packet.
    let stream = folder.appendingPathComponent("in.rtp")
    try Data(packets.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }).write(to: stream)
    let (caps, depayloader, sink) = Self.peer(of: clip)
    let out = folder.appendingPathComponent("out")
    try Launch.run([
      "filesrc", "location=\(stream.path)", "!", "application/x-rtp-stream,payload=96,media=\(caps)", "!", "rtpstreamdepay", "!",
      depayloader, "!", sink, "!", "filesink", "location=\(out.path)",
    ])
    let got = Array(try Data(contentsOf: out))
    let isSame = got == (clip.codec.isVideo ? Self.byteStream(clip) : clip.frames.flatMap(\.bytes))
    #expect(isSame, "\(got.count) bytes")
  }

  /// The caps of the packets, GStreamer's depayloader, and the caps behind it.
  private static func peer(of clip: MediaClip) -> (String, String, String) {
    switch clip.codec {
    case .h264: ("video,encoding-name=H264,clock-rate=90000", "rtph264depay", "video/x-h264,stream-format=byte-stream,alignment=nal")
    case .h265: ("video,encoding-name=H265,clock-rate=90000", "rtph265depay", "video/x-h265,stream-format=byte-stream,alignment=nal")
    case .aac: ("audio,encoding-name=MPEG4-GENERIC,clock-rate=44100,\(mpeg4(clip))", "rtpmp4gdepay", "audio/mpeg")
    case .opus: ("audio,encoding-name=OPUS,clock-rate=48000", "rtpopusdepay", "audio/x-opus")
    case .pcma: ("audio,encoding-name=PCMA,clock-rate=8000", "rtppcmadepay", "audio/x-alaw")
    case .pcmu: ("audio,encoding-name=PCMU,clock-rate=8000", "rtppcmudepay", "audio/x-mulaw")
    }
  }

  private static func mpeg4(_ clip: MediaClip) -> String {
    "mode=(string)AAC-hbr,sizelength=(string)13,indexlength=(string)3,indexdeltalength=(string)3,streamtype=(string)5,"
      + "config=(string)\(Hex.encode(clip.config))"
  }

  /// The clip as start codes and NAL units, parameter sets before each key picture.
  private static func byteStream(_ clip: MediaClip) -> [UInt8] { clip.units.flatMap { clip.sent($0).flatMap { [0, 0, 0, 1] + $0 } } }

  @Test("matroskamux takes the caps, and every picture of its file decodes as the source's", arguments: ["h264/plain", "h265/plain"])
  func matroska(_ name: String) throws {
    let clip = try MediaClip(name)
    let folder = try Launch.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let caps = try #require(matroskaCaps(for: clip.track))
    let stream = folder.appendingPathComponent("in." + name.prefix(4))
    try Data(Self.byteStream(clip)).write(to: stream)
    // Only for times: the units' own caps are replaced by ours.
    let timed = folder.appendingPathComponent("in.mp4")
    try Launch.ffmpeg(["-r", "25", "-i", stream.path, "-c", "copy", "-tag:v", clip.codec == .h264 ? "avc1" : "hvc1", timed.path])
    let file = folder.appendingPathComponent("out.mkv")
    try Launch.run([
      "filesrc", "location=\(timed.path)", "!", "qtdemux", "!", "capssetter", "replace=true", "caps=\(caps)", "!", "matroskamux", "!",
      "filesink", "location=\(file.path)",
    ])
    let muxed = try Launch.pictureHashes(file.path)
    #expect(muxed.count == clip.frames.count)
    let isSame = muxed == (try Launch.pictureHashes(stream.path))
    #expect(isSame)
  }

  @Test("GStreamer reads the caps of every codec", arguments: PacketizerTests.clips)
  func caps(_ name: String) throws {
    let caps = try #require(matroskaCaps(for: try MediaClip(name).track))
    try Launch.run(["fakesrc", "num-buffers=1", "!", caps, "!", "fakesink"])
    #expect(throws: (any Error).self) { try Launch.run(["fakesrc", "num-buffers=1", "!", caps + ",width=(int)", "!", "fakesink"]) }
  }

  @Test("A track without parameters has no caps")
  func noCaps() {
    #expect(matroskaCaps(for: Track(index: 0, codec: .h264, clockRate: 90_000)) == nil)
    #expect(matroskaCaps(for: Track(index: 0, codec: .aac, clockRate: 48_000)) == nil)
    #expect(matroskaCaps(for: Track(index: 0, codec: .pcma, clockRate: 1000, channels: 1)) == "audio/x-alaw,rate=(int)8000,channels=(int)1")
  }
}

/// Runs the programs that judge.
enum Launch {
  static let isInstalled = ["gst-launch-1.0", "ffmpeg"].allSatisfy { FileManager.default.isExecutableFile(atPath: "/usr/bin/" + $0) }

  static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("firstframe-wire-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  static func run(_ words: [String]) throws { _ = try output("/usr/bin/gst-launch-1.0", ["-q"] + words) }

  static func ffmpeg(_ words: [String]) throws { _ = try output("/usr/bin/ffmpeg", ["-v", "error", "-y"] + words) }

  /// MD5 of each decoded picture, in output order.
  static func pictureHashes(_ path: String) throws -> [String] {
    let text = try output("/usr/bin/ffmpeg", ["-v", "error", "-i", path, "-f", "framemd5", "-fps_mode", "passthrough", "-"])
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: ",").last.map(String.init) }
  }

  private static func output(_ program: String, _ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Fault(.pipelineFailed, "\(program) \(words.joined(separator: " "))") }
    return String(decoding: data, as: UTF8.self)
  }
}
