public import Model

/// Who may do what over HTTP.
public protocol WebAuthority: Sendable {
  /// Called once a request, before its route runs. A failure is the caller's answer.
  /// - Parameters:
  ///   - bearer: the key as `NAME:SECRET` or the bare secret; nil when the request carries none.
  ///   - remote: the client's address, for facts and limits; it gives no right.
  func authorise(_ permission: WebPermission, bearer: String?, remote: String) -> Result<Void, Fault>
}
