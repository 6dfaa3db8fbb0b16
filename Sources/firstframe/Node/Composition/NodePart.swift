internal import ServiceLifecycle

/// One part of a node: something that is started, that other parts need, and that is stopped again.
///
/// What a part needs is given to its initialiser, so it can only be made when the parts that it needs have been started: the order of starting follows
/// from that, and parts are stopped in the reverse order. See ``PartStack``.
protocol NodePart: Sendable {
  /// What other parts get of it.
  associatedtype Product: Sendable
  /// As the log calls it.
  var name: String { get }

  /// Starts the part. One that throws leaves nothing behind: no lock, no thread, no socket.
  func start() async throws -> Product

  /// Undoes what ``start()`` did. Called once, when all parts that were started later are stopped.
  func stop(_ product: Product) async

  /// Returns, or throws, when the part ends by itself, which ends the node; is cancelled when the node ends. Most parts run until they are stopped.
  func awaitEnd(_ product: Product) async throws
}

extension NodePart {
  func stop(_ product: Product) async {}
  func awaitEnd(_ product: Product) async throws { try await gracefulShutdown() }
}
