import Model

extension FactSample {
  private static let rule = RuleReference(id: "thirty-minute", version: 1, sha256: "ab")
  private static let person = PersonCommitment(id: "00", sha256: "cd")

  static let incidents = [
    FactSample(
      IncidentOpenedFact(
        incident: "i1", title: "演练", nonce: "01", receivedAt: wall, external: "x7",
        devices: [
          OpenedDevice(device: "kit1", stream: FactText(cam), deviceClass: FactText(.soloKit)),
          OpenedDevice(device: "tower", stream: "live/tower", deviceClass: FactText(.highPoint)),
        ],
        policy: EmbeddedRule(rule, body: ["limitNs": 1]),
        beacons: [
          OpenedBeacon(
            uplink: "province", peer: "aa", nonce: "b1", arrival: time(4), sent: time(3), boot: "p", signature: "55")
        ]),
      #"{"beacons":[{"arrivalNs":4,"boot":"p","nonce":"b1","ns":3,"peer":"aa","signature":"55","uplink":"province"}],"#
        + #""devices":[{"class":"soloKit","device":"kit1","stream":"live/cam1"},{"class":"highPoint","device":"tower","#
        + #""stream":"live/tower"}],"external":"x7","incident":"i1","nonce":"01","policy":{"body":{"limitNs":1},"id":"thirty-minute","#
        + #""sha256":"ab","version":1},"receivedAt":"2026-11-18T11:06:40.000000000Z","title":"演练"}"#),
    FactSample(
      IncidentOpenedFact(
        incident: "i1", title: "t", nonce: "01", occasion: "drill", receivedAt: nil, external: nil, devices: [],
        policy: EmbeddedRule(rule, body: [:]), beacons: []),
      #"{"beacons":[],"devices":[],"external":null,"incident":"i1","nonce":"01","occasion":"drill","policy":{"body":{},"#
        + #""id":"thirty-minute","sha256":"ab","version":1},"receivedAt":null,"title":"t"}"#),
    FactSample(IncidentStepFact(.calledOut, incident: "i1", device: "kit1"), #"{"device":"kit1","incident":"i1"}"#),
    FactSample(
      IncidentStepFact(.acknowledged, incident: "i1", device: "kit1", by: person),
      #"{"by":{"id":"00","sha256":"cd"},"device":"kit1","incident":"i1"}"#),
    FactSample(
      IncidentStepFact(.onScene, incident: "i1", device: "kit1", how: "button"), #"{"device":"kit1","how":"button","incident":"i1"}"#),
    FactSample(IncidentStepFact(.voice, incident: "i1", device: "kit1"), #"{"device":"kit1","incident":"i1"}"#),
    FactSample(
      IncidentAnnouncedFact(incident: "i1", uplink: "province", peerBoot: "p"),
      #"{"incident":"i1","peerBoot":"p","uplink":"province"}"#),
    FactSample(
      IncidentAnnouncedFact(incident: "i1", uplink: "province", peerBoot: nil),
      #"{"incident":"i1","peerBoot":null,"uplink":"province"}"#),
    FactSample(IncidentWarningFact(incident: "i1", minutes: 20), #"{"incident":"i1","minutes":20}"#),
    FactSample(IncidentWarningFact(incident: "i1", minutes: 25, device: "kit1"), #"{"device":"kit1","incident":"i1","minutes":25}"#),
    FactSample(IncidentMissedFact(incident: "i1", limit: .seconds(1800)), #"{"incident":"i1","limitNs":1800000000000}"#),
    FactSample(IncidentClosedFact(incident: "i1", reason: "over", by: person), #"{"by":{"id":"00","sha256":"cd"},"incident":"i1","reason":"over"}"#),
    FactSample(IncidentClosedFact(incident: "i1", reason: nil), #"{"incident":"i1","reason":null}"#),
  ]

  static let connections = [
    FactSample(
      DeviceRegisteredFact(device: "kit1", stream: cam, deviceClass: .soloKit, town: "武康街道"),
      #"{"class":"soloKit","device":"kit1","stream":"live/cam1","town":"武康街道"}"#),
    FactSample(
      DeviceRegisteredFact(device: "kit1", stream: cam, deviceClass: .soloKit, town: nil),
      #"{"class":"soloKit","device":"kit1","stream":"live/cam1","town":null}"#),
    FactSample(
      ConnectionRequestedFact(attempt: "c-1", device: "kit1", stream: cam, deviceClass: .drone, how: .spotCheck),
      #"{"attempt":"c-1","class":"drone","device":"kit1","how":"spotCheck","stream":"live/cam1"}"#),
    FactSample(
      ConnectionRequestedFact(attempt: "c-1", device: "kit1", stream: cam, deviceClass: .drone, how: .probe, by: person),
      #"{"attempt":"c-1","by":{"id":"00","sha256":"cd"},"class":"drone","device":"kit1","how":"probe","stream":"live/cam1"}"#),
    FactSample(
      ConnectionMissedFact(device: "kit1", limit: Nanoseconds(5), attempt: "c-1", incident: nil),
      #"{"attempt":"c-1","device":"kit1","limitNs":5}"#),
    FactSample(
      ConnectionMissedFact(device: "kit1", limit: Nanoseconds(5), attempt: nil, incident: "i1"),
      #"{"device":"kit1","incident":"i1","limitNs":5}"#),
    FactSample(
      ExclusionApprovedFact(rate: "connection", reason: "演练取消", incident: "i1", device: "kit1", by: person),
      #"{"by":{"id":"00","sha256":"cd"},"device":"kit1","incident":"i1","rate":"connection","reason":"演练取消"}"#),
    FactSample(
      ExclusionApprovedFact(rate: "connection", reason: "r", attempt: "c-1", by: PersonCommitment(id: nil, sha256: "ef")),
      #"{"attempt":"c-1","by":"ef","rate":"connection","reason":"r"}"#),
    FactSample(ExclusionApprovedFact(rate: "quality", reason: "r", session: "s", by: nil), #"{"rate":"quality","reason":"r","session":"s"}"#),
  ]
}
