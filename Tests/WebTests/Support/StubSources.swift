import Command
import Crypto
import Journal
import Measure
import Model
import Report
import Web

/// A recording as the archive gives it.
struct StubArchive: ArchiveSource {
  func recording(of stream: StreamName, from: WallTime?, to: WallTime?) async throws -> JSON {
    let zero = JSON.string(String(repeating: "0", count: 64))
    return [
      "stream": .string(stream.path), "enabled": true,
      "segments": [
        [
          "format": 1, "stream": .string(stream.path), "id": "s1", "segment": 1, "session": "county-1", "file": "s1/000001.mkv", "segmentBoot": "b",
          "startNs": 1, "endNs": 4_000_000_001, "startWall": "2026-11-30T08:00:00.000Z", "endWall": "2026-11-30T08:00:04.000Z",
          "uncertaintyNs": nil, "frames": 100, "units": 100, "bytes": 1000, "payloadBytes": 900, "codecs": ["h264"], "startsWithKey": true,
          "recovered": false, "sha256": zero, "previous": zero,
        ]
      ],
      "gaps": [
        [
          "stream": .string(stream.path), "session": "county-1", "gapBoot": "b", "fromNs": 4_000_000_001, "toNs": 6_500_000_001,
          "fromWall": "2026-11-30T08:00:04.000Z", "toWall": "2026-11-30T08:00:06.500Z", "cause": "network", "event": "interrupted",
        ]
      ],
      "totals": [
        "stream": .string(stream.path), "segments": 1, "frames": 100, "units": 100, "bytes": 1000, "payloadBytes": 900, "gaps": 1,
        "ingestedUnits": 100, "ingestedBytes": 900, "recordedUnits": 100, "recordedBytes": 900, "skippedUnits": 0, "recording": true,
        "fault": Fault(.diskFull, "x").json,
      ],
    ]
  }

  func counters() async -> [String: Int64] { ["segments_total": 1, "bytes_total": 1000] }
}

/// One uplink, one lower node, and an incident that it announced.
struct StubLinks: LinksSource {
  var isUp = true

  func links() -> JSON {
    [
      "uplinks": [
        [
          "name": "province", "up": .bool(isUp), "sinceNs": 5, "peer": "zhejiang", "fault": isUp ? nil : Fault(.peerUnreachable, "x").json,
          "roundTripNs": 12_300_000, "offset": ["lowNs": -5, "highNs": 5, "samples": 8], "beacon": true, "streams": ["live/solo01"],
        ]
      ],
      "lower": [["node": "deqing", "remote": "10.0.0.2:5000", "sinceNs": 7]],
    ]
  }

  func announcedIncidents() -> JSON {
    [
      [
        "county": "deqing", "incident": "20261130-0a1b2c", "title": "演练", "heardNs": 9,
        "devices": [["device": "单兵01", "stream": "live/solo01", "class": "soloKit", "decodedNs": nil]],
      ]
    ]
  }
}

/// The rates of what is durable.
struct FolderRates: RatesSource {
  let dataFolder: String

  func rates(month: String?) async throws -> PrintedJSON {
    let facts = Journal.read(dataFolder: dataFolder).facts
    return RateFigures(facts: facts, incidents: IncidentFigures.all(from: facts), month: month).json
  }
}

struct FolderInspections: InspectionSource {
  let dataFolder: String

  func inspection(of id: String) async throws -> Inspection {
    try Inspection(id, of: RecomputedFolder(dataFolder: dataFolder) { Hex.encode(SHA256.hash(data: Array($0.utf8))) })
  }
}

/// A node's health as it is said to be.
struct StubHealth: HealthSource {
  let answer: NodeHealth
  func health() async -> NodeHealth { answer }
}
