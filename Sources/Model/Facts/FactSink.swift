/// Where rooms put facts. The journal is the real one; tests keep them in an array.
public protocol FactSink: Sendable {
  /// Queues a fact; it is fsynced with the next group commit (≤ 50 ms). Never blocks; callable from any thread.
  /// - Parameter at: when it happened; nil means now.
  func record(_ kind: String, _ fields: [String: JSON], at: BootTime?)
  /// Appends a fact and returns once it is fsynced. Throws ``Fault`` when the disk refuses.
  func commit(_ kind: String, _ fields: [String: JSON], at: BootTime?) async throws -> Fact
}

extension FactSink {
  /// Queues a fact that happens now.
  public func record(_ kind: String, _ fields: [String: JSON]) { record(kind, fields, at: nil) }
  /// Appends a fact that happens now; returns once it is fsynced.
  public func commit(_ kind: String, _ fields: [String: JSON]) async throws -> Fact { try await commit(kind, fields, at: nil) }

  /// Queues a fact with typed fields; as ``record(_:_:at:)``.
  /// - Parameter at: when it happened; nil means now.
  public func record(_ body: some FactBody, at: BootTime? = nil) { record(body.kind, body.fields, at: at) }
  /// Appends a fact with typed fields and returns once it is fsynced; as ``commit(_:_:at:)``.
  /// - Parameter at: when it happened; nil means now.
  public func commit(_ body: some FactBody, at: BootTime? = nil) async throws -> Fact { try await commit(body.kind, body.fields, at: at) }
}
