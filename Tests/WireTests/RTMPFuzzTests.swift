import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("RTMP under hostile bytes")
struct RTMPFuzzTests {
  static let names = ["ffmpeg51-avc.client", "ffmpeg9-hevc.client", "gst-alaw.client", "librtmp.client", "play-ffmpeg51.client"]

  @Test("2000 mutants of each real session, cut at random: no trap, and memory stays within the connection's own", arguments: names)
  func server(name: String) throws {
    let sample = Array(try RTMPHarness.corpus(name).prefix(9500))
    var mutator = Mutator(seed: 42)
    var refused = 0
    var units = 0
    for _ in 0..<2000 {
      // The handshake's 3073 bytes are left alone most of the time, or nothing behind it would be reached.
      let head = Int.random(in: 0..<20, using: &mutator) == 0 ? 0 : 3073
      let mutant = sample[..<head] + mutator.mutate(Array(sample[head...]), with: sample)
      var server = RTMPHarness()
      do {
        var at = mutant.startIndex
        while at < mutant.endIndex {
          let next = min(mutant.endIndex, at + Int.random(in: 1...4096, using: &mutator))
          try server.feed(mutant[at..<next])
          at = next
        }
      } catch { refused += 1 }
      units += server.units.count
      for unit in server.units { #expect(unit.payload.readableBytes <= mutant.count * 8) }
    }
    #expect(refused > 0)
    if name != "play-ffmpeg51.client" { #expect(units > 0) }
  }

  @Test("2000 mutants of what a server sends a player: no trap")
  func client() throws {
    let sample = Array(try RTMPHarness.corpus("play-nginx.server").dropFirst(3073).prefix(8000))
    var mutator = Mutator(seed: 43)
    var ready = 0
    for _ in 0..<2000 {
      var input = ByteBuffer(bytes: mutator.mutate(sample, with: sample))
      var decoder = RTMPChunkDecoder()
      var state = RTMPClientState(url: try RTMPURL("rtmp://h/live/p"), role: .play)
      var output = ByteBuffer()
      var reader = FLVUnitReader(id: RTMPHarness.id)
      var units: [AccessUnit] = []
      do {
        while let message = try decoder.next(&input) {
          _ = try? reader.read(message, arrival: BootTime(nanoseconds: 0), into: &units)
          _ = try state.handle(message, output: &output)
        }
      } catch {}
      if state.isReady { ready += 1 }
    }
    #expect(ready > 1000)
  }
}
