import Model

/// A body, and what its line carries beside the envelope: canonical JSON, as it has always been written.
struct FactSample: Sendable, CustomStringConvertible {
  var body: any FactBody
  var text: String

  init(_ body: any FactBody, _ text: String) {
    self.body = body
    self.text = text
  }

  var description: String { body.kind }

  /// The fact that a journal would read back.
  var fact: Fact { FactSample.fact(body.kind, body.fields) }

  static func fact(_ kind: String, _ fields: [String: JSON]) -> Fact {
    let envelope: [String: JSON] = [
      "v": 1, "node": "county", "boot": "b", "seq": 7, "boottimeNs": 9, "wall": "2026-11-22T10:37:46.000000000Z", "kind": .string(kind),
      "prev": "0",
    ]
    return Fact(
      node: "county", boot: "b", sequence: 7, bootTime: BootTime(nanoseconds: 9), wall: "2026-11-22T10:37:46.000000000Z", kind: kind,
      previous: "0", hash: "1", fields: fields.merging(envelope) { $1 })
  }

  static let all = node + incidents + streams + connections + archive + pictures + links + figures

  static let cam = StreamName.sample("live/cam1")
  static let unit = AccessUnitID(origin: UnitOrigin(node: "county", path: cam), epoch: 1000, number: 50)
  static let wall = WallTime(nanoseconds: 1_795_000_000_000_000_000)
  static func time(_ nanoseconds: Int64) -> BootTime { BootTime(nanoseconds: nanoseconds) }
}

extension StreamName {
  /// A constant of a test.
  static func sample(_ text: String) -> StreamName {
    guard let name = StreamName(text) else { preconditionFailure("\(text) is no stream's name") }
    return name
  }
}
