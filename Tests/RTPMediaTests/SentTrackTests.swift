import Model
import Testing
import Wire

@testable import RTPMedia

@Suite("Sender reports to a reader")
struct SentTrackTests {
  private let start = BootTime(nanoseconds: 5_000_000_000)
  private let wall = WallTime(nanoseconds: 1_700_000_000_000_000_000)

  private func packet(timestamp: UInt32, payload: Int = 100) -> [UInt8] {
    var bytes: [UInt8] = [0x80, 96, 0, 1]
    withUnsafeBytes(of: timestamp.bigEndian) { bytes += $0 }
    bytes += [0, 0, 0, 9]
    return bytes + [UInt8](repeating: 1, count: payload)
  }

  @Test("there is none before the first packet")
  func empty() {
    var track = SentTrack(clockRate: 90_000)
    #expect(track.report(at: start, wall: wall) == nil)
  }

  @Test("the publisher's clock goes on by elapsed time")
  func relayed() throws {
    var track = SentTrack(clockRate: 90_000)
    packet(timestamp: 1000).withUnsafeBytes { track.count($0, arrival: start) }
    track.learn(wall: wall, timestamp: 1000, at: start)
    let madeReport = track.report(at: start + .seconds(2), wall: WallTime(nanoseconds: 0))
    let report = try #require(madeReport)
    #expect(report.rtpTimestamp == 1000 + 180_000)
    #expect(report.ntp == NTPTime(WallTime(nanoseconds: wall.nanoseconds + 2_000_000_000)))
    #expect(report.packetCount == 1 && report.octetCount == 100 && report.ssrc == 9)
  }

  @Test("without one, a packet's arrival stands for its capture")
  func derived() throws {
    var track = SentTrack(clockRate: 90_000)
    packet(timestamp: 4_294_967_000).withUnsafeBytes { track.count($0, arrival: start) }
    let madeReport = track.report(at: start + .milliseconds(100), wall: wall)
    let report = try #require(madeReport)
    #expect(report.ntp == NTPTime(wall))
    #expect(report.rtpTimestamp == 4_294_967_000 &+ 9000)
  }

  @Test("a receiver report gives the round trip, whatever the publisher's clock says")
  func roundTrip() throws {
    var track = SentTrack(clockRate: 90_000)
    packet(timestamp: 1).withUnsafeBytes { track.count($0, arrival: start) }
    track.learn(wall: WallTime(nanoseconds: 1_000_000_000), timestamp: 1, at: start)
    let madeReport = track.report(at: start + .seconds(1), wall: wall)
    let report = try #require(madeReport)
    var block = ReportBlock(ssrc: 9)
    block.lastSenderReport = report.ntp.middle
    block.delaySinceLastSenderReport = 65536 / 2
    let madeTrip = track.roundTrip(block, at: start + .milliseconds(1540))
    let trip = try #require(madeTrip)
    #expect(trip == .milliseconds(40))
    block.lastSenderReport = 12345
    #expect(track.roundTrip(block, at: start + .seconds(2)) == nil)
  }
}
