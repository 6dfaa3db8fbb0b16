import FirstFrameTesting
import Measure
import Model

/// A county, a province and the link between them, in a world whose time only the test knows: delays, losses, cut links, relays that are killed and
/// come back, machines that reboot. It acts, writes the county's journal as the county would, and keeps what really happened.
///
/// Nothing here computes a bracket: the truth is the world's own time of the events.
struct TwoCentreWorld {
  /// A machine's boot clock: it began to count at some world time, a little fast or slow, and begins anew at a reboot.
  struct Clock {
    struct Boot {
      var id: String
      var from: Int64
      var shows: Int64
    }
    var boots: [Boot]
    /// Parts per thousand million.
    var rate: Int64

    func boot(at time: Int64) -> Boot { boots.last { $0.from <= time } ?? boots[0] }
    func read(_ time: Int64) -> Int64 { read(time, in: boot(at: time)) }
    /// What the clock of that boot shows, or would show, at a world time.
    func read(_ time: Int64, in boot: Boot) -> Int64 {
      let span = time - boot.from
      return boot.shows + span + span / 1000 * rate / 1_000_000
    }
  }

  /// Stretches in which something is not there.
  struct Outages {
    var spans: [(from: Int64, to: Int64)] = []
    func covers(_ time: Int64) -> Bool { spans.contains { $0.from <= time && time < $0.to } }
    /// The first moment from `time` on at which it is there.
    func next(_ time: Int64) -> Int64 {
      var time = time
      while let span = spans.first(where: { $0.from <= time && time < $0.to }) { time = span.to }
      return time
    }
    func cuts(_ from: Int64, _ to: Int64) -> Bool { spans.contains { $0.from <= to && from < $0.to } }
  }

  /// What really happened, in world time.
  struct Truth {
    var received: Int64 = 0
    var countyPicture: Int64?
    var sent: Int64?
    var provincePicture: Int64?
    var receipt: Int64?
    var heard: Int64?
    var beacon: Int64?
    var retries = 0
    var isClosed = false
    var isMissed = false
    /// The last moment of which the county's journal tells before it rebooted, if it did.
    var last: Int64 = 0
  }

  private struct Event {
    var time: Int64
    var kind: String
    var fields: [String: JSON]
  }

  static let second: Int64 = 1_000_000_000
  static let millisecond: Int64 = 1_000_000

  var random: Mutator
  var county: Clock
  var province: Clock
  var link = Outages()
  var countyDown = Outages()
  var provinceDown = Outages()
  /// Least delays of the link, up and down.
  var up: Int64
  var down: Int64
  var limit: Int64 = 0
  var truth = Truth()
  private var events: [Event] = []
  private var policy: JSON

  init(seed: UInt64, policy: JSON) {
    random = Mutator(seed: seed)
    self.policy = policy
    let paths: [(Int64, Int64)] = [(60, 10), (10, 60), (1, 1), (5, 400), (300, 300)]
    up = paths[Int(seed % 5)].0 * TwoCentreWorld.millisecond
    down = paths[Int(seed % 5)].1 * TwoCentreWorld.millisecond
    county = Clock(boots: [Clock.Boot(id: "c0", from: 0, shows: Int64.random(in: 0...1_000_000_000_000, using: &random))], rate: 0)
    province = Clock(boots: [Clock.Boot(id: "p0", from: 0, shows: 8_640_000_000_000_000)], rate: 0)
    county.rate = Int64.random(in: -7_400...7_400, using: &random)
    province.rate = Int64.random(in: -7_400...7_400, using: &random)
  }

  private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
  private mutating func some(_ least: Int64, _ most: Int64) -> Int64 { Int64.random(in: least...max(least, most), using: &random) }
  private mutating func upDelay() -> Int64 { up + some(0, up / 2 + TwoCentreWorld.millisecond) }
  private mutating func downDelay() -> Int64 { down + some(0, down / 2 + TwoCentreWorld.millisecond) }

  /// Lives through one incident and returns the county's journal.
  mutating func live() -> [Fact] {
    let start = 1_000 * TwoCentreWorld.second
    truth.received = start + some(0, 10 * TwoCentreWorld.second)
    let onAir = truth.received + (chance(15) ? -some(1, 300) * TwoCentreWorld.second : some(1, 900) * TwoCentreWorld.second)
    misfortunes(from: truth.received, to: max(truth.received, onAir) + 60 * TwoCentreWorld.second)
    // t1 is logged on a running machine.
    truth.received = countyDown.next(truth.received)
    let beacons = carryBeacon()
    announce()
    // Some crews never get a picture out.
    if chance(88) { film(from: onAir) }
    finish()
    return journal(beacons)
  }

  /// Cuts, kills and reboots at random, none of which the nodes foresee.
  private mutating func misfortunes(from: Int64, to: Int64) {
    for _ in 0..<Int(some(0, 4)) {
      let at = some(from - 20 * TwoCentreWorld.second, to)
      link.spans.append((at, at + some(1, 40 * TwoCentreWorld.second)))
    }
    if chance(40) { kill(\.county, \.countyDown, some(from - 10 * TwoCentreWorld.second, to), "c") }
    if chance(40) { kill(\.province, \.provinceDown, some(from - 10 * TwoCentreWorld.second, to), "p") }
  }

  private mutating func kill(
    _ clock: WritableKeyPath<TwoCentreWorld, Clock>, _ outages: WritableKeyPath<TwoCentreWorld, Outages>, _ at: Int64, _ name: String
  ) {
    let back = at + some(1, 30) * TwoCentreWorld.second
    self[keyPath: outages].spans.append((at, back))
    // Every third is a reboot: the clock begins anew, with another boot id.
    guard chance(33) else { return }
    let boot = Clock.Boot(id: "\(name)1", from: at + 1, shows: some(0, 60 * TwoCentreWorld.second))
    self[keyPath: clock].boots.append(boot)
  }

  private func isTalking(_ from: Int64, _ to: Int64) -> Bool {
    !link.cuts(from, to) && !countyDown.cuts(from, to) && !provinceDown.cuts(from, to)
  }

  /// The newest beacon at t1 that is not older than ten seconds and came since both nodes and the link were last up.
  private mutating func carryBeacon() -> [JSON] {
    var newest: Int64?
    var sent = truth.received - 10 * TwoCentreWorld.second
    while sent < truth.received {
      let arrival = sent + downDelay()
      if arrival <= truth.received, isTalking(sent, truth.received), arrival >= truth.received - 10 * TwoCentreWorld.second { newest = sent }
      sent += TwoCentreWorld.second
    }
    truth.beacon = newest
    return newest == nil ? [] : [["uplink": "up", "peer": "aa", "nonce": "b1", "arrivalNs": 0]]
  }

  /// E1 goes up at once or when the link is back, and again after each loss until the receipt: the first arrival is what counts.
  private mutating func announce() {
    var at = truth.received + some(0, 3 * TwoCentreWorld.millisecond)
    for _ in 0..<40 {
      at = countyDown.next(link.next(provinceDown.next(at)))
      guard !countyDown.covers(at), !link.covers(at), !provinceDown.covers(at) else { continue }
      say("incident.announced", at, ["incident": "i1", "uplink": "up", "peerBoot": .string(province.boot(at: at).id)])
      let arrival = at + upDelay()
      if isTalking(at, arrival) {
        if truth.heard == nil { truth.heard = arrival }
        // The next loss of the link or of a node has it said again.
        let losses = (link.spans + countyDown.spans + provinceDown.spans).map(\.from).filter { $0 > arrival }
        guard let loss = losses.min() else { return }
        at = loss + some(1, TwoCentreWorld.second)
      } else {
        at += some(1, TwoCentreWorld.second)
      }
    }
  }

  /// Key frames come, are decoded at the county, sent up, decoded at the province, and the receipt comes back.
  private mutating func film(from onAir: Int64) {
    var at = onAir
    for number in 1...2000 {
      defer { at += some(1, 2) * TwoCentreWorld.second }
      guard at < truth.received + 1_500 * TwoCentreWorld.second, truth.receipt == nil else { return }
      let arrived = at + some(0, 40 * TwoCentreWorld.millisecond)
      guard !countyDown.covers(arrived) else { continue }
      let unit = "county/live/cam1@1000#\(number)"
      decodeBelow(unit, arrived)
      send(unit, arrived)
    }
  }

  private mutating func decodeBelow(_ unit: String, _ arrived: Int64) {
    let decoded = arrived + some(5, 400) * TwoCentreWorld.millisecond
    guard truth.countyPicture == nil, arrived >= truth.received, !countyDown.cuts(arrived, decoded), chance(90) else { return }
    truth.countyPicture = decoded
    say(
      FactKind.pictureDecoded, decoded,
      [
        "incident": "i1", "device": "kit1", "stream": "live/cam1", "unit": .string(unit), "unitArrivalNs": .int(county.read(arrived)),
        "vclSha256": "v1", "jpegSha256": "j1", "visible": true, "dark": false, "decodedNs": .int(county.read(decoded)), "width": 1280,
        "height": 720,
      ])
  }

  private mutating func send(_ unit: String, _ arrived: Int64) {
    let sent = arrived + some(0, 30 * TwoCentreWorld.millisecond)
    guard !countyDown.cuts(arrived, sent), !link.covers(sent) else { return }
    // The cached key frame is sent as well when a link comes back: an old one may follow t1.
    if sent >= truth.received {
      say(
        FactKind.keyframeSent, sent,
        ["uplink": "up", "stream": "live/cam1", "unit": .string(unit), "unitArrivalNs": .int(county.read(arrived))])
    }
    let seen = sent + upDelay()
    guard arrived >= truth.received, let heard = truth.heard, isTalking(sent, seen), seen >= heard, chance(80) else { return }
    let decoded = seen + some(5, 500) * TwoCentreWorld.millisecond
    guard truth.provincePicture == nil, !provinceDown.cuts(seen, decoded) else { return }
    truth.provincePicture = decoded
    truth.sent = sent
    confirm(unit, decoded)
  }

  /// The receipt is said again and again until it is on the county's disk.
  private mutating func confirm(_ unit: String, _ decoded: Int64) {
    var said = decoded + some(1, 60) * TwoCentreWorld.millisecond
    for _ in 0..<60 {
      said = provinceDown.next(link.next(countyDown.next(said)))
      let arrival = said + downDelay()
      if isTalking(said, arrival), chance(85) {
        truth.receipt = arrival
        return receipt(unit, decoded, arrival)
      }
      said += some(1, 4) * TwoCentreWorld.second
    }
  }

  private mutating func receipt(_ unit: String, _ decoded: Int64, _ arrival: Int64) {
    let boot = province.boot(at: decoded)
    func isOfBoot(_ time: Int64?) -> Int64? { time.flatMap { province.boot(at: $0).id == boot.id ? province.read($0) : nil } }
    // A beacon of an earlier boot is unknown to the province that hears E1.
    let beacon = truth.heard.map { province.boot(at: $0).id == boot.id } == true ? isOfBoot(truth.beacon) : nil
    let body: [String: JSON] = [
      "v": 1, "county": "county", "province": "province", "boot": .string(boot.id), "incident": "i1",
      "nonce": .string(IncidentStory.nonce), "openedSha256": "", "stream": "live/cam1", "unit": .string(unit), "vclSha256": "v1",
      "jpegSha256": "j2", "beaconNonce": beacon == nil ? .null : "b1", "beaconNs": beacon.map(JSON.int) ?? .null,
      "heardNs": isOfBoot(truth.heard).map(JSON.int) ?? .null, "decodedNs": .int(province.read(decoded)), "width": 1280, "height": 720,
      "visible": true, "dark": false, "grade": beacon == nil ? "countyClockOnly" : "decoded",
    ]
    say(
      FactKind.receiptReceived, arrival,
      [
        "incident": "i1", "uplink": "up", "receipt": .object(body), "receiptSha256": "r1", "verified": true,
        "offset": offset(at: arrival),
      ])
  }

  /// What exchanges of timestamps would have told: an interval around the truth, wider on the side of the slower way.
  private mutating func offset(at time: Int64) -> JSON {
    let truth = province.read(time) - county.read(time)
    return [
      "peerBoot": .string(province.boot(at: time).id), "lowNs": .int(truth - some(0, down + TwoCentreWorld.millisecond)),
      "highNs": .int(truth + some(0, up + TwoCentreWorld.millisecond)),
    ]
  }

  private mutating func finish() {
    let last = events.map(\.time).max() ?? truth.received
    if county.boot(at: last).id != county.boot(at: truth.received).id {
      let at = countyDown.next(county.boot(at: last).from) + some(1, 300) * TwoCentreWorld.second
      say(FactKind.clockBridge, at, ["incident": "i1", "uplink": "up"].merging(offset(at: at).objectValue ?? [:]) { $1 })
    }
    // The limit falls near the truth, so that many runs straddle it.
    let about = (truth.provincePicture ?? truth.received + 100 * TwoCentreWorld.second) - truth.received
    limit = max(1, about + some(-3, 3) * some(0, 500) * TwoCentreWorld.millisecond)
    guard truth.receipt == nil else { return }
    // A county tells that the limit is over by the clock that saw t1, as long as it has that.
    let over = truth.received + limit + TwoCentreWorld.second
    if chance(40), county.boot(at: over).id == county.boot(at: truth.received).id {
      truth.isMissed = true
      say(FactKind.incidentMissed, over, ["incident": "i1"])
    } else if chance(50) {
      truth.isClosed = true
      say(FactKind.incidentClosed, max(last, truth.received) + TwoCentreWorld.second, ["incident": "i1"])
    }
  }

  private mutating func say(_ kind: String, _ time: Int64, _ fields: [String: JSON]) {
    events.append(Event(time: time, kind: kind, fields: fields))
  }

  /// The county's journal: what happened there, in its order, each on the clock of its boot.
  private mutating func journal(_ beacons: [JSON]) -> [Fact] {
    var log = FactLog(node: "county", boot: county.boot(at: truth.received).id)
    let body = (try? JSON(parsing: policy.text.replacing("\"limitNs\":1800000000000", with: "\"limitNs\":\(limit)"))) ?? .null
    log.add("node.started", at: 0, [:])
    let opened = log.add(
      FactKind.incidentOpened, at: county.read(truth.received),
      [
        "incident": "i1", "title": "演练", "nonce": .string(IncidentStory.nonce),
        "devices": [["device": "kit1", "stream": "live/cam1", "class": "soloKit"]],
        "policy": ["id": "thirty-minute", "version": 1, "sha256": "x", "body": body], "beacons": .array(beacons),
      ])
    for event in events.sorted(by: { $0.time < $1.time }) where event.time >= truth.received {
      log.boot = county.boot(at: event.time).id
      if log.boot == opened.boot { truth.last = event.time }
      var fields = event.fields
      if var receipt = fields["receipt"]?.objectValue {
        receipt["openedSha256"] = .string(opened.hash)
        fields["receipt"] = .object(receipt)
      }
      log.add(event.kind, at: county.read(event.time), fields)
    }
    truth.retries = max(0, events.filter { $0.kind == "incident.announced" && $0.time < truth.receipt ?? .max }.count - 1)
    return log.facts
  }
}
