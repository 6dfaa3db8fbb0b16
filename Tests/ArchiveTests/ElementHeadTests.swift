import Testing

@testable import Archive

@Suite("The head of an EBML element")
struct ElementHeadTests {
  /// Gives the bytes one by one, as the walk does.
  private static func read(_ bytes: [UInt8]) -> (reading: ElementHead.Reading, count: Int) {
    for count in 0...bytes.count {
      let reading = ElementHead.read(Array(bytes.prefix(count)))
      if reading != .incomplete { return (reading, count) }
    }
    return (.incomplete, bytes.count)
  }

  @Test(
    "ids and sizes of every length are read, and no byte more",
    arguments: [
      ([0xA3, 0x81, 0xFF], 0xA3, 1, 2), ([0x1F, 0x43, 0xB6, 0x75, 0x40, 0x02], 0x1F43_B675, 2, 6),
      ([0x42, 0x86, 0x20, 0x01, 0x02], 0x4286, 0x0102, 5),
      ([0x22, 0xB5, 0x9C, 0x10, 0, 0, 9], 0x22B5_9C, 9, 7), ([0xA0, 0x01, 0, 0, 0, 0, 0, 1, 0], 0xA0, 256, 9), ([0xE7, 0x80], 0xE7, 0, 2),
      ([0xEC, 0x7F, 0xFE], 0xEC, 0x3FFE, 3),
    ] as [([UInt8], UInt32, UInt64, Int)])
  func known(_ row: (bytes: [UInt8], id: UInt32, size: UInt64, count: Int)) {
    let found = Self.read(row.bytes)
    #expect(found.reading == .whole(ElementHead(id: row.id, size: row.size)))
    #expect(found.count == row.count)
  }

  @Test("all ones are an unknown size", arguments: 1...8)
  func unknown(_ length: Int) {
    let size: [UInt8] = [UInt8(truncatingIfNeeded: (1 << (8 - length)) | ((1 << (8 - length)) - 1))] + [UInt8](repeating: 255, count: length - 1)
    #expect(Self.read([0xA3] + size).reading == .whole(ElementHead(id: 0xA3, size: nil)))
    // One less is a size.
    var less = size
    less[length - 1] -= 1
    #expect(Self.read([0xA3] + less).reading == .whole(ElementHead(id: 0xA3, size: (UInt64(1) << UInt64(7 * length)) - 2)))
  }

  @Test("bytes that begin no element are malformed at once")
  func malformed() {
    #expect(Self.read([0]).reading == .malformed)
    #expect(Self.read([0x08, 0, 0, 0, 0]).count == 1, "an id of five bytes")
    #expect(Self.read([0xA3, 0]).reading == .malformed)
    #expect(ElementHead.read([0xA3, 0x81, 1]) == .malformed, "bytes behind the size are no head")
    #expect(Self.read([]).reading == .incomplete)
    #expect(ElementHead.number([]) == nil)
    #expect(ElementHead.number([0x40]) == nil)
    #expect(ElementHead.number([0x81, 0x81]) == nil)
    #expect(ElementHead.number([0x81]) == 1)
  }
}
