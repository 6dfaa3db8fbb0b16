import Foundation
import Model
import Testing

@testable import Pipelines

@Suite("Binding a pipeline's parameters") struct BindingTests {
  private func build(_ text: String, _ values: [String: PipelineValue]) throws {
    _ = try RunningPipeline(PipelineFile(name: "t/t", text: text), values)
  }

  @Test("keeps a hostile value a value") func hostileValue() throws {
    let folder = try TemporaryFolder()
    let trap = folder.file("owned")
    let text = "#: label String\nvideotestsrc num-buffers=1 ! textoverlay name=o text={label} ! fakesink"
    let pipeline = try RunningPipeline(
      PipelineFile(name: "t/t", text: text), ["label": .string("x\" ! filesink location=\(trap) ! fakesink name=\"y")])
    try pipeline.start()
    #expect(pipeline.finishBlocking(deadline: .seconds(10)) == nil)
    #expect(!FileManager.default.fileExists(atPath: trap))
  }

  @Test("accepts every kind and reads it back") func kinds() throws {
    try build(
      """
      #: p String
      #: s Int
      #: c Caps
      #: live Bool
      #: volume Double
      videotestsrc name=v pattern={p} horizontal-speed={s} is-live={live} ! capsfilter name=f caps={c} ! fakesink
      audiotestsrc name=a volume={volume} ! fakesink
      """,
      ["p": .string("ball"), "s": .int(-3), "c": .caps("video/x-raw,width=64"), "live": .bool(true), "volume": .double(0.25)])
  }

  @Test(
    "refuses what the element would bend or not keep",
    arguments: [
      ("#: q Int\nvideotestsrc ! jpegenc name=j quality={q} ! fakesink", PipelineValue.int(101), "out of range"),
      ("#: q Int\nvideotestsrc ! jpegenc name=j quality={q} ! fakesink", .int(.max), "out of range"),
      ("#: q String\nvideotestsrc name=v pattern={q} ! fakesink", .string("nonsense"), "no such enumeration value"),
      ("#: q Caps\nvideotestsrc ! capsfilter name=f caps={q} ! fakesink", .caps("video/x-raw,width="), "not caps"),
      ("#: q Int\nvideotestsrc name=v colour={q} ! fakesink", .int(1), "no such property"),
      ("#: q Int\nvideotestsrc name=v pattern={q} ! fakesink", .int(1), "not an integer property"),
      ("#: q Double\naudiotestsrc name=a volume={q} ! fakesink", .double(7), "out of range"),
      ("#: q Bool\nvideotestsrc name=v pattern={q} ! fakesink", .bool(true), "not a boolean property"),
      ("#: q String\nvideotestsrc name=v pattern={q} ! fakesink", .int(1), "wants a String"),
    ])
  func refuses(text: String, value: PipelineValue, reason: String) {
    let fault = #expect(throws: Fault.self) { try build(text, ["q": value]) }
    #expect(fault?.code == .pipelineInvalid)
    #expect(fault?.detail.contains(reason) == true, "\(fault?.detail ?? "")")
  }

  @Test("refuses a missing and a superfluous value") func names() {
    let text = "#: q Int\nvideotestsrc name=v horizontal-speed={q} ! fakesink"
    #expect(throws: Fault(.pipelineInvalid, "t/t.launch: no value for q")) { try build(text, [:]) }
    #expect(throws: Fault(.pipelineInvalid, "t/t.launch: r is not a parameter")) { try build(text, ["q": .int(1), "r": .int(1)]) }
  }

  @Test(
    "treats every parse error as a failure",
    arguments: [
      "videotestsrc colour=red ! fakesink", "videotestsrc pattern=nonsense ! fakesink", "videotestsrc ! avenc_aac ! fakesink",
      "videotestsrc ! nowhere.sink",
    ])
  func parseErrors(text: String) {
    let fault = #expect(throws: Fault.self) { try build(text, [:]) }
    #expect(fault?.code == .pipelineInvalid)
  }

  @Test("names an element that is not installed, and refuses files, networks and bins by class") func classes() {
    #expect(throws: Fault(.packageMissing, "GStreamer nosuchelement")) { try build("videotestsrc ! nosuchelement ! fakesink", [:]) }
    let fault = #expect(throws: Fault.self) { try build("appsrc ! rtpbin ! fakesink", [:]) }
    #expect(fault?.detail.contains("not allowed") == true)
  }
}
