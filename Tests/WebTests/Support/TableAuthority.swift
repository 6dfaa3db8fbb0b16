import Model
import Synchronization
import Web

/// Rights by key, as a test sets them. The key `all` may do everything; without keys nothing is asked for.
final class TableAuthority: WebAuthority {
  private let keys = Mutex<[String: Set<WebPermission>]?>(nil)

  /// From now on a key is needed, except for what is open.
  func demand(_ table: [String: Set<WebPermission>]) { keys.withLock { $0 = table } }

  func authorise(_ permission: WebPermission, bearer: String?, remote: String) -> Result<Void, Fault> {
    guard permission != .none, let table = keys.withLock({ $0 }) else { return .success(()) }
    guard let bearer else { return .failure(Fault(.credentialsMissing)) }
    guard let rights = bearer == "all" ? Set(WebPermission.allCases) : table[bearer] else { return .failure(Fault(.credentialsWrong)) }
    return rights.contains(permission) ? .success(()) : .failure(Fault(.accessDenied, bearer))
  }
}
