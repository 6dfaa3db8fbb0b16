import FirstFrameTesting
import Model
import NIOCore
import Testing
import Wire

@Suite("AMF0")
struct AMF0Tests {
  static let everything: [AMF0Value] = [
    "connect", 1, 3.25, true, false, .null, .undefined, .date(1_700_000_000_000),
    .object(["app": "live", "nested": .object(["deep": .strictArray([1, "two", .null])])]),
    .ecmaArray(["width": 1280, "名称": "现场画面"]),
  ]

  @Test("every kind of value comes back as it was written")
  func roundTrip() throws {
    var buffer = ByteBuffer()
    buffer.writeAMF0(AMF0Tests.everything)
    #expect(AMF0Decoder.values(in: buffer) == AMF0Tests.everything)
  }

  @Test("a string beyond 65535 bytes is written long and comes back whole")
  func longString() throws {
    let text = String(repeating: "x", count: 70_000)
    var buffer = ByteBuffer()
    buffer.writeAMF0(.string(text))
    #expect(buffer.getInteger(at: 0, as: UInt8.self) == 0x0C)
    #expect(AMF0Decoder.values(in: buffer) == [.string(text)])
  }

  @Test("the wire bytes are those of the specification")
  func bytes() {
    var buffer = ByteBuffer()
    buffer.writeAMF0(["ab", 1, .object(["k": true])])
    #expect(Array(buffer.readableBytesView) == [2, 0, 2, 97, 98, 0, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 3, 0, 1, 107, 1, 1, 0, 0, 9])
  }

  @Test("nesting beyond 16 and a count beyond the message are refused, not followed")
  func limits() {
    var deep = ByteBuffer()
    for _ in 0..<100_000 { deep.writeBytes([3, 0, 1, 97]) }
    var decoder = AMF0Decoder(deep)
    #expect(throws: Fault.self) { try decoder.next() }
    var lie = AMF0Decoder(ByteBuffer(bytes: [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 5]))
    #expect(throws: Fault.self) { try lie.next() }
  }

  @Test("metadata without its end marker is taken as far as it goes")
  func missingEnd() {
    let values = AMF0Decoder.values(in: ByteBuffer(bytes: [8, 0, 0, 0, 1, 0, 1, 119, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]))
    #expect(values == [.ecmaArray(["w": 2])])
  }

  @Test("5000 mutants of a full message neither trap nor run away")
  func fuzz() {
    var buffer = ByteBuffer()
    buffer.writeAMF0(AMF0Tests.everything)
    let sample = Array(buffer.readableBytesView)
    var mutator = Mutator(seed: 7)
    var decoded = 0
    for _ in 0..<5000 { decoded += AMF0Decoder.values(in: ByteBuffer(bytes: mutator.mutate(sample, with: sample))).count }
    #expect(decoded > 5000)
  }
}
