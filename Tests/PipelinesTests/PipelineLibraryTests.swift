import Model
import Testing

@testable import Pipelines

@Suite("The folder of pipelines") struct PipelineLibraryTests {
  @Test("is found from the repository, from an installed binary, and where the variable says") func candidates() {
    #expect(PipelineLibrary.candidates(variable: "/x", executable: "/usr/bin/firstframe", workingFolder: ".") == ["/x"])
    #expect(
      PipelineLibrary.candidates(variable: nil, executable: "/opt/ff/bin/firstframe", workingFolder: ".") == [
        "/opt/ff/bin/../share/firstframe/pipelines", "/opt/ff/bin/pipelines", "/opt/ff/pipelines", "/opt/pipelines", "./pipelines",
      ])
    #expect(PipelineLibrary.candidates(variable: "", executable: "", workingFolder: "/w") == ["/w/pipelines"])
  }

  @Test("holds these files and no others") func names() throws {
    #expect(
      try PipelineLibrary.locate().names() == [
        "archive/record-audio", "archive/record-av", "archive/record-video", "probe/h264", "probe/h265", "probe/listen-aac",
        "probe/listen-opus", "probe/listen-pcma", "probe/listen-pcmu", "probe/look-h264", "probe/look-h265", "sim/file", "sim/file-av",
        "sim/pattern", "sim/pattern-av",
      ])
  }

  static let video = PipelineValue.caps(
    "video/x-h264,stream-format=avc,alignment=au,width=64,height=64,codec_data=(buffer)0142c01effe100046742c01e01000468ce3c80")
  static let audio = PipelineValue.caps("audio/mpeg,mpegversion=4,stream-format=raw,rate=48000,channels=1,codec_data=(buffer)1188")
  static let values: [String: [String: PipelineValue]] = [
    "archive/record-video": ["video": video], "archive/record-audio": ["audio": audio],
    "archive/record-av": ["video": video, "audio": audio],
    "probe/h264": ["fit": .caps("video/x-raw"), "quality": .int(85)], "probe/h265": ["fit": .caps("video/x-raw"), "quality": .int(85)],
    "probe/look-h264": [:], "probe/look-h265": [:], "probe/listen-aac": ["coded": audio],
    "probe/listen-opus": ["coded": .caps("audio/x-opus,rate=48000,channels=2,channel-mapping-family=0")],
    "probe/listen-pcma": ["coded": .caps("audio/x-alaw,rate=8000,channels=1")],
    "probe/listen-pcmu": ["coded": .caps("audio/x-mulaw,rate=8000,channels=1")],
    "sim/pattern": TestPattern().values, "sim/pattern-av": TestPattern().values,
  ]
  static let taps: [String: [String]] = [
    "archive/record-video": ["video", "bytes"], "archive/record-audio": ["audio", "bytes"],
    "archive/record-av": ["video", "audio", "bytes"],
    "probe/h264": ["unit", "picture", "jpeg"], "probe/h265": ["unit", "picture", "jpeg"], "sim/pattern": ["video"],
    "probe/look-h264": ["unit", "picture"], "probe/look-h265": ["unit", "picture"], "probe/listen-aac": ["unit", "sound"],
    "probe/listen-opus": ["unit", "sound"], "probe/listen-pcma": ["unit", "sound"], "probe/listen-pcmu": ["unit", "sound"],
    "sim/pattern-av": ["video", "audio"],
  ]

  @Test("has only files that build here, with every tap the code asks for", arguments: values.keys.sorted())
  func builds(name: String) throws {
    let file = try PipelineLibrary.locate().file(name)
    _ = try RunningPipeline(file, Self.values[name] ?? [:])
    for tap in Self.taps[name] ?? [] { #expect(file.elements.contains { $0.name == tap }, "\(tap)") }
  }

  @Test("names only elements whose package the doctor knows") func packages() throws {
    let library = try PipelineLibrary.locate()
    var used: Set<String> = []
    for name in library.names() { used.formUnion(try library.file(name).elements.map(\.factory)) }
    #expect(used == Set(PluginCheck.packages.keys))
    #expect(try PluginCheck.missing() == [])
    #expect(try PluginCheck.missing(of: ["nosuch": "some-package"]) == [PluginCheck.Missing(element: "nosuch", package: "some-package")])
  }

  @Test("says which file cannot be read") func missing() {
    #expect(throws: Fault(.pipelineInvalid, "/nowhere/archive/x.launch cannot be read")) {
      try PipelineLibrary(folder: "/nowhere").file("archive/x")
    }
  }
}
