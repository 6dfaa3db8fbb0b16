import Foundation
import Measure
import Model
import Report

/// An incident with everything in it that a report can show.
enum SampleIncident {
  static let id = "20261130-0a1b2c"

  /// - Parameter text: what every text that a person or a device may have typed becomes.
  static func make(_ text: (String) -> String = { $0 }) throws -> IncidentOutput {
    func quoted(_ value: String) throws -> String { String(decoding: try JSONEncoder().encode(text(value)), as: UTF8.self) }
    let device = try quoted("单兵01")
    let json = try """
    {"id": "\(id)", "title": \(quoted("莫干山山火")), "nonce": "00", "policy": \(quoted("thirty-minute@1")), "policySha256": \(quoted("ab12")),
    "limitSeconds": 1800, "steps": [
      {"id": "t1", "bootNs": 1000000000, "wall": \(quoted("2026-11-30T08:00:00Z")), "uncertaintyMs": 0, "source": \(quoted("incident.opened"))},
      {"id": "t2", "bootNs": 1500000000, "wall": "w", "uncertaintyMs": 0, "source": "s", "device": \(device)},
      {"id": "t6", "bootNs": 61234500000, "wall": "w", "uncertaintyMs": 0, "source": "s", "device": \(device)}],
    "county": {"seconds": 60.2345, "bridged": {"lowerSeconds": 59.5, "upperSeconds": 61}, "device": \(device)},
    "province": {"name": \(quoted("省厅")), "grade": "decoded", "countyBracket": {"lowerSeconds": 60.5, "upperSeconds": 61.25},
      "provinceBracket": {"lowerSeconds": 60.25, "upperSeconds": 61.5}, "dated": {"lowerSeconds": 60.9, "upperSeconds": 61}, "device": \(device)},
    "devices": [{"name": \(device), "stream": \(quoted("live/solo01")), "deviceClass": "soloKit", "eligible": true, "preopened": true, "alive": true},
      {"name": \(quoted("高点")), "stream": \(quoted("live/tower")), "eligible": false, "preopened": false, "alive": false}],
    "refusals": [{"what": \(quoted("receipt")), "from": \(quoted("省厅")), "reason": \(quoted("replayed")), "bootNs": 5}],
    "retries": [{"uplink": \(quoted("province")), "bootNs": 5, "sinceSeconds": 3.5}], "offers": 1,
    "shown": [{"device": \(device), "stream": "s", "what": "snapshot", "viewer": \(quoted("hall")), "bootNs": 5, "sinceSeconds": 62}],
    "breakdown": {"device": \(device), "desk": 0.5, "crew": 40, "network": 1, "keyFrame": 2, "decode": 0.25, "uplink": 1.5, "answer": 10,
      "travel": 25, "setup": 5, "largest": "crew", "waitingFor": "t8"},
    "closed": true, "verdict": "pass", "reasons": ["straddles"]}
    """
    return try JSONDecoder().decode(IncidentOutput.self, from: Data(json.utf8))
  }

  static func report(_ text: (String) -> String = { $0 }) throws -> IncidentReport {
    let archive: JSON = [
      "segments": [["segment": 1], ["segment": 2]],
      "gaps": [["fromNs": 1_000_000_000, "toNs": 3_500_000_000, "cause": .string(text("network"))], ["cause": nil]],
    ]
    return IncidentReport(
      node: text("deqing"), role: text("county"), version: text("0.1.0"), incident: try make(text), archives: [text("单兵01"): archive],
      files: ReportFiles(snapshots: [0: "AAAA", 7: text("BBBB")], hasReceipt: true), journalSequence: 42, journalHash: text("ff00"),
      printed: WallTime(nanoseconds: 1_796_000_000_000_000_000))
  }
}
