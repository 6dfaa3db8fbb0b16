import Testing

@testable import RTPMedia

@Suite("Repeated packets of one track")
struct RepeatFilterTests {
  @Test("repeats are known from late packets over the wrap of sequence numbers")
  func repeats() {
    var filter = RepeatFilter()
    #expect(filter.note(65534) == .next)
    #expect(filter.note(1) == .next)
    #expect(filter.note(65535) == .late)
    #expect(filter.note(65535) == .repeated)
    #expect(filter.note(1) == .repeated)
    #expect(filter.note(0) == .late)
    #expect(filter.note(65534) == .repeated)
    #expect(filter.note(200) == .next)
    #expect(filter.note(1) == .next)
    #expect(filter.note(2) == .next)
  }
}
