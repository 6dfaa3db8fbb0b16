internal import Gateway
internal import Model

/// A gateway that listens, whatever protocol it speaks.
struct GatewayPart<Listening: GatewayService>: NodePart {
  let name: String
  /// Binds the ports; may block while a name is looked up. Throws ``FaultCode/portInUse``.
  let listen: @Sendable () throws(Fault) -> Listening

  init(_ name: String, listen: @escaping @Sendable () throws(Fault) -> Listening) {
    self.name = name
    self.listen = listen
  }

  func start() async throws -> Listening { try await blocking { try listen() } }
  func stop(_ listening: Listening) async { await listening.stop() }
}
