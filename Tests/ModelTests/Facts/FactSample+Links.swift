import Model

extension FactSample {
  private static let lost = Fault(.peerUnreachable, "silent for 10 s")
  private static let offset = PeerOffset(peerBoot: "p", low: 1, high: 2)

  static let links = [
    FactSample(LinkPairedFact(county: "wukang", peer: "aa"), #"{"county":"wukang","peer":"aa"}"#),
    FactSample(LinkUpFact(.uplink("province"), peer: "aa"), #"{"peer":"aa","uplink":"province"}"#),
    FactSample(LinkUpFact(.county("wukang"), peer: "aa"), #"{"county":"wukang","peer":"aa"}"#),
    FactSample(
      LinkDownFact(.uplink("province"), peer: "aa", because: lost),
      #"{"code":"peerUnreachable","detail":"silent for 10 s","origin":"\#(lost.origin.rawValue)","peer":"aa","uplink":"province"}"#),
    FactSample(
      LinkDownFact(.county("wukang"), peer: "aa", because: lost),
      #"{"code":"peerUnreachable","county":"wukang","detail":"silent for 10 s","origin":"\#(lost.origin.rawValue)","peer":"aa"}"#),
    FactSample(
      ClockBridgeFact(incident: "i1", uplink: "province", offset: offset),
      #"{"highNs":2,"incident":"i1","lowNs":1,"peerBoot":"p","uplink":"province"}"#),
    FactSample(
      KeyframeSentFact(uplink: "province", stream: FactText(cam), unit: FactText(unit), unitArrival: time(5)),
      #"{"stream":"live/cam1","unit":"county/live/cam1@1000#50","unitArrivalNs":5,"uplink":"province"}"#),
    FactSample(
      ProvinceHeardFact(
        incident: "i1", county: "wukang", nonce: "01", openedSha256: "aa", beaconNonce: "b1", beacon: time(3),
        opened: ["incident": "i1", "beacon": .null]),
      #"{"beaconNonce":"b1","beaconNs":3,"county":"wukang","incident":"i1","nonce":"01","opened":{"beacon":null,"incident":"i1"},"#
        + #""openedSha256":"aa"}"#),
    FactSample(
      ProvinceHeardFact(
        incident: "i1", county: "wukang", nonce: "01", openedSha256: "aa", beaconNonce: nil, beacon: nil, opened: [:]),
      #"{"beaconNonce":null,"beaconNs":null,"county":"wukang","incident":"i1","nonce":"01","opened":{},"openedSha256":"aa"}"#),
    FactSample(
      ReceiptSentFact(incident: "i1", county: "wukang", receipt: ["v": 1, "beaconNs": .null], receiptSha256: "aa", signature: "55"),
      #"{"county":"wukang","incident":"i1","receipt":{"beaconNs":null,"v":1},"receiptSha256":"aa","signature":"55"}"#),
    FactSample(
      ReceiptReceivedFact(
        incident: "i1", uplink: "province", receipt: ["v": 1, "heardNs": .null], receiptSha256: "aa", keySha256: "bb", isVerified: true,
        file: "i1", sent: time(4), offset: offset),
      #"{"file":"i1","incident":"i1","keySha256":"bb","offset":{"highNs":2,"lowNs":1,"peerBoot":"p"},"receipt":{"heardNs":null,"v":1},"#
        + #""receiptSha256":"aa","sentNs":4,"uplink":"province","verified":true}"#),
    FactSample(
      ReceiptReceivedFact(
        incident: "i1", uplink: "province", receipt: [:], receiptSha256: "aa", keySha256: "bb", isVerified: false, file: "i1.2", sent: nil,
        offset: nil),
      #"{"file":"i1.2","incident":"i1","keySha256":"bb","offset":null,"receipt":{},"receiptSha256":"aa","sentNs":null,"uplink":"province","#
        + #""verified":false}"#),
    FactSample(
      ReceiptConfirmedFact(incident: "i1", county: "wukang", receiptSha256: "aa"),
      #"{"county":"wukang","incident":"i1","receiptSha256":"aa"}"#),
    FactSample(
      ReceiptRefusedFact(incident: "i1", party: .uplink("province"), reason: "malformed", receiptSha256: nil),
      #"{"incident":"i1","reason":"malformed","receiptSha256":null,"uplink":"province"}"#),
    FactSample(
      ReceiptRefusedFact(incident: "i1", party: .uplink("province"), reason: "nonce", receiptSha256: "aa"),
      #"{"incident":"i1","reason":"nonce","receiptSha256":"aa","uplink":"province"}"#),
    FactSample(
      ReceiptRefusedFact(incident: "i1", party: .county("wukang"), reason: "unit", receiptSha256: "aa"),
      #"{"county":"wukang","incident":"i1","reason":"unit","receiptSha256":"aa"}"#),
    FactSample(
      ReceiptRefusedFact(incident: "i1", party: .county("wukang"), reason: "opened", receiptSha256: nil),
      #"{"county":"wukang","incident":"i1","reason":"opened"}"#),
    FactSample(
      OffsetIntervalFact(uplink: "province", peer: "aa", peerBoot: "p", low: -4, high: 4, samples: 60, span: .seconds(60)),
      #"{"highNs":4,"lowNs":-4,"peer":"aa","peerBoot":"p","samples":60,"spanNs":60000000000,"uplink":"province"}"#),
    FactSample(
      OffsetIntervalFact(uplink: "province", peer: "aa", peerBoot: nil, low: -4, high: 4, samples: 1, span: .zero),
      #"{"highNs":4,"lowNs":-4,"peer":"aa","peerBoot":null,"samples":1,"spanNs":0,"uplink":"province"}"#),
  ]

  static let figures = [
    FactSample(
      SamplesBlockFact(
        stream: cam, session: "s1", hop: .device, file: "samples/20261122/s1.ffs", index: 2, offset: 100, bytes: 50, sha256: "aa",
        from: time(1), to: time(2), frames: 25),
      #"{"bytes":50,"file":"samples/20261122/s1.ffs","frames":25,"fromNs":1,"hop":"device","index":2,"offset":100,"session":"s1","#
        + #""sha256":"aa","stream":"live/cam1","toNs":2}"#),
    FactSample(
      QualityWindowFact([
        "stream": "live/cam1", "hop": "device", "session": "s1", "index": 0, "fromNs": 1, "toNs": 2, "framesReceived": 25,
        "longestFreezeNs": 0, "verdict": "pass", "reasons": [], "open": [], "profile": ["id": "gb-fixed", "version": 1, "sha256": "ab"],
      ]),
      #"{"framesReceived":25,"fromNs":1,"hop":"device","index":0,"longestFreezeNs":0,"open":[],"profile":{"id":"gb-fixed","sha256":"ab","#
        + #""version":1},"reasons":[],"session":"s1","stream":"live/cam1","toNs":2,"verdict":"pass"}"#),
    FactSample(
      ProfileEmbeddedFact(.profile, EmbeddedRule(RuleReference(id: "gb-fixed", version: 1, sha256: "ab"), body: ["metrics": [:]])),
      #"{"body":{"metrics":{}},"id":"gb-fixed","sha256":"ab","version":1,"what":"profile"}"#),
    FactSample(
      VerdictFact(
        incident: "i1", policy: RuleReference(id: "thirty-minute", version: 1, sha256: "ab"), verdict: "pass", reasons: [],
        figures: ["throughSeq": 9]),
      #"{"figures":{"throughSeq":9},"incident":"i1","policy":{"id":"thirty-minute","sha256":"ab","version":1},"reasons":[],"verdict":"pass"}"#),
    FactSample(
      VerdictFact(incident: "i1", policy: nil, verdict: "undetermined", reasons: ["policyUnreadable"], figures: [:]),
      #"{"figures":{},"incident":"i1","policy":null,"reasons":["policyUnreadable"],"verdict":"undetermined"}"#),
  ]
}
