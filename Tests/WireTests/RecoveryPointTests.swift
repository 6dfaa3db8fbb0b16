import Model
import NIOCore
import Testing
import Wire

@Suite("Recovery points: streams without key pictures")
struct RecoveryPointTests {
  private static let zero = BootTime(nanoseconds: 0)
  private static let id = AccessUnitID(origin: MediaClip.origin, epoch: 1, number: 1)

  /// An SEI NAL unit with a recovery point behind something else; `frames` in Exp-Golomb by hand.
  private static func sei(_ bits: [UInt8], before: [UInt8] = [], header: [UInt8] = [6]) -> [UInt8] {
    var nal = header
    nal += before
    nal += [6, UInt8(bits.count)]
    nal += bits
    nal.append(0x80)
    return nal
  }

  /// recovery_frame_cnt 0, exact: 1 1 00, stop. 2, exact: 011 1 0 00. 2, not exact: 011 0 0 00.
  private static let now: [UInt8] = [0b1100_1000]
  private static let two: [UInt8] = [0b0111_0001]
  private static let twoNear: [UInt8] = [0b0110_0001]

  /// A story: I key, P others refer to it, b nothing does, R recovery point of two pictures, E of none, N not exact; `!` damages, `_` is a gap.
  private static func units(_ story: String, step: Int64 = 40, codec: Codec = .h264) -> [AccessUnit] {
    var builder = VideoUnitBuilder(track: Track(index: 0, codec: codec, clockRate: 90_000), joinsInside: true)
    var units: [AccessUnit] = []
    var now = zero
    var letters = Array(story)
    while !letters.isEmpty {
      let letter = letters.removeFirst()
      if letter == "_" {
        builder.markLoss(isInside: false)
        continue
      }
      now = now + .milliseconds(step)
      builder.open(presentation: 0, arrival: now)
      var nals: [[UInt8]] = []
      switch letter {
      case "R": nals = [sei(two)]
      case "E": nals = [sei(self.now)]
      case "N": nals = [sei(twoNear)]
      default: break
      }
      nals.append(letter == "I" ? [0x65, 0x88] : letter == "b" ? [0x01, 0x88] : [0x41, 0x88])
      for nal in nals { _ = nal.withUnsafeBytes { builder.append($0) } }
      if letters.first == "!" {
        letters.removeFirst()
        builder.markDamaged()
      }
      builder.finish(id: id, into: &units)
    }
    return units
  }

  @Test(
    "a recovery point mends the chain with the picture that it names, when all between are whole; it breaks none",
    arguments: [
      ("PRPPP", "...xx"), ("PEPP", ".xxx"), ("IPP!RPPP", "xx...xx"), ("IP_RP_PPRPPP", "xx......xx"), ("IRPP", "xxxx"), ("PRbPPP", "....xx"),
      ("PR!PPP", "....."), ("PRP!PPRPPP", ".......xx"), ("PNPPPP", "......"), ("PRPIP", "...xx"), ("PRb!PP", "....x"),
    ] as [(String, String)])
  func clean(story: String, wanted: String) {
    #expect(String(RecoveryPointTests.units(story).map { $0.flags.contains(.clean) ? "x" : "." }) == wanted)
  }

  @Test("readers may begin at a recovery point when no key picture has come, or none for ten seconds")
  func starts() {
    #expect(RecoveryPointTests.units("PRPE").map(\.isKey) == [false, true, false, true])
    #expect(RecoveryPointTests.units("IPRPI").map(\.isKey) == [true, false, false, false, true])
    let late = RecoveryPointTests.units("IPPPRPR", step: 3000)
    #expect(late.map(\.isKey) == [true, false, false, false, true, false, true])
    #expect(late.map { $0.flags.contains(.recovery) } == [false, false, false, false, true, false, true])
    // A broken key picture is no place to begin.
    #expect(RecoveryPointTests.units("I!PR").map(\.isKey) == [true, false, true])
  }

  @Test("H.265 names the picture by its place in the order of presentation")
  func h265() {
    var builder = VideoUnitBuilder(track: Track(index: 0, codec: .h265, clockRate: 90_000), joinsInside: false)
    var units: [AccessUnit] = []
    // recovery_poc_cnt +1 is code 1: 010, exact 1, broken link 0.
    for nals in [[RecoveryPointTests.sei([0b0101_0100], header: [0x4E, 1]), [0x02, 1, 0xAF]], [[0x02, 1, 0xAF]], [[0x02, 1, 0xAF]]] as [[[UInt8]]] {
      builder.open(presentation: 0, arrival: RecoveryPointTests.zero)
      for nal in nals { _ = nal.withUnsafeBytes { builder.append($0) } }
      builder.finish(id: RecoveryPointTests.id, into: &units)
    }
    #expect(units.map(\.isKey) == [true, false, false])
    #expect(units.map { $0.flags.contains(.clean) } == [false, true, true])
  }

  @Test("behind other messages and with emulation prevention it is found; cut, it is none; nothing traps")
  func parsing() {
    let long = [UInt8](repeating: 0xFF, count: 2) + [5, 3, 1, 2, 3]
    func isStart(_ sei: [UInt8]) -> Bool {
      var builder = VideoUnitBuilder(track: Track(index: 0, codec: .h264, clockRate: 90_000), joinsInside: false)
      builder.open(presentation: 0, arrival: RecoveryPointTests.zero)
      return sei.withUnsafeBytes { builder.append($0) } == .key
    }
    #expect(isStart(RecoveryPointTests.sei(RecoveryPointTests.now, before: long)))
    // Three bytes of zeros, with one of emulation prevention between them.
    #expect(isStart(RecoveryPointTests.sei(RecoveryPointTests.now, before: [4, 3, 0, 0, 3, 0])))
    #expect(!isStart([6, 5, 1, 9, 0x80]) && !isStart([6]) && !isStart([6, 6]) && !isStart([6, 255, 255, 255]))
    #expect(!isStart([6, 6, 4, 0, 0, 3, 0, 0x80]), "a count beyond sixteen bits is none")
    for length in 0..<12 {
      for byte in 0...255 as ClosedRange<UInt8> { _ = isStart([6, 6, byte] + [UInt8](repeating: byte, count: length)) }
    }
  }
}
