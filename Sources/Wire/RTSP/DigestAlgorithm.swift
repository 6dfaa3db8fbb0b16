internal import Crypto
internal import Model

/// How Digest hashes (RFC 7616 §6.1). SHA-512-256 is not among them: no device in the field asks for it.
public struct DigestAlgorithm: Hashable, Sendable, Comparable {
  /// The hash itself; the stronger one is the greater.
  public enum Hash: Int, Sendable {
    case md5, sha256
  }

  /// MD5 where a challenge does not say.
  public var hash: Hash
  /// The `-sess` form: the key is hashed once more with the nonces of the session.
  public var isSession: Bool

  /// MD5 with the password's own key: what a challenge without `algorithm` means.
  public static let md5 = DigestAlgorithm(hash: .md5, isSession: false)

  init(hash: Hash, isSession: Bool) {
    self.hash = hash
    self.isSession = isSession
  }

  /// The `algorithm` of a challenge, in any case and with or without its hyphens; nil when it is none of ours.
  public init?(_ name: String?) {
    guard let name else {
      self = .md5
      return
    }
    switch name.lowercased().filter({ $0 != "-" && $0 != "_" && $0 != " " }) {
    case "md5", "": self.init(hash: .md5, isSession: false)
    case "md5sess": self.init(hash: .md5, isSession: true)
    case "sha256": self.init(hash: .sha256, isSession: false)
    case "sha256sess": self.init(hash: .sha256, isSession: true)
    default: return nil
    }
  }

  /// By the strength of the hash.
  public static func < (a: DigestAlgorithm, b: DigestAlgorithm) -> Bool { a.hash.rawValue < b.hash.rawValue }

  /// Hexadecimal, in small letters.
  func digest(_ bytes: [UInt8]) -> String {
    switch hash {
    case .md5: Hex.encode(Insecure.MD5.hash(data: bytes))
    case .sha256: Hex.encode(SHA256.hash(data: bytes))
    }
  }

  func digest(_ text: String) -> String { digest(Array(text.utf8)) }
}
