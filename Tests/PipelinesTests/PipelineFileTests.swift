import FirstFrameTesting
import Model
import Testing

@testable import Pipelines

@Suite("A pipeline file") struct PipelineFileTests {
  static let sample = """
    # Records one stream.
    #: codec    Caps
    #: quality  Int
    appsrc name=media format=time caps={codec} ! video/x-raw,format=I420 ! tee name=t
    t. ! queue ! jpegenc name=jpeg quality={quality} ! appsink name=bytes sync=false
    """

  @Test("gives its parameters, its elements, and a description without values") func reads() throws {
    let file = try PipelineFile(name: "archive/x", text: Self.sample)
    #expect(file.parameters == [PipelineParameter(name: "codec", kind: .caps), PipelineParameter(name: "quality", kind: .int)])
    #expect(file.elements.map(\.factory) == ["appsrc", "tee", "queue", "jpegenc", "appsink"])
    #expect(file.elements.map(\.name) == ["media", "t", nil, "jpeg", "bytes"])
    #expect(
      file.description
        == "appsrc name=media format=time ! video/x-raw,format=I420 ! tee name=t t. ! queue ! jpegenc name=jpeg ! appsink name=bytes sync=false"
    )
    #expect(
      file.bindings == [
        .init(element: "media", property: "caps", parameter: "codec"), .init(element: "jpeg", property: "quality", parameter: "quality"),
      ])
  }

  @Test(
    "is refused with the reason",
    arguments: [
      ("appsrc name=a caps={x} ! appsink", "{x} is not declared"),
      ("#: x Caps\nappsrc name=a ! appsink", "x is declared but not used"),
      ("#: x Caps\nappsrc caps={x} ! appsink", "needs a name"),
      ("#: x String\nappsrc name=a{x} ! appsink", "whole property"),
      ("#: x String\nappsrc name=a ! {x} ! appsink", "whole property"),
      ("#: x String\nappsrc name=a ! video/x-raw,format={x} ! appsink", "whole property"),
      ("#: x Strin\nappsrc name=a ! appsink", "unknown kind Strin"),
      ("#: x String\n#: x String\nappsrc name=a foo={x}", "declared twice"),
      ("#: x\nappsrc name=a", "a declaration reads"),
      ("appsrc ! filesink location=/tmp/x", "filesink is not allowed"),
      ("filesrc location=/etc/passwd ! decodebin ! appsink", "filesrc is not allowed"),
      ("appsrc ! decodebin ! appsink", "decodebin is not allowed"),
      ("playbin uri=file:///x", "playbin is not allowed"),
      ("uridecodebin uri=file:///x ! appsink", "uridecodebin is not allowed"),
      ("bin.( appsrc ! fakesink )", "bins are not allowed"),
      ("( appsrc ! fakesink )", "bins are not allowed"),
      ("appsrc ! textoverlay text=\"open ! fakesink", "a quote is not closed"),
      ("name=a appsrc", "a property without an element"),
      ("appsrc name=a ! appsink name=a", "one name"),
      ("# nothing", "no element"),
    ])
  func refuses(text: String, reason: String) {
    let fault = #expect(throws: Fault.self) { try PipelineFile(name: "x/y", text: text) }
    #expect(fault?.code == .pipelineInvalid)
    #expect(fault?.detail.contains(reason) == true, "\(fault?.detail ?? "")")
    #expect(fault?.detail.hasPrefix("x/y.launch:") == true)
  }

  @Test(
    "names the line of what is wrong",
    arguments: [
      ("# a\n\n#: x Strin\nappsrc", 3, "unknown kind"), ("#: x String\n\n\n#: x String\nappsrc name=a foo={x}", 4, "declared twice"),
      ("appsrc name=a !\n  filesink location=/tmp/x", 2, "filesink is not allowed"), ("appsrc !\nqueue text=\"open\nappsink", 2, "quote"),
      ("# a\nappsrc name=a ! queue !\nappsink name=a", 3, "one name"), ("# a\n\n#: x Caps\nappsrc ! appsink", 3, "x is declared but not used"),
      ("#: x Caps\nappsrc !\nqueue a={x} ! appsink", 3, "needs a name"), ("appsrc ! queue !\nappsink name=b caps={y}", 2, "{y} is not declared"),
      ("# a\r\nappsrc !\r\nplaybin", 3, "playbin is not allowed"), ("# a\n# b", 2, "no element"),
    ])
  func lines(text: String, line: Int, reason: String) {
    let fault = #expect(throws: Fault.self) { try PipelineFile(name: "x/y", text: text) }
    #expect(fault?.detail.hasPrefix("x/y.launch:\(line): ") == true, "\(fault?.detail ?? "")")
    #expect(fault?.detail.contains(reason) == true, "\(fault?.detail ?? "")")
  }

  @Test("never traps on mutants, and none that is accepted holds a forbidden element") func fuzz() {
    var mutator = Mutator(seed: 11)
    let sample = Array(Self.sample.utf8)
    var accepted = 0
    for _ in 0..<3000 {
      let text = String(decoding: mutator.mutate(sample, with: Array("! filesink location=x {codec}".utf8)), as: UTF8.self)
      guard let file = try? PipelineFile(name: "fuzz", text: text) else { continue }
      accepted += 1
      #expect(file.elements.allSatisfy { !PipelineFile.forbidden.contains($0.factory) })
    }
    #expect(accepted > 100)
  }
}
