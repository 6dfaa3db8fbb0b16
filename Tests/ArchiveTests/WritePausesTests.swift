import Model
import Testing

@testable import Archive

@Suite("Pauses of writing")
struct WritePausesTests {
  private static func time(_ seconds: Int64) -> BootTime { BootTime(nanoseconds: seconds * 1_000_000_000) }

  @Test("A pause begins with the last unit that was written and keeps its first cause")
  func beginning() {
    var pauses = WritePauses()
    pauses.begin(.disk, .diskRefused)
    #expect(pauses.current == nil, "before the first unit nothing is missed")
    pauses.wrote(upTo: Self.time(5))
    pauses.wrote(upTo: Self.time(3))
    pauses.begin(.disk, .diskRefused)
    pauses.begin(.recorder, .muxerFailed)
    #expect(pauses.current == WritePauses.Pause(from: Self.time(5), cause: .disk, event: .diskRefused))
    pauses.end()
    #expect(pauses.current == nil)
  }

  @Test("A segment that stays empty does not end the pause before it")
  func emptySegment() {
    var pauses = WritePauses()
    pauses.wrote(upTo: Self.time(5))
    pauses.begin(.disk, .diskRefused)
    let before = pauses.current
    pauses.end()
    pauses.goOn(before)
    #expect(pauses.current == before)
    pauses.wrote(upTo: Self.time(9))
    pauses.goOn(WritePauses.Pause(from: Self.time(1), cause: .recorder, event: .muxerFailed))
    #expect(pauses.current == before)
  }

  @Test("A stream that ends in a pause leaves a gap that no segment follows; one that ends without leaves none")
  func streamEnd() {
    var pauses = WritePauses()
    pauses.wrote(upTo: Self.time(5))
    pauses.streamEnded(at: Self.time(6))
    #expect(pauses.drainEnded().isEmpty)
    pauses.wrote(upTo: Self.time(7))
    pauses.begin(.disk, .diskRefused)
    pauses.streamEnded(at: Self.time(9))
    let ended = pauses.drainEnded()
    #expect(ended == [WritePauses.Ended(pause: WritePauses.Pause(from: Self.time(7), cause: .disk, event: .diskRefused), to: Self.time(9))])
    #expect(pauses.drainEnded().isEmpty)
    pauses.begin(.disk, .diskRefused)
    #expect(pauses.current == nil, "the next stream begins anew")
  }

  @Test("Where nothing was written yet, a pause begins with the first unit that was refused")
  func first() {
    var pauses = WritePauses()
    pauses.begin(.readOnly, .diskRefused, first: Self.time(4))
    #expect(pauses.current == WritePauses.Pause(from: Self.time(4), cause: .readOnly, event: .diskRefused))
    pauses.streamEnded(at: Self.time(9))
    #expect(pauses.drainEnded().map(\.to) == [Self.time(9)])
  }

  @Test("A small disk keeps more free than its share, at most a third; a large one its share")
  func reserve() {
    let megabyte: Int64 = 1 << 20
    func reserve(_ megabytes: Int64?) -> Int { DiskGuard.reserve(30, bytes: 64 * megabyte, of: megabytes.map { $0 * megabyte }) }
    #expect([nil, 100_000, 1000, 142, 6].map(reserve) == [30, 30, 64, 333, 333])
    #expect(DiskGuard.reserve(0, bytes: 64 * megabyte, of: megabyte) == 0)
  }
}
