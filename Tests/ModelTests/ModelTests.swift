import FirstFrameTesting
import Foundation
import Model
import NIOCore
import Testing

@Suite("Values that every room speaks")
struct ModelTests {
  @Test(
    "wall times print and parse as RFC 3339, as Foundation does",
    arguments: [0, 1_795_350_906_327_000_001, -1, 951_782_400_000_000_000, 4_107_542_399_999_999_999])
  func wallTime(nanoseconds: Int64) throws {
    let time = WallTime(nanoseconds: nanoseconds)
    #expect(WallTime(time.description) == time)
    let formatter = ISO8601DateFormatter()
    let whole = formatter.string(from: Date(timeIntervalSince1970: Double((nanoseconds - (nanoseconds < 0 ? 999_999_999 : 0)) / 1_000_000_000)))
    #expect(time.description.hasPrefix(String(whole.dropLast())))
  }

  @Test("wall times with an offset mean the same instant; what is none is refused")
  func wallTimeText() {
    #expect(WallTime("2026-11-22T18:30:00+08:00") == WallTime("2026-11-22T10:30:00Z"))
    for text in [
      "", "2026-11-22", "2026-13-01T00:00:00Z", "2026-11-22T10:30:00", "2026-11-22T10:30:00.Z", "2026-11-22T24:00:00Z", "9999999-01-01T00:00:00Z",
    ] {
      #expect(WallTime(text) == nil, "\(text)")
    }
  }

  @Test(
    "stream names are paths of safe segments",
    arguments: [
      ("live/cam1", "live/cam1"), ("/live/cam1/", "live/cam1"), ("live/%E5%8D%95%E5%85%B501", "live/单兵01"), ("live/../etc", nil), ("", nil),
      ("/", nil),
      ("a//b", nil), ("live/cam 1", nil), ("live/%2e%2e", nil), ("live/%zz", nil), ("a/b/c/d/e/f/g/h/i", nil), ("live/<x>", nil),
    ] as [(String, String?)])
  func streamNames(text: String, path: String?) { #expect(StreamName(text)?.path == path) }

  @Test("JSON of integers survives its own text, with keys sorted, and refuses fractions, repeats and depth")
  func json() throws {
    let value: JSON = ["b": [1, -2, nil, true], "a": "引号 \" \\ \n \u{1}", "c": ["x": [:]]]
    #expect(try JSON(parsing: value.text) == value)
    #expect(value.text.hasPrefix("{\"a\":"))
    for text in ["1.5", "1e3", "{\"a\":1,\"a\":2}", "[1,]", "01", "\"\\ud800\"", String(repeating: "[", count: 100), "{} x", "9223372036854775808"] {
      #expect(throws: JSON.ParseError.self, "\(text)") { try JSON(parsing: text) }
    }
    #expect(try JSON(parsing: "\"\\ud83d\\ude00\"") == "😀")
  }

  @Test("JSON's text is what Foundation reads")
  func jsonAgainstFoundation() throws {
    let value: JSON = ["n": 9_007_199_254_740_993, "t": "首帧 \u{2028} /", "list": [false]]
    let read = try #require(JSONSerialization.jsonObject(with: Data(value.text.utf8)) as? [String: Any])
    #expect((read["n"] as? NSNumber)?.int64Value == 9_007_199_254_740_993)
    #expect(read["t"] as? String == "首帧 \u{2028} /")
  }

  @Test("5000 mutants of a JSON text never trap")
  func jsonFuzz() {
    var mutator = Mutator(seed: 3)
    let sample = Array(#"{"v":1,"node":"县","list":[1,-2,{"x":"\u00e9\n"}],"ok":true,"none":null}"#.utf8)
    for _ in 0..<5000 { _ = try? JSON(parsing: mutator.mutate(sample)) }
  }

  @Test("media times keep their instant on another timescale and saturate instead of trapping")
  func mediaTime() {
    #expect(MediaTime(value: 90_000, timescale: 90_000).rescaled(to: 1000) == 1000)
    #expect(MediaTime(value: -1, timescale: 90_000).rescaled(to: 1000) == -1)
    #expect(MediaTime(value: .max, timescale: 1).nanoseconds == .max)
    #expect(MediaTime(value: .min, timescale: 1).nanoseconds == .min)
    #expect(MediaTime(value: 8_640_000 * 90_000, timescale: 90_000).nanoseconds == 8_640_000_000_000_000)
  }

  @Test("a unit's id survives its own text")
  func unitID() throws {
    let id = AccessUnitID(origin: UnitOrigin(node: "deqing", path: try #require(StreamName("live/cam1"))), epoch: 1_795_350_906_327, number: 42)
    #expect(id.description == "deqing/live/cam1@1795350906327#42")
    #expect(AccessUnitID(id.description) == id)
    for text in ["", "#", "a@1#2", "a/b@x#2", "a/b@1#-2", "/b@1#2#"] { #expect(AccessUnitID(text) == nil, "\(text)") }
  }

  @Test("NAL units walk ends at a length that does not fit")
  func nalUnits() {
    #expect(Array(NALUnits(ByteBuffer(bytes: [0, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 2, 7, 8]))).map { Array($0.readableBytesView) } == [[9], [7, 8]])
    #expect(Array(NALUnits(ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF, 1]))).isEmpty)
  }

  @Test("a wall clock's step is told apart from the passing of time")
  func step() {
    let first = ClockReading(boot: BootTime(nanoseconds: 100), kernel: KernelTime(nanoseconds: 5000))
    let later = ClockReading(boot: BootTime(nanoseconds: 1100), kernel: KernelTime(nanoseconds: 6000 + 3_600_000_000_000))
    #expect(later.step(since: first) == .seconds(3600))
    #expect(first.boot(of: KernelTime(nanoseconds: 4990)) == BootTime(nanoseconds: 90))
  }
}
