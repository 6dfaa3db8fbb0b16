internal import Crypto
public import Model

/// One key: a name, what it opens, and what its secret is checked against. The secret itself is shown once and never kept.
public struct AccessKey: Hashable, Sendable {
  /// The realm of RTSP's digests; part of what ``ha1`` hashes.
  public static let realm = "FirstFrame"

  public var name: String
  public var paths: [String]
  public var publish: Bool
  public var read: Bool
  public var role: AccessRole
  public var created: WallTime
  /// From when on it opens nothing; nil for a key without an end.
  public var expires: WallTime?
  /// MD5 of `name:FirstFrame:secret`, hexadecimal: what RFC 2617 digests need.
  public var ha1: String
  /// 32 hexadecimal digits, and SHA-256 of salt and secret.
  public var salt: String
  public var secretHash: String

  /// A new key with a new secret of 192 random bits, which is returned beside it and not kept.
  public static func make(
    name: String, paths: [String], publish: Bool, read: Bool, role: AccessRole, now: WallTime, expires: WallTime? = nil
  ) -> (key: AccessKey, secret: String) {
    let secret = base64url(random(24))
    let salt = Hex.encode(random(16))
    let key = AccessKey(
      name: name, paths: paths, publish: publish, read: read, role: role, created: now, expires: expires,
      ha1: ha1(user: name, secret: secret), salt: salt, secretHash: hash(salt, secret))
    return (key, secret)
  }

  /// MD5 of `user:FirstFrame:secret`, hexadecimal (RFC 2617 §3.2.2.2).
  public static func ha1(user: String, secret: String) -> String {
    Hex.encode(Insecure.MD5.hash(data: Array("\(user):\(realm):\(secret)".utf8)))
  }

  static func hash(_ salt: String, _ secret: String) -> String { Hex.encode(SHA256.hash(data: Array((salt + secret).utf8))) }

  private static func random(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// RFC 4648 §5 without padding: 32 characters that need no escape in a URL, for they are typed into devices by hand.
  private static func base64url(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".unicodeScalars)
    var text = ""
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.unicodeScalars.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { text.unicodeScalars.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    return text
  }

  /// Whether this is the key's secret; takes the same time wherever they differ.
  public func isSecret(_ secret: String) -> Bool { AccessKey.equal(AccessKey.hash(salt, secret), secretHash) }

  static func equal(_ a: String, _ b: String) -> Bool {
    let a = Array(a.utf8)
    let b = Array(b.utf8)
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// Whether its time is over.
  public func isExpired(at now: WallTime) -> Bool { expires.map { now >= $0 } ?? false }

  /// Whether the key opens an action, on a stream where the action has one.
  public func allows(_ action: AccessAction, on stream: StreamName?) -> Bool {
    guard action.isAllowed(to: role) else { return false }
    switch action {
    case .publish: return publish && covers(stream)
    case .read: return read && covers(stream)
    default: return true
    }
  }

  private func covers(_ stream: StreamName?) -> Bool {
    guard let stream else { return false }
    return paths.contains { StreamGlob($0).matches(stream.path) }
  }
}

extension AccessKey {
  init?(_ json: JSON) {
    guard let name = json["name"]?.stringValue, let role = json["role"]?.stringValue.flatMap(AccessRole.init(rawValue:)),
      let created = json["created"]?.stringValue.flatMap({ WallTime($0) }), let ha1 = json["ha1"]?.stringValue,
      let salt = json["salt"]?.stringValue, let hash = json["secretSha256"]?.stringValue
    else { return nil }
    var expires: WallTime?
    if let end = json["expires"], end != .null {
      // An end that cannot be read must not make a key without one.
      guard let time = end.stringValue.flatMap({ WallTime($0) }) else { return nil }
      expires = time
    }
    self.init(
      name: name, paths: json["paths"]?.arrayValue?.compactMap(\.stringValue) ?? [], publish: json["publish"]?.boolValue ?? false,
      read: json["read"]?.boolValue ?? false, role: role, created: created, expires: expires, ha1: ha1, salt: salt, secretHash: hash)
  }

  var json: JSON {
    [
      "name": .string(name), "paths": .array(paths.map(JSON.string)), "publish": .bool(publish), "read": .bool(read),
      "role": .string(role.rawValue), "created": .string(created.description), "expires": expires.map { .string($0.description) } ?? .null,
      "ha1": .string(ha1), "salt": .string(salt),
      "secretSha256": .string(secretHash),
    ]
  }

  /// What may be shown of it.
  public var summary: JSON {
    [
      "name": .string(name), "paths": .array(paths.map(JSON.string)), "publish": .bool(publish), "read": .bool(read),
      "role": .string(role.rawValue), "created": .string(created.description), "expires": expires.map { .string($0.description) } ?? .null,
    ]
  }
}
