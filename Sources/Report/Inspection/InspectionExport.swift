internal import Measure
public import Model

extension Inspection {
  /// The same as data; `docs/inspection.schema.json` says what each member is. Canonical text: keys sorted, integers only.
  public var json: JSON {
    [
      "schema": "firstframe-inspection-1", "id": .string(id), "incident": incident.map { .string($0.id) } ?? .null,
      "node": .string(node), "boot": .string(boot),
      "beginNs": .int(begin.nanoseconds), "endNs": .int(end.nanoseconds), "verdict": .string(verdict.rawValue),
      "elsewhere": .array(elsewhere.map { .string($0) }), "clock": clockState.map { .object($0.fields) } ?? .null,
      "sessions": .array(
        sessions.map { session in
          [
            "stream": .string(session.header.stream.path), "session": .string(session.header.session), "hop": .string(session.header.hop.rawValue),
            "protocol": .string(session.header.mediaProtocol.rawValue), "method": .string(session.header.method.rawValue),
            "startedNs": .int(session.header.started.nanoseconds), "windows": .array(session.windows.map(\.json)),
            "line": session.line.map { ["outcome": .string($0.outcome), "reasons": .array($0.reasons.map { .string($0) })] } ?? .null,
            "seconds": .array(session.points.map(\.json)),
            "blocks": .array(session.blocks.map { ["file": .string($0.file), "index": .int($0.index), "sha256": .string($0.sha256)] }),
          ]
        }),
      "events": .array(
        events.map { event in
          [
            "seq": .int(event.fact.sequence), "kind": .string(event.fact.kind), "boottimeNs": .int(event.fact.bootTime.nanoseconds),
            "fields": .object(event.fact.fields),
          ]
        }),
      "differences": .array(differences.map(\.json)), "problems": .array(problems.map { .string($0) }),
    ]
  }

  /// One line a second and session, RFC 4180, with a head; an empty field was not measured.
  public var csv: String {
    let head =
      "stream,hop,session,fromNs,toNs,packetsExpected,packetsLost,bytesReceived,framesReceived,framesClean,delayVariationNs,roundTripNs,"
      + "oneWayDelayHighNs"
    var lines = [head]
    for session in sessions {
      for point in session.points {
        let start = [session.header.stream.path, session.header.hop.rawValue, session.header.session].map(Inspection.quoted)
        let numbers: [Int64?] = [
          point.from.nanoseconds, point.to.nanoseconds, point.packetsExpected, point.packetsLost, point.bytes, point.framesReceived,
          point.framesClean, point.delayVariationNs, point.roundTripNs, point.oneWayDelayHighNs,
        ]
        lines.append((start + numbers.map { $0.map(String.init) ?? "" }).joined(separator: ","))
      }
    }
    return lines.map { $0 + "\r\n" }.joined()
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

extension SecondPoint {
  var json: JSON {
    [
      "fromNs": .int(from.nanoseconds), "toNs": .int(to.nanoseconds), "packetsExpected": .int(packetsExpected), "packetsLost": .int(packetsLost),
      "bytesReceived": .int(bytes), "framesReceived": .int(framesReceived), "framesClean": .int(framesClean),
      "delayVariationNs": delayVariationNs.map { .int($0) } ?? .null, "roundTripNs": roundTripNs.map { .int($0) } ?? .null,
      "oneWayDelayHighNs": oneWayDelayHighNs.map { .int($0) } ?? .null,
    ]
  }
}
