/// A person as a fact names one: by a salted hash, never in clear (docs/journal.md).
public struct PersonCommitment: Hashable, Sendable {
  /// Name of the file that holds the value while it may be kept; nil in lines that have the hash alone.
  public var id: String?
  /// SHA-256 over salt and value.
  public var sha256: String

  public init(id: String?, sha256: String) {
    self.id = id
    self.sha256 = sha256
  }
}

extension PersonCommitment: FactValue {
  /// From `{id, sha256}`, or the hash alone.
  init?(json: JSON) {
    if let hash = json.stringValue {
      self.init(id: nil, sha256: hash)
    } else {
      guard let read = FactReader(json: json), let hash: String = read["sha256"] else { return nil }
      self.init(id: read["id"], sha256: hash)
    }
  }

  var json: JSON { id.map { ["id": .string($0), "sha256": .string(sha256)] } ?? .string(sha256) }
}
