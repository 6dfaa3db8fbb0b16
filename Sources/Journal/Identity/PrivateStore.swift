internal import Dispatch
public import Model

/// The values behind commitments, `DATA/private/ID.json`, mode 0600. Each may be removed without breaking the journal's chain.
///
/// Its calls suspend while a queue of its own works on the disk.
public struct PrivateStore: Sendable {
  private let folder: String
  private let queue = DispatchQueue(label: "firstframe.private")

  /// The store of a data folder; its own folder is made with the first value.
  public init(dataFolder: String) { folder = dataFolder + "/private" }

  /// Keeps a value and gives the commitment that goes into the fact. It is fsynced when this returns, so commit the fact afterwards.
  public func keep(_ value: JSON) async throws(Fault) -> Commitment {
    let salt = random(32)
    let commitment = Commitment(id: Hex.encode(random(16)), value: value, salt: salt)
    let text = JSON.object(["v": 1, "id": .string(commitment.id), "salt": .string(Hex.encode(salt)), "value": value]).text + "\n"
    let (folder, path) = (folder, path(commitment.id))
    try await onQueue { () throws(Fault) in
      try Disk.makeFolder(folder, mode: 0o700)
      guard try Disk.create(path, with: Array(text.utf8), mode: 0o600) else { throw Fault(.diskFailed, "\(path) exists") }
    }
    return commitment
  }

  /// The value; nil once it was removed. Throws `.journalBroken` when it is not the value that was committed to.
  public func reveal(_ commitment: Commitment) async throws(Fault) -> JSON? {
    guard Commitment.isID(commitment.id) else { throw Fault(.journalBroken, "commitment \(commitment.id.prefix(40))") }
    let path = path(commitment.id)
    let found = try await onQueue { () throws(Fault) in try Disk.read(path, limit: 16 << 20) }
    guard let bytes = found else { return nil }
    guard let json = try? JSON(parsing: bytes), let value = json["value"], let salt = json["salt"]?.stringValue.flatMap({ Hex.decode($0) }),
      Commitment(id: commitment.id, value: value, salt: salt) == commitment
    else { throw Fault(.journalBroken, path) }
    return value
  }

  /// Forgets a value for good: without its salt the hash in the journal says nothing. False when it was gone already.
  @discardableResult
  public func remove(_ commitment: Commitment) async throws(Fault) -> Bool {
    guard Commitment.isID(commitment.id) else { return false }
    let path = path(commitment.id)
    return try await onQueue { () throws(Fault) in try Disk.remove(path) }
  }

  private func path(_ id: String) -> String { "\(folder)/\(id).json" }

  private func onQueue<R: Sendable>(_ work: @escaping @Sendable () throws(Fault) -> R) async throws(Fault) -> R {
    let result: Result<R, Fault> = await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: Result(catching: work)) }
    }
    return try result.get()
  }

  /// From the kernel's generator.
  private func random(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}
