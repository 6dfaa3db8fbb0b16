import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("NAL units become access units, and one definition says what is clean")
struct VideoUnitBuilderTests {
  private static let id = AccessUnitID(origin: MediaClip.origin, epoch: 1, number: 1)
  private static let zero = BootTime(nanoseconds: 0)

  private static func builder(_ codec: Codec, parameters: CodecParameters? = nil, joinsInside: Bool = true) -> VideoUnitBuilder {
    VideoUnitBuilder(track: Track(index: 2, codec: codec, clockRate: 90_000, parameters: parameters), joinsInside: joinsInside)
  }

  private static func finished(_ builder: inout VideoUnitBuilder, payload: ByteBuffer? = nil, id: AccessUnitID = id) -> AccessUnit? {
    var units: [AccessUnit] = []
    let isMade = builder.finish(id: id, payload: payload, into: &units)
    #expect(units.count == (isMade ? 1 : 0))
    return units.first
  }

  /// One unit of these NAL units.
  private static func unit(_ builder: inout VideoUnitBuilder, _ nals: [[UInt8]], at time: Int64 = 0) -> AccessUnit? {
    builder.open(presentation: time, arrival: zero)
    for nal in nals { _ = nal.withUnsafeBytes { builder.append($0) } }
    return finished(&builder)
  }

  // MARK: Clean

  /// A story of pictures, each a letter, and what is clean of them.
  ///
  /// I: a key picture; C: CRA; P: others refer to it; b: nothing does; r: RASL that others refer to. A `!` behind one damages it; `_` is a gap
  /// between two pictures; `|` another source.
  @Test(
    "a picture is clean when it and all that it may refer to are whole",
    arguments: [
      (.h264, "PPIPP", "..xxx"), (.h264, "IPP!PPIP", "xx...xx"), (.h264, "IPb!PbP", "xx.xxx"), (.h264, "IP_PbIP", "xx..xx"),
      (.h264, "I!PPI", "...x"), (.h264, "IP|PbI", "xx..x"), (.h264, "I_IP", "xxx"), (.h264, "Ib!b!b", "x..x"),
      // Joined at a CRA, its RASL pictures have nothing to refer to; at the next CRA they have, unless the chain broke before.
      (.h265, "CrrPP", "x..xx"), (.h265, "CPCrrP", "xxxxxx"), (.h265, "CPP!CrrP", "xx.x..x"), (.h265, "CP_CrP", "xxx.x"),
      // Damage to a RASL picture harms the RASL pictures behind it, and nothing else.
      (.h265, "CPCrr!rPP", "xxxx..xx"), (.h265, "CPCr!PCrP", "xxx.xxxx"), (.h265, "IPrP", "xxxx"), (.h265, "IPb!P", "xx.x"),
      (.h265, "C!rP", "..."), (.h265, "CPC!rP", "xx..."),
    ] as [(Codec, String, String)])
  func clean(codec: Codec, story: String, wanted: String) throws {
    let sps = try MediaClip("h265/plain").parameters
    var builder = VideoUnitBuilderTests.builder(codec, parameters: codec == .h265 ? sps : nil)
    var got = ""
    var letters = Array(story)
    while !letters.isEmpty {
      let letter = letters.removeFirst()
      switch letter {
      case "_": builder.markLoss(isInside: false)
      case "|": builder.breakChain()
      default:
        let isDamaged = letters.first == "!"
        if isDamaged { letters.removeFirst() }
        builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
        _ = VideoUnitBuilderTests.slice(letter, codec).withUnsafeBytes { builder.append($0) }
        if isDamaged { builder.markLoss(isInside: true) }
        let made = VideoUnitBuilderTests.finished(&builder)
        let unit = try #require(made)
        #expect(unit.flags.contains(.damaged) == isDamaged)
        #expect(unit.isKey == "IC".contains(letter))
        got += unit.flags.contains(.clean) ? "x" : "."
      }
    }
    #expect(got == wanted, "\(story)")
  }

  private static func slice(_ letter: Character, _ codec: Codec) -> [UInt8] {
    if codec == .h264 {
      let header: UInt8 = letter == "I" ? 0x65 : letter == "b" ? 0x01 : 0x41
      return [header, 0x9A, 1]
    }
    let types: [Character: UInt8] = ["I": 19, "C": 21, "P": 1, "b": 0, "r": 9]
    return [(types[letter] ?? 1) << 1, 1, 0xAF, 1]
  }

  @Test("with several temporal layers, or none known, pictures of even types may be referred to")
  func temporalLayers() {
    for parameters in [nil, CodecParameters.h265(vps: [], sps: [], pps: [])] {
      var builder = VideoUnitBuilderTests.builder(.h265, parameters: parameters)
      _ = VideoUnitBuilderTests.unit(&builder, [VideoUnitBuilderTests.slice("I", .h265)])
      builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
      _ = VideoUnitBuilderTests.slice("b", .h265).withUnsafeBytes { builder.append($0) }
      builder.markDamaged()
      _ = VideoUnitBuilderTests.finished(&builder)
      #expect(VideoUnitBuilderTests.unit(&builder, [VideoUnitBuilderTests.slice("P", .h265)])?.flags == [])
    }
  }

  // MARK: Bytes

  @Test("whole, in fragments of any length, or looked at where they lie: the same units", arguments: ["h264/bframes", "h265/bframes"])
  func sameWays(_ name: String) throws {
    let clip = try MediaClip(name)
    var (whole, looked) = (VideoUnitBuilderTests.builder(clip.codec), VideoUnitBuilderTests.builder(clip.codec))
    var fragmented = VideoUnitBuilderTests.builder(clip.codec)
    let header = clip.codec == .h264 ? 1 : 2
    for (index, frame) in clip.units.enumerated() {
      let nals = clip.sent(frame)
      let arrival = BootTime(nanoseconds: Int64(index))
      var payload = ByteBuffer()
      for nal in nals {
        payload.writeInteger(UInt32(nal.count))
        payload.writeBytes(nal)
      }
      var roles: [[NALRole]] = [[], [], []]
      whole.open(presentation: frame.pts.value, decode: 7, arrival: arrival)
      looked.open(presentation: frame.pts.value, decode: 7, arrival: arrival)
      fragmented.open(presentation: frame.pts.value, decode: 7, arrival: arrival)
      for nal in nals {
        nal.withUnsafeBytes { bytes in
          roles[0].append(whole.append(bytes))
          roles[1].append(looked.note(bytes))
          let step = 1 + index
          var at = header
          while at < bytes.count {
            let part = UnsafeRawBufferPointer(rebasing: bytes[at..<min(bytes.count, at + step)])
            if at == header {
              roles[2].append(fragmented.beginFragment(header: bytes[0], second: header == 2 ? bytes[1] : nil, part))
            } else {
              fragmented.continueFragment(part)
            }
            at += step
          }
          fragmented.endFragment()
        }
      }
      #expect(roles[0] == roles[1] && roles[0] == roles[2])
      let units = [
        VideoUnitBuilderTests.finished(&whole, id: frame.id), VideoUnitBuilderTests.finished(&looked, payload: payload, id: frame.id),
        VideoUnitBuilderTests.finished(&fragmented, id: frame.id),
      ].compactMap { $0 }
      try #require(units.count == 3)
      for unit in units {
        #expect(unit.payload == payload && unit.id == frame.id && unit.pts == frame.pts && unit.dts?.value == 7)
        #expect(unit.flags == (frame.isKey ? [.key, .clean] : .clean) && unit.generation == 1 && unit.track == 2)
        #expect(unit.firstArrival == arrival && unit.arrival == arrival)
      }
    }
    #expect(whole.track == looked.track && whole.track == fragmented.track && whole.track.parameters == clip.parameters)
  }

  @Test("NAL units that came before their picture lie before its bytes, also where those are not copied")
  func kept() throws {
    var builder = VideoUnitBuilderTests.builder(.h264)
    builder.open(presentation: 1, arrival: BootTime(nanoseconds: 10))
    _ = [UInt8(6), 9].withUnsafeBytes { builder.note($0) }
    builder.keep(ByteBuffer(bytes: [0, 0, 0, 2, 6, 9]))
    #expect(!builder.hasSlice && builder.isOpen)
    builder.open(presentation: 2, arrival: BootTime(nanoseconds: 30))
    _ = [UInt8(0x65), 0x88].withUnsafeBytes { builder.note($0) }
    let made = VideoUnitBuilderTests.finished(&builder, payload: ByteBuffer(bytes: [0, 0, 0, 2, 0x65, 0x88]))
    let unit = try #require(made)
    #expect(unit.nals == [[6, 9], [0x65, 0x88]])
    #expect(unit.pts.value == 2 && unit.firstArrival.nanoseconds == 10 && unit.arrival.nanoseconds == 30)
  }

  @Test("a NAL unit with the forbidden bit, or shorter than its header, is left out and damages its unit; an empty one is nothing")
  func unreadable() throws {
    var builder = VideoUnitBuilderTests.builder(.h264)
    let first = VideoUnitBuilderTests.unit(&builder, [[0x65, 0x88, 1], [0xE5, 0x88], []])
    let broken = try #require(first)
    #expect(broken.nals == [[0x65, 0x88, 1]] && broken.flags == [.key, .damaged])
    var hevc = VideoUnitBuilderTests.builder(.h265)
    let second = VideoUnitBuilderTests.unit(&hevc, [[0x26, 1, 0xAF], [0x26]])
    let short = try #require(second)
    #expect(short.nals == [[0x26, 1, 0xAF]] && short.flags == [.key, .damaged])
    #expect(VideoUnitBuilderTests.unit(&builder, [[0x65, 0x88, 1], []])?.flags == [.key, .clean])
  }

  @Test("a unit without a slice, or of which only the middle came, is none; a unit that grows too long is dropped, and the chain is broken")
  func dropped() {
    var builder = VideoUnitBuilderTests.builder(.h264)
    #expect(VideoUnitBuilderTests.unit(&builder, [[0x65, 0x88, 1]])?.flags == [.key, .clean])
    #expect(VideoUnitBuilderTests.unit(&builder, [[6, 1]]) == nil && builder.unitsDropped == 0)
    builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
    builder.noteMissing(header: 0x41)
    #expect(builder.hasSlice && VideoUnitBuilderTests.finished(&builder) == nil && builder.unitsDropped == 1)
    #expect(VideoUnitBuilderTests.unit(&builder, [[0x65, 0x88, 1]])?.flags == [.key, .clean])
    let big = [0x41, 0x9A] + [UInt8](repeating: 1, count: 3 << 20)
    #expect(VideoUnitBuilderTests.unit(&builder, [big, big, big]) == nil && builder.isOversize && builder.unitsDropped == 2)
    #expect(VideoUnitBuilderTests.unit(&builder, [[0x41, 0x9A]])?.flags == [])
    builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
    builder.drop()
    builder.drop()
    #expect(builder.unitsDropped == 3 && !builder.isOpen)
  }

  @Test("without an open unit nothing is taken in")
  func closed() {
    var builder = VideoUnitBuilderTests.builder(.h264)
    #expect([UInt8(0x65), 0x88].withUnsafeBytes { builder.append($0) } == [])
    #expect([UInt8(0x65), 0x88].withUnsafeBytes { builder.note($0) } == [])
    #expect([UInt8(0x88)].withUnsafeBytes { builder.beginFragment(header: 0x65, $0) } == [])
    builder.keep(ByteBuffer(bytes: [0, 0, 0, 1, 6]))
    builder.noteMissing(header: nil)
    #expect(VideoUnitBuilderTests.finished(&builder) == nil && builder.unitsDropped == 0)
  }

  @Test("a NAL unit that is missing altogether is assumed to be one that others refer to")
  func missing() {
    for (header, isClean) in [(nil, false), (0x41, false), (0x01, true)] as [(UInt8?, Bool)] {
      var builder = VideoUnitBuilderTests.builder(.h264)
      _ = VideoUnitBuilderTests.unit(&builder, [[0x65, 0x88, 1]])
      builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
      _ = [UInt8(0x01), 0x9A].withUnsafeBytes { builder.append($0) }
      builder.noteMissing(header: header)
      #expect(VideoUnitBuilderTests.finished(&builder)?.flags == .damaged)
      #expect(VideoUnitBuilderTests.unit(&builder, [[0x41, 0x9A]])?.flags.contains(.clean) == isClean)
    }
  }

  // MARK: Borders and parameters

  @Test(
    "another picture's first NAL unit is known by its type or its first macroblock",
    arguments: [
      (.h264, [0x41, 0x9A], true), (.h264, [0x41, 0x1A], false), (.h264, [0x65, 0x88], true), (.h264, [0x41], false), (.h264, [6, 1], true),
      (.h264, [0x67, 1], true), (.h264, [0x68, 1], true), (.h264, [9, 0xF0], true), (.h264, [0x0C, 0xFF], false), (.h264, [0x0A], false),
      (.h264, [0x43, 0x9A], false), (.h264, [0x6E, 0x9A], true), (.h264, [], false), (.h265, [0x02, 1, 0xAF], true),
      (.h265, [0x02, 1, 0x2F], false), (.h265, [0x40, 1], true), (.h265, [0x46, 1, 0x50], true), (.h265, [0x4E, 1, 5], true),
      (.h265, [0x50, 1, 5], false), (.h265, [0x4C, 1, 5], false), (.h265, [0x02, 9, 0xAF], false), (.h265, [0x02], false),
    ] as [(Codec, [UInt8], Bool)])
  func borders(codec: Codec, nal: [UInt8], starts: Bool) {
    var builder = VideoUnitBuilderTests.builder(codec)
    #expect(!nal.withUnsafeBytes { builder.startsUnit($0) })
    builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
    #expect(!nal.withUnsafeBytes { builder.startsUnit($0) })
    _ = VideoUnitBuilderTests.slice("I", codec).withUnsafeBytes { builder.append($0) }
    #expect(nal.withUnsafeBytes { builder.startsUnit($0) } == starts)
  }

  @Test("parameter sets count from the next slice on, once there is one of each kind; those beside the stream count at once")
  func parameters() throws {
    let clip = try MediaClip("h264/plain")
    guard case .h264(let sps, let pps) = clip.parameters else { throw Fault(.mediaMalformed) }
    var builder = VideoUnitBuilderTests.builder(.h264)
    #expect(VideoUnitBuilderTests.unit(&builder, [sps[0], [0x65, 0x88]])?.generation == 0)
    #expect(builder.track.parameters == nil)
    builder.open(presentation: 0, arrival: VideoUnitBuilderTests.zero)
    #expect(pps[0].withUnsafeBytes { builder.append($0) } == [])
    #expect(builder.track.parameters == nil)
    #expect([UInt8(0x65), 0x88].withUnsafeBytes { builder.append($0) } == [.key, .parametersChanged])
    #expect(VideoUnitBuilderTests.finished(&builder)?.generation == 1)
    #expect(builder.track.parameters == .h264(sps: sps, pps: pps) && builder.track.width == clip.track.width)
    #expect(VideoUnitBuilderTests.unit(&builder, [sps[0], pps[0], [0x65, 0x88]])?.generation == 1)
    let other = CodecParameters.h264(sps: [CodecSequenceParameterTests.bareSPS()], pps: pps)
    #expect(builder.setParameters(other) && !builder.setParameters(other))
    #expect(VideoUnitBuilderTests.unit(&builder, [[0x65, 0x88]])?.generation == 2)
    #expect(builder.track.width == 1920)
  }
}
