import FirstFrameTesting
import Model
import NIOCore
import Testing

@testable import Workers

@Suite("A frame on the worker socket") struct WorkerFrameTests {
  @Test("has the bytes that the contract says") func bytes() throws {
    let frame = WorkerFrame(.result, json: "{\"a\":1}", bytes: ByteBuffer(bytes: [9, 8]))
    #expect(Array(frame.encoded.readableBytesView) == [0, 0, 0, 13, 3, 0, 0, 0, 7] + Array("{\"a\":1}".utf8) + [9, 8])
    #expect(WorkerFrame.Kind.allCases.map(\.rawValue) == [1, 2, 3, 4, 5, 6])
    #expect(WorkerFrame(.ping).encoded.readableBytes == 5)
  }

  @Test("comes whole out of bytes in any pieces") func pieces() throws {
    let frames = [
      WorkerHello(work: "decode", pid: 7).frame,
      DecodeRequest(id: 3, codec: .h265, unit: "a/b@1#2", arrival: 99, bytes: ByteBuffer(bytes: [1, 2, 3])).frame, WorkerFrame(.pong),
    ]
    let stream = frames.flatMap { Array($0.encoded.readableBytesView) }
    for size in [1, 2, 7, 1000] {
      var reader = WorkerFrameReader()
      var read: [WorkerFrame] = []
      for start in stride(from: 0, to: stream.count, by: size) {
        Array(stream[start..<min(stream.count, start + size)]).withUnsafeBytes { reader.feed($0) }
        while let frame = try reader.next() { read.append(frame) }
      }
      #expect(read == frames)
    }
  }

  @Test("is refused when it is too long or of an unknown kind") func refused() {
    var reader = WorkerFrameReader()
    [UInt8]([0x02, 0, 0, 1, 3]).withUnsafeBytes { reader.feed($0) }
    #expect(throws: WorkerFrameReader.Refused.tooLong(0x0200_0001)) { _ = try reader.next() }
    var other = WorkerFrameReader()
    [UInt8]([0, 0, 0, 0, 7]).withUnsafeBytes { other.feed($0) }
    #expect(throws: WorkerFrameReader.Refused.unknownKind(7)) { _ = try other.next() }
  }

  @Test("carries messages there and back") func messages() throws {
    let request = DecodeRequest(id: 3, codec: .h265, unit: "a/b@1#2", arrival: 99, bytes: ByteBuffer(bytes: [1, 2, 3]))
    #expect(DecodeRequest(request.frame) == request)
    let look = PictureLook(lumaMeanMilli: 412, lumaVariancePpm: 31_000, visible: true, dark: false, black: false, flat: false)
    let result = DecodeResult(
      ok: true, reason: "", width: 1280, height: 720, jpegSHA256: "ab", vclSHA256: "cd", look: look, decodeNanoseconds: 12,
      jpeg: ByteBuffer(bytes: [0xFF, 0xD8]))
    let read = try #require(DecodeResult.read(result.frame(id: 44)))
    #expect(read.id == 44)
    #expect(read.result == result)
    #expect(WorkerHello(WorkerHello(work: "decode", pid: 7).frame) == WorkerHello(work: "decode", pid: 7))
  }

  @Test(
    "refuses messages of another kind, version or form",
    arguments: [
      #"{"v":2,"work":"decode","pid":1}"#, #"{"work":"decode","pid":1}"#, #"{"v":1,"pid":1}"#, "[]", "", "{", #"{"v":1.0,"work":"x","pid":1}"#,
    ])
  func malformed(json: String) {
    #expect(WorkerHello(WorkerFrame(.hello, json: json, bytes: ByteBuffer())) == nil)
    #expect(DecodeRequest(WorkerFrame(.job, json: json, bytes: ByteBuffer())) == nil)
    #expect(DecodeResult.read(WorkerFrame(.result, json: json, bytes: ByteBuffer())) == nil)
  }

  @Test("puts the track's parameter sets before the unit") func parameterSets() throws {
    var track = Samples.track
    track.parameters = .h264(sps: [[0x67, 1]], pps: [[0x68, 2]])
    let request = DecodeRequest(id: 1, unit: try Samples.unit([0, 0, 0, 1, 0x65]), track: track)
    #expect(Array(request.bytes.readableBytesView) == [0, 0, 0, 2, 0x67, 1, 0, 0, 0, 2, 0x68, 2, 0, 0, 0, 1, 0x65])
    #expect(request.unit == "county/live/cam1@7#1")
    #expect(request.arrival == 6)
    let annexB = AnnexB.from(lengthPrefixed: request.bytes).map { Array($0.readableBytesView) }
    #expect(annexB == [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65])
    for broken: [UInt8] in [[], [0, 0, 0, 2, 1], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1, 5, 0xFF, 0xFF, 0xFF, 0xFF, 1]] {
      #expect(AnnexB.from(lengthPrefixed: ByteBuffer(bytes: broken)) == nil)
    }
  }

  @Test("never traps on mutants") func fuzz() {
    let samples = [
      WorkerHello(work: "decode", pid: 7).frame,
      DecodeRequest(id: 3, codec: .h264, unit: "a/b@1#2", arrival: 9, bytes: ByteBuffer(bytes: [0, 0, 0, 1, 5])).frame,
      DecodeResult.failed("x").frame(id: 9),
    ].map { Array($0.encoded.readableBytesView) }
    var mutator = Mutator(seed: 21)
    var whole = 0
    for index in 0..<6000 {
      let mutant = mutator.mutate(samples[index % 3], with: samples[(index + 1) % 3])
      var reader = WorkerFrameReader()
      mutant.withUnsafeBytes { reader.feed($0) }
      while let frame = try? reader.next() {
        whole += 1
        _ = WorkerHello(frame)
        _ = DecodeRequest(frame).map { AnnexB.from(lengthPrefixed: $0.bytes) }
        _ = DecodeResult.read(frame)
      }
    }
    #expect(whole > 1000)
  }
}
