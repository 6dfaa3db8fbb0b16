import Model
import Testing

/// Lines as earlier versions wrote them, or another program may: members are missing, null, unknown, or of a list that has grown.
@Suite("Lines of other versions")
struct OldLinesTests {
  private func fact(_ kind: String, _ fields: [String: JSON]) -> Fact { FactSample.fact(kind, fields) }

  @Test("an incident that names little is one all the same")
  func opened() throws {
    let opened = try #require(IncidentOpenedFact(fact(FactKind.incidentOpened, ["incident": "i1"])))
    #expect(opened.title.isEmpty && opened.nonce.isEmpty && opened.devices.isEmpty && opened.beacons.isEmpty && opened.policy == nil)
    let some = try #require(
      IncidentOpenedFact(
        fact(
          FactKind.incidentOpened,
          [
            "incident": "i1", "devices": [["device": "kit1"], ["stream": "s"], 7, ["device": "b", "class": "balloon"]],
            "beacons": [["nonce": "b1"], "x"], "policy": ["sha256": "ab", "body": [:]], "priority": 3,
          ])))
    #expect(some.devices.map(\.device) == ["kit1", "b"])
    #expect(some.devices.map(\.stream.text) == ["kit1", "b"], "a device without a stream is its stream's name")
    #expect(some.devices.map(\.deviceClass?.text) == [nil, "balloon"] && some.devices.allSatisfy { $0.deviceClass?.value == nil })
    #expect(some.beacons.map(\.nonce) == ["b1"])
    #expect(some.policy?.sha256 == "ab" && some.policy?.reference == nil && some.policy?.body == [:])
    #expect(IncidentOpenedFact(fact(FactKind.incidentOpened, ["title": "t"])) == nil)
  }

  @Test("a step of the wall clock needs no `what`, as before offsets were recorded")
  func clockStep() {
    #expect(ClockStepFact(fact(FactKind.clockStep, ["stepNs": 5]))?.step == .wall(Nanoseconds(5)))
    #expect(ClockStepFact(fact(FactKind.clockStep, ["what": "offset"])) == nil)
    #expect(ClockStepFact(fact(FactKind.clockStep, [:])) == nil)
  }

  @Test("links without a reason, readers without reports and pictures without sizes are read as far as they go")
  func sparse() throws {
    let down = try #require(LinkDownFact(fact(FactKind.linkDown, ["uplink": "up", "peer": "aa"])))
    #expect(down.party == .uplink("up") && down.code == nil)
    #expect(LinkDownFact(fact(FactKind.linkDown, ["peer": "aa"])) == nil)
    let reader = try #require(ReaderEndedFact(fact(FactKind.readerEnded, ["stream": "s", "sinceNs": 1])))
    #expect(reader.packetsLost == nil && reader.bytesSent == 0)
    let picture = try #require(PictureDecodedFact(fact(FactKind.pictureDecoded, ["unit": "u1"])))
    #expect(!picture.content.isVisible && picture.subject.device == nil && picture.subject.unit?.value == nil)
    #expect(ReceiptReceivedFact(fact(FactKind.receiptReceived, ["incident": "i1"]))?.isVerified == false)
    #expect(NodeStartedFact(fact(FactKind.nodeStarted, [:]))?.role == nil)
  }

  @Test("a word that this version does not know is kept as it stands, also when the fact is written on")
  func words() throws {
    let gap = try #require(
      StreamGapFact(fact(FactKind.streamGap, ["stream": "s", "fromNs": 1, "toNs": 2, "cause": "solar flare"])))
    #expect(gap.cause.value == nil && gap.fields["cause"] == "solar flare")
    let started = try #require(
      StreamStartedFact(
        fact(
          FactKind.streamResumed,
          ["stream": "s", "session": "x", "protocol": "carrier-pigeon", "tracks": [["index": 0, "codec": "av2"], ["index": 1]]])))
    #expect(started.isResumed && started.mediaProtocol?.value == nil && started.tracks.map(\.codec.text) == ["av2"])
    #expect(started.fields["protocol"] == "carrier-pigeon")
    #expect(ConnectionRequestedFact(fact(FactKind.connectionRequested, ["attempt": "a", "device": "d", "how": "dream"]))?.how?.value == nil)
  }

  @Test("a window keeps every figure, whoever made it, and its envelope is no part of it")
  func window() throws {
    let object: [String: JSON] = ["session": "s1", "fromNs": 5, "smell": 3, "profile": ["sha256": "ab"]]
    let window = try #require(QualityWindowFact(fact(FactKind.qualityWindow, object)))
    #expect(window.fields == object)
    #expect(window.from == BootTime(nanoseconds: 5) && window.profile == nil && window.profileSha256 == "ab")
    #expect(window.open.isEmpty && window.verdict == nil)
    let segment = try #require(SegmentCommittedFact(fact(FactKind.segmentCommitted, ["hash": "h", "id": "ab", "tape": 1])))
    #expect(segment.record == ["id": "ab", "tape": 1])
  }

  @Test("figures name the newest fact that they rest on, where they name one")
  func verdict() {
    #expect(VerdictFact(fact(FactKind.verdict, ["figures": ["throughSeq": 7]]))?.throughSequence == 7)
    #expect(VerdictFact(fact(FactKind.verdict, ["figures": [:]]))?.throughSequence == nil)
    #expect(VerdictFact(fact(FactKind.verdict, [:]))?.throughSequence == nil)
  }
}
