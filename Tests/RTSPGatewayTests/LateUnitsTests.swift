import Foundation
import Model
import RTSPGateway
import Testing

@Suite("Who joins late in another form than packets", .enabled(if: Program.exists("ffmpeg"), "ffmpeg is not installed"), .serialized)
struct LateUnitsTests {
  private func expectSame(_ late: ArraySlice<AccessUnit>, _ early: ArraySlice<AccessUnit>) {
    #expect(late.count == early.count)
    for (one, other) in zip(late, early) {
      #expect(one.id == other.id && one.track == other.track && one.pts == other.pts && one.flags == other.flags)
      #expect(one.arrival == other.arrival && one.generation == other.generation && one.payload == other.payload, "\(one.id)")
    }
  }

  @Test("gets the very units that another one got who was there", arguments: Workshop.Kind.allCases, ["tcp", "udp"])
  func late(_ kind: Workshop.Kind, _ way: String) async throws {
    try await TestGateway.with { gateway, shop in
      let clip = try await shop.clip(kind)
      let name = try #require(StreamName("live/cam1"))
      let early = try await UnitCollector.on(name, of: gateway)
      async let published = Program.run(
        ["ffmpeg", "-v", "error", "-re", "-i", clip, "-c", "copy", "-f", "rtsp", "-rtsp_transport", way, gateway.url(name.path)],
        folder: shop.folder)
      try await early.atLeast(40)
      let late = try await UnitCollector.on(name, of: gateway)
      try await late.atLeast(50)
      #expect(try await published.status == 0)
      let (was, came) = (early.units, late.units)
      let first = try #require(came.first)
      #expect(first.isKey)
      let begin = try #require(was.firstIndex { $0.id == first.id })
      #expect(begin < 3)
      let count = min(came.count, was.count - begin)
      #expect(count >= 50)
      expectSame(came.prefix(count), was[begin..<begin + count])
    }
  }
}
