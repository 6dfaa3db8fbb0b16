import Access
import Cascade
import Command
import FirstFrameTesting
import Foundation
import Hub
import Model
import RTMPGateway
import RTSPGateway
import Settings
import SettingsFile
import Testing
import Web
import Workers

import struct Archive.ArchiveSettings

@testable import firstframe

@Suite("The node's configuration")
struct NodeSettingsTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Config")

  private static func shipped(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func read(_ yaml: String) throws(Fault) -> NodeSettings { try NodeSettings(ConfigNode(yaml: yaml), dataFolder: "/data") }

  /// Every value within, for comparison: not all settings are `Equatable`, for some hold closures.
  private func description(_ settings: NodeSettings) -> String {
    var text = ""
    dump(settings, to: &text)
    return text
  }

  // MARK: Config/firstframe.yaml

  @Test("Config/firstframe.yaml says the defaults of the code")
  func defaults() throws {
    let shipped = try read(NodeSettingsTests.shipped("firstframe.yaml"))
    #expect(try description(shipped) == description(read("")))
    #expect(description(shipped).contains("takeoverWindow"))
  }

  @Test("Config/firstframe.yaml has every key that a room reads, once, and no other")
  func everyKey() throws {
    var reader = try ConfigReader(ConfigNode(yaml: NodeSettingsTests.shipped("firstframe.yaml")))
    _ = try NodeSettings(&reader, dataFolder: "/data")
    #expect(Set(reader.keys).count == reader.keys.count, "a key is read by two rooms")
    #expect(try leaves(ConfigNode(yaml: NodeSettingsTests.shipped("firstframe.yaml")), "").sorted() == reader.keys.sorted())
  }

  private func leaves(_ node: ConfigNode, _ path: String) -> [String] {
    guard case .map(let members) = node, !members.isEmpty else { return [path] }
    return members.flatMap { leaves($1, path.isEmpty ? $0 : "\(path).\($0)") }
  }

  @Test("each room reads its own keys, and the node those that are left")
  func rooms() throws {
    let rooms: [(room: String, keys: [String], expected: [String])] = [
      (
        "RTSPGateway", try keys("rtsp") { section throws(Fault) in try RTSPSettings(&section, bind: "") },
        ["rtsp.port", "rtsp.pullSilenceSeconds", "rtsp.rtpPorts"]
      ),
      ("RTMPGateway", try keys("rtmp") { section throws(Fault) in try RTMPSettings(&section, bind: "") }, ["rtmp.port"]),
      ("Web", try keys("http") { section throws(Fault) in try WebSettings(&section, bind: "") }, ["http.port", "http.hosts"]),
      ("Command", try keys("control") { section throws(Fault) in try ControlSettings(&section, bind: "") }, ["control.port"]),
      ("Access", try keys("access", AccessSettings.init), ["access.mode", "access.openAnywhere"]),
      ("Hub", try keys("streams", HubSettings.init), ["streams.takeoverSeconds", "streams.secondPublisher", "streams.gopCacheMegabytes"]),
      ("Hub", try keys("measure", ContentSettings.init), ["measure.probeMillisecondsPerSecond"]),
      ("Archive", try keys("archive", ArchiveSettings.init), ["archive.enabled", "archive.segmentSeconds", "archive.reservePercent"]),
      ("Workers", try keys("workers") { section throws(Fault) in try DecodePoolSettings(&section, socketPath: "") }, ["workers.count"]),
    ]
    for (room, keys, expected) in rooms { #expect(keys == expected, "\(room)") }
    let all = try keys("") { section throws(Fault) in try NodeSettings(&section, dataFolder: "/data") }
    #expect(
      Set(all).subtracting(rooms.flatMap(\.keys)) == [
        "limits.exempt", "limits.connectionsPerAddress", "node.name", "node.role", "bind", "mediaLoops", "measure.enabled", "measure.samples",
        "measure.probes", "measure.fieldProfile",
        "measure.fixedProfile", "measure.policy", "measure.connectionPolicy", "devices", "pulls", "uplinks",
      ])
  }

  private func keys<T>(_ path: String, _ body: (inout ConfigReader) throws(Fault) -> T) throws(Fault) -> [String] {
    var reader = try ConfigReader(nil, path: path)
    _ = try body(&reader)
    return reader.keys
  }

  @Test("each key of Config/firstframe.yaml has a comment above it")
  func comments() throws {
    let lines = try NodeSettingsTests.shipped("firstframe.yaml").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (index, line) in lines.enumerated() {
      let text = line.drop { $0 == " " }
      guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("#") else { continue }
      guard text[colon...] != ":" else { continue }
      #expect(index > 0 && lines[index - 1].contains("#"), "\(line)")
    }
  }

  @Test(
    "the comment above a list names each key of its entries",
    arguments: [
      ("devices", ["name", "stream", "class", "town"]), ("pulls", ["stream", "url", "redirects"]),
      ("uplinks", ["name", "control", "media", "peerKey", "streams"]),
    ])
  func entries(list: String, keys: [String]) throws {
    let lines = try NodeSettingsTests.shipped("firstframe.yaml").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let line = try #require(lines.firstIndex { $0.hasPrefix("\(list):") })
    for key in keys { #expect(lines[line - 1].contains("\(key): "), "\(list).\(key)") }
    let fault = #expect(throws: Fault.self) { try read("\(list): [{nosuchkey: 1}]") }
    #expect(fault?.detail.hasPrefix("\(list)[0]") == true)
  }

  @Test("every configuration that is shipped can be run", arguments: ["firstframe.yaml", "county.yaml", "province.yaml"])
  func examples(name: String) throws {
    let settings = try read(NodeSettingsTests.shipped(name))
    #expect(StreamName.isSegment(settings.name))
    #expect(settings.workers.socketPath == "/data/run/media.sock")
  }

  // MARK: Values

  @Test("the county's example gives devices, an uplink and open doors to keys alone")
  func county() throws {
    let settings = try read(NodeSettingsTests.shipped("county.yaml"))
    #expect(settings.name == "deqing")
    #expect(settings.role == .county)
    #expect(settings.access.mode == .keys)
    #expect([settings.rtsp.host, settings.rtmp.host, settings.web.host, settings.control.host].allSatisfy { $0 == "0.0.0.0" })
    #expect(settings.devices.map(\.deviceClass) == [.soloKit, .bodycam, .drone, .highPoint])
    #expect(settings.deviceClass(of: try #require(StreamName("live/drone01"))) == .drone)
    #expect(settings.uplinks.map(\.controlHost) == ["province.example"])
    #expect(settings.uplinks.map(\.streams) == [["live/**"]])
  }

  @Test("each key reaches its room in the room's own unit")
  func units() throws {
    let settings = try read(
      """
      {node: {name: p, role: province}, bind: "::1", mediaLoops: 3, rtsp: {port: 1, rtpPorts: 10-20}, rtmp: {port: 2}, http: {port: 3},
       control: {port: 4}, access: {mode: keys, openAnywhere: true}, streams: {takeoverSeconds: 7, secondPublisher: refuse, gopCacheMegabytes: 2},
       archive: {enabled: false, segmentSeconds: 20, reservePercent: 5}, workers: {count: 5},
       measure: {enabled: false, samples: false, probes: false, probeMillisecondsPerSecond: 99, fieldProfile: a, fixedProfile: b, policy: c,
                 connectionPolicy: d}}
      """)
    #expect(settings.role == .province)
    #expect(settings.mediaLoops == 3)
    #expect(settings.rtsp.host == "::1")
    #expect(settings.rtsp.rtpPorts == 10...20)
    #expect([settings.rtsp.port, settings.rtmp.port, settings.web.port, settings.control.port] == [1, 2, 3, 4])
    #expect(settings.access.mode == .keys && settings.access.openAnywhere)
    #expect(settings.hub.takeoverWindow == .seconds(7))
    #expect(settings.hub.secondPublisher == .refuse)
    #expect(settings.hub.gopCacheBytes == 2_097_152)
    #expect(!settings.archive.enabled)
    #expect(settings.archive.segmentDuration == .seconds(20))
    #expect(settings.archive.reservePermille == 50)
    #expect(settings.workers.workers == 5)
    #expect(!settings.measuring.enabled && !settings.measuring.samples && !settings.measuring.probes)
    #expect(settings.measuring.content.millisecondsPerSecond == 99)
    let measuring = settings.measuring
    #expect([measuring.fieldProfile, measuring.fixedProfile, measuring.policy, measuring.connectionPolicy] == ["a", "b", "c", "d"])
  }

  @Test(
    "a second publisher is refused, takes over, or takes over from one that was silent for two seconds",
    arguments: [("refuse", .refuse), ("takeOver", .takeOver), ("takeOverWhenSilent", .takeOverWhenSilent(.seconds(2)))]
      as [(String, HubSettings.SecondPublisher)])
  func secondPublisher(text: String, expected: HubSettings.SecondPublisher) throws {
    #expect(try read("streams: {secondPublisher: \(text)}").hub.secondPublisher == expected)
  }

  @Test("a device without a stream has live/NAME; a town is kept")
  func devices() throws {
    let settings = try read(
      "devices: [{name: 单兵01}, {name: b, stream: x/y, class: drone, town: 武康街道}, {name: c, stream: live/c, class: vehicle, town: ''}]")
    #expect(settings.devices.map(\.stream.path) == ["live/单兵01", "x/y", "live/c"])
    #expect(settings.devices.map(\.deviceClass) == [.soloKit, .drone, .vehicle])
    #expect(settings.devices.map(\.town) == [nil, "武康街道", nil])
    #expect(settings.deviceClass(of: try #require(StreamName("live/单兵01"))) == .soloKit)
    #expect(try DeviceRegister(settings.devices).resolve("b").stream.path == "x/y")
  }

  @Test(
    "a name or a stream that is there twice is refused at the start, and the fault names both places",
    arguments: [
      ("devices: [{name: a}, {name: b}, {name: a, stream: live/c}]", "devices[2].name: a"),
      ("devices: [{name: a}, {name: b, stream: live/a}]", "devices[1].stream: live/a"),
      ("pulls: [{stream: live/t, url: 'rtsp://a/'}, {stream: live/t, url: 'rtsp://b/'}]", "pulls[1].stream: live/t"),
      ("uplinks: [{name: p, control: 'h:1', media: 'rtsp://h'}, {name: p, control: 'i:1', media: 'rtsp://i'}]", "uplinks[1].name: p"),
    ])
  func duplicates(yaml: String, place: String) throws {
    let fault = #expect(throws: Fault.self) { try read(yaml) }
    #expect(fault?.code == .configInvalid && fault?.detail.hasPrefix(place) == true, "\(fault?.detail ?? "")")
    #expect(fault?.detail.contains("[0] 重复") == true)
  }

  @Test("a camera that is pulled has the class of the device that is registered for its stream, else highPoint")
  func pulls() throws {
    let settings = try read(
      "{devices: [{name: dome, stream: live/dome, class: domeKit}], pulls: [{stream: live/dome, url: 'rtsp://a/'}, {stream: live/tower, url: 'rtsp://u:p@b/c'}]}"
    )
    #expect(settings.pulls.map(\.deviceClass) == [.domeKit, .highPoint])
    #expect(settings.pulls.map(\.url) == ["rtsp://a/", "rtsp://u:p@b/c"])
  }

  @Test("an uplink's fingerprint is read with blanks and capitals, and its streams default to all")
  func uplinks() throws {
    let uplink = try #require(
      try read("uplinks: [{name: p, control: 'h:1', media: 'rtsp://h:2/', peerKey: 'AB cd 01'}]").uplinks.first)
    #expect(uplink.peerFingerprint == "abcd01")
    #expect(uplink.streams == ["**"])
    #expect(uplink.media == "rtsp://h:2")
    #expect(uplink.controlHost == "h" && uplink.controlPort == 1)
  }

  // MARK: Errors

  @Test(
    "each key's range is held, and the error names path, range and value",
    arguments: [
      ("node: {name: a/b}", "node.name: a/b is no segment of a stream's name"), ("node: {name: ''}", ""),
      ("node: {role: town}", "node.role: expected vehicle | county | city | province, not town"), ("bind: [1]", "bind: expected a text"),
      ("mediaLoops: 0", "mediaLoops: expected 1…64, not 0"), ("mediaLoops: 65", "mediaLoops: expected 1…64, not 65"),
      ("rtsp: {port: 70000}", "rtsp.port: expected 0…65535, not 70000"),
      ("rtsp: {rtpPorts: 9-3}", "rtsp.rtpPorts: expected a range such as 20000-21999, not 9-3"),
      ("rtmp: {port: x}", "rtmp.port: expected 0…65535, not x"), ("http: {port: -1}", "http.port: expected 0…65535, not -1"),
      ("control: {port: 65536}", "control.port: expected 0…65535, not 65536"),
      ("access: {mode: maybe}", "access.mode: expected open | keys, not maybe"),
      ("access: {openAnywhere: 1}", "access.openAnywhere: expected true or false, not 1"),
      ("streams: {takeoverSeconds: 3601}", "streams.takeoverSeconds: expected 0…3600, not 3601"),
      ("streams: {secondPublisher: no}", "streams.secondPublisher: expected refuse | takeOver | takeOverWhenSilent, not no"),
      ("streams: {gopCacheMegabytes: 0}", "streams.gopCacheMegabytes: expected 1…1024, not 0"),
      ("archive: {enabled: 1}", "archive.enabled: expected true or false, not 1"),
      ("archive: {segmentSeconds: 0}", "archive.segmentSeconds: expected 1…3600, not 0"),
      ("archive: {reservePercent: 91}", "archive.reservePercent: expected 0…90, not 91"),
      ("workers: {count: 0}", "workers.count: expected 1…64, not 0"),
      ("measure: {enabled: no}", "measure.enabled: expected true or false, not no"),
      ("measure: {samples: 2}", "measure.samples: expected true or false, not 2"),
      ("measure: {probes: x}", "measure.probes: expected true or false, not x"),
      ("measure: {probeMillisecondsPerSecond: 10001}", "measure.probeMillisecondsPerSecond: expected 1…10000, not 10001"),
      ("measure: {policy: {}}", "measure.policy: expected a text"), ("devices: 3", "devices: expected a list"),
      ("devices: [{stream: live/a}]", "devices[0].name: is missing"), ("devices: [{name: a b}]", "devices[0].stream: live/a b is no stream name"),
      (
        "devices: [{name: a, class: tank}]",
        "devices[0].class: expected soloKit | bodycam | domeKit | drone | highPoint | vehicle, not tank"
      ),
      ("pulls: [{url: x}]", "pulls[0].stream: is missing"), ("pulls: [{stream: live/a}]", "pulls[0].url: is missing"),
      ("pulls: [{stream: live/a, url: 'http://user:secret@host/'}]", "pulls[0].url: expected rtsp://host/path"),
      ("pulls: [{stream: 'a//b', url: x}]", "pulls[0].stream: a//b is no stream name"), ("uplinks: [{name: p}]", "uplinks[0].control: is missing"),
      ("uplinks: [{name: p, control: h}]", "uplinks[0].control: expected host:port, not h"),
      ("uplinks: [{name: p, control: 'h:1'}]", "uplinks[0].media: is missing"), ("- a", ": expected keys and values"),
    ])
  func ranges(yaml: String, detail: String) throws {
    // A key without a value has its default: no error.
    guard !detail.isEmpty else {
      #expect(try read(yaml).name == "county")
      return
    }
    let fault = #expect(throws: Fault.self) { try read(yaml) }
    #expect(fault == Fault(.configInvalid, detail))
  }

  @Test(
    "an unknown key is refused in every section, and the nearest named",
    arguments: [
      ("noed: {}", "noed", "node"), ("node: {nmae: a}", "node.nmae", "node.name"), ("rtsp: {prot: 1}", "rtsp.prot", "rtsp.port"),
      ("rtmp: {prot: 1}", "rtmp.prot", "rtmp.port"), ("http: {prot: 1}", "http.prot", "http.port"),
      ("control: {prot: 1}", "control.prot", "control.port"),
      ("access: {openanywere: 1}", "access.openanywere", "access.openAnywhere"),
      ("streams: {gopCacheMegabyte: 1}", "streams.gopCacheMegabyte", "streams.gopCacheMegabytes"),
      ("archive: {segmentSecond: 1}", "archive.segmentSecond", "archive.segmentSeconds"), ("workers: {cuont: 1}", "workers.cuont", "workers.count"),
      ("measure: {probe: true}", "measure.probe", "measure.probes"), ("devices: [{name: a, clas: drone}]", "devices[0].clas", "devices[0].class"),
      ("pulls: [{stream: live/a, url: rtsp://b/c, urll: c}]", "pulls[0].urll", "pulls[0].url"),
      ("uplinks: [{name: p, control: 'h:1', media: m, perKey: k}]", "uplinks[0].perKey", "uplinks[0].peerKey"),
    ])
  func unknown(yaml: String, path: String, nearest: String) {
    let fault = #expect(throws: Fault.self) { try read(yaml) }
    #expect(fault == Fault(.configUnknownKey, "\(path);最接近的键 / nearest key: \(nearest)"))
  }

  @Test("3000 mutants of the shipped configurations never trap, and fail as configuration alone")
  func mutants() throws {
    let samples = try ["firstframe.yaml", "county.yaml"].map { Array(try NodeSettingsTests.shipped($0).utf8) }
    var mutator = Mutator(seed: 11)
    var failed = 0
    for round in 0..<3000 {
      let yaml = String(decoding: mutator.mutate(samples[round % 2], with: samples[(round + 1) % 2]), as: UTF8.self)
      do throws(Fault) {
        _ = try read(yaml)
      } catch {
        failed += 1
        #expect([.configUnreadable, .configInvalid, .configUnknownKey].contains(error.code))
      }
    }
    #expect((1..<3000).contains(failed))
  }
}
