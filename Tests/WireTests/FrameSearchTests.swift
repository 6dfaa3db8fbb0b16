import FirstFrameTesting
import Testing
import Wire

@Suite("Where frames go on behind stray bytes")
struct FrameSearchTests {
  private static func frame(_ channel: UInt8, _ count: Int = 20) -> [UInt8] {
    var bytes: [UInt8] = [0x24, channel, UInt8(count >> 8), UInt8(count & 255), 0x80]
    bytes += [UInt8](repeating: 7, count: count - 1)
    return bytes
  }

  private static func find(_ bytes: [UInt8], from start: Int = 0) -> FrameSearch.Found {
    bytes.withUnsafeBytes { FrameSearch.find(from: start, in: $0) { $0 < 2 } }
  }

  private static let junk: [UInt8] = (0..<300).map { (index: Int) -> UInt8 in
    let byte = UInt8((index * 37 + 11) % 251)
    return byte == 0x24 ? 0x23 : byte
  }

  @Test("the next frame is found when another, a message or nothing follows it")
  func found() {
    let options = Array("OPTIONS rtsp://h/a RTSP/1.0\r\nCSeq: 1\r\n\r\n".utf8)
    let answer = Array("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n".utf8)
    for next in [FrameSearchTests.frame(1), [], options, answer, [0x24]] {
      #expect(FrameSearchTests.find(FrameSearchTests.junk + FrameSearchTests.frame(0) + next) == .at(300))
    }
    #expect(FrameSearchTests.find(FrameSearchTests.junk + options) == .at(300))
    #expect(FrameSearchTests.find(FrameSearchTests.junk + answer) == .at(300))
  }

  @Test("a dollar sign alone is no frame: wrong channel, version or length, or nothing behind it that could follow")
  func notFound() {
    let frame = FrameSearchTests.frame(0)
    let decoys: [[UInt8]] = [
      [0x24, 9, 0, 20, 0x80, 1, 2], [0x24, 0, 0, 20, 0x40, 1], [0x24, 0, 0, 2, 0x80, 1], [0x24, 0, 0, 6, 0x80, 1, 2, 3, 4, 5, 0x99],
      [0x24, 0, 0, 5, 0x80, 1, 2, 3, 4, 0x24, 77], [0x24],
    ]
    for decoy in decoys { #expect(FrameSearchTests.find(decoy + frame + frame) == .at(decoy.count), "\(decoy)") }
  }

  @Test("what cannot be told yet is kept, and what lies before it is not")
  func incomplete() {
    #expect(FrameSearchTests.find(FrameSearchTests.junk) == .incomplete(from: 300))
    #expect(FrameSearchTests.find(FrameSearchTests.junk + FrameSearchTests.frame(0).prefix(9)) == .incomplete(from: 300))
    #expect(FrameSearchTests.find(FrameSearchTests.junk + Array("RTSP/1".utf8)) == .incomplete(from: 300))
    #expect(FrameSearchTests.find([UInt8](repeating: 10, count: 70_000)) == .incomplete(from: 70_000))
    #expect(FrameSearchTests.find([]) == .incomplete(from: 0) && FrameSearchTests.find([1], from: 9) == .incomplete(from: 9))
  }

  @Test("a message is told from stray bytes by its first ones")
  func messages() {
    func may(_ text: String) -> Bool { Array(text.utf8).withUnsafeBytes { FrameSearch.mayBeMessage($0) } }
    for text in ["", "O", "GET_PARAMETER", "SET_PARAMETER rtsp://h RTSP/1.0", "RTSP/1.0 200", "\r\n", "\r\nPLAY r", "TEARDOWN *"] {
      #expect(may(text), "\(text)")
    }
    for text in ["options ", "HTTP/1.1 200 OK", "RTSQ/1.0", "A b", "\r\n#", "AB ", "PLAY\t", String(repeating: "A", count: 40)] {
      #expect(!may(text), "\(text)")
    }
  }

  @Test("anything is searched without a trap, and what is found lies inside")
  func anything() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
        [0x24, 0, 1, 0x80, 10, 65, 32, UInt8.random(in: 0...255)].randomElement(using: &random) ?? 0
      }
      let start = Int.random(in: -3...90, using: &random)
      switch FrameSearchTests.find(bytes, from: start) {
      case .at(let offset): #expect(offset >= max(0, start) && offset < bytes.count)
      case .incomplete(let offset): #expect(offset >= max(0, start) && offset <= max(start, bytes.count))
      }
    }
  }
}
