public import Model

/// The code that waits at the upper node: `DATA/keys/pairing.json`, written by `firstframe pair`, used up by the running node.
public struct PendingPairing: Sendable {
  static let attempts: Int64 = 5
  /// To be read out.
  public var code: PairingCode
  var expires: WallTime
  var attemptsLeft: Int64
  /// The paired node whose key may be replaced; nil for none.
  var replaces: String?

  /// `DATA/keys/pairing.json`.
  public static func path(_ dataFolder: String) -> String { dataFolder + "/keys/pairing.json" }

  /// Makes a new code, replacing one that waits. Blocks.
  /// - Parameter replaces: the paired node whose key may be replaced, for a person has compared fingerprints; nil for none.
  public static func create(dataFolder: String, now: WallTime, replaces: String? = nil) throws(Fault) -> PendingPairing {
    let pending = PendingPairing(
      code: PairingCode(), expires: WallTime(nanoseconds: now.nanoseconds &+ PairingCode.lifetime.value), attemptsLeft: attempts, replaces: replaces)
    try pending.store(dataFolder)
    return pending
  }

  /// The code that waits now; nil when there is none or it expired. Blocks.
  static func load(dataFolder: String, now: WallTime) throws(Fault) -> PendingPairing? {
    guard let bytes = try Disk.read(path(dataFolder), limit: 4096), let json = try? JSON(parsing: bytes),
      let code = json["code"]?.stringValue.flatMap({ PairingCode(typed: $0) }), let expires = json["expires"]?.stringValue.flatMap({ WallTime($0) }),
      let left = json["attemptsLeft"]?.intValue, left > 0, now < expires
    else { return nil }
    return PendingPairing(code: code, expires: expires, attemptsLeft: left, replaces: json["replaces"]?.stringValue)
  }

  func store(_ dataFolder: String) throws(Fault) {
    let json: JSON = [
      "code": .string(code.text), "expires": .string(expires.description), "attemptsLeft": .int(attemptsLeft),
      "replaces": replaces.map { .string($0) } ?? .null,
    ]
    try Disk.makeFolder(dataFolder + "/keys", mode: 0o700)
    try Disk.replace(PendingPairing.path(dataFolder), with: Array((json.text + "\n").utf8), mode: 0o600)
  }

  static func remove(dataFolder: String) throws(Fault) { try Disk.remove(path(dataFolder)) }
}
