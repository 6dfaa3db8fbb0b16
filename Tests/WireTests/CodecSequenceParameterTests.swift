import Model
import Testing
import Wire

@Suite("Sequence parameter sets")
struct CodecSequenceParameterTests {
  private static func milli(_ rate: String) -> Int? {
    let parts = rate.split(separator: "/").compactMap { Int($0) }
    return parts.count == 2 ? (parts[0] * 1000 + parts[1] / 2) / parts[1] : nil
  }

  @Test("H.264 size, frame rate, level and reordering are what ffprobe tells", arguments: ["plain", "bframes", "intra422", "interlaced"])
  func h264(_ name: String) throws {
    let clip = try MediaClip("h264/" + name)
    let configuration = try #require(AVCConfiguration(clip.config))
    let nal = try #require(configuration.sps.first)
    let sps = try #require(H264SPS(nal: nal))
    #expect(sps.width == Int(clip.probe[0]))
    #expect(sps.height == Int(clip.probe[1]))
    #expect(sps.frameRateMilli == Self.milli(clip.probe[2]))
    #expect(Int(sps.levelIDC) == Int(clip.probe[4]))
    #expect(sps.reorderFrames == Int(clip.probe[5]))
    let profiles: [String: UInt8] = ["Constrained_Baseline": 66, "High": 100, "High_4:2:2_Intra": 122]
    #expect(sps.profileIDC == profiles[clip.probe[3]])
    let told = ProfileLevel(.h264(sps: configuration.sps, pps: configuration.pps))
    #expect(told?.profile == clip.probe[3].split(separator: "_").joined(separator: " "))
    #expect(told?.level == ["12": "1.2", "13": "1.3", "21": "2.1", "30": "3"][clip.probe[4]])
    #expect(sps.isFrameOnly == (name != "interlaced"))
    #expect(sps.bitDepthLuma == (name == "intra422" ? 10 : 8))
    #expect(sps.chromaFormatIDC == (name == "intra422" ? 2 : 1))
    #expect(sps.pictureOrderCountType == (name == "plain" || name == "intra422" ? 2 : 0))
  }

  @Test("H.265 size, frame rate, level and reordering are what ffprobe tells", arguments: ["plain", "bframes", "main10"])
  func h265(_ name: String) throws {
    let clip = try MediaClip("h265/" + name)
    let configuration = try #require(HEVCConfiguration(clip.config))
    let nal = try #require(configuration.sps.first)
    let sps = try #require(H265SPS(nal: nal))
    #expect(sps.width == Int(clip.probe[0]))
    #expect(sps.height == Int(clip.probe[1]))
    #expect(sps.frameRateMilli == Self.milli(clip.probe[2]))
    #expect(Int(sps.levelIDC) == Int(clip.probe[4]))
    #expect(sps.reorderPictures == Int(clip.probe[5]))
    #expect(sps.profileIDC == (name == "main10" ? 2 : 1))
    let told = ProfileLevel(.h265(vps: [], sps: configuration.sps, pps: []))
    #expect(told?.profile == (name == "main10" ? "Main 10" : "Main") && told?.level == "2")
    #expect(sps.bitDepthLuma == (name == "main10" ? 10 : 8))
    #expect(sps.temporalLayers == 1)
    #expect(sps.isTemporalIDNested)
  }

  /// An SPS as simple hardware encoders write it: Main or Baseline profile, 1920×1088 cropped to 1080, level 4.0, no VUI.
  static func bareSPS(profile: UInt32 = 77, orderCountType: UInt32 = 0, id: UInt32 = 0, rows: UInt32 = 67) -> [UInt8] {
    var writer = BitWriter()
    writer.put(0x67, 8)
    writer.put(profile, 8)
    writer.put(0, 8)
    writer.put(40, 8)
    writer.putUnsigned(id)
    writer.putUnsigned(4)
    writer.putUnsigned(orderCountType)
    if orderCountType == 0 { writer.putUnsigned(4) }
    writer.putUnsigned(1)
    writer.put(0, 1)
    writer.putUnsigned(119)
    writer.putUnsigned(rows)
    writer.put(0b11, 2)
    writer.put(1, 1)
    for crop in [0, 0, 0, 4] as [UInt32] { writer.putUnsigned(crop) }
    writer.put(0, 1)
    writer.put(1, 1)
    return writer.bytes
  }

  @Test("Without a VUI the reordering is unknown and bounded by the level's picture buffer; Baseline and order type 2 have none")
  func boundedReordering() throws {
    let main = try #require(H264SPS(nal: Self.bareSPS()))
    #expect(main.width == 1920 && main.height == 1080)
    #expect(main.reorderFrames == nil && main.maximumReorderFrames == 4)
    #expect(main.frameRateMilli == nil)
    #expect(H264SPS(nal: Self.bareSPS(profile: 66))?.reorderFrames == 0)
    #expect(H264SPS(nal: Self.bareSPS(orderCountType: 2))?.reorderFrames == 0)
  }

  @Test("A broken VUI does not cost the picture size")
  func brokenVUI() throws {
    let clip = try MediaClip("h264/bframes")
    let nal = try #require(AVCConfiguration(clip.config)?.sps.first)
    let whole = try #require(H264SPS(nal: nal))
    let cut = try #require(H264SPS(nal: Array(nal.dropLast(2))))
    #expect(cut.width == whole.width && cut.height == whole.height)
    #expect(cut.reorderFrames == nil)
    #expect(H264SPS(nal: Array(nal.prefix(6))) == nil)
    #expect(H264SPS(nal: [0x68] + nal.dropFirst()) == nil)
  }
}
