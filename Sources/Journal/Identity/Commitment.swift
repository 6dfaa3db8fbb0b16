internal import Crypto
internal import FoundationEssentials
public import Model

/// What a fact says of a person or a position: a salted hash, whose value lies in a file of its own that may expire (docs/journal.md).
///
/// The chain stays whole when the value is removed; while it is there, it cannot be exchanged for another.
public struct Commitment: Hashable, Sendable {
  /// Name of the side file, 32 lower-case hexadecimal digits.
  public var id: String
  /// SHA-256 over salt and value, lower-case hexadecimal.
  public var sha256: String

  /// The commitment to a value under a salt: SHA-256 of `FirstFrame commitment v1`, LF, the 32 bytes of salt, and the value's canonical text.
  public init(id: String, value: JSON, salt: [UInt8]) {
    self.id = id
    sha256 = Hex.encode(SHA256.hash(data: Array("FirstFrame commitment v1\n".utf8) + salt + Array(value.text.utf8)))
  }

  /// From a fact's field; nil when it is not one.
  public init?(_ json: JSON?) {
    guard let id = json?["id"]?.stringValue, Commitment.isID(id), let sha256 = json?["sha256"]?.stringValue, JournalLine.isHash(sha256)
    else { return nil }
    self.id = id
    self.sha256 = sha256
  }

  /// The form in a fact.
  public var json: JSON { ["id": .string(id), "sha256": .string(sha256)] }

  /// Nothing else becomes a file name.
  static func isID(_ text: String) -> Bool {
    text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
