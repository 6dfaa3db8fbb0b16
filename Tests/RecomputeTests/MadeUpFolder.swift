import Crypto
import FirstFrameTesting
import Journal
import Logging
import Measure
import Model
import Settings
import SettingsFile

/// A county's data folder of some days and boots, with incidents, attempts, sessions, refusals and exclusions in any order that a journal may have them in.
///
/// Most of its stories make sense, some do not: published verdicts that nothing supports, receipts that were forged, pictures from before t1.
struct MadeUpFolder {
  static let quiet = Logger(label: "made up") { _ in SwiftLogNoOpLogHandler() }
  static let devices = ["单兵01", "kit\"2\\", "body03", "布控球04", "tower"]
  static let classes = ["soloKit", "soloKit", "bodycam", "domeKit", "highPoint"]

  let path: String
  private var random: Mutator
  private let identity: NodeIdentity
  private var journal: Journal
  private var clock: MadeUpClock
  private var samples: SampleWriter
  private var now: Int64
  private var boots = 1
  /// What verdicts are made of.
  private var known: [Fact] = []
  private var incidents: [Fact] = []
  private var live: [String: String] = [:]
  private var ids = 0
  private let rules: [String: JSON]

  static func sha256(_ text: String) -> String { Hex.encode(SHA256.hash(data: Array(text.utf8))) }

  static func rule(_ path: String) throws -> JSON {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try ConfigNode(file: "\(root)/Config/\(path).yaml").json
  }

  /// Makes the folder and closes it.
  static func make(_ path: String, seed: UInt64, steps: Int) async throws {
    var folder = try MadeUpFolder(path, seed: seed)
    try await folder.start()
    for _ in 0..<steps { try await folder.step() }
    await folder.samples.close()
    await folder.journal.close(reason: "closed")
  }

  private init(_ path: String, seed: UInt64) throws {
    self.path = path
    random = Mutator(seed: seed)
    now = 5_000_000_000_000
    identity = try NodeIdentity.load(dataFolder: path)
    clock = MadeUpClock(bootID: "boot-1", boot: now, wall: 1_795_000_000_000_000_000 + Int64(seed % 40) * 86_400_000_000_000)
    (journal, samples) = try MadeUpFolder.open(path, identity, clock)
    rules = try [
      "thirty-minute": MadeUpFolder.rule("policies/thirty-minute"), "connection": MadeUpFolder.rule("policies/connection"),
      "gb-fixed": MadeUpFolder.rule("quality/gb-fixed"), "field-mobile": MadeUpFolder.rule("quality/field-mobile"),
      "degraded": MadeUpFolder.rule("quality/degraded"),
    ]
  }

  private static func open(_ path: String, _ identity: NodeIdentity, _ clock: MadeUpClock) throws -> (Journal, SampleWriter) {
    var options = JournalOptions()
    options.maximumFileBytes = 200_000
    let journal = try Journal.open(
      dataFolder: path, node: "county", identity: identity, version: "1", started: ["role": "county"], clock: clock, options: options,
      logger: quiet)
    return (journal, try SampleWriter(dataFolder: path, facts: journal, clock: clock, logger: quiet))
  }

  // MARK: Chance

  private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
  private mutating func some(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &random) }
  private mutating func one<T>(of items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &random)] }
  private func stream(_ device: Int) -> String { "live/dev\(device)" }

  private mutating func commit(_ kind: String, _ fields: [String: JSON], at: Int64? = nil) async throws {
    clock.set(now)
    let fact = try await journal.commit(kind, fields, at: BootTime(nanoseconds: at ?? now))
    if IncidentFigures.kinds.contains(kind) { known.append(fact) }
    if kind == FactKind.incidentOpened { incidents.append(fact) }
  }

  private mutating func record(_ kind: String, _ fields: [String: JSON], at: Int64? = nil) {
    clock.set(now)
    journal.record(kind, fields, at: BootTime(nanoseconds: at ?? now))
  }

  // MARK: Stories

  private mutating func start() async throws {
    for (index, device) in MadeUpFolder.devices.enumerated() where chance(0.8) {
      record(
        FactKind.deviceRegistered,
        [
          "device": .string(device), "stream": .string(stream(index)), "class": .string(MadeUpFolder.classes[index]),
          "town": chance(0.7) ? .string(one(of: ["武康街道", "莫干山镇", "Xin'an"])) : .null,
        ])
    }
    if chance(0.9) { embed("policy", "connection") }
    for name in ["gb-fixed", "field-mobile", "degraded"] where chance(0.9) { embed("profile", name) }
  }

  private mutating func embed(_ what: String, _ name: String) {
    guard let body = rules[name] else { return }
    let sha256 = chance(0.03) ? String(repeating: "0", count: 64) : MadeUpFolder.sha256(body.text)
    record(FactKind.profileEmbedded, ["what": .string(what), "id": .string(name), "version": 1, "sha256": .string(sha256), "body": body])
  }

  private mutating func step() async throws {
    now += some(1...(chance(0.2) ? 400_000_000_000 : 20_000_000_000))
    switch some(0...21) {
    case 0: try await open()
    case 18, 19, 20: try await success()
    case 1, 2: try await session()
    case 3, 4, 5: try await streamTurn()
    case 6, 7: try await picture()
    case 8: try await receipt()
    case 9: try await note()
    case 10: try await close()
    case 11: await requestPicture()
    case 12: refusal()
    case 13: record(chance(0.5) ? FactKind.linkUp : FactKind.linkDown, ["uplink": .string(one(of: ["province", "city"])), "peer": "aa"])
    case 14: exclusion()
    case 15: try await verdict()
    case 16: gap()
    default: if chance(0.12) { try await reboot() } else { record(FactKind.clockState, ["synced": true]) }
    }
  }

  private mutating func reboot() async throws {
    await samples.close()
    await journal.close(reason: "reboot")
    let wall = clock.wallTime().nanoseconds + 30_000_000_000
    if chance(0.6) {
      boots += 1
      now = some(1...10_000_000_000_000)
    }
    clock = MadeUpClock(bootID: "boot-\(boots)", boot: now, wall: wall)
    (journal, samples) = try MadeUpFolder.open(path, identity, clock)
    let opened = Journal.read(dataFolder: path).facts.last { $0.kind == FactKind.nodeStarted }
    known += [opened].compactMap { $0 }
    live = [:]
    try await start()
  }

  private mutating func open() async throws {
    ids += 1
    guard let policy = rules["thirty-minute"] else { return }
    let chosen = MadeUpFolder.devices.indices.filter { _ in chance(0.5) }
    let devices = chosen.map { index -> JSON in
      ["device": .string(MadeUpFolder.devices[index]), "stream": .string(stream(index)), "class": .string(MadeUpFolder.classes[index])]
    }
    let beacon: JSON = ["uplink": "province", "peer": "aa", "nonce": .string("b\(ids)"), "arrivalNs": .int(now - 5)]
    try await commit(
      FactKind.incidentOpened,
      [
        "incident": .string("i\(ids)"), "title": .string("演练 \(ids)\t\u{1}"), "nonce": .string("nonce\(ids)"), "devices": .array(devices),
        "policy": ["id": "thirty-minute", "version": 1, "sha256": .string(MadeUpFolder.sha256(policy.text)), "body": policy],
        "beacons": .array(chance(0.8) ? [beacon] : []),
      ])
    for index in chosen where chance(0.9) {
      now += some(0...900_000_000)
      try await commit(FactKind.incidentCalledOut, ["incident": .string("i\(ids)"), "device": .string(MadeUpFolder.devices[index])])
    }
  }

  /// A story as it should go: called out, on the air, decoded, sent up, receipted; now and then a minute too late.
  private mutating func success() async throws {
    try await open()
    guard let incident = incidents.last, let chosen = incident["devices"]?.arrayValue?.first, let device = chosen["device"],
      let name = chosen["stream"]?.stringValue
    else { return }
    let late = chance(0.2) ? some(0...2_000_000_000_000) : 0
    now += some(0...50_000_000_000) + late
    if chance(0.5) { try await begin(name, MadeUpFolder.devices.firstIndex { .string($0) == device } ?? 0, session: "h-\(now)") }
    let unit = "county/\(name)@1#\(now)"
    let arrival = now
    let id = incident["incident"] ?? .null
    try await commit(
      FactKind.keyframeSent, ["uplink": "province", "stream": .string(name), "unit": .string(unit), "unitArrivalNs": .int(arrival)], at: now + 10)
    now += some(1...900_000_000)
    try await commit(
      FactKind.pictureDecoded,
      [
        "incident": id, "device": device, "stream": .string(name), "unit": .string(unit), "unitArrivalNs": .int(arrival), "vclSha256": "v",
        "jpegSha256": "j", "visible": true, "dark": false, "decodedNs": .int(now), "width": 1280, "height": 720,
      ])
    guard chance(0.8) else { return }
    now += some(1...2_000_000_000)
    let took = now - incident.bootTime.nanoseconds
    let receipt: JSON = [
      "v": 1, "county": "county", "province": "省厅", "boot": "p", "incident": id, "nonce": incident["nonce"] ?? .null,
      "openedSha256": .string(incident.hash), "stream": .string(name), "unit": .string(unit), "vclSha256": "v", "jpegSha256": "j",
      "beaconNonce": .string("b\(ids)"), "beaconNs": 1_000, "heardNs": 1_000_000, "decodedNs": .int(took), "visible": true, "grade": "decoded",
    ]
    try await commit(FactKind.receiptReceived, ["incident": id, "uplink": "province", "receipt": receipt, "verified": true])
  }

  private mutating func streamTurn() async throws {
    let device = Int(some(0...4))
    let name = stream(device)
    if let session = live[name], chance(0.6) {
      let kind = one(of: [
        FactKind.streamFirstPacket, FactKind.streamFirstKeyframe, FactKind.streamInterrupted, FactKind.streamEnded, FactKind.keyframeSent,
      ])
      try await turn(kind, name, session)
    } else {
      try await begin(name, device, session: "s-\(ids)-\(now)")
    }
  }

  private mutating func turn(_ kind: String, _ name: String, _ session: String) async throws {
    switch kind {
    case FactKind.keyframeSent:
      try await commit(
        kind,
        [
          "uplink": .string(one(of: ["province", "city"])), "stream": .string(name), "unit": .string("u\(some(0...30))"),
          "unitArrivalNs": .int(now - some(0...2_000_000_000)),
        ])
    case FactKind.streamInterrupted, FactKind.streamEnded:
      if kind == FactKind.streamEnded { live[name] = nil }
      try await commit(
        kind,
        [
          "stream": .string(name), "session": .string(session), "cause": .string(one(of: ["publisherGone", "streamEnded", "rtspTimeout"])),
          "origin": .string(one(of: ["network", "peer", "device", "disk", "relay", "config"])),
          "lastMediaNs": chance(0.7) ? .int(now - some(0...9_000_000_000)) : .null,
        ])
    default:
      var fields: [String: JSON] = ["stream": .string(name), "session": .string(session), "unit": "u1"]
      if let incident = incidents.last?["incident"], chance(0.3) { fields["incident"] = incident }
      try await commit(kind, fields, at: now - some(0...3_000_000_000))
    }
  }

  private mutating func begin(_ name: String, _ device: Int, session: String) async throws {
    var fields: [String: JSON] = [
      "stream": .string(name), "session": .string(session), "epoch": 1, "protocol": .string(one(of: ["rtsp/tcp", "rtsp/udp", "rtmp"])),
      "hop": .string(one(of: ["device", "device", "centre"])),
    ]
    if chance(0.5) { fields["class"] = .string(MadeUpFolder.classes[device]) }
    if let before = live[name] { fields["previousSession"] = .string(before) }
    let kind = live[name] == nil ? FactKind.streamStarted : FactKind.streamResumed
    live[name] = session
    try await commit(kind, fields)
  }

  /// A measured session with its windows, which are published as they are, or not at all, or as somebody would have liked them.
  private mutating func session() async throws {
    let device = Int(some(0...4))
    let session = live[stream(device)] ?? "t-\(now)"
    guard let name = StreamName(stream(device)) else { return }
    var tracks = [SampleTrack(index: 0, codec: .h264, clockRate: 90_000, nominalFrameRateMilli: chance(0.7) ? 25_000 : nil, width: 1280, height: 720)]
    if chance(0.3) { tracks.append(SampleTrack(index: 1, codec: .aac, clockRate: 48_000)) }
    if chance(0.1) { tracks = [SampleTrack(index: 2, codec: .pcma, clockRate: 8000)] }
    let header = SampleHeader(
      node: "county", boot: clock.bootID, stream: name, session: session, hop: one(of: [.device, .device, .centre, .viewer]),
      mediaProtocol: one(of: [.rtspUDP, .rtspTCP, .rtmp]), roundTripMethod: "tcp-info", epoch: 1,
      started: BootTime(nanoseconds: now), startedWall: clock.wallTime(), tracks: tracks)
    let made = MadeUpSession(header, seconds: Int(some(1...150)), isCalm: chance(0.5), seed: UInt64(bitPattern: now))
    let file = samples.begin(header)
    if chance(0.95) { file.append(made.records) }
    file.close()
    let windows = QualityWindow.rebuild(from: made.records, header: header)
    now = max(now, windows.last?.to.nanoseconds ?? now)
    let id = one(of: ["gb-fixed", "field-mobile", "degraded"])
    guard let body = rules[id], let profile = try? QualityProfile(body) else { return }
    let reference = RuleReference(profile, sha256: MadeUpFolder.sha256(body.text))
    for window in windows where chance(0.95) {
      var fields = window.fact(profile.judge(window), by: reference)
      if chance(0.02) { fields["verdict"] = "pass" }
      if chance(0.02) { fields["packetsLost"] = .int(some(0...9)) }
      if chance(0.02) { fields["audioFrames"] = nil }
      record(FactKind.qualityWindow, fields, at: window.to.nanoseconds)
    }
  }

  private mutating func picture() async throws {
    guard let incident = incidents.last else { return }
    let device = Int(some(0...4))
    var fields: [String: JSON] = [
      "device": .string(MadeUpFolder.devices[device]), "stream": .string(stream(device)), "unit": .string("u\(some(0...30))"),
      "unitArrivalNs": .int(now - some(0...(chance(0.1) ? 900_000_000_000 : 2_000_000_000))), "vclSha256": .string("v\(some(0...9))"),
      "jpegSha256": "j", "visible": .bool(chance(0.85)), "dark": false, "decodedNs": .int(now), "width": 1280, "height": 720,
    ]
    if chance(0.75) { fields["incident"] = incident["incident"] } else { fields["attempt"] = .string("a\(some(1...Int64(max(1, ids))))") }
    try await commit(one(of: [FactKind.pictureDecoded, FactKind.pictureDecoded, FactKind.pictureSecond]), fields)
    if chance(0.1) { try await commit(FactKind.pictureRefused, fields.merging(["reason": "damaged"]) { $1 }) }
  }

  private mutating func receipt() async throws {
    guard let incident = incidents.last else { return }
    let device = Int(some(0...4))
    let unit = "u\(some(0...30))"
    if chance(0.8) {
      try await commit(
        FactKind.keyframeSent,
        ["uplink": "province", "stream": .string(stream(device)), "unit": .string(unit), "unitArrivalNs": .int(now - some(0...1_000_000_000))])
    }
    let heard = some(0...9_000_000_000_000)
    let decoded = heard + some(-1_000_000...(chance(0.1) ? 2_000_000_000_000 : 900_000_000_000))
    let id = incident["incident"] ?? .null
    let receipt: JSON = [
      "v": chance(0.97) ? 1 : 2, "county": "county", "province": "省厅", "boot": "p", "incident": id,
      "nonce": chance(0.95) ? incident["nonce"] ?? .null : "other", "openedSha256": .string(chance(0.95) ? incident.hash : "other"),
      "stream": .string(stream(device)), "unit": .string(unit), "vclSha256": "v", "jpegSha256": "j",
      "beaconNonce": chance(0.9) ? .string(chance(0.9) ? "b\(ids)" : "b0") : .null,
      "beaconNs": chance(0.9) ? .int(heard - some(-1000...1_000_000_000)) : .null, "heardNs": chance(0.9) ? .int(heard) : .null,
      "decodedNs": .int(decoded), "visible": .bool(chance(0.95)), "grade": .string(one(of: ["decoded", "decoded", "received", "attested"])),
    ]
    now += some(0...40_000_000_000)
    let kind = chance(0.95) ? FactKind.receiptReceived : FactKind.receiptRefused
    try await commit(
      kind, ["incident": id, "uplink": "province", "receipt": receipt, "verified": .bool(chance(0.95)), "reason": "replayed"])
  }

  private mutating func note() async throws {
    guard let incident = incidents.last?["incident"] else { return }
    let kind = one(of: [
      FactKind.incidentAcknowledged, FactKind.incidentOnScene, FactKind.incidentVoice, FactKind.incidentMissed, FactKind.incidentCalledOut,
      FactKind.incidentAnnounced, FactKind.incidentWarning, FactKind.pictureShown, FactKind.clockBridge,
    ])
    let device = one(of: MadeUpFolder.devices)
    try await commit(kind, ["incident": incident, "device": .string(device), "limitNs": 1, "how": "button"])
  }

  private mutating func close() async throws {
    guard let incident = incidents.randomElement(using: &random)?["incident"] else { return }
    try await commit(FactKind.incidentClosed, ["incident": incident])
  }

  private mutating func requestPicture() async {
    ids += 1
    let device = Int(some(0...4))
    record(
      FactKind.connectionRequested,
      [
        "attempt": .string("a\(ids)"), "device": .string(MadeUpFolder.devices[device]), "stream": .string(stream(device)),
        "class": chance(0.8) ? .string(MadeUpFolder.classes[device]) : .null, "how": .string(one(of: ["rollCall", "spotCheck", "probe"])),
      ])
    guard chance(0.3) else { return }
    now += 61_000_000_000
    record(FactKind.connectionMissed, ["attempt": .string("a\(ids)"), "device": .string(MadeUpFolder.devices[device]), "limitNs": 1])
  }

  private mutating func refusal() {
    let name = JSON.string(stream(Int(some(0...4))))
    let code = JSON.string(
      one(of: ["credentialsWrong", "streamBusy", "codecUnsupported", "rtspTimeout", "peerUnreachable", "streamNameInvalid", "diskFull", "noKeyframe"])
    )
    switch some(0...2) {
    case 0: record(FactKind.accessRefused, ["what": "publish", "name": name, "peer": "10.0.0.9", "code": code])
    case 1: record(FactKind.streamRefused, ["stream": name, "code": code, "origin": "device"])
    default: record(FactKind.pullFailed, ["stream": name, "code": code, "origin": "device"])
    }
  }

  private mutating func exclusion() {
    var fields: [String: JSON] = [
      "rate": .string(one(of: ["connection", "thirtyMinute", "quality"])), "reason": "演练取消", "by": ["id": "00", "sha256": "ab12"],
    ]
    if let incident = incidents.randomElement(using: &random)?["incident"], chance(0.7) { fields["incident"] = incident }
    if chance(0.7) { fields["device"] = .string(one(of: MadeUpFolder.devices)) }
    if chance(0.5) { fields["attempt"] = .string("a\(some(1...Int64(max(1, ids))))") }
    if let session = live.values.sorted().randomElement(using: &random), chance(0.7) { fields["session"] = .string(session) }
    record(FactKind.exclusionApproved, fields)
  }

  private mutating func gap() {
    let from = now - some(0...30_000_000_000)
    record(
      FactKind.streamGap,
      [
        "stream": .string(stream(Int(some(0...4)))), "session": "s", "fromNs": .int(from), "toNs": .int(from + some(-9...20_000_000_000)),
        "cause": .string(one(of: ["network", "device", "recorder", "disk", "decoder", "other"])),
      ])
  }

  private mutating func verdict() async throws {
    guard let incident = incidents.randomElement(using: &random)?["incident"]?.stringValue,
      let figures = IncidentFigures.compute(incident, from: known)
    else { return }
    var fields: [String: JSON] = [
      "incident": .string(incident), "policy": figures.policy?.json ?? .null, "verdict": .string(figures.verdict.rawValue),
      "reasons": .array(figures.reasons.map { .string($0.rawValue) }), "figures": figures.json,
    ]
    if chance(0.1) { fields["verdict"] = "pass" }
    if chance(0.02) { fields["incident"] = "nobody" }
    record(FactKind.verdict, fields)
  }
}
