import Model
import Testing

@testable import Hub

@Suite("The round trip of a connection")
struct ConnectionRoundTripTests {
  @Test("is the least that the kernel saw, for the smoothed one holds acknowledgements that were put off")
  func least() {
    // 45.6 ms smoothed on a link of 40.1 ms: three exchanges at once and one that was put off.
    #expect(ConnectionRoundTrip.value(smoothed: 45_594, least: 40_148) == Nanoseconds(40_148_000))
    #expect(ConnectionRoundTrip.value(smoothed: 240_148, least: 40_148) == Nanoseconds(40_148_000))
  }

  @Test("is the smoothed one once the path has become longer than any putting off explains")
  func longer() {
    #expect(ConnectionRoundTrip.value(smoothed: 240_149, least: 40_148) == Nanoseconds(240_149_000))
    #expect(ConnectionRoundTrip.value(smoothed: 900_000, least: 40_148) == Nanoseconds(900_000_000))
  }

  @Test("is unknown before the first acknowledgement, and the smoothed one where there is no least")
  func unknown() {
    #expect(ConnectionRoundTrip.value(smoothed: 0, least: .max) == nil)
    #expect(ConnectionRoundTrip.value(smoothed: 5000, least: .max) == Nanoseconds(5_000_000))
    #expect(ConnectionRoundTrip.value(smoothed: 5000, least: 0) == Nanoseconds(5_000_000))
  }
}
