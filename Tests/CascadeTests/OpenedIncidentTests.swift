import FirstFrameTesting
import Journal
import Model
import Testing

@testable import Cascade

@Suite("E1 as it goes up")
struct OpenedIncidentTests {
  private func fact(
    devices: [OpenedDevice] = [OpenedDevice(device: "kit1", stream: FactText(Sample.stream), deviceClass: FactText(.soloKit))],
    beacons: [OpenedBeacon] = [], title: String = "演练"
  ) -> Fact {
    let body = IncidentOpenedFact(
      incident: "i1", title: title, nonce: String(repeating: "a", count: 32), receivedAt: nil, external: nil, devices: devices,
      policy: EmbeddedRule(RuleReference(id: "p", version: 1, sha256: "s"), body: [:]), beacons: beacons)
    return Sample.fact(body.kind, body.fields)
  }

  @Test("is the journal's own line: its id, nonce, hash and devices, each from the unit on that counts")
  func ofTheLine() throws {
    let line = fact(devices: [
      OpenedDevice(device: "kit1", stream: FactText(Sample.stream), deviceClass: FactText(.soloKit)),
      OpenedDevice(device: "kit2", stream: FactText(Sample.other), deviceClass: FactText(.drone)),
    ])
    let opened = try #require(OpenedIncident(line, uplink: "up", floors: [Sample.stream: (epoch: 7, number: 8)]))
    #expect(opened.incident == "i1" && opened.openedSHA256 == line.hash && opened.beacon == nil)
    #expect(opened.devices.map(\.device) == ["kit1", "kit2"])
    #expect(opened.devices.map(\.epoch) == [7, 0] && opened.devices.map(\.number) == [8, 0])
  }

  @Test("leaves out what no upper node could take: a stream that is none, a class that it does not know")
  func leavesOut() throws {
    let line = fact(devices: [
      OpenedDevice(device: "a", stream: "..", deviceClass: FactText(.drone)),
      OpenedDevice(device: "b", stream: FactText(Sample.stream), deviceClass: "balloon"),
      OpenedDevice(device: "c", stream: FactText(Sample.stream), deviceClass: nil),
      OpenedDevice(device: "d", stream: FactText(Sample.stream), deviceClass: FactText(.drone)),
    ])
    #expect(try #require(OpenedIncident(line, uplink: "up", floors: [:])).devices.map(\.device) == ["d"])
    #expect(OpenedIncident(fact(title: ""), uplink: "up", floors: [:]) == nil)
    #expect(OpenedIncident(Sample.fact("incident.closed", ["incident": "i1"]), uplink: "up", floors: [:]) == nil)
  }

  @Test("carries the beacon of its own uplink, and proves by it what it did before it was embedded")
  func beacon() throws {
    let maker = try NodeIdentity.temporary()
    func beacon(_ time: Int64, _ uplink: String) throws -> OpenedBeacon {
      try Beacon(nonce: RandomHex.digits(32), at: Sample.time(time), boot: "p", identity: maker)
        .opened(uplink: uplink, peer: maker.fingerprint, arrival: Sample.time(9))
    }
    let line = fact(beacons: [try beacon(1, "other"), try beacon(2, "up")])
    let carried = try #require(OpenedIncident(line, uplink: "up", floors: [:])?.beacon)
    #expect(carried.nanoseconds == 2)
    #expect(carried.isValid(by: maker.publicKey))
    #expect(OpenedIncident(line, uplink: "third", floors: [:])?.beacon == nil)
  }

  @Test("survives the link, and what is not one is none", arguments: 0..<8)
  func overTheLink(seed: UInt64) throws {
    let opened = Sample.opened(streams: [Sample.stream, Sample.other])
    let text = Array(LinkMessage.opened(opened).json.text.utf8)
    #expect(try LinkMessage(text) == .opened(opened))
    var mutator = Mutator(seed: seed)
    for _ in 0..<2000 {
      guard case .opened(let read)? = try? LinkMessage(mutator.mutate(text)) else { continue }
      // Whatever got through stays within the bounds that files and probes rely on.
      #expect(OpenedIncident.isID(read.incident))
      #expect(read.nonce.utf8.count == 32 && read.openedSHA256.utf8.count == 64 && read.devices.count <= 256)
    }
  }

  @Test("has an id that may name a file, and nothing else")
  func ids() {
    for id in ["20261122-0a1b2c", "a", "A-9", String(repeating: "x", count: 64)] { #expect(OpenedIncident.isID(id), "\(id)") }
    for id in ["", "..", "a/b", "a.b", "a b", "é", "a\0", String(repeating: "x", count: 65)] { #expect(!OpenedIncident.isID(id), "\(id)") }
  }
}
