import Model

extension FactSample {
  static let node = [
    FactSample(NodeStartedFact(version: "1.2", role: "county", pid: 41), #"{"pid":41,"role":"county","version":"1.2"}"#),
    FactSample(NodeStartedFact(version: "1.2"), #"{"version":"1.2"}"#),
    FactSample(NodeStoppedFact(reason: "SIGTERM"), #"{"reason":"SIGTERM"}"#),
    FactSample(
      JournalRecoveredFact(bytesCut: 20, lastSequence: 6, headBytesCut: 0), #"{"bytesCut":20,"headBytesCut":0,"lastSeq":6}"#),
    FactSample(JournalDamagedFact(count: 2, problems: ["a", "b"]), #"{"count":2,"problems":["a","b"]}"#),
    FactSample(
      JournalLostFact(count: 3, lostKinds: ["clock.state": 1, "stream.gap": 2], from: time(4), to: time(5)),
      #"{"count":3,"fromNs":4,"kinds":{"clock.state":1,"stream.gap":2},"toNs":5}"#),
    FactSample(JournalLostFact(count: 0, lostKinds: [:], from: nil, to: nil), #"{"count":0,"fromNs":null,"kinds":{},"toNs":null}"#),
    FactSample(JournalRejectedFact(what: "no kind", detail: "kind no kind"), #"{"detail":"kind no kind","what":"no kind"}"#),
    FactSample(
      ClockStateFact(isSynchronised: true, source: "adjtimex", estimatedError: Nanoseconds(9), maximumError: Nanoseconds(99)),
      #"{"estimatedErrorNs":9,"maxErrorNs":99,"source":"adjtimex","synced":true}"#),
    FactSample(ClockStateFact(isSynchronised: false, source: nil, estimatedError: nil, maximumError: nil), #"{"synced":false}"#),
    FactSample(ClockStepFact(.wall(Nanoseconds(-50))), #"{"stepNs":-50,"what":"wall"}"#),
    FactSample(
      ClockStepFact(.offset(.uplink("province"), low: 1, high: 2)),
      #"{"stepHighNs":2,"stepLowNs":1,"uplink":"province","what":"offset"}"#),
    FactSample(
      ClockStepFact(.offset(.county("wukang"), low: nil, high: nil)),
      #"{"county":"wukang","stepHighNs":null,"stepLowNs":null,"what":"offset"}"#),
    FactSample(
      AccessRefusedFact(door: FactText(.http), action: "incidentsWrite", stream: nil, peer: "10.0.0.9", code: FactText(.accessDenied)),
      #"{"action":"incidentsWrite","code":"accessDenied","name":null,"peer":"10.0.0.9","what":"http"}"#),
    FactSample(
      AccessRefusedFact(door: FactText(.publish), stream: FactText(cam), peer: "10.0.0.9", code: FactText(.credentialsWrong)),
      #"{"code":"credentialsWrong","name":"live/cam1","peer":"10.0.0.9","what":"publish"}"#),
    FactSample(
      AccessRefusedFact(door: FactText(.link), stream: nil, peer: "pairing", code: FactText(.pairingCodeWrong)),
      #"{"code":"pairingCodeWrong","peer":"pairing","what":"link"}"#),
    FactSample(
      AccessRefusedFact(
        door: FactText(.link), action: "handshake", stream: nil, peer: "10.0.0.9", code: FactText(.peerKeyMismatch), claimed: "anji",
        sum: RefusalCount(count: 7, first: BootTime(nanoseconds: 1), last: BootTime(nanoseconds: 2))),
      #"{"action":"handshake","claimed":"anji","code":"peerKeyMismatch","count":7,"firstNs":1,"lastNs":2,"peer":"10.0.0.9","what":"link"}"#),
  ]

  static let archive = [
    FactSample(
      SegmentCommittedFact(
        record: [
          "format": 1, "stream": "live/cam1", "id": "ab", "segment": 3, "session": "s", "file": "ab/3.mkv", "segmentBoot": "b", "startNs": 1,
          "endNs": 2, "startWall": .string(wall.description), "endWall": .string(wall.description), "uncertaintyNs": .null, "frames": 4,
          "units": 5, "bytes": 6, "payloadBytes": 7, "codecs": ["h264"], "startsWithKey": true, "recovered": false, "sha256": "aa",
          "previous": "00",
        ], hash: "bb"),
      #"{"bytes":6,"codecs":["h264"],"endNs":2,"endWall":"2026-11-18T11:06:40.000000000Z","file":"ab/3.mkv","format":1,"frames":4,"#
        + #""hash":"bb","id":"ab","payloadBytes":7,"previous":"00","recovered":false,"segment":3,"segmentBoot":"b","session":"s","#
        + #""sha256":"aa","startNs":1,"startWall":"2026-11-18T11:06:40.000000000Z","startsWithKey":true,"stream":"live/cam1","#
        + #""uncertaintyNs":null,"units":5}"#),
    FactSample(
      ArchiveGapFact(
        stream: cam, session: "s", boot: "b", from: time(1), to: time(2), fromWall: wall, toWall: wall, cause: .recorder,
        event: "relayRestarted"),
      #"{"cause":"recorder","event":"relayRestarted","fromNs":1,"fromWall":"2026-11-18T11:06:40.000000000Z","gapBoot":"b","session":"s","#
        + #""stream":"live/cam1","toNs":2,"toWall":"2026-11-18T11:06:40.000000000Z"}"#),
    FactSample(
      ArchiveFaultFact(Fault(.segmentMissing, "2"), stream: cam, missing: 2, files: ["ab/1.mkv", "ab/2.mkv"]),
      #"{"files":["ab/1.mkv","ab/2.mkv"],"missing":2,"reason":\#(Fault(.segmentMissing, "2").json.text),"stream":"live/cam1"}"#),
    FactSample(
      ArchiveFaultFact(Fault(.diskFull, "free: 9 ‰"), isWarning: true),
      #"{"reason":\#(Fault(.diskFull, "free: 9 ‰").json.text),"warning":true}"#),
    FactSample(ArchiveResumedFact(after: Fault(.diskFull)), #"{"reason":\#(Fault(.diskFull).json.text)}"#),
    FactSample(
      ArchiveRecoveredFact(stream: cam, units: 40, from: .spool, hasHole: false),
      #"{"from":"spool","hole":false,"stream":"live/cam1","units":40}"#),
    FactSample(ArchiveQuarantinedFact(file: "ab/7", to: "quarantine/7"), #"{"file":"ab/7","to":"quarantine/7"}"#),
    FactSample(
      RecorderStalledFact(stream: cam, isStalled: true, because: Fault(.recorderStalled), ingestedUnits: 9, recordedUnits: 4),
      #"{"ingestedUnits":9,"reason":\#(Fault(.recorderStalled).json.text),"recordedUnits":4,"stalled":true,"stream":"live/cam1"}"#),
  ]
}
