import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("Mutated media bytes")
struct CodecFuzzTests {
  @Test("Parameter sets: whatever comes in, sizes come out positive or not at all")
  func parameterSets() throws {
    let names = ["h264/plain", "h264/bframes", "h264/intra422", "h264/interlaced", "h265/plain", "h265/bframes", "h265/main10"]
    let clips = try names.map { try MediaClip($0) }
    let samples = clips.flatMap(\.parameterSets) + [CodecSequenceParameterTests.bareSPS(orderCountType: 0)]
    var mutator = Mutator(seed: 11)
    var parsed = 0
    for round in 0..<4000 {
      let sample = mutator.mutate(samples[round % samples.count], with: samples[(round + 3) % samples.count])
      if let sps = H264SPS(nal: sample) {
        parsed += 1
        #expect(sps.width > 0 && sps.height > 0 && sps.maximumReorderFrames <= 16 && (sps.reorderFrames ?? 0) <= 16)
        #expect(sps.frameRateMilli.map { (1...1_000_000).contains($0) } ?? true)
      }
      if let sps = H265SPS(nal: sample) {
        parsed += 1
        #expect(sps.width > 0 && sps.height > 0 && sps.reorderPictures <= 15)
      }
      var video = CodecParameters.h264(sps: [], pps: [])
      _ = video.update(parameterSet: sample)
      var other = clips[4].parameters ?? .h265(vps: [], sps: [], pps: [])
      _ = other.update(parameterSet: sample)
      _ = other.codecData
    }
    #expect(parsed > 500)
  }

  @Test("Configurations: what parses builds again and is then stable")
  func configurations() throws {
    let avc = try ["plain", "bframes", "intra422"].map { try MediaClip.bytes("h264/\($0).config") }
    let hevc = try ["plain", "bframes", "main10"].map { try MediaClip.bytes("h265/\($0).config") }
    let low = try MediaClip.bytes("aac/lc.config")
    let audio: [[UInt8]] = [low, [0x2B, 0x11, 0x88, 0], [0x17, 0x80, 0x18, 0x1C, 0x88], [0xF8, 0xE8, 0x50, 0]]
    var mutator = Mutator(seed: 12)
    var parsed = 0
    for round in 0..<3000 {
      if let one = AVCConfiguration(mutator.mutate(avc[round % 3], with: avc[(round + 1) % 3])) {
        parsed += 1
        if let built = AVCConfiguration(sps: one.sps, pps: one.pps).bytes, let again = AVCConfiguration(built) {
          #expect(again.sps == one.sps && again.pps == one.pps)
        }
      }
      if let one = HEVCConfiguration(mutator.mutate(hevc[round % 3], with: hevc[(round + 1) % 3])) {
        parsed += 1
        if let built = HEVCConfiguration(vps: one.vps, sps: one.sps, pps: one.pps).bytes, let again = HEVCConfiguration(built) {
          #expect(again.parameters == one.parameters)
        }
      }
      if let config = AudioSpecificConfig(mutator.mutate(audio[round % audio.count])) {
        parsed += 1
        #expect(config.sampleRate > 0 && config.samplesPerFrame > 0)
        #expect(AudioSpecificConfig(config.bytes)?.coreSampleRate == config.coreSampleRate)
      }
    }
    #expect(parsed > 1000)
  }

  @Test(
    "RTP packets: units stay well formed and bounded, and the stream recovers",
    arguments: ["h264/plain", "h264/bframes", "h265/plain", "h265/bframes", "aac/lc", "opus/stereo"], [false, true])
  func packets(_ name: String, _ reorder: Bool) throws {
    let clip = try MediaClip(name)
    var mutator = Mutator(seed: 13)
    var bench = RTPBench(clip.track, format: RTPPayloadFormat(hasDecodingOrderNumbers: name == "h265/plain"), reorder: reorder)
    bench.extensionID = 3
    var deriver = DecodeTimeDeriver(track: clip.track)
    var packetizer = RTPPacketizer(track: clip.track, payloadType: 96, ssrc: 5, unitIDExtension: 3)
    for round in 0..<2000 {
      let packet = clip.packets[round % clip.packets.count]
      var mutant = mutator.mutate(packet, with: clip.packets[(round * 7) % clip.packets.count])
      // Most keep their source and place, or nothing but changes of source would be tried.
      if round % 8 != 0, mutant.count > 12 { mutant.replaceSubrange(0..<12, with: packet[0..<12]) }
      bench.receive(round % 3 == 0 ? packet : mutant)
    }
    bench.flush()
    for unit in bench.units {
      #expect(unit.payload.readableBytes > 0 && unit.payload.readableBytes <= VideoUnitBuilder.maximumUnitLength)
      if clip.codec.isVideo {
        // Walking the lengths ends exactly at the end.
        var rest = unit.payload
        while let length = rest.readInteger(as: UInt32.self) { try #require(rest.readSlice(length: Int(length)) != nil) }
        #expect(rest.readableBytes == 0)
      }
      if let time = deriver.decodeTime(of: unit) { #expect(time.value <= unit.pts.value) }
      var buffer = ByteBuffer()
      packetizer.packetize(unit, channel: 0, into: &buffer)
      #expect(RTPBench.packets(buffer) != nil)
    }
    let counters = bench.assembler.counters
    #expect(counters.units == UInt64(bench.units.count))
    // The healthy stream afterwards is whole again, but for the units at the seam.
    var healthy = RTPBench(clip.track, reorder: reorder)
    healthy.receive(clip.packets)
    bench.units = []
    for packet in clip.packets + clip.packets { bench.receive(packet.enumerated().map { $0 == 11 ? 0x5A : $1 }) }
    let tail = bench.units.suffix(healthy.units.count - 2).map(\.bytes)
    let isSame = tail == healthy.units.suffix(healthy.units.count - 2).map(\.bytes)
    #expect(isSame || name == "h265/plain")
  }

  @Test("Units whose lengths lie are packetised without reading beyond them")
  func units() throws {
    var mutator = Mutator(seed: 14)
    for name in ["h264/bframes", "h265/bframes", "aac/lc"] {
      let clip = try MediaClip(name)
      let units = clip.units
      var packetizer = RTPPacketizer(track: clip.track, payloadType: 96, ssrc: 5, maximumPacketLength: 300)
      for round in 0..<2000 {
        var unit = units[round % units.count]
        unit.payload = ByteBuffer(bytes: mutator.mutate(unit.bytes))
        unit.pts.value = round % 5 == 0 ? Int64.max : round % 7 == 0 ? Int64.min : unit.pts.value
        var buffer = ByteBuffer()
        packetizer.packetize(unit, channel: 1, into: &buffer)
        let packets = try #require(RTPBench.packets(buffer, channel: 1))
        #expect(packets.allSatisfy { $0.count <= 300 })
        forEachVCLBytes(unit, codec: clip.codec) { #expect(!$0.isEmpty) }
      }
    }
  }
}
