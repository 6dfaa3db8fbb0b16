import Model
import NIOCore
import Testing

@testable import Pipelines

@Suite("A running pipeline") struct RunningPipelineTests {
  private func file(_ text: String) throws -> PipelineFile { try PipelineFile(name: "t/t", text: text) }

  @Test("gives back every buffer of every batch in order, with its times and flags, before it has finished") func passesThrough()
    async throws
  {
    let seen = Box<String>()
    let pipeline = try RunningPipeline(
      file("appsrc name=in format=time caps=application/x-test ! queue ! appsink name=out sync=false wait-on-eos=false"))
    try pipeline.sink("out") { sample in
      seen.add("\(String(buffer: sample.bytes)) \(sample.pts?.value ?? -1) \(sample.isKey) \(sample.isCorrupted)")
    }
    let source = try pipeline.source("in")
    try pipeline.start()
    var expected: [String] = []
    for batch in 0..<20 {
      let buffers = (0..<25).map { index in
        CodedBuffer(
          bytes: ByteBuffer(string: String(repeating: "x", count: index) + "\(batch)"), pts: Nanoseconds(Int64(batch * 25 + index)),
          isKey: index == 0)
      }
      expected += buffers.map { "\(String(buffer: $0.bytes)) \($0.pts.value) \($0.isKey) false" }
      #expect(source.push(buffers))
    }
    try await pipeline.finish(deadline: .seconds(10))
    #expect(seen.all == expected)
    #expect(!source.push([CodedBuffer(bytes: ByteBuffer(string: "late"), pts: .zero, isKey: true)]))
  }

  @Test("that is kept plays again, each time from the beginning; after a failure it does not") func kept() throws {
    let seen = Box<String>()
    let pipeline = try RunningPipeline(
      file("appsrc name=in format=time caps=application/x-test ! queue ! appsink name=out sync=false wait-on-eos=false"))
    try pipeline.sink("out") { sample in seen.add("\(String(buffer: sample.bytes)) \(sample.pts?.value ?? -1)") }
    let source = try pipeline.source("in")
    for text in ["a", "b", "c"] {
      try pipeline.start()
      #expect(source.push([CodedBuffer(bytes: ByteBuffer(string: text), pts: Nanoseconds(5), isKey: true)]))
      #expect(pipeline.finishBlocking(deadline: .seconds(10), isKept: true) == nil)
      #expect(!pipeline.hasEnded)
      #expect(!source.push([CodedBuffer(bytes: ByteBuffer(string: "late"), pts: .zero, isKey: true)]))
    }
    #expect(seen.all == ["a 5", "b 5", "c 5"])
    let broken = try RunningPipeline(
      file("appsrc name=in format=time caps=video/x-h264,stream-format=avc,alignment=au ! matroskamux ! appsink name=out"))
    let unit = try broken.source("in")
    try broken.start()
    unit.push([CodedBuffer(bytes: ByteBuffer(string: "no width, no height"), pts: .zero, isKey: true)])
    #expect(broken.finishBlocking(deadline: .seconds(10), isKept: true)?.code == .pipelineFailed)
    #expect(broken.finishBlocking(deadline: .seconds(10), isKept: true)?.code == .pipelineFailed, "the fault is not forgotten")
  }

  @Test("tells a failure once, from the bus, with its origin") func fails() async throws {
    let faults = Box<Fault>()
    let pipeline = try RunningPipeline(
      file("appsrc name=in format=time caps=video/x-h264,stream-format=avc,alignment=au ! matroskamux ! appsink name=out"),
      onFault: faults.add)
    let source = try pipeline.source("in")
    try pipeline.start()
    source.push([CodedBuffer(bytes: ByteBuffer(string: "no width, no height"), pts: .zero, isKey: true)])
    let fault = await #expect(throws: Fault.self) { try await pipeline.finish(deadline: .seconds(10)) }
    #expect(fault?.code == .pipelineFailed)
    #expect(fault?.origin == .relay)
    #expect(faults.all == [fault].compactMap { $0 })
  }

  @Test("that does not end is told apart after the deadline") func deadline() async throws {
    // A queue that waits for a minute of media holds the end back only while its sink holds the clock: an appsink that waits for its own reader.
    let pipeline = try RunningPipeline(
      file("appsrc name=in format=time caps=a/b ! identity sleep-time=2000000 ! appsink name=out sync=false"))
    let source = try pipeline.source("in")
    try pipeline.sink("out") { _ in }
    try pipeline.start()
    source.push([CodedBuffer(bytes: ByteBuffer(string: "x"), pts: .zero, isKey: true)])
    await #expect(throws: Fault(.pipelineFailed, "t/t.launch did not end in time")) {
      try await pipeline.finish(deadline: .milliseconds(50))
    }
  }

  @Test("refuses a tap that is not there or of another kind") func taps() throws {
    let pipeline = try RunningPipeline(file("appsrc name=in ! appsink name=out"))
    #expect(throws: Fault(.pipelineInvalid, "t/t.launch has no tap nobody")) { _ = try pipeline.source("nobody") }
    #expect(throws: Fault(.pipelineInvalid, "t/t.launch has no tap out")) { _ = try pipeline.source("out") }
    #expect(throws: Fault(.pipelineInvalid, "t/t.launch has no tap in")) { try pipeline.sink("in") { _ in } }
  }

  @Test("can be forgotten while it runs: twenty of them leave no thread behind") func forgotten() async throws {
    for _ in 0..<20 {
      let seen = AsyncStream<Void>.makeStream()
      let pipeline = try RunningPipeline(file("videotestsrc is-live=true ! appsink name=out sync=false"))
      try pipeline.sink("out") { _ in seen.continuation.yield() }
      try pipeline.start()
      var iterator = seen.stream.makeAsyncIterator()
      _ = await iterator.next()
      withExtendedLifetime(pipeline) {}
    }
  }

  @Test(
    "has its bus messages judged in one place",
    arguments: [
      ("d", "Codec/Decoder/Video", "gst-stream-error-quark", Int32(7), FaultCode.decodeFailed),
      ("m", "Codec/Muxer", "gst-stream-error-quark", 1, .pipelineFailed),
      ("s", "Sink/File", "gst-resource-error-quark", 14, .diskFull),
      ("s", "Sink/File", "gst-resource-error-quark", 3, .pipelineFailed),
      ("x", "", "gst-core-error-quark", 12, .packageMissing),
    ])
  func judged(element: String, kind: String, domain: String, code: Int32, expected: FaultCode) {
    #expect(
      BusDecision.error(element: element, elementClass: kind, domain: domain, code: code, text: "why")
        == .failed(Fault(expected, "\(element): why")))
  }
}
