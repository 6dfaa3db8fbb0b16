/// What somebody wants to do. Publishing and reading are bounded by the key's paths, the others by its role alone.
public enum AccessAction: String, Sendable, CaseIterable {
  case publish, read
  case streamsRead, streamsManage
  case incidentsRead, incidentsWrite
  case metricsRead, factsRead, archiveRead

  /// Whether a role may do it at all; for `publish` and `read` the key's own flags and paths decide as well.
  public func isAllowed(to role: AccessRole) -> Bool {
    switch self {
    case .publish: role != .inspector
    case .read: true
    case .streamsRead, .incidentsRead: role != .field
    case .streamsManage: role == .admin
    case .incidentsWrite: role == .hall || role == .admin
    case .metricsRead, .factsRead, .archiveRead: role != .field
    }
  }
}
