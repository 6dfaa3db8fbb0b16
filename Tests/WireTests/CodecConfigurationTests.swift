import Model
import Testing
import Wire

@Suite("Codec configurations")
struct CodecConfigurationTests {
  @Test("avcC parsed and built again is byte for byte ffmpeg's own", arguments: ["plain", "bframes", "intra422", "interlaced"])
  func avcC(_ name: String) throws {
    let clip = try MediaClip("h264/" + name)
    let parsed = try #require(AVCConfiguration(clip.config))
    #expect(parsed.nalLengthSize == 4)
    #expect(AVCConfiguration(sps: parsed.sps, pps: parsed.pps).bytes == clip.config)
    #expect(parsed.parameters.codecData == clip.config)
    #expect(parsed.parameters.isComplete)
  }

  @Test("hvcC parsed and built again is byte for byte ffmpeg's own", arguments: ["plain", "bframes", "main10"])
  func hvcC(_ name: String) throws {
    let clip = try MediaClip("h265/" + name)
    let parsed = try #require(HEVCConfiguration(clip.config))
    #expect(parsed.vps.count == 1 && parsed.sps.count == 1 && parsed.pps.count == 1)
    let built = try #require(HEVCConfiguration(vps: parsed.vps, sps: parsed.sps, pps: parsed.pps).bytes)
    #expect(Hex.encode(built) == Hex.encode(Self.withoutMessages(clip.config)))
  }

  /// ffmpeg keeps SEI in hvcC (type 39, the last array); we do not.
  private static func withoutMessages(_ record: [UInt8]) -> [UInt8] {
    var at = 23
    for array in 0..<record[22] {
      if record[at] & 0x3F == 39 { return Array(record[..<22]) + [array] + record[23..<at] }
      at += 5 + Int(record[at + 3]) << 8 + Int(record[at + 4])
    }
    return record
  }

  @Test("Incomplete parameter sets make no record")
  func incomplete() {
    #expect(AVCConfiguration(sps: [[0x67, 66, 0, 30]], pps: []).bytes == nil)
    #expect(AVCConfiguration(sps: [[0x67]], pps: [[0x68]]).bytes == nil)
    #expect(HEVCConfiguration(vps: [[0x40, 1]], sps: [[0x42, 1, 2]], pps: [[0x44, 1]]).bytes == nil)
    #expect(CodecParameters.empty(.h264)?.codecData == nil)
    #expect(CodecParameters.g711(channels: 1).codecData == nil)
  }

  @Test("AudioSpecificConfig: ffmpeg's LC, explicit SBR, a rate outside the table, eight channels")
  func audio() throws {
    let clip = try MediaClip("aac/lc")
    let low = try #require(AudioSpecificConfig(clip.config))
    #expect(low.objectType == 2 && low.sampleRate == 44_100 && low.channels == 2 && low.samplesPerFrame == 1024)
    #expect(low.bytes == Array(clip.config.prefix(2)))
    let high = try #require(AudioSpecificConfig([0x2B, 0x11, 0x88, 0x00]))
    #expect(high.objectType == 2 && high.coreSampleRate == 24_000 && high.sampleRate == 48_000 && high.samplesPerFrame == 2048)
    let behind = try #require(AudioSpecificConfig([0x13, 0x10, 0x56, 0xE5, 0x98]))
    #expect(behind.coreSampleRate == 24_000 && behind.sampleRate == 48_000 && behind.samplesPerFrame == 2048)
    for config in [AudioSpecificConfig(sampleRate: 12_345, channels: 8), AudioSpecificConfig(sampleRate: 16_000, channels: 1)] {
      #expect(AudioSpecificConfig(config.bytes) == config)
    }
    #expect(AudioSpecificConfig([0x12]) == nil)
    #expect(AudioSpecificConfig([0x17, 0x80, 0, 0, 0]) == nil)
  }

  @Test("A parameter set replaces the one with its id, another id is added, the same again changes nothing")
  func update() throws {
    let clip = try MediaClip("h264/bframes")
    guard case .h264(let sps, let pps) = clip.parameters else { throw Fault(.mediaMalformed) }
    var parameters = try #require(CodecParameters.empty(.h264))
    #expect(!parameters.isComplete)
    var changes = [parameters.update(parameterSet: sps[0])]
    #expect(!parameters.isComplete)
    changes.append(parameters.update(parameterSet: pps[0]))
    #expect(parameters.isComplete && parameters == clip.parameters)
    for nal in [sps[0], [0x65, 0x88], [0x67]] { changes.append(parameters.update(parameterSet: nal)) }
    #expect(changes == [true, true, false, false, false])
    let other = CodecSequenceParameterTests.bareSPS(id: 3)
    let taller = CodecSequenceParameterTests.bareSPS(rows: 89)
    changes = [parameters.update(parameterSet: other)]
    #expect(parameters == .h264(sps: [sps[0], other], pps: pps))
    changes.append(parameters.update(parameterSet: taller))
    #expect(parameters == .h264(sps: [taller, other], pps: pps))
    #expect(changes == [true, true])
  }

  @Test("New parameters raise a track's generation once and fill its size and frame rate")
  func track() throws {
    let clip = try MediaClip("h265/bframes")
    var track = Track(index: 0, codec: .h265, clockRate: 90_000, nominalFrameRateMilli: 12_000)
    let parameters = try #require(clip.parameters)
    let changes = [track.setParameters(parameters), track.setParameters(parameters)]
    #expect(changes == [true, false])
    #expect(track.generation == 1 && track.width == 416 && track.height == 234 && track.nominalFrameRateMilli == 25_000)
    var sound = Track(index: 1, codec: .aac, clockRate: 44_100)
    sound.setParameters(.aac(audioSpecificConfig: try MediaClip("aac/lc").config))
    #expect(sound.channels == 2)
  }

  @Test("VCL bytes are the slices of a unit and nothing else")
  func vcl() throws {
    let unit = try #require(try MediaClip("h264/bframes").units.first)
    let slices = unit.nals.filter { $0[0] & 0x1F == 5 }
    #expect(slices.count == 4 && unit.nals.count > 4)
    #expect(unit.vcl(.h264) == slices)
    #expect(unit.vcl(.aac).isEmpty)
  }
}
