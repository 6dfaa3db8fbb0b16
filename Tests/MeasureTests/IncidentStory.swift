import Measure
import Model
import Testing

/// A story of one incident, each moment of which a test may move. Times in nanoseconds; the province's clock is its own.
struct IncidentStory {
  static let nonce = "0123456789abcdef0123456789abcdef"
  static let unit = "county/live/cam1@1000#50"
  static let minute: Int64 = 60_000_000_000

  static func policy() throws -> JSON { try RuleFiles.rule("Config/policies/thirty-minute.yaml") }

  var log = FactLog()
  var receivedAt: Int64 = 1_000_000_000_000
  var unitArrival: Int64 = 1_100_000_000_000
  var decodedAt: Int64 = 1_101_000_000_000
  var sentAt: Int64 = 1_100_500_000_000
  var receiptAt: Int64 = 1_102_000_000_000
  var beaconP: Int64 = 8_640_000_000_000_000
  var heardP: Int64 = 8_640_001_000_000_000
  var decodedP: Int64 = 8_640_101_500_000_000
  var deviceClass = "soloKit"
  var visible = true
  var verified = true
  var grade = "decoded"
  var hasBeacon = true
  var policy: JSON = .null
  var change: (inout [String: JSON]) -> Void = { _ in }

  mutating func open(device: String = "kit1") throws -> Fact {
    if policy == .null { policy = try Self.policy() }
    return log.add(
      FactKind.incidentOpened, at: receivedAt,
      [
        "incident": "i1", "title": "演练", "nonce": .string(IncidentStory.nonce),
        "devices": [
          ["device": .string(device), "stream": "live/cam1", "class": .string(deviceClass)],
          ["device": "tower", "stream": "live/tower", "class": "highPoint"],
        ],
        "policy": ["id": "thirty-minute", "version": 1, "sha256": .string(weakHash(policy.text)), "body": policy],
        "beacons": hasBeacon
          ? [["uplink": "up", "peer": "aa", "nonce": "b1", "arrivalNs": .int(receivedAt - 400_000_000)]] : [],
      ])
  }

  mutating func picture(device: String = "kit1", stream: String = "live/cam1", unit: String = IncidentStory.unit) {
    log.add(
      FactKind.pictureDecoded, at: decodedAt,
      [
        "incident": "i1", "device": .string(device), "stream": .string(stream), "unit": .string(unit),
        "unitArrivalNs": .int(unitArrival), "vclSha256": "v1", "jpegSha256": "j1", "visible": .bool(visible), "dark": false,
        "decodedNs": .int(decodedAt), "width": 1280, "height": 720,
      ])
  }

  mutating func sent(at: Int64? = nil, unit: String = IncidentStory.unit) {
    log.add(
      FactKind.keyframeSent, at: at ?? sentAt,
      ["uplink": "up", "stream": "live/cam1", "unit": .string(unit), "unitArrivalNs": .int(unitArrival)])
  }

  mutating func receipt(_ opened: Fact, stream: String = "live/cam1", unit: String = IncidentStory.unit) {
    var receipt: [String: JSON] = [
      "v": 1, "county": "county", "province": "province", "boot": "boot-p", "incident": "i1",
      "nonce": .string(IncidentStory.nonce), "openedSha256": .string(opened.hash), "stream": .string(stream),
      "unit": .string(unit), "vclSha256": "v1", "jpegSha256": "j2", "beaconNonce": hasBeacon ? "b1" : .null,
      "beaconNs": hasBeacon ? .int(beaconP) : .null, "heardNs": .int(heardP), "decodedNs": .int(decodedP), "width": 1280,
      "height": 720, "visible": true, "dark": false, "grade": .string(grade),
    ]
    change(&receipt)
    log.add(
      FactKind.receiptReceived, at: receiptAt,
      ["incident": "i1", "uplink": "up", "receipt": .object(receipt), "receiptSha256": "r1", "verified": .bool(verified)])
  }

  /// The whole story in its usual order.
  mutating func tell() throws -> IncidentFigures {
    let opened = try open()
    sent()
    picture()
    receipt(opened)
    return try #require(IncidentFigures.compute("i1", from: log.facts))
  }
}
